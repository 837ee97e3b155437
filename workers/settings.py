"""Providers as ops name them in concierge.toml: `[[email]]`, `[[sms]]`, `[[whatsapp]]`. Secrets are named, never written."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from orchestrator.contracts.topics import CHANNELS, Channel
from orchestrator.errors import ConfigurationError

_RATE = re.compile(r"([1-9]\d*)/([smhd])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_KEYS: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "sendgrid": (frozenset(("api_key",)), frozenset(("webhook_public_key", "rate", "base_url", "timeout", "price"))),
    "twilio": (frozenset(("account_sid", "auth_token")), frozenset(("messaging_service_sid", "rate", "base_url", "timeout", "price"))),
    "sandbox": (frozenset(), frozenset(("rate", "base_url", "timeout", "price"))),
}
_DEFAULT_RATE = {"email": 500.0, "sms": 100.0, "whatsapp": 80.0}


@dataclass(frozen=True, slots=True)
class ProviderSettings:
    """One `[[channel]]` table. `secrets` are not shown."""

    channel: Channel
    provider: str
    name: str
    rate: float
    base_url: str = ""
    timeout: float = 20.0
    account_sid: str = ""
    messaging_service_sid: str = ""
    price: Mapping[str, float] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)


def read_secret(value: str, environment: Mapping[str, str], where: str) -> str:
    """`env:NAME` or `file:/path`. Raises ConfigurationError; a secret written out is refused."""
    kind, _colon, name = value.partition(":")
    if kind == "env":
        if name not in environment:
            raise ConfigurationError(f"{where}: environment variable {name} is not set")
        return _plain(environment[name], where)
    if kind == "file":
        try:
            return _plain(Path(name).read_text("utf-8"), where)
        except OSError as error:
            raise ConfigurationError(f"{where}: cannot read {name}: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise ConfigurationError(f"{where}: {name} is not text") from error
    raise ConfigurationError(f"{where}: a secret is named, never written out: env:NAME or file:/run/secrets/…")


def _plain(secret: str, where: str) -> str:
    """Without the line end that files and shells add. A control character inside would fail every request."""
    found = secret.strip()
    if not found or not found.isprintable():
        raise ConfigurationError(f"{where}: the secret it names is empty or holds control characters")
    return found


def read_providers(toml: Mapping[str, Any], environment: Mapping[str, str]) -> dict[Channel, list[ProviderSettings]]:
    """All providers by channel, in order. Raises ConfigurationError that says which table and key."""
    found: dict[Channel, list[ProviderSettings]] = {channel: [] for channel in CHANNELS}
    for channel in CHANNELS:
        tables = toml.get(channel, [])
        if not isinstance(tables, list):
            raise ConfigurationError(f"concierge.toml: [{channel}] must be [[{channel}]]: a channel may have several providers")
        for number, table in enumerate(tables, 1):
            where = f"concierge.toml: [[{channel}]] number {number}"
            if not isinstance(table, dict):
                raise ConfigurationError(f"{where}: a table is wanted, not {table!r}")
            provider = _provider(channel, table, where, environment)
            if any(provider.name == other.name for other in found[channel]):
                raise ConfigurationError(
                    f'{where}: another provider of {channel} is named {provider.name!r}; give each its own, name = "…"'
                )
            found[channel].append(provider)
    return found


def _provider(channel: Channel, table: Mapping[str, Any], where: str, environment: Mapping[str, str]) -> ProviderSettings:
    kind = table.get("provider", "")
    if not isinstance(kind, str) or kind not in _KEYS:
        raise ConfigurationError(f"{where}: provider {kind!r} is not in this version; there are {', '.join(_KEYS)}")
    if (kind == "sendgrid") != (channel == "email") and kind != "sandbox":
        raise ConfigurationError(f"{where}: {kind} does not send {channel}")
    required, optional = _KEYS[kind]
    known = required | optional | {"provider", "name"}
    for key in table:
        if key not in known:
            raise ConfigurationError(f"{where}: unknown key {key!r}; there are {', '.join(sorted(known))}")
    for key in known & table.keys() - {"price", "timeout"}:
        if not isinstance(table[key], str):
            raise ConfigurationError(f'{where}: {key} is text: write {key} = "…"')
    for key in required:
        if key not in table:
            raise ConfigurationError(f"{where}: {key} is missing")
    secrets = {
        key: read_secret(str(table[key]), environment, f"{where}: {key}")
        for key in ("api_key", "auth_token", "webhook_public_key")
        if key in table
    }
    rate = _DEFAULT_RATE[channel]
    if "rate" in table:
        match = _RATE.fullmatch(str(table["rate"]))
        if match is None:
            raise ConfigurationError(f'{where}: rate {table["rate"]!r} is not a rate; write "300/s"')
        rate = int(match[1]) / _SECONDS[match[2]]
    timeout = table.get("timeout", 20.0)
    if not isinstance(timeout, int | float) or isinstance(timeout, bool) or not 0 < timeout <= 120:
        raise ConfigurationError(f"{where}: timeout {timeout!r}: seconds, up to 120")
    return ProviderSettings(
        channel=channel, provider=kind, name=str(table.get("name", kind)), rate=rate, base_url=str(table.get("base_url", "")).rstrip("/"),
        timeout=float(timeout), account_sid=str(table.get("account_sid", "")), messaging_service_sid=str(table.get("messaging_service_sid", "")),
        price=_price(table.get("price", {}), where), secrets=secrets,
    )  # fmt: skip


def _price(table: object, where: str) -> dict[str, float]:
    if not isinstance(table, dict) or any(isinstance(v, bool) or not isinstance(v, int | float) or v < 0 for v in table.values()):
        raise ConfigurationError(f"{where}: price {table!r}: an amount for each country, price = {{US = 0.0079, default = 0.07}}")
    return {str(country): float(amount) for country, amount in table.items()}
