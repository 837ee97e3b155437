"""Twilio's webhooks: status callbacks and inbound messages; X-Twilio-Signature is checked over URL and parameters.

Source: Twilio Security, Validating requests: HMAC-SHA1 of the URL as configured and the sorted parameters; blank ones count.
"""

import hmac
from base64 import b64encode
from collections.abc import Sequence
from hashlib import sha1
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from orchestrator.contracts.receipt import Receipt, Status
from orchestrator.contracts.topics import Channel
from orchestrator.gateway.keywords import keyword_of

SIGNATURE = "X-Twilio-Signature"
_STATUS: dict[str, Status] = {"sent": "sent", "delivered": "delivered", "read": "read", "undelivered": "bounced", "failed": "failed"}
DEAD_CODES = frozenset(("21211", "21214", "21217", "21614", "21635", "21421", "30005", "30006", "63003", "63024"))
"""Codes after which the address is of no use on this channel. Source: Twilio's error dictionary."""
WITHHELD_CODES = frozenset(("30007", "63049", "63032", "30004"))
"""Accepted, then withheld by provider or network."""


def read_form(body: bytes) -> list[tuple[str, str]]:
    """All parameters, blank ones too. Raises ValueError, UnicodeDecodeError."""
    return parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=500, strict_parsing=bool(body))


def is_signed(url: str, form: Sequence[tuple[str, str]], signature: str | None, tokens: Sequence[str]) -> bool:
    """True when one of the auth tokens signed this URL and these parameters."""
    if not signature:
        return False
    values: dict[str, set[str]] = {}
    for name, value in form:
        values.setdefault(name, set()).add(value)
    parameters = "".join(name + value for name in sorted(values) for value in sorted(values[name]))
    given = signature.encode("utf-8", "surrogatepass")
    return any(
        hmac.compare_digest(
            b64encode(hmac.new(token.encode(), (form_of + parameters).encode("utf-8", "surrogatepass"), sha1).digest()), given
        )
        for token in tokens
        for form_of in url_forms(url)
    )


def url_forms(url: str) -> list[str]:
    """Twilio may or may not count the port: as it is, without it, and with the scheme's own."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return [url]
    user, at, host = parts.netloc.rpartition("@")
    name = host.rsplit(":", 1)[0] if port is not None else host
    forms = [parts.netloc, f"{user}{at}{name}", f"{user}{at}{name}:{443 if parts.scheme == 'https' else 80}"]
    return list(dict.fromkeys(urlunsplit(parts._replace(netloc=one)) for one in forms))


def split_address(text: str) -> tuple[Channel, str]:
    """`whatsapp:+44…` is WhatsApp, anything else SMS."""
    return ("whatsapp", text.removeprefix("whatsapp:")) if text.startswith("whatsapp:") else ("sms", text)


def status_receipt(form: dict[str, str], intent: str | None, customer: str, now: int) -> Receipt | None:
    """Of a status callback; None for the statuses that say nothing new."""
    status = _STATUS.get(form.get("MessageStatus", ""))
    sid = form.get("MessageSid") or form.get("SmsSid")
    if status is None or not sid:
        return None
    channel, address = split_address(form.get("To", ""))
    code = form.get("ErrorCode") or None
    reason = "provider_withheld" if code in WITHHELD_CODES else "whatsapp_window_closed" if code == "63016" else None
    return Receipt(
        id=f"tw:{sid}:{form.get('MessageStatus')}:{code or ''}", customer=customer, status=status, at=now, channel=channel, intent=intent,
        provider="twilio", provider_id=sid, code=code, reason=reason, address=address or None, address_dead=code in DEAD_CODES,
    )  # fmt: skip


def inbound_receipt(form: dict[str, str], customer: str, now: int) -> Receipt:
    """Of a message from a customer. `OptOutType` is Twilio's own word, where it says one."""
    channel, address = split_address(form.get("From", ""))
    text = form.get("Body", "")
    keyword = {"STOP": "stop", "START": "start", "HELP": "help"}.get(form.get("OptOutType", "")) or keyword_of(text)
    return Receipt(
        id=f"tw:in:{form.get('MessageSid', '')}:{customer}", customer=customer, status="replied", at=now, channel=channel, provider="twilio",
        provider_id=form.get("MessageSid"), address=address, text=text[:2000], keyword=keyword,  # type: ignore[arg-type]  # one of the three words or None
    )  # fmt: skip
