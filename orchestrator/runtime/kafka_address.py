"""Where Kafka is and how to talk to it: one set of options that all our clients take as it stands."""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from orchestrator.errors import ConfigurationError
from orchestrator.runtime.settings import Settings

PROTOCOLS = ("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL")
MECHANISMS = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")


@dataclass(frozen=True, slots=True)
class KafkaAddress:
    """`options` go to every client as they are: bootstrap_servers, security. `prefix` stands before our topics and groups."""

    options: Mapping[str, Any] = field(repr=False)
    prefix: str
    partitions: int


def read_kafka_address(settings: Settings) -> KafkaAddress | None:
    """From CONCIERGE_KAFKA and its relatives; None where there is no Kafka. Raises ConfigurationError that names the setting."""
    servers = settings.get("KAFKA")
    if not servers:
        return None
    options: dict[str, Any] = {"bootstrap_servers": [one.strip() for one in servers.split(",") if one.strip()]}
    for one in options["bootstrap_servers"]:
        host, colon, port = one.rpartition(":")
        if not colon or not host or not port.isdigit():
            raise ConfigurationError(f"CONCIERGE_KAFKA={servers!r}: a list of host:port, separated by commas")
    protocol = (settings.get("KAFKA_SECURITY_PROTOCOL") or "PLAINTEXT").upper()
    if protocol not in PROTOCOLS:
        raise ConfigurationError(f"CONCIERGE_KAFKA_SECURITY_PROTOCOL={protocol!r}: one of {', '.join(PROTOCOLS)}")
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
    try:
        context = ssl.create_default_context(cafile=settings.get("KAFKA_SSL_CAFILE"))
        certificate = settings.get("KAFKA_SSL_CERTFILE")
        if certificate:
            context.load_cert_chain(certificate, settings.get("KAFKA_SSL_KEYFILE"))
    except (OSError, ssl.SSLError) as error:
        raise ConfigurationError(f"CONCIERGE_KAFKA_SSL_CAFILE, _CERTFILE or _KEYFILE cannot be used: {error}") from error
    return context
