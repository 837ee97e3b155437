"""What a mail server's replies mean. Source: RFC 5321, 4.2 (reply codes) and RFC 3463 (enhanced status codes).

A server has taken a message when, and only when, it answers the end of its data with 250: a refusal at any stage is a plain no.
"""

import re

from orchestrator.contracts.reason import Reason
from workers.email.smtp_request import ID
from workers.outcome import Accepted, ChannelDown, NotProcessed, Outcome, Rejected, Unknown
from workers.transport import Answer

STAGE = "stage"
"""Where in the dialogue the reply came: connect, auth, mail, rcpt, data."""
DEAD = frozenset(("5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"))
"""No such mailbox or domain, moved away, a null MX, disabled. A refusal by policy (5.7.x) says nothing about the address."""
_ENHANCED = re.compile(r"\b([245]\.[0-9]{1,3}\.[0-9]{1,3})\b")


def smtp_outcome(answer: Answer, _now: int) -> Outcome:
    """4xx is a refusal for now, 5xx for good; credentials and senders a server does not accept stop the channel."""
    status, stage = answer.status, answer.headers.get(STAGE, "")
    text = answer.body.decode("utf-8", "replace")[:300]
    found = _ENHANCED.search(text[:40])
    enhanced = found[1] if found else ""
    code = enhanced or str(status)
    if 200 <= status < 300:
        return Accepted(answer.headers.get(ID, "").strip("<>")) if stage == "data" else Unknown(f"{status} at {stage}")
    if 400 <= status < 500:
        reason = Reason.RATE_LIMITED if enhanced.startswith("4.7.") or status in (450, 452) else Reason.PROVIDER_DOWN
        return NotProcessed(code, text, None, reason)
    if stage in ("connect", "auth", "mail") or status == 530:
        return ChannelDown(code, text)
    if status >= 500:
        return Rejected(code, text, address_dead=stage == "rcpt" and enhanced in DEAD)
    return Unknown(f"{status} {text}")
