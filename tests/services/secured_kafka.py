"""A Kafka that lets nobody in without TLS or a password: a CA, certificates and users of its own, beside a plain port for its tests."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import trustme
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from kafka.admin import (
    ACL,
    ACLOperation,
    ACLPermissionType,
    ACLResourcePatternType,
    KafkaAdminClient,
    ResourcePattern,
    ResourceType,
)

from tests.integration.running import free_port
from tests.services.kafka_server import KafkaServer
from workers.kafka_repairs import ClosingSelector

USER, PASSWORD = "concierge", "s3cr3t-Wort"
ELSEWHERE = "ELSEWHERE"
"""A listener without any security that names an address where nobody is: the classic mistake of `advertised.listeners`."""
TOPIC_RIGHTS = (ACLOperation.READ, ACLOperation.WRITE, ACLOperation.DESCRIBE, ACLOperation.CREATE, ACLOperation.DESCRIBE_CONFIGS)
GROUP_RIGHTS = (ACLOperation.READ, ACLOperation.DESCRIBE)
"""Those that docs/operations.md asks for."""
_SCRAM = ("SCRAM-SHA-256", "SCRAM-SHA-512")
_PLAIN = f'org.apache.kafka.common.security.plain.PlainLoginModule required user_{USER}="{PASSWORD}";'
_LOGIN = "org.apache.kafka.common.security.scram.ScramLoginModule required;"


@dataclass(frozen=True, slots=True)
class SecuredKafka:
    """`server` listens once more for every security protocol: `ports`. The others are PEM files: the CA that signed its certificate, a
    client's certificate and key, and a CA that nobody asked."""

    server: KafkaServer
    ports: dict[str, int]
    ca: Path
    certificate: Path
    key: Path
    other_ca: Path

    def settings(self, protocol: str, mechanism: str = "") -> dict[str, str]:
        """What an operator sets to be let in."""
        found = {"CONCIERGE_KAFKA": f"127.0.0.1:{self.ports[protocol]}", "CONCIERGE_KAFKA_SECURITY_PROTOCOL": protocol}
        if protocol.endswith("SSL"):
            found["CONCIERGE_KAFKA_SSL_CAFILE"] = str(self.ca)
        if protocol == "SSL":
            found |= {"CONCIERGE_KAFKA_SSL_CERTFILE": str(self.certificate), "CONCIERGE_KAFKA_SSL_KEYFILE": str(self.key)}
        if mechanism:
            found |= {
                "CONCIERGE_KAFKA_SASL_MECHANISM": mechanism, "CONCIERGE_KAFKA_SASL_USERNAME": USER, "CONCIERGE_KAFKA_SASL_PASSWORD": PASSWORD,
            }  # fmt: skip
        return found


def rights(
    made: SecuredKafka, prefix: str, *, topics: Sequence[ACLOperation] = TOPIC_RIGHTS, groups: Sequence[ACLOperation] = GROUP_RIGHTS
) -> None:
    """From here on USER may do this with what begins with `prefix`, nothing else with it, and nothing at all with the cluster."""
    admin = KafkaAdminClient(bootstrap_servers=made.server.address, selector=ClosingSelector)
    try:
        allowed = [(ResourceType.TOPIC, one) for one in topics] + [(ResourceType.GROUP, one) for one in groups]
        admin.create_acls(
            [_acl(f"User:{USER}", one, ResourcePattern(kind, prefix, ACLResourcePatternType.PREFIXED)) for kind, one in allowed]
        )
        # where there is any, nobody else may
        others = [ResourcePattern(kind, prefix, ACLResourcePatternType.PREFIXED) for kind in (ResourceType.TOPIC, ResourceType.GROUP)]
        cluster = ResourcePattern(ResourceType.CLUSTER, "kafka-cluster")
        admin.create_acls([_acl("User:somebody", ACLOperation.ALL, one) for one in (*others, cluster)])
    finally:
        admin.close()


def _acl(user: str, operation: ACLOperation, pattern: ResourcePattern) -> ACL:
    return ACL(user, "*", operation, ACLPermissionType.ALLOW, pattern)


def secured_kafka(folder: Path) -> SecuredKafka:
    """Formatted and started; stop its `server` after use."""
    folder.mkdir(parents=True, exist_ok=True)
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.pem")
    trustme.CA().cert_pem.write_to_path(folder / "other-ca.pem")
    _identity(authority.issue_cert("127.0.0.1"), folder / "server.pem", folder / "server.pem")
    _identity(authority.issue_cert(f"{USER}@example.com"), folder / "client.pem", folder / "client-key.pem")
    made = SecuredKafka(
        KafkaServer(folder / "kafka"), {protocol: free_port() for protocol in ("SASL_SSL", "SSL", "SASL_PLAINTEXT", ELSEWHERE)},
        folder / "ca.pem", folder / "client.pem", folder / "client-key.pem", folder / "other-ca.pem",
    )  # fmt: skip
    users = [f"{mechanism}=[name={USER},password={PASSWORD}]" for mechanism in _SCRAM]
    made.server.format(made.ports, _properties(folder, made), users)
    made.server.start()
    return made


def _identity(issued: trustme.LeafCert, certificate: Path, key: Path) -> None:
    """Certificate and key as PEM; Kafka reads keys in PKCS 8 only."""
    certificate.write_bytes(b"".join(one.bytes() for one in issued.cert_chain_pems))
    private = load_pem_private_key(issued.private_key_pem.bytes(), None).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    key.write_bytes((key.read_bytes() if key.exists() else b"") + private)


def _properties(folder: Path, made: SecuredKafka) -> str:
    advertised = [
        f"{name}://127.0.0.1:{1 if name == ELSEWHERE else port}" for name, port in {"PLAINTEXT": made.server.port, **made.ports}.items()
    ]
    kinds = [f"{name}:{'PLAINTEXT' if name == ELSEWHERE else name}" for name in ("PLAINTEXT", *made.ports)]
    lines = [
        f"advertised.listeners={','.join(advertised)}", f"listener.security.protocol.map=CONTROLLER:PLAINTEXT,{','.join(kinds)}",
        "ssl.keystore.type=PEM", f"ssl.keystore.location={folder / 'server.pem'}", "ssl.truststore.type=PEM",
        f"ssl.truststore.location={folder / 'ca.pem'}", "listener.name.ssl.ssl.client.auth=required",
        "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer", "super.users=User:ANONYMOUS",
        "allow.everyone.if.no.acl.found=true", "sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512",
    ]  # fmt: skip
    for listener in ("sasl_ssl", "sasl_plaintext"):
        lines.append(f"listener.name.{listener}.plain.sasl.jaas.config={_PLAIN}")
        lines += [f"listener.name.{listener}.{mechanism.lower()}.sasl.jaas.config={_LOGIN}" for mechanism in _SCRAM]
    return "\n".join(lines) + "\n"
