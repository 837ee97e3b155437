"""What becomes of a claim request: the rule every store applies inside its atomic step."""

from dataclasses import replace

from orchestrator.contracts.claim import Claim, ClaimRequest, ClaimResult, Granted, RefusedByGuard, Settlement, Taken
from orchestrator.contracts.guard import ALL_CLEAR, decode_guard, last_check, last_check_of_offer


def answer(request: ClaimRequest, standing: Claim | None, guard: bytes | None, sequence: int) -> ClaimResult:
    """Granted, refused by the guard, or taken. A claim that stands is looked at first: what has left has left, what is done is done,
    unless the provider itself said that this very try had failed."""
    if standing is not None and not _may_be_tried(request, standing):
        same = request.over is not None and standing.state != "done" and (standing.sender, standing.at, standing.state) == (
            request.over.sender, request.over.at, request.over.state,
        )  # fmt: skip
        if not same:
            return Taken(standing)
    facts = decode_guard(guard) if guard else ALL_CLEAR
    refusal = last_check(facts, request.question)
    if refusal is not None:
        return RefusedByGuard(refusal)
    claim = Claim("sending", request.sender, request.question.now, request.attempt, request.replaces or None, sequence)
    return Granted(claim, last_check_of_offer(facts, request.question))


def _may_be_tried(request: ClaimRequest, standing: Claim) -> bool:
    if standing.state == "released":
        return True
    if standing.attempt >= request.attempt:
        return False
    failed = standing.state == "done" and bool(request.replaces) and standing.provider_id == request.replaces
    return failed or standing.state == "ended"


def settled(standing: Claim | None, settlement: Settlement) -> Claim | None:
    """The claim after its outcome; None where it is not (or no longer) the sender's."""
    if standing is None or standing.sender != settlement.sender or standing.state not in ("sending", "unknown"):
        return None
    # until the try is done, the id is that of the failed one before: its late webhooks must prove nothing
    provider_id = settlement.provider_id if settlement.state == "done" else standing.provider_id
    return replace(standing, state=settlement.state, at=settlement.at, provider_id=provider_id)


def confirmed(standing: Claim | None, provider_id: str | None) -> Claim | None:
    """The claim after the provider's own word that it has the intent; None where that is nothing new, or about a try that failed."""
    if standing is None or standing.state == "done" or (provider_id and standing.provider_id == provider_id):
        return None
    return replace(standing, state="done", provider_id=provider_id)
