"""Suppression rules: while one is true, messages it selects are dropped or held. Also their truth for the sender's last check."""

from collections.abc import Collection

from orchestrator.contracts.reason import Reason
from orchestrator.contracts.topics import Channel, MessageClass
from orchestrator.expressions.scope import next_change
from orchestrator.frame import Frame
from orchestrator.policies.question import Question
from orchestrator.policies.verdict import Refusal
from orchestrator.workspace.journey import Journey
from orchestrator.workspace.message import Message
from orchestrator.workspace.policies import Selectors, SuppressionRule

OPEN_SERVICE_ISSUE = "open_service_issue"


def selects(selectors: Selectors, message: Message, journey: Journey, message_class: MessageClass, channel: Channel | None) -> bool:
    """True when all selectors that are given match. `channel` None: any channel may still be chosen."""
    return (
        (selectors.classes is None or message_class in selectors.classes)
        and (selectors.topics is None or message.topic in selectors.topics)
        and (selectors.channels is None or channel is None or channel in selectors.channels)
        and (selectors.journeys is None or journey.name in selectors.journeys)
        and (selectors.tags is None or not selectors.tags.isdisjoint(journey.tags))
        and (selectors.messages is None or message.name in selectors.messages)
    )


def rules_line(question: Question, channel: Channel, holding: Collection[str] | None = None) -> Refusal | None:
    """5. In written order; transactional is never selected. `holding`: only of these that hold, by name."""
    if question.transactional:
        return None
    for rule in question.frame.workspace.policies.suppression:
        if not selects(rule.selectors, question.message, question.journey, question.message_class, channel):
            continue
        if holding is not None and (rule.then != "hold" or rule.name not in holding):
            continue
        scope = question.frame.scope(question.names)
        if rule.when.true(scope):
            case = oldest_case(question.frame)
            return Refusal(
                "suppression",
                reason_of(rule),
                hold=rule.then == "hold",
                until=next_change(scope),
                rule=rule.name,
                rule_version=rule.version,
                values={"when": rule.when.text},
                case=case if rule.name == OPEN_SERVICE_ISSUE else None,
                limit=rule.max_hold if rule.then == "hold" else None,
            )
    return None


def reason_of(rule: SuppressionRule) -> Reason:
    """The built-in rule has a code of its own."""
    return Reason.OPEN_SERVICE_ISSUE if rule.name == OPEN_SERVICE_ISSUE else Reason.SUPPRESSION_RULE


def oldest_case(frame: Frame) -> str | None:
    """The id of the case that has been open longest."""
    cases = [(case.opened_at, key) for kind in frame.customer.issues.values() for key, case in kind.items() if case.open]
    return min(cases)[1] if cases else None


def true_rules(frame: Frame) -> tuple[list[tuple[str, str, str, str | None]], int | None]:
    """Rules that read only the customer and are true now, as (name, drop|hold, reason, case), and when that may next change."""
    found: list[tuple[str, str, str, str | None]] = []
    change: int | None = None
    for rule in frame.workspace.policies.suppression:
        if not rule.customer_only:
            continue
        scope = frame.scope({})
        if rule.when.true(scope):
            case = oldest_case(frame) if rule.name == OPEN_SERVICE_ISSUE else None
            found.append((rule.name, rule.then, reason_of(rule).value, case))
        at = next_change(scope)
        if at is not None and (change is None or at < change):
            change = at
    return found, change


def rules_for(message: Message, journey: Journey, message_class: MessageClass, channel: Channel, frame: Frame) -> tuple[str, ...]:
    """Names of the customer-only rules that would stop this message if they were true: the last check looks for them."""
    if message_class == "transactional":
        return ()
    return tuple(
        rule.name
        for rule in frame.workspace.policies.suppression
        if rule.customer_only and selects(rule.selectors, message, journey, message_class, channel)
    )
