"""SMTP where the network or the server fails: never in the open, never twice, and silence after the data is no answer."""

import asyncio
import ipaddress
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.workers.test_smtp import Mailbox, mail, sent
from workers.build_provider import build_provider
from workers.email.smtp_outcome import STAGE, smtp_outcome
from workers.outcome import Accepted, ChannelDown, NotProcessed, Outcome, Rejected, Unknown
from workers.provider import Provider
from workers.settings import ProviderSettings
from workers.transport import Answer


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One that signs itself, for 127.0.0.1, with its key in the same file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC)).not_valid_after(datetime(2120, 1, 1, tzinfo=UTC))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True).sign(key, hashes.SHA256())
    )  # fmt: skip
    file = tmp_path_factory.mktemp("tls") / "both.pem"
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return file


@asynccontextmanager
async def serving(box: Mailbox, certificate: Path | None = None, *, implicit: bool = False) -> AsyncIterator[list[SMTP]]:
    """The mailbox on a port of its own; the connections it has had."""
    context = None
    if certificate is not None:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate)
    had: list[SMTP] = []

    def protocol() -> SMTP:
        had.append(SMTP(box, tls_context=None if implicit else context, enable_SMTPUTF8=False))
        return had[-1]

    server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0, ssl=context if implicit else None)
    box.port = server.sockets[0].getsockname()[1]
    try:
        yield had
    finally:
        server.close()


def let_go(server: SMTP) -> None:
    assert isinstance(server.transport, asyncio.Transport)
    server.transport.abort()


def secured(box: Mailbox, tls: str, ca_file: Path | None = None, timeout: float = 2.0) -> Provider:
    scheme = "smtps" if tls == "implicit" else "smtp"
    settings = ProviderSettings(
        channel="email", provider="smtp", name="mx", rate=1e6, base_url=f"{scheme}://127.0.0.1:{box.port}", timeout=timeout, tls=tls,
        ca_file="" if ca_file is None else str(ca_file),
    )  # fmt: skip
    return build_provider(settings, sandbox_url="", public_url="http://localhost:1")


async def test_where_tls_is_asked_for_and_not_offered_nothing_is_said_in_the_open() -> None:
    box = Mailbox()
    async with serving(box):
        (outcome,) = await sent(secured(box, "starttls"), mail())
    assert isinstance(outcome, ChannelDown)
    assert box.taken == []


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
async def test_tls_with_a_certificate_that_is_trusted_and_with_one_that_is_not(certificate: Path, tls: str) -> None:
    box = Mailbox()
    async with serving(box, certificate, implicit=tls == "implicit") as had:
        (stranger,) = await sent(secured(box, tls), mail())
        assert not isinstance(stranger, Accepted | Unknown), "it surely has not been sent"
        assert box.taken == []
        (known,) = await sent(secured(box, tls, certificate), mail())
        assert isinstance(known, Accepted)
        assert len(box.taken) == 1
        assert had[-1].session is not None
        assert had[-1].session.ssl is not None or tls == "implicit"


async def test_a_connection_the_server_closed_while_it_was_idle_costs_no_mail() -> None:
    box = Mailbox()
    async with serving(box) as had:
        provider = secured(box, "none")
        assert provider.transport is not None
        async with provider.transport as transport:
            for number in (1, 2, 3):
                answer = await transport.ask(provider.request(mail(number)))
                assert isinstance(answer, Answer)
                assert isinstance(provider.read(answer, 0), Accepted)
                let_go(had[-1])
                await asyncio.sleep(0.01)
    assert len(had) == 3
    assert len(box.taken) == 3


class Failing(Mailbox):
    """Lets go, or says nothing, at a stage."""

    def __init__(self, stage: str, act: Callable[[SMTP], Awaitable[str]]) -> None:
        super().__init__()
        self.stage, self.act = stage, act

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:
        return await self.act(server) if self.stage == "rcpt" else await super().handle_RCPT(server, session, envelope, address, options)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        return await self.act(server) if self.stage == "data" else await super().handle_DATA(server, session, envelope)


async def cut(server: SMTP) -> str:
    let_go(server)
    return "250 nobody hears this"


async def hang(_server: SMTP) -> str:
    await asyncio.sleep(3.0)
    return "250 too late"


@pytest.mark.parametrize("act", [cut, hang])
@pytest.mark.parametrize(("stage", "kind"), [("rcpt", NotProcessed), ("data", Unknown)])
async def test_silence_is_unknown_once_the_data_is_on_its_way_and_never_before(
    act: Callable[[SMTP], Awaitable[str]], stage: str, kind: type[Outcome]
) -> None:
    box = Failing(stage, act)
    async with serving(box):
        (outcome,) = await sent(secured(box, "none", timeout=0.3), mail())
    assert isinstance(outcome, kind)


@given(
    st.integers(-1, 999),
    st.binary(max_size=60) | st.from_regex(rb"[245]\.[0-9]{1,3}\.[0-9]{1,3} .{0,9}", fullmatch=True),
    st.sampled_from(["connect", "auth", "mail", "rcpt", "data", ""]),
)
def test_any_reply_is_an_outcome_and_only_the_end_of_the_data_accepts(status: int, body: bytes, stage: str) -> None:
    outcome = smtp_outcome(Answer(status, {STAGE: stage}, body), 0)
    assert isinstance(outcome, Accepted | Rejected | NotProcessed | Unknown | ChannelDown)
    assert isinstance(outcome, Accepted) == (stage == "data" and 200 <= status < 300)
    assert not getattr(outcome, "address_dead", False) or (stage == "rcpt" and status >= 500)
