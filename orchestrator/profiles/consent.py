"""Events that speak of consent and do-not-contact, as config/profile.yaml maps them. Nothing is guessed."""

from orchestrator.contracts.topics import CHANNELS
from orchestrator.expressions.values import plain
from orchestrator.frame import Frame
from orchestrator.model.customer import Customer
from orchestrator.model.event import CustomerEvent
from orchestrator.model.sections import Statement
from orchestrator.profiles.consent_state import add_statement

STATES = ("granted", "revoked")


def apply_consents(customer: Customer, event: CustomerEvent, frame: Frame, names: dict[str, object], refused: list[str]) -> None:
    """Add what the event states. An unknown channel, topic or state is refused as a bad mapping and changes nothing."""
    for mapping in frame.workspace.profile.consents:
        if mapping.event not in event.refs:
            continue
        items: list[object] = [None]
        if mapping.each is not None:
            found = mapping.each.evaluate(frame.scope(names))
            items = found[:1000] if isinstance(found, list) else []
        for item in items:
            scope = frame.scope({**names, "item": item})
            channel, topic, state = (value.evaluate(scope) for value in (mapping.channel, mapping.topic, mapping.state))
            known = (
                (channel == "*" or channel in CHANNELS) and (topic == "*" or topic in frame.workspace.policies.topics) and state in STATES
            )
            if not known:
                refused.append("bad_mapping")
                continue
            proof = {expression.text: plain(expression.evaluate(scope)) for _name, expression in mapping.proof}
            add_statement(
                customer.consents,
                Statement(str(channel), str(topic), str(state), event.timestamp, {k: v for k, v in proof.items() if v is not None}),
            )
            customer.changed("consents")


def apply_do_not_contact(customer: Customer, event: CustomerEvent, frame: Frame, names: dict[str, object]) -> None:
    """Flag or lift; the newest statement decides."""
    for rule in frame.workspace.profile.do_not_contact:
        level: str | None = None
        if rule.event in event.refs and (rule.when is None or rule.when.true(frame.scope(names))):
            level = rule.level
        elif rule.until is not None and rule.until in event.refs:
            level = ""
        if level is not None and event.timestamp >= customer.consents.do_not_contact_at:
            customer.consents.do_not_contact = level
            customer.consents.do_not_contact_at = event.timestamp
            customer.changed("consents")
