"""The explicit table from a provider's name to its adapter."""

from functools import partial

from workers.email.sendgrid_outcome import sendgrid_outcome
from workers.email.sendgrid_request import sendgrid_request
from workers.provider import Provider
from workers.settings import ProviderSettings
from workers.sms.twilio_outcome import twilio_outcome
from workers.sms.twilio_request import TwilioAccount, twilio_request

SENDGRID_URL, TWILIO_URL = "https://api.sendgrid.com", "https://api.twilio.com"
SANDBOX_SID, SANDBOX_TOKEN, SANDBOX_KEY = "AC" + "0" * 32, "sandbox-token", "sandbox-key"
"""Credentials of the sandbox: it takes any."""
CALLBACK_OVERRIDES = "#rc=5&rp=all"
"""Without these Twilio does not repeat a callback that our gateway answered with 5xx. Source: Webhooks connection overrides."""


def build_provider(settings: ProviderSettings, *, sandbox_url: str, public_url: str) -> Provider:
    """`sandbox_url` ends before `/sandbox`; `public_url` is where webhooks come back to."""
    name, kind = settings.name, settings.provider
    if kind == "sendgrid" or (kind == "sandbox" and settings.channel == "email"):
        base = settings.base_url or (SENDGRID_URL if kind == "sendgrid" else f"{sandbox_url}/sandbox/sendgrid")
        key = settings.secrets.get("api_key", SANDBOX_KEY)
        return Provider(
            name, partial(sendgrid_request, base_url=base, api_key=key), sendgrid_outcome, settings.rate, 4.0 if kind == "sandbox" else 60.0
        )
    account = TwilioAccount(
        base_url=settings.base_url or (TWILIO_URL if kind == "twilio" else f"{sandbox_url}/sandbox/twilio"),
        account_sid=settings.account_sid or SANDBOX_SID,
        auth_token=settings.secrets.get("auth_token", SANDBOX_TOKEN),
        callback_url=f"{public_url}/webhooks/twilio/status" if public_url else "",
        callback_overrides="" if kind == "sandbox" else CALLBACK_OVERRIDES,
        messaging_service_sid=settings.messaging_service_sid,
    )
    return Provider(name, partial(twilio_request, account=account), twilio_outcome, settings.rate, 4.0 if kind == "sandbox" else 20.0)
