"""Statements of consent as the profile keeps them."""

from orchestrator.contracts.consent import STRICTNESS, ConsentStatement, consent_state
from orchestrator.model.sections import Consents, Statement

TRAIL = 200
"""Statements kept beside those that decide, newest."""


def state(consents: Consents, channel: str, topic: str | None) -> str:
    """granted, revoked, pending or none."""
    return consent_state(consents.statements, channel, topic)


def passes(state_now: str, rule: str) -> bool:
    """Whether marketing on a topic may go by this state; `rule` is opt_in or opt_out."""
    return state_now != "revoked" and (rule == "opt_out" or state_now == "granted")


def add_statement(consents: Consents, statement: Statement) -> None:
    """Keep it. On one pair the newest decides, at equal timestamps the stricter; what it overrides, or is overridden by, stays
    on the trail with its proof."""
    held = next((one for one in consents.statements if (one.channel, one.topic) == (statement.channel, statement.topic)), None)
    if held is None:
        consents.statements.append(statement)
        return
    if _rank(held) > _rank(statement):
        held, statement = statement, held
    consents.statements = [one for one in consents.statements if (one.channel, one.topic) != (held.channel, held.topic)]
    consents.statements.append(statement)
    if held != statement:
        _onto_the_trail(consents, held)


def _rank(statement: Statement) -> tuple[int, int]:
    return statement.at, STRICTNESS.get(statement.state, 2)


def _onto_the_trail(consents: Consents, statement: Statement) -> None:
    """In its place by time; one that only says again what the one before it said adds nothing."""
    same = [one for one in consents.trail if (one.channel, one.topic) == (statement.channel, statement.topic) and one.at <= statement.at]
    if same and (same[-1].state, same[-1].proof, same[-1].excepting) == (statement.state, statement.proof, statement.excepting):
        return
    consents.trail = sorted([*consents.trail, statement], key=lambda one: one.at)[-TRAIL:]


def guard_statements(consents: Consents) -> tuple[ConsentStatement, ...]:
    """What the senders' last check must know: nothing while nothing is revoked."""
    if not any(one.state == "revoked" for one in consents.statements):
        return ()
    found = (ConsentStatement(s.channel, s.topic, s.state, s.at, tuple(s.excepting)) for s in consents.statements)
    return tuple(sorted(found, key=lambda s: (s.channel, s.topic, s.at)))
