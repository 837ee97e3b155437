"""The lines of the decision, in order: legal and cheap ones first. Each answers None (passes) or a Refusal, for one channel."""

from collections.abc import Callable

from orchestrator.contracts.reason import Reason
from orchestrator.contracts.topics import Channel
from orchestrator.policies.question import Question
from orchestrator.policies.quiet_hours import quiet_line
from orchestrator.policies.send_time import send_time
from orchestrator.policies.suppression import rules_line
from orchestrator.policies.verdict import Refusal

Line = Callable[[Question, Channel], Refusal | None]


def erased(question: Question, _channel: Channel) -> Refusal | None:
    """1. The person was erased: nothing, of any class."""
    if question.frame.customer.identity.erased:
        return Refusal("erased", Reason.ERASED)
    return None


def do_not_contact(question: Question, _channel: Channel) -> Refusal | None:
    """2. Level `marketing` stops everything but transactional; level `all` stops that too."""
    level = question.frame.customer.consents.do_not_contact
    if level == "all" or (level and not question.transactional):
        return Refusal("do_not_contact", Reason.DO_NOT_CONTACT, values={"level": level})
    return None


def address_suppressed(question: Question, channel: Channel) -> Refusal | None:
    """3. A dead address stops every class; a complaint stops all but transactional."""
    kind = question.reach[channel].suppressed
    if kind == "dead" or (kind and not question.transactional):
        return Refusal("address_suppressed", Reason.ADDRESS_SUPPRESSED, values={"kind": kind})
    return None


def consent(question: Question, channel: Channel) -> Refusal | None:
    """4. STOP on the channel (with `stop_scope: all`, for marketing, on any); then, but for transactional, revoked, and for opt-in topics not granted."""
    everywhere = question.message_class == "marketing" and question.frame.workspace.policies.stop_scope == "all"
    stopped = question.frame.customer.consents.stopped_at(channel, anywhere=everywhere)
    if stopped is not None:
        return Refusal("consent", Reason.CHANNEL_STOPPED, values={"stopped_at": stopped})
    name = question.message.topic
    if question.transactional or name is None:
        return None
    state = question.consent[channel]
    topic = question.frame.workspace.policies.topics.get(name)
    rule = topic.consent.get(channel, "opt_in") if topic else "opt_in"
    values = {"topic": name, "state": state, "rule": rule}
    if state == "revoked":
        return Refusal("consent", Reason.CONSENT_REVOKED, values=values)
    if rule == "opt_in" and state != "granted":
        return Refusal("consent", Reason.CONSENT_PENDING if state == "pending" else Reason.CONSENT_MISSING, values=values)
    return None


def expired(question: Question, _channel: Channel) -> Refusal | None:
    """6. Past its expiry; still valid at exactly that instant. Transactional has one only where it is written."""
    planned = question.planned
    if planned.expires_at is not None and question.frame.now > planned.expires_at:
        reason = Reason.EXPIRED_WHILE_HELD if planned.held_by else Reason.EXPIRED
        return Refusal("expired", reason, values={"due": planned.due, "expires_at": planned.expires_at})
    return None


def channel_choice(question: Question, channel: Channel) -> Refusal | None:
    """10. An address in an allowed country, a configured sender, content that may go out now."""
    reach = question.reach[channel]
    if reach.address is None:
        return Refusal("channel_choice", Reason.ADDRESS_MISSING)
    limit = question.frame.workspace.policies.limits.get(channel)
    if limit is not None and limit.countries is not None and reach.country is not None and reach.country not in limit.countries:
        return Refusal("channel_choice", Reason.COUNTRY_NOT_ALLOWED, values={"country": reach.country})
    if not reach.configured:
        return Refusal("channel_choice", Reason.CHANNEL_NOT_CONFIGURED)
    if channel == "whatsapp" and not question.window_open and not question.template:
        return Refusal("channel_choice", Reason.WHATSAPP_WINDOW_CLOSED)
    return None


LINES: tuple[tuple[int, str, Line], ...] = (
    (1, "erased", erased),
    (2, "do_not_contact", do_not_contact),
    (3, "address_suppressed", address_suppressed),
    (4, "consent", consent),
    (5, "suppression", rules_line),
    (6, "expired", expired),
    (7, "quiet_hours", quiet_line),
    (7, "send_time", send_time),
    (10, "channel_choice", channel_choice),
)
"""Number and name of each line as people see them; 8 and 9 (caps, arbitration) are not in this version."""
