"""An email as SendGrid's v3 Mail Send takes it, made with the sendgrid package's own builder.

Source: SendGrid v3 Mail Send. Our id stands in the personalization's custom_args (the message-level ones are typed as text
in its description, and one X-Message-Id covers a whole request); nothing personal goes into tags.
"""

from typing import Any

import msgspec
from sendgrid.helpers.mail import (
    ClickTracking,
    Content,
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

from orchestrator.contracts.message import EmailContent, OutboundMessage
from workers.transport import Request


def sendgrid_body(message: OutboundMessage) -> dict[str, Any]:
    """The JSON body. Raises TypeError when the message is no email."""
    content = message.content
    if not isinstance(content, EmailContent):
        raise TypeError(f"an email needs email content, not {type(content).__name__}")
    mail = Mail(from_email=Email(message.sender.address, message.sender.name or None), subject=content.subject)
    person = Personalization()
    person.add_to(To(message.to))
    person.add_custom_arg(CustomArg("intent", message.intent))
    # not "attempt": arguments stand flat among a webhook event's own fields, and that is one of them
    person.add_custom_arg(CustomArg("intent_attempt", str(message.attempt)))
    for name, value in content.headers.items():
        person.add_header(Header(name, value))
    mail.add_personalization(person)
    if message.sender.reply_to:
        mail.reply_to = ReplyTo(message.sender.reply_to)
    mail.add_content(Content("text/plain", content.text))
    mail.add_content(Content("text/html", content.html))
    tracking = TrackingSettings()
    tracking.open_tracking = OpenTracking(enable=True)
    tracking.click_tracking = ClickTracking(enable=True, enable_text=False)
    # our own List-Unsubscribe headers stand; two mechanisms would contradict each other
    tracking.subscription_tracking = SubscriptionTracking(enable=False)
    mail.tracking_settings = tracking
    body: dict[str, Any] = mail.get()
    return body


def sendgrid_request(message: OutboundMessage, base_url: str, api_key: str) -> Request:
    """The POST."""
    return Request(
        url=f"{base_url}/v3/mail/send",
        body=msgspec.json.encode(sendgrid_body(message)),
        headers={"Authorization": f"Bearer {api_key}", "Content-Type": "application/json", "Accept": "application/json"},
    )
