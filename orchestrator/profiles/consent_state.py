"""Statements of consent as the profile keeps them."""

from orchestrator.contracts.consent import STRICTNESS, ConsentStatement, consent_state
from orchestrator.model.sections import Consents, Statement


def state(consents: Consents, channel: str, topic: str | None) -> str:
    """granted, revoked, pending or none."""
    return consent_state(consents.statements, channel, topic)


def add_statement(consents: Consents, statement: Statement) -> None:
    """Keep it; statements on the same pair that it overrides go, so that the list stays short."""
    consents.statements = [
        one for one in consents.statements
        if (one.channel, one.topic) != (statement.channel, statement.topic)
        or (one.at, STRICTNESS.get(one.state, 2)) > (statement.at, STRICTNESS.get(statement.state, 2))
    ]  # fmt: skip
    consents.statements.append(statement)


def guard_statements(consents: Consents) -> tuple[ConsentStatement, ...]:
    """What the senders' last check must know: nothing while nothing is revoked."""
    if not any(one.state == "revoked" for one in consents.statements):
        return ()
    return tuple(
        sorted((ConsentStatement(s.channel, s.topic, s.state, s.at) for s in consents.statements), key=lambda s: (s.channel, s.topic, s.at))
    )
