"""SMTP against a real server on this machine: what it took, what it refused at which stage, and what nobody can know."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage

import msgspec
import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from orchestrator.contracts.message import EmailContent, OutboundMessage, SenderAddress
from tests.unit.workers.stub_provider import message
from workers.build_provider import build_provider
from workers.outcome import Accepted, ChannelDown, NotProcessed, Outcome, Rejected, Unknown
from workers.provider import Provider
from workers.settings import ProviderSettings
from workers.transport import Answer


@dataclass
class Mailbox:
    """Answers as it is told to; keeps what it took."""

    rcpt: str = "250 OK"
    data: str = "250 OK queued"
    cut: bool = False
    taken: list[Envelope] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    port: int = 0

    async def handle_RCPT(self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]) -> str:
        if self.rcpt.startswith("2"):
            envelope.rcpt_tos.append(address)
        return self.rcpt

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:
        if self.cut:
            self.taken.append(envelope)
            server.transport.abort()  # type: ignore[union-attr]  # a connection that is open
            return "250 nobody hears this"
        if self.data.startswith("2"):
            self.taken.append(envelope)
        return self.data

    def authenticate(self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: LoginPassword) -> AuthResult:
        self.logins.append(data.login.decode())
        return AuthResult(success=data.password == b"right", handled=False)


@pytest.fixture
async def mailbox() -> AsyncIterator[Mailbox]:
    made = Mailbox()

    def protocol() -> SMTP:
        return SMTP(made, authenticator=made.authenticate, auth_require_tls=False, enable_SMTPUTF8=False)

    server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    yield made
    server.close()


def mail(number: int = 1, **changes: object) -> OutboundMessage:
    content = EmailContent(
        subject="Grüße",
        html="<p>hello Ωmega</p>",
        text="hello Ωmega\n.\nend",
        headers={"List-Unsubscribe": f"<https://x.example/u/{'t' * 300}>"},
    )
    whole = {
        "channel": "email",
        "to": "ada@example.com",
        "sender": SenderAddress(address="news@brand.example", name="Tårn"),
        "content": content,
    }
    return msgspec.structs.replace(message(number), **{**whole, **changes})


def provider(port: int, **more: object) -> Provider:
    settings = ProviderSettings(
        channel="email", provider="smtp", name="mx", rate=1e6, base_url=f"smtp://127.0.0.1:{port}", timeout=2.0, tls="none", **more  # type: ignore[arg-type]  # fields of the settings
    )  # fmt: skip
    return build_provider(settings, sandbox_url="", public_url="http://localhost:1")


async def sent(provider: Provider, *messages: OutboundMessage) -> list[Outcome]:
    assert provider.transport is not None
    found: list[Outcome] = []
    async with provider.transport as transport:
        for one in messages:
            answer = await transport.ask(provider.request(one))
            found.append(provider.read(answer, 0) if isinstance(answer, Answer) else answer)
    return found


async def test_a_mail_arrives_whole(mailbox: Mailbox) -> None:
    (outcome, again) = await sent(provider(mailbox.port), mail(), mail(2))
    assert isinstance(outcome, Accepted)
    assert isinstance(again, Accepted), "the connection is used again"
    envelope = mailbox.taken[0]
    assert (envelope.mail_from, envelope.rcpt_tos) == ("news@brand.example", ["ada@example.com"])
    assert isinstance(envelope.content, bytes)
    read = message_from_bytes(envelope.content, policy=policy.default)
    assert isinstance(read, EmailMessage)
    assert (read["Subject"], str(read["From"]), read["Message-ID"]) == (
        "Grüße", "Tårn <news@brand.example>", f"<{mail().intent}.1@brand.example>"
    )  # fmt: skip
    assert read["List-Unsubscribe"] == f"<https://x.example/u/{'t' * 300}>"
    plain, html = (read.get_body((kind,)) for kind in ("plain", "html"))
    assert plain is not None
    assert html is not None
    assert plain.get_content().splitlines() == ["hello Ωmega", ".", "end"]
    assert html.get_content().strip() == "<p>hello Ωmega</p>"
    assert outcome.provider_id == f"{mail().intent}.1@brand.example"


@pytest.mark.parametrize(
    ("change", "kind", "dead"),
    [
        (lambda box: setattr(box, "rcpt", "550 5.1.1 no such user"), Rejected, True),
        (lambda box: setattr(box, "rcpt", "550 5.7.1 not for you"), Rejected, False),
        (lambda box: setattr(box, "rcpt", "451 4.3.0 later"), NotProcessed, False),
        (lambda box: setattr(box, "data", "554 5.6.0 not like this"), Rejected, False),
        (lambda box: setattr(box, "data", "452 4.7.28 too many"), NotProcessed, False),
        (lambda box: setattr(box, "cut", True), Unknown, False),
    ],
    ids=["no mailbox", "policy", "greylisted", "content", "too many", "cut while it was taken"],
)
async def test_every_reply(mailbox: Mailbox, change: Callable[[Mailbox], None], kind: type[Outcome], dead: bool) -> None:
    change(mailbox)
    (outcome,) = await sent(provider(mailbox.port), mail())
    assert isinstance(outcome, kind)
    assert getattr(outcome, "address_dead", False) is dead


async def test_nobody_there_is_surely_not_sent() -> None:
    (outcome,) = await sent(provider(9), mail())
    assert isinstance(outcome, NotProcessed)


async def test_a_password_that_is_wrong_stops_the_channel(mailbox: Mailbox) -> None:
    wrong = provider(mailbox.port, username="u", secrets={"password": "wrong"})
    right = provider(mailbox.port, username="u", secrets={"password": "right"})
    assert [type(one) for one in (*await sent(wrong, mail()), *await sent(right, mail()))] == [ChannelDown, Accepted]
    assert set(mailbox.logins) == {"u"}


async def test_an_address_that_no_server_takes_ends_alone(mailbox: Mailbox) -> None:
    made = provider(mailbox.port)
    with pytest.raises(ValueError, match="SMTPUTF8"):
        made.request(mail(to="däda@example.com"))
    with pytest.raises(ValueError, match=r".+"):
        made.request(mail(to="ada@example.com\r\nRCPT TO:<evil@example.com>"))
    assert made.request(mail(to="ada@bücher.example")).headers["rcpt-to"] == "ada@xn--bcher-kva.example"
