"""Events that speak of consent and do-not-contact, as config/profile.yaml maps them. Nothing is guessed."""

from orchestrator.contracts.topics import CHANNELS
from orchestrator.expressions.values import plain
from orchestrator.frame import Frame
from orchestrator.model.customer import Customer
from orchestrator.model.event import CustomerEvent
from orchestrator.model.sections import Flag, Statement
from orchestrator.workspace.profile import ConsentMapping

STATES = ("granted", "revoked")
MOST = 1_000
"""Items of a list that one event may speak of."""


def read_consents(event: CustomerEvent, frame: Frame, names: dict[str, object]) -> tuple[list[Statement], str | None]:
    """What the event states, and what of it cannot be read: an unknown channel, topic or state, or `each` that is no list."""
    found: list[Statement] = []
    bad: str | None = None
    for mapping in frame.workspace.profile.consents:
        if mapping.event not in event.refs:
            continue
        items: object = [None]
        if mapping.each is not None:
            items = mapping.each.evaluate(frame.scope(names))
            items = [] if items is None else items
        if not isinstance(items, list) or len(items) > MOST:
            bad = bad or f"{event.name}: `each` of its consents gives {_told(items)}; it must be a list of at most {MOST}"
            continue
        for item in items:
            one = _statement(mapping, event, frame, {**names, "item": item})
            if isinstance(one, Statement):
                found.append(one)
            else:
                bad = bad or one
    return found, bad


def _told(items: object) -> str:
    return f"{len(items)} items" if isinstance(items, list) else f"{type(items).__name__}"


def _statement(mapping: ConsentMapping, event: CustomerEvent, frame: Frame, names: dict[str, object]) -> Statement | str:
    scope = frame.scope(names)
    channel, topic, state = (value.evaluate(scope) for value in (mapping.channel, mapping.topic, mapping.state))
    for what, value, known in (
        ("channel", channel, ("*", *CHANNELS)), ("topic", topic, ("*", *frame.workspace.policies.topics)), ("state", state, STATES),
    ):  # fmt: skip
        if value not in known:
            return f"{event.name}: consent {what} {value!r:.60} is none of {', '.join(known)}"
    proof = {expression.text: plain(expression.evaluate(scope)) for _name, expression in mapping.proof}
    return Statement(str(channel), str(topic), str(state), event.timestamp, {k: v for k, v in proof.items() if v is not None})


def apply_do_not_contact(customer: Customer, event: CustomerEvent, frame: Frame, names: dict[str, object]) -> None:
    """Flag or lift. Of one rule the newest statement decides, at equal timestamps the stricter; of several rules the strictest
    counts, and `until` lifts what its own rule flagged."""
    for rule in frame.workspace.profile.do_not_contact:
        level: str | None = None
        if rule.event in event.refs and (rule.when is None or rule.when.true(frame.scope(names))):
            level = rule.level
        elif rule.until is not None and rule.until in event.refs:
            level = ""
        key = f"{rule.event}|{rule.level}"
        held = customer.consents.flags.get(key)
        if level is None or (held is not None and (held.at, bool(held.level)) > (event.timestamp, bool(level))):
            continue
        customer.consents.flags[key] = Flag(level, event.timestamp)
        customer.changed("consents")
