"""What Twilio's answers mean. Source: Twilio REST API responses (RFC 9457 bodies too) and error dictionary."""

import msgspec

from orchestrator.contracts.reason import Reason
from orchestrator.contracts.twilio_codes import CODES, DEFAULT
from workers.outcome import Accepted, ChannelDown, NotProcessed, Outcome, Rejected, Unknown
from workers.retry_after import retry_after
from workers.transport import Answer


class _Body(msgspec.Struct):
    sid: str | None = None
    code: int | None = None
    message: str | None = None
    detail: str | None = None


def _read(body: bytes) -> _Body:
    """Numbers may come as text; what cannot be read says nothing."""
    try:
        return msgspec.json.decode(body, type=_Body, strict=False)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _Body()


def twilio_outcome(answer: Answer, now: int) -> Outcome:
    """201 is queued; 429 is never processed; other 5xx may have been. `now` in milliseconds, for Retry-After."""
    body = _read(answer.body)
    status = answer.status
    detail = (body.message or body.detail or f"HTTP {status}")[:300]
    if status in (200, 201):
        return Accepted(body.sid) if body.sid else Unknown(f"{status} without a sid")
    if status == 429 or body.code == 20429:
        return NotProcessed(str(body.code or status), detail, retry_after(answer.headers, now), Reason.RATE_LIMITED)
    if status >= 500 or status == 408:
        return Unknown(f"{status} {detail}")
    if status in (401, 403) and body.code not in CODES:
        return ChannelDown(str(body.code or status), detail)
    if 300 <= status < 400:
        return ChannelDown(str(status), "a redirect: check base_url")
    rule = CODES.get(body.code or 0, DEFAULT)
    code = str(body.code or status)
    match rule.follow:
        case "retry":
            wait = retry_after(answer.headers, now)
            return NotProcessed(code, detail, wait or rule.again[0], Reason.RATE_LIMITED)
        case "channel":
            return ChannelDown(code, detail)
        case "unknown":
            return Unknown(f"{code} {detail}")
        case _:
            return Rejected(code, detail, rule.reason or Reason.PROVIDER_REJECTED, rule.dead, rule.opted_out)
