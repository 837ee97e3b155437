"""The explicit table from a provider's name to its adapter."""

import ipaddress
from functools import partial
from urllib.parse import urlsplit

from workers.email.sendgrid_outcome import sendgrid_outcome
from workers.email.sendgrid_records import sendgrid_records
from workers.email.sendgrid_request import sendgrid_request
from workers.provider import Provider
from workers.settings import ProviderSettings
from workers.sms.twilio_outcome import twilio_outcome
from workers.sms.twilio_records import twilio_records
from workers.sms.twilio_request import TwilioAccount, twilio_request

SENDGRID_URL, TWILIO_URL = "https://api.sendgrid.com", "https://api.twilio.com"
SANDBOX_SID, SANDBOX_TOKEN, SANDBOX_KEY = "AC" + "0" * 32, "sandbox-token", "sandbox-key"
"""Credentials of the sandbox: it takes any."""
CALLBACK_OVERRIDES = "#rc=5&rp=all"
"""Without these Twilio does not repeat a callback that our gateway answered with 5xx. Source: Webhooks connection overrides."""
SENDGRID_EVIDENCE, TWILIO_EVIDENCE, SANDBOX_EVIDENCE, SMTP_EVIDENCE = 60.0, 20.0, 4.0, 0.0
"""Seconds: SendGrid posts about every thirty; Twilio at once; a mail server never."""


def build_provider(settings: ProviderSettings, *, sandbox_url: str, public_url: str) -> Provider:
    """`sandbox_url` ends before `/sandbox`; `public_url` is where webhooks come back to."""
    if settings.channel != "email":
        return _twilio(settings, sandbox_url, public_url)
    return _smtp(settings, public_url) if settings.provider == "smtp" else _sendgrid(settings, sandbox_url)


def _sendgrid(settings: ProviderSettings, sandbox_url: str) -> Provider:
    real = settings.provider == "sendgrid"
    base = settings.base_url or (SENDGRID_URL if real else f"{sandbox_url}/sandbox/sendgrid")
    key = settings.secrets.get("api_key", SANDBOX_KEY)
    return Provider(
        settings.name, partial(sendgrid_request, base_url=base, api_key=key), sendgrid_outcome, settings.rate,
        SENDGRID_EVIDENCE if real else SANDBOX_EVIDENCE, partial(sendgrid_records, base_url=base, api_key=key),
    )  # fmt: skip


def _twilio(settings: ProviderSettings, sandbox_url: str, public_url: str) -> Provider:
    real = settings.provider == "twilio"
    callback = f"{public_url}/webhooks/twilio/status" if public_url and not unreachable(settings, public_url) else ""
    account = TwilioAccount(
        base_url=settings.base_url or (TWILIO_URL if real else f"{sandbox_url}/sandbox/twilio"),
        account_sid=settings.account_sid or SANDBOX_SID,
        auth_token=settings.secrets.get("auth_token", SANDBOX_TOKEN),
        callback_url=callback,
        callback_overrides=CALLBACK_OVERRIDES if real else "",
        messaging_service_sid=settings.messaging_service_sid,
    )
    return Provider(
        settings.name, partial(twilio_request, account=account), twilio_outcome, settings.rate,
        TWILIO_EVIDENCE if real else SANDBOX_EVIDENCE, partial(twilio_records, account=account),
    )  # fmt: skip


def _smtp(settings: ProviderSettings, public_url: str) -> Provider:
    # aiosmtplib is asked for by those who send this way only
    from workers.email.smtp_outcome import smtp_outcome
    from workers.email.smtp_request import smtp_request
    from workers.email.smtp_transport import SmtpServer, SmtpTransport

    parts = urlsplit(settings.base_url)
    server = SmtpServer(
        parts.hostname or "", parts.port or 587, settings.tls, settings.username, settings.secrets.get("password", ""), settings.ca_file,
        _ehlo(urlsplit(public_url).hostname or "localhost"),
    )  # fmt: skip
    return Provider(
        settings.name, partial(smtp_request, base_url=settings.base_url), smtp_outcome, settings.rate, SMTP_EVIDENCE,
        transport=SmtpTransport(server, timeout=settings.timeout),
    )  # fmt: skip


def unreachable(settings: ProviderSettings, public_url: str) -> str | None:
    """Why this provider can call no webhook at our address, in words for ops; None when it can, as far as the address shows.

    Twilio refuses every message (21609) whose callback names a host it will not call, so such a one is left out.
    """
    if settings.provider in ("sandbox", "smtp") or settings.base_url:
        return None
    host = urlsplit(public_url).hostname or ""
    try:
        private = not ipaddress.ip_address(host).is_global
    except ValueError:
        private = host in ("", "localhost") or "." not in host
    if private:
        return f"{settings.name}: no webhooks: nobody outside can call {public_url or 'us'}; set CONCIERGE_PUBLIC_URL"
    return f"{settings.name}: no webhooks: Twilio calls no host with an underscore: {host}" if "_" in host else None


def _ehlo(host: str) -> str:
    """RFC 5321, 4.1.3: a bare address stands in brackets."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    return f"[{address}]" if address.version == 4 else f"[IPv6:{address}]"
