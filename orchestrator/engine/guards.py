"""The guard: the few facts of a customer that the senders' last check obeys, written in the same commit as what they follow from."""

from orchestrator.contracts.guard import Guard, GuardRule, encode_guard
from orchestrator.engine.turn import Turn
from orchestrator.policies.suppression import true_rules
from orchestrator.profiles.consent_state import guard_statements


def guard_of(turn: Turn) -> tuple[bytes, int | None]:
    """The guard's bytes (empty: all clear) and when a rule in it may change by time alone."""
    customer = turn.customer
    rules, change = true_rules(turn.frame)
    consents = customer.consents
    guard = Guard(
        erased=customer.identity.erased,
        do_not_contact=consents.do_not_contact,
        stopped=tuple(sorted(consents.stopped)),
        no_marketing=bool(consents.stopped) and turn.workspace.policies.stop_scope == "all",
        statements=guard_statements(consents),
        rules=tuple(GuardRule(*rule) for rule in rules),
    )
    return (b"" if guard == Guard() else encode_guard(guard)), change


def update_guard(turn: Turn) -> bytes | None:
    """Recompute it; returns the new bytes when they differ from what was written last, else None."""
    identity = turn.customer.identity
    guard, change = guard_of(turn)
    if change != identity.guard_at:
        identity.guard_at = change
        turn.customer.changed("ids")
    if guard == identity.guard:
        return None
    identity.guard = guard
    turn.customer.changed("ids")
    return guard
