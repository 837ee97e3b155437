"""`dedupe`: the same message, by its key, not twice within a time."""

from orchestrator.contracts.reason import Reason
from orchestrator.engine.question import names_of
from orchestrator.engine.turn import Turn
from orchestrator.expressions.values import canonical_text
from orchestrator.model.planned import Planned
from orchestrator.policies.verdict import Refusal
from orchestrator.workspace.journey import Journey
from orchestrator.workspace.step import SendStep


def refused(turn: Turn, planned: Planned, journey: Journey, step: SendStep) -> Refusal | None:
    """`duplicate_message`, when it was committed within the step's `dedupe`. Something exactly that long ago does not count, and a
    message that comes back for another try is no duplicate of itself."""
    if step.dedupe is None or planned.tries:
        return None
    commits = turn.customer.messages.lately.get(planned.message, {})
    anything = step.dedupe.key is None
    last = max(commits.values(), default=None) if anything else commits.get(_key(turn, planned, journey, step))
    if last is None or last <= turn.now - step.dedupe.within:
        return None
    return Refusal("dedupe", Reason.DUPLICATE_MESSAGE, values={"committed_at": last, "within_ms": step.dedupe.within})


def note(turn: Turn, planned: Planned, journey: Journey, step: SendStep) -> None:
    """It was committed; kept for the longest time that any step asks about this message."""
    longest = turn.workspace.deduped.get(planned.message)
    if longest is None:
        return
    lately = turn.customer.messages.lately
    kept = {key: at for key, at in lately.get(planned.message, {}).items() if at > turn.now - longest}
    kept[_key(turn, planned, journey, step)] = turn.now
    lately[planned.message] = kept
    turn.customer.changed("msgs")


def _key(turn: Turn, planned: Planned, journey: Journey, step: SendStep) -> str:
    if step.dedupe is None or step.dedupe.key is None:
        return ""
    return canonical_text(step.dedupe.key.evaluate(turn.frame.scope(names_of(turn, planned, journey))))
