"""Where Kafka is and how to talk to it: one set of options that all our clients take as it stands."""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from orchestrator.errors import ConfigurationError
from orchestrator.runtime.settings import Settings

PROTOCOLS = ("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL")
MECHANISMS = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")


USED_BY = {
    "SSL_CAFILE": "SSL",
    "SSL_CERTFILE": "SSL",
    "SSL_KEYFILE": "SSL",
    "SASL_MECHANISM": "SASL",
    "SASL_USERNAME": "SASL",
    "SASL_PASSWORD": "SASL",
}
"""What the name of a security protocol holds that uses a setting."""


class Broker(NamedTuple):
    """One broker's host and port."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class KafkaAddress:
    """`options` go to every client as they are: bootstrap_servers, security. `prefix` stands before our topics and groups."""

    options: Mapping[str, Any] = field(repr=False)
    prefix: str
    partitions: int

    @property
    def brokers(self) -> list[Broker]:
        """Those to ask first."""
        servers = self.options["bootstrap_servers"]
        parts = [one.strip().rpartition(":") for one in (servers.split(",") if isinstance(servers, str) else servers)]
        return [Broker(host.strip("[]"), int(port)) for host, _colon, port in parts]


def read_kafka_address(settings: Settings) -> KafkaAddress | None:
    """From CONCIERGE_KAFKA and its relatives; None where there is no Kafka. Raises ConfigurationError that names the setting."""
    servers = settings.get("KAFKA")
    if not servers:
        return None
    options: dict[str, Any] = {"bootstrap_servers": [one.strip() for one in servers.split(",") if one.strip()]}
    for one in options["bootstrap_servers"] or [""]:
        host, _colon, port = one.rpartition(":")
        if not host or not (port.isascii() and port.isdigit() and len(port) < 6 and 1 <= int(port) <= 65535):
            raise ConfigurationError(f"CONCIERGE_KAFKA={servers!r}: a list of host:port, separated by commas")
    protocol = (settings.get("KAFKA_SECURITY_PROTOCOL") or "PLAINTEXT").upper()
    if protocol not in PROTOCOLS:
        raise ConfigurationError(f"CONCIERGE_KAFKA_SECURITY_PROTOCOL={protocol!r}: one of {', '.join(PROTOCOLS)}")
    for name, kind in USED_BY.items():
        if settings.get(f"KAFKA_{name}") and kind not in protocol:
            fitting = " or ".join(one for one in PROTOCOLS if kind in one)
            raise ConfigurationError(
                f"CONCIERGE_KAFKA_{name} is set, and CONCIERGE_KAFKA_SECURITY_PROTOCOL={protocol} has no use for it: {fitting}, or unset it"
            )
    options["security_protocol"] = protocol
    if protocol.startswith("SASL"):
        options |= _sasl(settings)
    if protocol.endswith("SSL"):
        options["ssl_context"] = _tls(settings)
    return KafkaAddress(options, settings.get("KAFKA_PREFIX") or "", settings.partitions())


def _sasl(settings: Settings) -> dict[str, str]:
    mechanism = (settings.get("KAFKA_SASL_MECHANISM") or "PLAIN").upper()
    if mechanism not in MECHANISMS:
        raise ConfigurationError(f"CONCIERGE_KAFKA_SASL_MECHANISM={mechanism!r}: one of {', '.join(MECHANISMS)}")
    found = {"sasl_mechanism": mechanism}
    for option, name in (("sasl_plain_username", "KAFKA_SASL_USERNAME"), ("sasl_plain_password", "KAFKA_SASL_PASSWORD")):
        value = settings.get(name)
        if not value:
            raise ConfigurationError(f"CONCIERGE_{name} is wanted with CONCIERGE_KAFKA_SECURITY_PROTOCOL=SASL_…")
        found[option] = value
    return found


def _tls(settings: Settings) -> ssl.SSLContext:
    authorities, certificate, key = (settings.get(f"KAFKA_SSL_{name}") for name in ("CAFILE", "CERTFILE", "KEYFILE"))
    try:
        context = ssl.create_default_context(cafile=authorities)
    except (OSError, ssl.SSLError) as error:
        raise ConfigurationError(f"CONCIERGE_KAFKA_SSL_CAFILE={authorities}: not a file of PEM certificates: {_why(error)}") from error
    if key and not certificate:
        raise ConfigurationError("CONCIERGE_KAFKA_SSL_KEYFILE is set without CONCIERGE_KAFKA_SSL_CERTFILE, the certificate it belongs to")
    if certificate:
        try:
            context.load_cert_chain(certificate, key, password=_no_password)
        except (OSError, ssl.SSLError) as error:
            raise ConfigurationError(
                f"CONCIERGE_KAFKA_SSL_CERTFILE={certificate}, CONCIERGE_KAFKA_SSL_KEYFILE={key or 'none, so in the same file'}: "
                f"not a PEM certificate and its key: {_why(error)}"
            ) from error
    return context


def _no_password() -> str:
    """Without it OpenSSL would ask the terminal, and wait."""
    raise ConfigurationError(
        "CONCIERGE_KAFKA_SSL_KEYFILE is encrypted; a key without a password is wanted (`openssl pkey -in KEY -out PLAIN`)"
    )


def _why(error: OSError) -> str:
    return (error.reason if isinstance(error, ssl.SSLError) else error.strerror) or str(error)
