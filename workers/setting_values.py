"""What stands behind each key of a provider's table. What is wrong is said with the place, the rule and an example."""

import math
import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from orchestrator.errors import ConfigurationError
from orchestrator.runtime.webhook_key import public_key

_RATE = re.compile(r"([1-9][0-9]{0,8})/([smhd])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
_COUNTRY = re.compile(r"[A-Z]{2}|default")
_SID = {"account_sid": "AC", "messaging_service_sid": "MG"}
_PORTS = {"smtp": 587, "smtps": 465}
TLS = ("starttls", "implicit", "none")
LONGEST = 120
"""Seconds."""


def read_secret(value: str, environment: Mapping[str, str], where: str) -> str:
    """`env:NAME` or `file:/path`. Raises ConfigurationError; a secret written out is refused and not repeated."""
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
        except (UnicodeDecodeError, ValueError) as error:
            raise ConfigurationError(f"{where}: {name!r} is not a file of text") from error
    raise ConfigurationError(f"{where}: a secret is named, never written out: env:NAME or file:/run/secrets/…")


def _plain(secret: str, where: str) -> str:
    """Without the line end that files and shells add. A control character inside would fail every request."""
    found = secret.strip()
    if not found or not found.replace("\n", "").isprintable() or ("\n" in found and "-----BEGIN" not in found):
        raise ConfigurationError(f"{where}: the secret it names is empty or holds control characters")
    return found


def check_public_key(text: str, where: str) -> None:
    """Raises ConfigurationError."""
    try:
        public_key(text)
    except ValueError as error:
        raise ConfigurationError(
            f"{where}: {error}; copy the verification key that SendGrid shows under Settings, Mail Settings, Signed Event Webhook"
        ) from error


def read_rate(value: object, where: str) -> float:
    """Messages a second, from `300/s`, `1000/m`, `5000/h`, `100000/d`. Raises ConfigurationError."""
    match = _RATE.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ConfigurationError(f'{where}: {value!r} is not a rate; messages per s, m, h or d: write rate = "300/s"')
    return int(match[1]) / _SECONDS[match[2]]


def read_timeout(value: object, where: str) -> float:
    """Seconds. Raises ConfigurationError."""
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value <= LONGEST:
        raise ConfigurationError(f"{where}: {value!r}: seconds, more than 0 and up to {LONGEST}: write timeout = 20")
    return float(value)


def read_price(value: object, where: str) -> dict[str, float]:
    """Per message or segment, by ISO country or `default`. Raises ConfigurationError."""
    example = "write price = {US = 0.0079, GB = 0.04, default = 0.07}"
    if not isinstance(value, dict):
        raise ConfigurationError(f"{where}: {value!r}: an amount for each country; {example}")
    for country, amount in value.items():
        if not _COUNTRY.fullmatch(country):
            raise ConfigurationError(f"{where}: {country!r} is no country: two capital letters (GB, not UK), or default; {example}")
        if isinstance(amount, bool) or not isinstance(amount, int | float) or not math.isfinite(amount) or amount < 0:
            raise ConfigurationError(f"{where}: {country} = {amount!r}: an amount for each country; {example}")
    return {country: float(amount) for country, amount in value.items()}


def read_name(value: str, where: str) -> str:
    """It stands in metrics. Raises ConfigurationError."""
    if not _NAME.fullmatch(value):
        raise ConfigurationError(f'{where}: {value[:40]!r}: letters, digits, - and _, up to 40: write name = "main"')
    return value


def read_sid(key: str, value: str, where: str) -> str:
    """Raises ConfigurationError."""
    start = _SID[key]
    if not re.fullmatch(rf"{start}[0-9a-fA-F]{{32}}", value):
        raise ConfigurationError(f"{where}: {value[:40]!r} is none: {start} and 32 hex digits, as the Twilio console shows it")
    return value


def read_url(value: str, schemes: tuple[str, ...], where: str) -> str:
    """Without a slash at its end, and with a port where it is SMTP. Raises ConfigurationError."""
    example = f'write base_url = "{schemes[-1]}://host:{_PORTS.get(schemes[-1], 8443)}"'
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError as error:
        raise ConfigurationError(f"{where}: {value[:80]!r}: {error}; {example}") from error
    if parts.scheme not in schemes or not parts.hostname or not value.isprintable() or " " in value:
        raise ConfigurationError(f"{where}: {value[:80]!r}: an address with {' or '.join(f'{one}://' for one in schemes)}; {example}")
    if parts.username or parts.password or parts.query or parts.fragment or (parts.scheme in _PORTS and parts.path.strip("/")):
        raise ConfigurationError(f"{where}: scheme, host and port only: no credentials, no query; {example}")
    return value.rstrip("/") + (f":{_PORTS[parts.scheme]}" if port is None and parts.scheme in _PORTS else "")
