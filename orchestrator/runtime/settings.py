"""What ops own: environment variables and concierge.toml. Never part of the workspace. The environment wins."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from orchestrator.errors import ConfigurationError

DEFAULT_LISTEN = "127.0.0.1:8080"
PARTITIONS = 12
KNOWN = (
    "DATA", "PARTITIONS", "WRITE_KEYS", "PUBLIC_URL", "SIGNING_KEY", "SIGNING_KEY_PREVIOUS", "SANDBOX", "LOG", "METRICS_LISTEN", "SETTINGS",
    "KAFKA", "KAFKA_PREFIX", "KAFKA_SECURITY_PROTOCOL", "KAFKA_SASL_MECHANISM", "KAFKA_SASL_USERNAME", "KAFKA_SASL_PASSWORD", "KAFKA_SSL_CAFILE",
    "KAFKA_SSL_CERTFILE", "KAFKA_SSL_KEYFILE", "REDIS", "REDIS_CLUSTER", "REDIS_REPLICAS", "DEAD_LETTER_LIMIT", "INSTANCE", "BACKLOG",
    "CALLS_ALLOW_PRIVATE",
)  # fmt: skip
SECRET = frozenset(("SIGNING_KEY", "SIGNING_KEY_PREVIOUS", "WRITE_KEYS", "KAFKA_SASL_PASSWORD", "REDIS"))
"""Never shown. A Redis URL may hold a password."""


@dataclass(frozen=True, slots=True)
class Setting:
    """A value and where it came from."""

    value: str
    source: str


@dataclass(frozen=True, slots=True)
class Settings:
    """`tables` are the provider tables of concierge.toml."""

    values: Mapping[str, Setting] = field(default_factory=dict)
    tables: Mapping[str, Any] = field(default_factory=dict)

    def get(self, name: str) -> str | None:
        """The value of CONCIERGE_<name>."""
        found = self.values.get(name)
        return None if found is None else found.value

    def partitions(self, default: int = PARTITIONS) -> int:
        """Of the input topics; `default` where nothing is set. Raises ConfigurationError."""
        text = self.get("PARTITIONS") or str(default)
        if not text.isdigit() or not 1 <= int(text) <= 1024:
            raise ConfigurationError(f"CONCIERGE_PARTITIONS={text!r}: a number from 1 to 1024")
        return int(text)

    def redis_is_cluster(self) -> bool:
        """CONCIERGE_REDIS_CLUSTER."""
        return (self.get("REDIS_CLUSTER") or "").lower() in ("1", "true", "yes")

    def redis_replicas(self) -> int:
        """So many replicas must have a claim before its message is sent. Raises ConfigurationError."""
        text = self.get("REDIS_REPLICAS") or "0"
        if not (text.isascii() and text.isdigit()) or int(text) > 9:
            raise ConfigurationError(f"CONCIERGE_REDIS_REPLICAS={text!r}: a number of replicas from 0 to 9; 0 waits for none")
        return int(text)

    def backlog(self) -> int:
        """Events accepted and not yet applied, at most; above it the gateway answers 429. Raises ConfigurationError."""
        text = self.get("BACKLOG") or "200000"
        if not (text.isascii() and text.isdigit()) or not 1 <= int(text) <= 100_000_000:
            raise ConfigurationError(f"CONCIERGE_BACKLOG={text!r}: a number of events from 1 to 100000000")
        return int(text)

    def write_keys(self) -> dict[str, str]:
        """Key to source name. Raises ConfigurationError."""
        found: dict[str, str] = {}
        for part in (self.get("WRITE_KEYS") or "").split(","):
            if not part.strip():
                continue
            name, colon, key = part.strip().partition(":")
            if not colon or not key:
                raise ConfigurationError("CONCIERGE_WRITE_KEYS is a list of name:key, separated by commas")
            found[key] = name
        return found


def read_settings(workspace: Path, environment: Mapping[str, str]) -> Settings:
    """From CONCIERGE_… and concierge.toml beside config/. Raises ConfigurationError with file and key."""
    path = Path(environment["CONCIERGE_SETTINGS"]) if "CONCIERGE_SETTINGS" in environment else workspace / "concierge.toml"
    tables: dict[str, Any] = {}
    values: dict[str, Setting] = {}
    if path.exists() or "CONCIERGE_SETTINGS" in environment:
        try:
            read = tomllib.loads(path.read_text("utf-8"))
        except OSError as error:
            raise ConfigurationError(f"{path}: {error.strerror}") from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise ConfigurationError(f"{path}: {error}") from error
        for key, value in read.items():
            if key in ("email", "sms", "whatsapp"):
                tables[key] = value
            elif key.upper() in KNOWN and not isinstance(value, dict | list):
                values[key.upper()] = Setting(str(value), str(path))
            else:
                raise ConfigurationError(
                    f"{path}: unknown key {key!r}; settings are {', '.join(name.lower() for name in KNOWN)} and [[email]] [[sms]] [[whatsapp]]"
                )
    for name in KNOWN:
        if f"CONCIERGE_{name}" in environment:
            values[name] = Setting(environment[f"CONCIERGE_{name}"], "environment")
        elif f"CONCIERGE_{name}_FILE" in environment:
            file = Path(environment[f"CONCIERGE_{name}_FILE"])
            try:
                values[name] = Setting(file.read_text("utf-8").strip(), str(file))
            except OSError as error:
                raise ConfigurationError(f"CONCIERGE_{name}_FILE: {file}: {error.strerror}") from error
    return Settings(values, tables)
