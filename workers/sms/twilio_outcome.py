"""What Twilio's answers mean. Source: Twilio REST API responses and error dictionary."""

import msgspec

from orchestrator.contracts.reason import Reason
from workers.outcome import Accepted, ChannelDown, NotProcessed, Outcome, Rejected, Unknown
from workers.sms.twilio_codes import CODES, DEFAULT
from workers.transport import Answer


class _Body(msgspec.Struct):
    sid: str | None = None
    code: int | None = None
    message: str | None = None
    detail: str | None = None


def twilio_outcome(answer: Answer, _now: int) -> Outcome:
    """201 is queued; 429 is never processed; other 5xx may have been."""
    try:
        body = msgspec.json.decode(answer.body, type=_Body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        body = _Body()
    status = answer.status
    detail = (body.message or body.detail or f"HTTP {status}")[:300]
    if status in (200, 201):
        return Accepted(body.sid) if body.sid else Unknown(f"{status} without a sid")
    if status == 429 or body.code == 20429:
        after = answer.headers.get("retry-after", "")
        return NotProcessed(
            str(body.code or status), detail, int(after) * 1000 if after.isdigit() and int(after) < 86_400 else None, Reason.RATE_LIMITED
        )
    if status >= 500:
        return Unknown(f"{status} {detail}")
    if status in (401, 403) and body.code not in CODES:
        return ChannelDown(str(body.code or status), detail)
    if 300 <= status < 400:
        return ChannelDown(str(status), "a redirect: check base_url")
    rule = CODES.get(body.code or 0, DEFAULT)
    code = str(body.code or status)
    match rule.follow:
        case "retry":
            return NotProcessed(code, detail, None, Reason.RATE_LIMITED)
        case "channel":
            return ChannelDown(code, detail)
        case "unknown":
            return Unknown(f"{code} {detail}")
        case _:
            return Rejected(code, detail, Reason.CHANNEL_STOPPED if rule.opted_out else Reason.PROVIDER_REJECTED, rule.dead, rule.opted_out)
