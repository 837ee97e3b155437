"""What becomes of a claim request: the rule every store applies inside its atomic step."""

from orchestrator.contracts.claim import Claim, ClaimRequest, ClaimResult, Granted, RefusedByGuard, Settlement, Taken
from orchestrator.contracts.guard import ALL_CLEAR, decode_guard, last_check


def answer(request: ClaimRequest, standing: Claim | None, guard: bytes | None, sequence: int) -> ClaimResult:
    """Granted, refused by the guard, or taken. A claim that stands is looked at first: what has left has left, what is done is done."""
    if standing is not None and standing.state != "released":
        same = request.over is not None and standing.state != "done" and (standing.sender, standing.at, standing.state) == (
            request.over.sender, request.over.at, request.over.state,
        )  # fmt: skip
        if not same:
            return Taken(standing)
    refusal = last_check(decode_guard(guard) if guard else ALL_CLEAR, request.question)
    if refusal is not None:
        return RefusedByGuard(refusal)
    return Granted(Claim("sending", request.sender, request.question.now, request.attempt, None, sequence))


def settled(standing: Claim | None, settlement: Settlement) -> Claim | None:
    """The claim after its outcome; None where it is not (or no longer) the sender's."""
    if standing is None or standing.sender != settlement.sender or standing.state not in ("sending", "unknown"):
        return None
    return Claim(settlement.state, standing.sender, settlement.at, standing.attempt, settlement.provider_id, standing.sequence)
