"""What is said when Kafka is there and the deployment's topics or rights are not: the same words whichever client found it out."""

from orchestrator.errors import ConfigurationError


def not_allowed(error: object) -> ConfigurationError:
    """`error`: as the client names topic or group."""
    return ConfigurationError(
        f"Kafka does not allow it: {error}; the user of CONCIERGE_KAFKA_SASL_USERNAME (or of CONCIERGE_KAFKA_SSL_CERTFILE) needs rights: "
        "which ones stands in docs/operations.md, under Kafka with TLS and passwords"
    )


def wrong_partitions(topic: str, found: int, wanted: int) -> ConfigurationError:
    """`topic` in full; `found` 0: there is none, or none that we may see."""
    if not found:
        return ConfigurationError(
            f"topic {topic} is not there, or may not be read by us: `concierge topics create` makes missing topics; where Kafka has ACLs, it "
            "shows a topic only to those who may describe it"
        )
    return ConfigurationError(
        f"topic {topic} has {found} partitions, CONCIERGE_PARTITIONS says {wanted}: the number is fixed for a deployment; "
        "`concierge topics check` compares"
    )
