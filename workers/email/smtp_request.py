"""An email as a mail server takes it: RFC 5322 message in MIME, and its envelope.

Source: RFC 5321 and 5322; List-Unsubscribe of RFC 2369 and 8058. The Message-ID carries our id, so that what a server logs can be found.
"""

from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from orchestrator.contracts.message import EmailContent, OutboundMessage
from workers.transport import Request

FROM, TO, ID = "mail-from", "rcpt-to", "message-id"
"""The envelope and the Message-ID, where a request over HTTP has its headers."""
_POLICY = SMTP.clone(max_line_length=998)
"""Lines as long as RFC 5322 allows: a folded List-Unsubscribe address would no longer be one."""


def smtp_message(message: OutboundMessage) -> EmailMessage:
    """Raises TypeError when it is no email, ValueError for an address or a header that cannot be written (a line end in it, a local
    part beyond ASCII: few servers take those)."""
    content = message.content
    if not isinstance(content, EmailContent):
        raise TypeError(f"an email needs email content, not {type(content).__name__}")
    sender = ascii_address(message.sender.address)
    mail = EmailMessage(policy=_POLICY)
    mail["From"] = Address(message.sender.name, addr_spec=sender)
    mail["To"] = Address(addr_spec=ascii_address(message.to))
    if message.sender.reply_to:
        mail["Reply-To"] = Address(addr_spec=ascii_address(message.sender.reply_to))
    mail["Subject"] = content.subject
    mail["Date"] = format_datetime(datetime.fromtimestamp(message.committed_at / 1000, UTC))
    mail["Message-ID"] = message_id(message)
    for name, value in content.headers.items():
        mail[name] = value
    mail.set_content(content.text, cte="quoted-printable")
    mail.add_alternative(content.html, subtype="html", cte="quoted-printable")
    return mail


def message_id(message: OutboundMessage) -> str:
    """The same for the same try, another for the next."""
    return f"<{message.intent}.{message.attempt}@{ascii_address(message.sender.address).partition('@')[2]}>"


def ascii_address(text: str) -> str:
    """With an international domain in its ASCII form (IDNA). Raises ValueError."""
    local, at, domain = text.rpartition("@")
    if not at or not local.isascii():
        raise ValueError("not an address a mail server without SMTPUTF8 takes")
    return f"{local}@{domain if domain.isascii() else domain.encode('idna').decode('ascii')}"


def smtp_request(message: OutboundMessage, base_url: str) -> Request:
    """The letter and its envelope."""
    envelope = {FROM: ascii_address(message.sender.address), TO: ascii_address(message.to), ID: message_id(message)}
    return Request(base_url, smtp_message(message).as_bytes(), envelope)
