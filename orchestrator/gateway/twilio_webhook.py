"""Twilio's webhooks: status callbacks and inbound messages; X-Twilio-Signature is checked over URL and parameters.

Source: Twilio Security, Validating requests: HMAC-SHA1 of the URL as configured and the sorted parameters; blank ones count.
"""

import hmac
import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from hashlib import sha1
from urllib.parse import parse_qsl, urlsplit, urlunsplit
from zoneinfo import ZoneInfo

from orchestrator.contracts.intent import is_intent
from orchestrator.contracts.reason import Reason
from orchestrator.contracts.receipt import Receipt, Status
from orchestrator.contracts.topics import Channel
from orchestrator.contracts.twilio_codes import BLOCKED, CAP_AGAIN, CODES, DEFAULT, MARKETING_CAP, TwilioCode
from orchestrator.gateway.keywords import Keyword, keyword_of

SIGNATURE = "X-Twilio-Signature"
STATUS: dict[str, Status] = {
    "sent": "sent", "partially_delivered": "sent", "delivered": "delivered", "read": "read", "undelivered": "bounced", "failed": "failed",
    "canceled": "failed",
}  # fmt: skip
"""The others (accepted, queued, sending, scheduled) only prove that Twilio has the message."""
_OPT_OUT: dict[str, Keyword] = {"STOP": "stop", "START": "start", "HELP": "help"}
_TOLL_FREE = re.compile(r"\+18(00|33|44|55|66|77|88)[0-9]{7}")


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


def intent_of(query: Mapping[str, str]) -> str | None:
    """Our id of the message, from the query of the callback's address."""
    found = query.get("intent", "")
    return found if is_intent(found) else None


def sid_of(form: Mapping[str, str]) -> str | None:
    """Twilio's id of the message."""
    return form.get("MessageSid") or form.get("SmsSid") or None


def rule_of(form: Mapping[str, str]) -> TwilioCode | None:
    """What follows from the error code; None without one."""
    code = form.get("ErrorCode", "")
    if not code.isascii() or not code.isdigit() or len(code) > 9:
        return None
    rule = CODES.get(int(code), DEFAULT)
    if int(code) == MARKETING_CAP and not split_address(form.get("To", ""))[1].startswith("+1"):
        return replace(rule, reason=Reason.RATE_LIMITED, again=CAP_AGAIN)
    if int(code) == BLOCKED and _TOLL_FREE.fullmatch(form.get("From", "")):
        return replace(rule, opted_out=True)
    return rule


def status_receipt(form: Mapping[str, str], intent: str | None, customer: str, now: int) -> Receipt | None:
    """Of a status callback; None for the statuses that say nothing new. `now`, milliseconds, is when it came."""
    word = form.get("MessageStatus") or form.get("SmsStatus", "")
    status, sid = STATUS.get(word), sid_of(form)
    if status is None or sid is None:
        return None
    channel, address = split_address(form.get("To", ""))
    code = form.get("ErrorCode") or None
    rule = rule_of(form) if status in ("bounced", "failed") else None
    if rule is None:
        rule = DEFAULT
    elif rule.follow == "unknown":
        status = "unconfirmed"  # Twilio itself cannot say
    return Receipt(
        id=f"tw:{sid}:{word}:{code or ''}", customer=customer, status=status, at=now, channel=channel, intent=intent, provider="twilio",
        provider_id=sid, code=code, reason=None if rule.reason is None else rule.reason.value, address=address or None, address_dead=rule.dead,
        again=_waits(rule, now), keyword="stop" if rule.opted_out else None,
    )  # fmt: skip


def _waits(rule: TwilioCode, now: int) -> tuple[int, ...]:
    if not rule.resets:
        return rule.again
    local = datetime.fromtimestamp(now / 1000, ZoneInfo(rule.resets))
    midnight = datetime.combine(local.date() + timedelta(days=1), time(), local.tzinfo)
    return tuple(int(midnight.timestamp() * 1000) - now for _ in rule.again)


def inbound_receipt(form: Mapping[str, str], customer: str, now: int) -> Receipt:
    """Of a message from a customer. `OptOutType` is Twilio's own word, where it says one."""
    channel, address = split_address(form.get("From", ""))
    text, sid = form.get("Body", ""), sid_of(form)
    keyword = _OPT_OUT.get(form.get("OptOutType", "").upper()) or keyword_of(text)
    return Receipt(
        id=f"tw:in:{sid or ''}:{customer}", customer=customer, status="replied", at=now, channel=channel, provider="twilio",
        provider_id=sid, address=address, text=text[:2000], keyword=keyword,
    )  # fmt: skip
