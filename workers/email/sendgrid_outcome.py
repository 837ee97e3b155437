"""What SendGrid's answers mean. Source: SendGrid v3 Mail Send, errors and rate limits."""

import msgspec

from orchestrator.contracts.reason import Reason
from workers.outcome import Accepted, ChannelDown, NotProcessed, Outcome, Rejected, Unknown
from workers.retry_after import retry_after
from workers.transport import Answer


def sendgrid_outcome(answer: Answer, now: int) -> Outcome:
    """202 is queued, with or without an id to show for it; 429 was surely not processed; 5xx may have been. `now` in milliseconds."""
    status = answer.status
    provider_id = answer.headers.get("x-message-id", "")
    if status == 202 or (status == 200 and provider_id):
        return Accepted(provider_id)
    if status == 200:
        return Unknown("200 without X-Message-Id: not what SendGrid answers; check base_url")
    detail = _detail(answer.body)
    if status in (401, 403):
        return ChannelDown(str(status), detail)
    if status == 429:
        return NotProcessed("429", detail, retry_after(answer.headers, now), Reason.RATE_LIMITED)
    if status >= 500 or status == 408:
        return Unknown(f"{status} {detail}")
    if 300 <= status < 400:
        return ChannelDown(str(status), "a redirect: check base_url")
    return Rejected(str(status), detail)


class _Error(msgspec.Struct):
    message: str = ""
    field: str | None = None


class _Errors(msgspec.Struct):
    errors: list[_Error] = []


def _detail(body: bytes) -> str:
    try:
        errors = msgspec.json.decode(body, type=_Errors).errors
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return "an answer that is not SendGrid's"
    return "; ".join(f"{error.field}: {error.message}" if error.field else error.message for error in errors)[:300]
