"""Claims worked out from the log: what was sent is never free to be sent again, what nobody took stays free."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.contracts.claim import Claim
from orchestrator.contracts.message import OutboundMessage, SenderAddress, TextContent
from orchestrator.contracts.receipt import Receipt, Status
from orchestrator.rebuild.claims_from_log import REACH, SENDER, ClaimsFromLog
from workers.loop import MOST_IN_DOUBT, SLOTS

LANE = "outbound-sms-bulk"


def message(intent: str, attempt: int = 1) -> OutboundMessage:
    return OutboundMessage(
        intent=intent, attempt=attempt, partition=0, customer=f"c-{intent}", channel="sms", lane="bulk", message_class="service", to="+447911000001",
        sender=SenderAddress(address="+1"), content=TextContent(body="x"), journey="j", step="s", message="m",
    )  # fmt: skip


def receipt(intent: str, status: Status, attempt: int = 1, **more: object) -> Receipt:
    return Receipt(
        id=f"{intent}:{attempt}:{status}", customer=f"c-{intent}", status=status, at=7, channel="sms", intent=intent, attempt=attempt, **more,  # type: ignore[arg-type]  # fields of a receipt
    )  # fmt: skip


def claim_after(*receipts: Receipt, published: int = 1, finished: int = 100) -> Claim | None:
    """Of an intent published as attempts 1 to `published`."""
    log = ClaimsFromLog()
    for attempt in range(1, published + 1):
        log.message(LANE, attempt, message("i", attempt))
    for one in receipts:
        log.receipt(one)
    found = {lost.intent: lost.claim for lost in log.claims({LANE: finished}, 50)}
    return found.get("i")


@pytest.mark.parametrize(
    ("receipts", "published", "expected"),
    [
        ([receipt("i", "accepted", provider_id="p1")], 1, Claim("done", SENDER, 7, 1, "p1")),
        ([receipt("i", "accepted", provider_id="p1"), receipt("i", "failed")], 1, Claim("done", SENDER, 7, 1, "p1")),
        ([receipt("i", "accepted", provider_id="p1"), receipt("i", "bounced")], 1, Claim("done", SENDER, 7, 1, "p1")),
        ([receipt("i", "delivered", provider_id="p1")], 1, Claim("done", SENDER, 7, 1, "p1")),
        ([receipt("i", "rejected", checked="sender")], 1, Claim("ended", SENDER, 7, 1)),
        ([receipt("i", "deferred")], 1, Claim("ended", SENDER, 7, 1)),
        ([receipt("i", "deferred"), receipt("i", "accepted", 2, provider_id="p2")], 2, Claim("done", SENDER, 7, 2, "p2")),
        ([receipt("i", "deferred"), receipt("i", "accepted", 2, provider_id="p2"), receipt("i", "accepted", provider_id="p2")], 2, Claim("done", SENDER, 7, 2, "p2")),
        ([receipt("i", "unconfirmed")], 1, Claim("unknown", SENDER, 7, 1)),
        ([receipt("i", "unconfirmed"), receipt("i", "accepted", provider_id="p1")], 1, Claim("done", SENDER, 7, 1, "p1")),
        ([receipt("i", "deferred")], 2, Claim("unknown", SENDER, 50, 2)),
        ([receipt("i", "accepted", provider_id="p1"), receipt("i", "deferred", 2)], 2, Claim("ended", SENDER, 7, 2, "p1")),
        ([], 1, Claim("unknown", SENDER, 50, 1)),
    ],
)  # fmt: skip
def test_how_a_try_ended(receipts: list[Receipt], published: int, expected: Claim) -> None:
    assert claim_after(*receipts, published=published) == expected


def test_what_no_sender_can_have_got_to_is_free() -> None:
    log = ClaimsFromLog()
    log.message(LANE, 10, message("reported"))
    log.receipt(receipt("reported", "accepted"))
    log.message(LANE, 10 + REACH, message("near"))
    log.message(LANE, 11 + REACH, message("far"))
    assert {lost.intent: lost.claim.state for lost in log.claims({LANE: 3}, 50)} == {"reported": "done", "near": "unknown"}
    assert {lost.intent for lost in log.claims({LANE: 20}, 50)} == {"reported", "near", "far"}


def test_the_reach_covers_what_a_sender_can_hold() -> None:
    assert REACH >= SLOTS + MOST_IN_DOUBT


def test_answers_without_an_intent_say_nothing() -> None:
    log = ClaimsFromLog()
    log.receipt(Receipt(id="r", customer="c", status="replied", at=7, channel="sms"))
    assert log.claims({}, 50) == []


OUTCOMES = st.sampled_from(["accepted", "lost", "deferred", "rejected", "not asked"])


@given(st.lists(OUTCOMES, max_size=60), st.integers(0, 60))
def test_whatever_was_sent_is_claimed(outcomes: list[str], finished: int) -> None:
    """`lost`: the provider has it, and the sender died before it could say so."""
    log = ClaimsFromLog()
    sent: dict[str, int] = {}
    latest: dict[str, int] = {}
    again: list[tuple[str, int]] = []
    for offset, outcome in enumerate(outcomes):
        intent, attempt = again.pop() if again and offset % 3 == 0 else (f"i{offset}", 1)
        latest[intent] = attempt
        log.message(LANE, offset, message(intent, attempt))
        if outcome in ("accepted", "lost"):
            sent[intent] = attempt
        if outcome in ("accepted", "deferred", "rejected"):
            log.receipt(receipt(intent, outcome, attempt))  # type: ignore[arg-type]  # statuses all
        if outcome == "deferred":
            again.append((intent, attempt + 1))
    claims = {lost.intent: lost.claim for lost in log.claims({LANE: finished}, 50)}
    for intent, attempt in sent.items():
        assert claims[intent].state in ("done", "unknown")
        assert claims[intent].attempt >= attempt
    assert all(claim.attempt <= latest[intent] for intent, claim in claims.items())
