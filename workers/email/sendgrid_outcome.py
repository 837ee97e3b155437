"""What SendGrid's answers mean. Source: SendGrid v3 Mail Send, errors and rate limits."""

import msgspec

from orchestrator.contracts.reason import Reason
from workers.outcome import Accepted, ChannelDown, NotProcessed, Outcome, Rejected, Unknown
from workers.transport import Answer


def sendgrid_outcome(answer: Answer, now: int) -> Outcome:
    """202 is queued; 429 was surely not processed; 5xx may have been. `now` in milliseconds, for X-RateLimit-Reset."""
    status = answer.status
    if status in (200, 202):
        provider_id = answer.headers.get("x-message-id", "")
        return Accepted(provider_id) if provider_id else Unknown(f"{status} without X-Message-Id")
    detail = _detail(answer.body)
    if status in (401, 403):
        return ChannelDown(str(status), detail)
    if status == 429:
        return NotProcessed("429", detail, _wait(answer, now), Reason.RATE_LIMITED)
    if status >= 500:
        return Unknown(f"{status} {detail}")
    if 300 <= status < 400:
        return ChannelDown(str(status), "a redirect: check base_url")
    return Rejected(str(status), detail)


def _wait(answer: Answer, now: int) -> int | None:
    """Milliseconds until the limit is lifted."""
    after = answer.headers.get("retry-after", "")
    if after.isdigit():
        return min(int(after), 86_400) * 1000
    reset = answer.headers.get("x-ratelimit-reset", "")
    return min(max(int(reset) * 1000 - now, 1000), 3_600_000) if reset.isdigit() else None


class _Error(msgspec.Struct):
    message: str = ""
    field: str | None = None


class _Errors(msgspec.Struct):
    errors: list[_Error] = []


def _detail(body: bytes) -> str:
    try:
        errors = msgspec.json.decode(body, type=_Errors).errors
    except (msgspec.DecodeError, UnicodeDecodeError):
        return "an answer that is not SendGrid's"
    return "; ".join(f"{error.field}: {error.message}" if error.field else error.message for error in errors)[:300]
