"""Settings of Kafka's security, as they are read: each mistake names its setting, and nobody's password."""

import ssl
from pathlib import Path

import pytest
import trustme
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat, load_pem_private_key
from hypothesis import example, given
from hypothesis import strategies as st

from orchestrator.errors import ConfigurationError
from orchestrator.runtime.kafka_address import MECHANISMS, PROTOCOLS, Broker, KafkaAddress, read_kafka_address
from orchestrator.runtime.settings import KNOWN, read_settings

PASSWORD = "s3cr3t-Wort"
LOGIN = {"SASL_USERNAME": "concierge", "SASL_PASSWORD": PASSWORD}


def read(values: dict[str, str], servers: str = "kafka:9092") -> KafkaAddress:
    environment = {"CONCIERGE_KAFKA": servers} | {f"CONCIERGE_KAFKA_{name}": value for name, value in values.items()}
    found = read_kafka_address(read_settings(Path("/nonexistent"), environment))
    assert found is not None
    return found


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pem")
    authority = trustme.CA()
    issued = authority.issue_cert("client@example.com")
    authority.cert_pem.write_to_path(folder / "ca.pem")
    issued.cert_chain_pems[0].write_to_path(folder / "cert.pem")
    issued.private_key_pem.write_to_path(folder / "key.pem")
    key = load_pem_private_key(issued.private_key_pem.bytes(), None)
    (folder / "locked.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"x")))
    authority.issue_cert("other@example.com").private_key_pem.write_to_path(folder / "other-key.pem")
    (folder / "text.pem").write_text("hello\n")
    return folder


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_every_option_a_client_is_given(mechanism: str, files: Path) -> None:
    found = read({"SECURITY_PROTOCOL": "sasl_ssl", "SASL_MECHANISM": mechanism.lower(), **LOGIN, "SSL_CAFILE": str(files / "ca.pem")})
    context = found.options["ssl_context"]
    assert isinstance(context, ssl.SSLContext)
    assert context.check_hostname
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert {name: value for name, value in found.options.items() if name != "ssl_context"} == {
        "bootstrap_servers": ["kafka:9092"], "security_protocol": "SASL_SSL", "sasl_mechanism": mechanism,
        "sasl_plain_username": "concierge", "sasl_plain_password": PASSWORD,
    }  # fmt: skip
    assert PASSWORD not in repr(found)


def test_a_certificate_of_ours(files: Path) -> None:
    pems = {"SSL_CERTFILE": str(files / "cert.pem"), "SSL_KEYFILE": str(files / "key.pem")}
    assert "ssl_context" in read({"SECURITY_PROTOCOL": "SSL", **pems}).options


@pytest.mark.parametrize(("values", "says"), [
    ({"SECURITY_PROTOCOL": "TLS"}, "CONCIERGE_KAFKA_SECURITY_PROTOCOL='TLS': one of PLAINTEXT, SSL"),
    ({"SECURITY_PROTOCOL": "SASL_SSL", "SASL_MECHANISM": "GSSAPI", **LOGIN}, "CONCIERGE_KAFKA_SASL_MECHANISM='GSSAPI': one of PLAIN"),
    ({"SECURITY_PROTOCOL": "SASL_SSL", "SASL_USERNAME": "concierge"}, "CONCIERGE_KAFKA_SASL_PASSWORD is wanted"),
    ({"SECURITY_PROTOCOL": "SASL_SSL", "SASL_PASSWORD": PASSWORD}, "CONCIERGE_KAFKA_SASL_USERNAME is wanted"),
    (LOGIN, "CONCIERGE_KAFKA_SASL_USERNAME is set, and CONCIERGE_KAFKA_SECURITY_PROTOCOL=PLAINTEXT has no use for it: SASL_PLAINTEXT or SASL_SSL"),
    ({"SECURITY_PROTOCOL": "SSL", **LOGIN}, "SASL_USERNAME is set, and CONCIERGE_KAFKA_SECURITY_PROTOCOL=SSL"),
    ({"SSL_CAFILE": "ca.pem"}, "CONCIERGE_KAFKA_SSL_CAFILE is set, and CONCIERGE_KAFKA_SECURITY_PROTOCOL=PLAINTEXT has no use for it: SSL or SASL_SSL"),
    ({"SECURITY_PROTOCOL": "SSL", "SSL_CAFILE": "nowhere.pem"}, "CONCIERGE_KAFKA_SSL_CAFILE=.*nowhere.pem: not a file of PEM certificates: No such file"),
    ({"SECURITY_PROTOCOL": "SSL", "SSL_CAFILE": "text.pem"}, "CONCIERGE_KAFKA_SSL_CAFILE=.*text.pem: not a file of PEM certificates"),
    ({"SECURITY_PROTOCOL": "SSL", "SSL_KEYFILE": "key.pem"}, "CONCIERGE_KAFKA_SSL_KEYFILE is set without CONCIERGE_KAFKA_SSL_CERTFILE"),
    ({"SECURITY_PROTOCOL": "SSL", "SSL_CERTFILE": "cert.pem"}, "SSL_KEYFILE=none, so in the same file: not a PEM certificate and its key"),
    ({"SECURITY_PROTOCOL": "SSL", "SSL_CERTFILE": "cert.pem", "SSL_KEYFILE": "other-key.pem"}, "not a PEM certificate and its key: KEY_VALUES_MISMATCH"),
    ({"SECURITY_PROTOCOL": "SSL", "SSL_CERTFILE": "cert.pem", "SSL_KEYFILE": "locked.pem"}, "CONCIERGE_KAFKA_SSL_KEYFILE is encrypted"),
])  # fmt: skip
def test_mistakes_name_the_setting(values: dict[str, str], says: str, files: Path) -> None:
    with pytest.raises(ConfigurationError, match=says) as told:
        read({name: str(files / value) if value.endswith(".pem") else value for name, value in values.items()})
    assert PASSWORD not in str(told.value)


@pytest.mark.parametrize(("servers", "brokers"), [
    ("a:1, b:2,", [("a", 1), ("b", 2)]),
    ("[::1]:9092", [("::1", 9092)]),
])  # fmt: skip
def test_brokers(servers: str, brokers: list[tuple[str, int]]) -> None:
    assert read({}, servers).brokers == [Broker(*one) for one in brokers]


VALUES = st.one_of(st.text(max_size=12), st.sampled_from([*PROTOCOLS, *MECHANISMS, "host:1", ":1", "host:", "a:1,b:2", "host:²"]))


@given(VALUES, st.dictionaries(st.sampled_from([name for name in KNOWN if name.startswith("KAFKA_S")]), VALUES), st.booleans())
@example("host:²", {}, False)
@example(",", {}, False)
@example("host:65536", {}, False)
def test_whatever_is_set_is_an_address_or_a_sentence(servers: str, values: dict[str, str], with_password: bool) -> None:
    values = {**values, "KAFKA": servers} | ({"KAFKA_SASL_PASSWORD": PASSWORD} if with_password else {})
    try:
        found = read_kafka_address(read_settings(Path("/nonexistent"), {f"CONCIERGE_{name}": value for name, value in values.items()}))
    except ConfigurationError as error:
        assert "CONCIERGE_KAFKA" in str(error)
        assert PASSWORD not in str(error)
    else:
        assert found is None or found.brokers
        assert PASSWORD not in repr(found)
