"""Providers as ops name them in concierge.toml: `[[email]]`, `[[sms]]`, `[[whatsapp]]`. Secrets are named, never written."""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from orchestrator.contracts.topics import CHANNELS, Channel
from orchestrator.errors import ConfigurationError
from workers import setting_values as values

_ANY = frozenset(("provider", "name", "rate", "base_url", "timeout", "price"))
_KEYS: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "sendgrid": (frozenset(("api_key",)), frozenset(("webhook_public_key",))),
    "smtp": (frozenset(("base_url",)), frozenset(("username", "password", "tls", "ca_file"))),
    "twilio": (frozenset(("account_sid", "auth_token")), frozenset(("auth_token_secondary", "messaging_service_sid"))),
    "sandbox": (frozenset(), frozenset()),
}
"""What each kind needs, and what it takes besides, and besides what any takes."""
_SENDS: dict[str, tuple[Channel, ...]] = {"sendgrid": ("email",), "smtp": ("email",), "twilio": ("sms", "whatsapp"), "sandbox": CHANNELS}
_SECRETS = ("api_key", "auth_token", "auth_token_secondary", "webhook_public_key", "password")
_DEFAULT_RATE = {"email": 500.0, "sms": 100.0, "whatsapp": 80.0}


@dataclass(frozen=True, slots=True)
class ProviderSettings:
    """One `[[channel]]` table; `rate` in messages a second, `timeout` in seconds. `secrets` are not shown."""

    channel: Channel
    provider: str
    name: str
    rate: float
    base_url: str = ""
    timeout: float = 20.0
    account_sid: str = ""
    messaging_service_sid: str = ""
    username: str = ""
    tls: str = "starttls"
    ca_file: str = ""
    price: Mapping[str, float] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)


def read_providers(toml: Mapping[str, Any], environment: Mapping[str, str]) -> dict[Channel, list[ProviderSettings]]:
    """All providers by channel, in order: the second of a channel is the failover. Raises ConfigurationError that says which table and key."""
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
    if channel not in _SENDS[kind]:
        others = ", ".join(name for name, channels in _SENDS.items() if channel in channels)
        raise ConfigurationError(f"{where}: {kind} does not send {channel}; {others} do")
    _keys(kind, table, where)

    def text(key: str, default: str = "") -> str:
        return str(table.get(key, default))

    def at(key: str) -> str:
        return f"{where}: {key}"

    secrets = {key: values.read_secret(table[key], environment, at(key)) for key in _SECRETS if key in table}
    if "webhook_public_key" in secrets:
        values.check_public_key(secrets["webhook_public_key"], at("webhook_public_key"))
    schemes = ("smtp", "smtps") if kind == "smtp" else ("http", "https")
    found = ProviderSettings(
        channel=channel, provider=kind, name=values.read_name(text("name", kind), at("name")),
        rate=values.read_rate(table["rate"], at("rate")) if "rate" in table else _DEFAULT_RATE[channel],
        base_url=values.read_url(table["base_url"], schemes, at("base_url")) if "base_url" in table else "",
        timeout=values.read_timeout(table.get("timeout", 20.0), at("timeout")),
        account_sid=values.read_sid("account_sid", table["account_sid"], at("account_sid")) if "account_sid" in table else "",
        messaging_service_sid=values.read_sid("messaging_service_sid", table["messaging_service_sid"], at("messaging_service_sid"))
        if "messaging_service_sid" in table else "",
        username=text("username"), tls=text("tls", "starttls"), ca_file=text("ca_file"),
        price=values.read_price(table.get("price", {}), at("price")), secrets=secrets,
    )  # fmt: skip
    return _smtp(found, table, where) if kind == "smtp" else found


def _keys(kind: str, table: Mapping[str, Any], where: str) -> None:
    required, optional = _KEYS[kind]
    known = required | optional | _ANY
    for key in table:
        if key not in known:
            near = get_close_matches(key, sorted(known), 1)
            meant = f"; did you mean {near[0]!r}?" if near else ";"
            raise ConfigurationError(f"{where}: unknown key {key!r}{meant} {kind} takes {', '.join(sorted(known))}")
    for key in sorted(known & table.keys() - {"price", "timeout", "rate"}):
        if not isinstance(table[key], str):
            raise ConfigurationError(f'{where}: {key} is text: write {key} = "…"')
    for key in sorted(required):
        if not table.get(key):
            raise ConfigurationError(f"{where}: {key} is missing; {kind} needs {', '.join(sorted(required))}")


def _smtp(found: ProviderSettings, table: Mapping[str, Any], where: str) -> ProviderSettings:
    """What has to fit together: the scheme and `tls`, a name and its password, and no password over an open line."""
    parts = urlsplit(found.base_url)
    if parts.scheme == "smtps" and table.get("tls", "implicit") != "implicit":
        raise ConfigurationError(f"{where}: tls: smtps:// is TLS from the first byte; leave tls out, or write smtp:// in base_url")
    tls = "implicit" if parts.scheme == "smtps" else found.tls
    if tls not in values.TLS or (tls == "implicit" and parts.scheme == "smtp"):
        raise ConfigurationError(
            f'{where}: tls: {found.tls[:40]!r}: "starttls" or "none" with smtp://; smtps:// is TLS from the first byte'
        )
    if bool(found.username) != ("password" in found.secrets):
        raise ConfigurationError(f"{where}: username and password go together; without both nobody logs in")
    if found.username and tls == "none" and not _is_here(parts.hostname or ""):
        raise ConfigurationError(
            f'{where}: tls = "none" would send the password in the open to {parts.hostname}; use "starttls" or smtps://'
        )
    if found.ca_file and not Path(found.ca_file).is_file():
        raise ConfigurationError(f"{where}: ca_file: there is no file {found.ca_file}")
    return replace(found, tls=tls)


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
