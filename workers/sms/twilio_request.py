"""A text as Twilio's Messages resource takes it: SMS and WhatsApp alike. The form is made by the twilio package's own code.

Source: Twilio Programmable Messaging, Messages resource. Our id rides in the status callback's query, which Twilio signs.
"""

from base64 import b64encode
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import msgspec

from orchestrator.contracts.message import EmailContent, OutboundMessage, TemplateContent
from workers.transport import Request


@dataclass(frozen=True, slots=True)
class TwilioAccount:
    """Where and as whom. `callback_url` is our own /webhooks/twilio/status; `callback_overrides` a fragment after its query."""

    base_url: str
    account_sid: str
    auth_token: str
    callback_url: str
    messaging_service_sid: str = ""
    callback_overrides: str = ""

    def __repr__(self) -> str:
        return f"TwilioAccount({self.account_sid})"


def twilio_form(message: OutboundMessage, account: TwilioAccount) -> list[tuple[str, str]]:
    """The form, in the order the twilio package writes it. Raises TypeError when the message is an email."""
    content = message.content
    if isinstance(content, EmailContent):
        raise TypeError("a text needs text content")
    prefix = "whatsapp:" if message.channel == "whatsapp" else ""
    form = [("To", f"{prefix}{message.to}")]
    if account.callback_url:
        form.append(("StatusCallback", f"{account.callback_url}?intent={message.intent}{account.callback_overrides}"))
    if isinstance(content, TemplateContent):
        form.append(("ContentVariables", msgspec.json.encode(content.variables).decode()))
    if account.messaging_service_sid:
        form.append(("MessagingServiceSid", account.messaging_service_sid))
    else:
        form.append(("From", f"{prefix}{message.sender.address}"))
    if isinstance(content, TemplateContent):
        form.append(("ContentSid", content.content_sid))
    else:
        form.append(("Body", content.body))
        form += [("MediaUrl", url) for url in content.media]
    return form


def authorization(account: TwilioAccount) -> str:
    """Basic, by account and token."""
    return "Basic " + b64encode(f"{account.account_sid}:{account.auth_token}".encode()).decode()


def twilio_request(message: OutboundMessage, account: TwilioAccount) -> Request:
    """The POST."""
    return Request(
        url=f"{account.base_url}/2010-04-01/Accounts/{account.account_sid}/Messages.json",
        body=urlencode(twilio_form(message, account)).encode(),
        headers={
            "Authorization": authorization(account),
            "Content-Type": "application/x-www-form-urlencoded",
            "Accept": "application/json",
        },
    )


def package_form(message: OutboundMessage, account: TwilioAccount) -> list[tuple[str, str]]:
    """The same form as the twilio package builds it from its own arguments: the reference ours is held against.

    Importing the package takes most of a second, so only this asks for it.
    """
    from twilio.http.http_client import HttpClient
    from twilio.http.response import Response
    from twilio.rest import Client

    captured: list[dict[str, Any]] = []

    class _Capture(HttpClient):  # type: ignore[misc]  # the package ships no types
        def request(self, method: str, url: str, params: Any = None, data: Any = None, **_rest: Any) -> Response:  # noqa: ARG002  (its signature)
            captured.append(data)
            return Response(201, '{"sid": "SM0", "status": "queued"}')

    ours = dict(twilio_form(message, account))
    names = {"To": "to", "StatusCallback": "status_callback", "ContentVariables": "content_variables", "From": "from_",
             "MessagingServiceSid": "messaging_service_sid", "ContentSid": "content_sid", "Body": "body"}  # fmt: skip
    client = Client(account.account_sid, account.auth_token, http_client=_Capture(logger=None, is_async=False))
    client.messages.create(**{names[key]: value for key, value in ours.items() if key in names})
    return [(key, str(value)) for key, value in captured[0].items() if value is not None]
