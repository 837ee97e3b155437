"""An email as SendGrid's v3 Mail Send takes it, made with the sendgrid package's own builder.

Source: SendGrid v3 Mail Send. Our id stands in the personalization's custom_args (the message-level ones are typed as text
in its description, and one X-Message-Id covers a whole request); nothing personal goes into tags.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import msgspec
from sendgrid.helpers.mail import (
    ClickTracking,
    CustomArg,
    Email,
    Header,
    Mail,
    OpenTracking,
    Personalization,
    ReplyTo,
    SubscriptionTracking,
    To,
    TrackingSettings,
)  # fmt: skip

from orchestrator.contracts.message import EmailContent, OutboundMessage, SenderAddress
from workers.transport import Request


@lru_cache(maxsize=1024)
def _of_every_message(sender: SenderAddress) -> Mapping[str, Any]:
    """What all messages of one sender have in common."""
    mail = Mail(from_email=_address(Email, sender.address, sender.name))
    if sender.reply_to:
        mail.reply_to = _address(ReplyTo, sender.reply_to)
    tracking = TrackingSettings()
    tracking.open_tracking = OpenTracking(enable=True)
    tracking.click_tracking = ClickTracking(enable=True, enable_text=False)
    # our own List-Unsubscribe headers stand; two mechanisms would contradict each other
    tracking.subscription_tracking = SubscriptionTracking(enable=False)
    mail.tracking_settings = tracking
    made: dict[str, Any] = mail.get()
    return made


def _address(kind: type[Email], address: str, name: str = "") -> Email:
    """As it stands: the package's constructors parse an address that comes without a name, at a tenth of a delivery's cost."""
    made = kind()
    made.email = address
    if name:
        made.name = name
    return made


def sendgrid_body(message: OutboundMessage) -> dict[str, Any]:
    """The JSON body. Raises TypeError when the message is no email."""
    content = message.content
    if not isinstance(content, EmailContent):
        raise TypeError(f"an email needs email content, not {type(content).__name__}")
    person = Personalization()
    person.add_to(_address(To, message.to))
    person.add_custom_arg(CustomArg("intent", message.intent))
    # not "attempt": arguments stand flat among a webhook event's own fields, and that is one of them
    person.add_custom_arg(CustomArg("intent_attempt", str(message.attempt)))
    for name, value in content.headers.items():
        person.add_header(Header(name, value))
    return {
        **_of_every_message(message.sender), "personalizations": [person.get()], "subject": content.subject,
        "content": [{"type": "text/plain", "value": content.text}, {"type": "text/html", "value": content.html}],
    }  # fmt: skip


def sendgrid_request(message: OutboundMessage, base_url: str, api_key: str) -> Request:
    """The POST."""
    return Request(
        url=f"{base_url}/v3/mail/send",
        body=msgspec.json.encode(sendgrid_body(message)),
        headers={"Authorization": f"Bearer {api_key}", "Content-Type": "application/json", "Accept": "application/json"},
    )
