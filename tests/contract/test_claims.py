"""What every store must do with claims and suppressed addresses."""

from dataclasses import replace

from orchestrator.contracts.claim import ClaimRequest, Granted, RefusedByGuard, Settlement, Taken
from orchestrator.contracts.guard import Guard, GuardRule, OfferQuestion, encode_guard
from orchestrator.contracts.reason import Reason
from orchestrator.state.store import Commit
from tests.contract.stores import AnyStore, question, request_of


async def test_a_claim_is_taken_once(store: AnyStore) -> None:
    first, second = await store.claim(0, [request_of(sender="one"), request_of(sender="two")])
    assert isinstance(first, Granted)
    assert isinstance(second, Taken)
    assert second.claim.sender == "one"
    assert await store.settle(0, [Settlement("a" * 32, "two", "done", 5)]) == [False]
    assert await store.settle(0, [Settlement("a" * 32, "one", "done", 5, "p1")]) == [True]
    assert await store.settle(0, [Settlement("a" * 32, "one", "released", 6)]) == [False]
    (third,) = await store.claim(0, [request_of(sender="three")])
    assert isinstance(third, Taken)
    assert (third.claim.state, third.claim.provider_id) == ("done", "p1")


async def test_a_released_claim_may_be_taken_again(store: AnyStore) -> None:
    await store.claim(0, [request_of(sender="one")])
    await store.settle(0, [Settlement("a" * 32, "one", "released", 5)])
    (again,) = await store.claim(0, [request_of(sender="two")])
    assert isinstance(again, Granted)


async def test_a_dead_claim_is_taken_over_only_as_it_was_seen(store: AnyStore) -> None:
    await store.claim(0, [request_of(sender="dead")])
    (taken,) = await store.claim(0, [request_of(sender="one")])
    assert isinstance(taken, Taken)
    over = ClaimRequest("a" * 32, "ada", "one", 1, question(), "h1", taken.claim)
    other = ClaimRequest("a" * 32, "ada", "two", 1, question(), "h1", taken.claim)
    (won, lost) = await store.claim(0, [over, other])
    assert isinstance(won, Granted)
    assert isinstance(lost, Taken)


async def test_the_guard_is_obeyed_at_the_claim(store: AnyStore) -> None:
    await store.take_over(0, "t1")
    rule = GuardRule("open_service_issue", "hold", "open_service_issue", "case-1")
    await store.commit(0, "t1", 0, Commit(guards={"ada": encode_guard(Guard(rules=(rule,)))}))
    (refused,) = await store.claim(0, [request_of()])
    assert isinstance(refused, RefusedByGuard)
    assert (refused.refusal.reason, refused.refusal.hold, refused.refusal.case) == (Reason.OPEN_SERVICE_ISSUE, True, "case-1")
    assert await store.claims(0, ["a" * 32]) == {}
    (transactional,) = await store.claim(0, [request_of(intent="b" * 32, message_class="transactional")])
    assert isinstance(transactional, Granted)
    await store.commit(0, "t1", 1, Commit(guards={"ada": None}))
    (granted,) = await store.claim(0, [request_of()])
    assert isinstance(granted, Granted)


async def test_an_offer_that_may_go_no_more_is_said_with_the_claim(store: AnyStore) -> None:
    """The message is granted all the same, in the same step."""
    await store.take_over(0, "t1")
    rule = GuardRule("open_service_issue", "hold", "open_service_issue", "case-1")
    carrying = request_of(message_class="service", topic="visits", rules=(), offer=OfferQuestion("offers", ("open_service_issue",)))
    (clear,) = await store.claim(0, [carrying])
    assert isinstance(clear, Granted)
    assert clear.no_offer is None
    await store.settle(0, [Settlement("a" * 32, "s", "released", 5)])
    await store.commit(0, "t1", 0, Commit(guards={"ada": encode_guard(Guard(rules=(rule,)))}))
    (without,) = await store.claim(0, [carrying])
    assert isinstance(without, Granted)
    assert without.no_offer is not None
    assert (without.no_offer.reason, without.no_offer.case) == (Reason.OPEN_SERVICE_ISSUE, "case-1")
    await store.suppress([("h1", "complained")])
    (other,) = await store.claim(
        0, [replace(carrying, intent="b" * 32, question=replace(carrying.question, message_class="transactional"))]
    )
    assert isinstance(other, Granted)
    assert other.no_offer is not None
    assert other.no_offer.reason is Reason.ADDRESS_SUPPRESSED


async def test_suppressed_addresses_stop_the_claim(store: AnyStore) -> None:
    await store.suppress([("h1", "complained")])
    (refused,) = await store.claim(0, [request_of()])
    assert isinstance(refused, RefusedByGuard)
    assert refused.refusal.reason is Reason.ADDRESS_SUPPRESSED
    (transactional,) = await store.claim(0, [request_of(intent="b" * 32, message_class="transactional")])
    assert isinstance(transactional, Granted)
    await store.suppress([("h1", "dead"), ("h1", "complained")])
    assert await store.suppressed(["h1", "h2"]) == {"h1": "dead"}


async def test_an_address_of_the_erased_takes_transactional_only(store: AnyStore) -> None:
    await store.suppress([("h1", "erased")])
    (refused,) = await store.claim(0, [request_of()])
    assert isinstance(refused, RefusedByGuard)
    assert refused.refusal.reason is Reason.ERASED
    (transactional,) = await store.claim(0, [request_of(intent="b" * 32, message_class="transactional")])
    assert isinstance(transactional, Granted)
    await store.suppress([("h1", "complained"), ("h1", "erased")])
    assert await store.suppressed(["h1"]) == {"h1": "complained"}, "the higher rank stays"


async def test_consent_that_is_given_anew_takes_back_what_erasure_noted_and_nothing_else(store: AnyStore) -> None:
    await store.suppress([("h1", "erased"), ("h2", "complained"), ("h3", "dead")])
    await store.suppress([(address, "granted") for address in ("h1", "h2", "h3", "h4")])
    assert await store.suppressed(["h1", "h2", "h3", "h4"]) == {"h2": "complained", "h3": "dead"}
    (granted,) = await store.claim(0, [request_of()])
    assert isinstance(granted, Granted)
    await store.suppress([("h1", "erased")])
    assert await store.suppressed(["h1"]) == {"h1": "erased"}, "erased again"


async def test_what_is_done_cannot_be_taken_over(store: AnyStore) -> None:
    await store.claim(0, [request_of(sender="one")])
    await store.settle(0, [Settlement("a" * 32, "one", "done", 5, "p1")])
    done = (await store.claims(0, ["a" * 32]))["a" * 32]
    (result,) = await store.claim(0, [ClaimRequest("a" * 32, "ada", "two", 1, question(), "h1", done)])
    assert result == Taken(done)


async def test_an_unknown_outcome_can_be_settled_later_by_its_sender(store: AnyStore) -> None:
    await store.claim(0, [request_of(sender="one")])
    first, second, third = await store.settle(
        0,
        [
            Settlement("a" * 32, "one", "unknown", 5), Settlement("a" * 32, "one", "done", 6, "p1"),
            Settlement("a" * 32, "one", "done", 7, "p2"),
        ],
    )  # fmt: skip
    assert (first, second, third) == (True, True, False)
    claim = (await store.claims(0, ["a" * 32]))["a" * 32]
    assert (claim.state, claim.at, claim.provider_id) == ("done", 6, "p1")


async def test_claims_of_many_messages_are_answered_in_order(store: AnyStore) -> None:
    await store.take_over(0, "t1")
    stopped = encode_guard(Guard(stopped=("email",)))
    await store.commit(0, "t1", 0, Commit(guards={f"c{n}": stopped for n in range(0, 1000, 2)}))
    requests = [ClaimRequest(f"{n:032}", f"c{n}", "s", 1, question(), f"h{n}") for n in range(1000)]
    results = await store.claim(0, [*requests, requests[1]])
    assert [isinstance(one, Granted) for one in results[:1000]] == [n % 2 == 1 for n in range(1000)]
    assert isinstance(results[1000], Taken)
    sequences = [one.claim.sequence for one in results[:1000] if isinstance(one, Granted)]
    assert sequences == sorted(set(sequences))
    assert len(await store.claims(0, [request.intent for request in requests])) == 500
    assert await store.claim(0, []) == []


async def test_settling_keeps_whose_claim_it_is(store: AnyStore) -> None:
    await store.claim(0, [request_of()])
    assert await store.settle(0, [Settlement("a" * 32, "s", "done", 5), Settlement("f" * 32, "s", "done", 5)]) == [True, False]
    assert list(await store.claims(0, ["a" * 32, "f" * 32])) == ["a" * 32]


async def test_the_providers_word_settles_whatever_its_sender_heard(store: AnyStore) -> None:
    await store.claim(0, [request_of(sender="dead")])
    await store.confirm({"a" * 32: "p1", "f" * 32: "p2"})
    claim = (await store.claims(0, ["a" * 32]))["a" * 32]
    assert (claim.state, claim.provider_id) == ("done", "p1")
    assert await store.settle(0, [Settlement("a" * 32, "dead", "released", 9)]) == [False]
    await store.confirm({"a" * 32: "p3"})
    assert (await store.claims(0, ["a" * 32]))["a" * 32] == claim
    await store.confirm({})


async def test_a_try_that_failed_at_the_provider_may_be_repeated_once(store: AnyStore) -> None:
    def again(attempt: int, replaces: str) -> ClaimRequest:
        return ClaimRequest("a" * 32, "ada", "two", attempt, question(), "h1", replaces=replaces)

    await store.claim(0, [request_of(sender="one")])
    await store.settle(0, [Settlement("a" * 32, "one", "done", 5, "p1")])
    for wrong in (again(2, "other"), again(2, ""), again(1, "p1")):
        assert isinstance((await store.claim(0, [wrong]))[0], Taken)
    (granted,) = await store.claim(0, [again(2, "p1")])
    assert isinstance(granted, Granted)
    await store.confirm({"a" * 32: "p1"})  # a late webhook of the try that failed proves nothing
    assert (await store.claims(0, ["a" * 32]))["a" * 32].state == "sending"
    await store.settle(0, [Settlement("a" * 32, "two", "released", 6)])
    await store.confirm({"a" * 32: "p1"})
    assert (await store.claims(0, ["a" * 32]))["a" * 32].state == "released"
    assert isinstance((await store.claim(0, [again(3, "p1")]))[0], Granted)
    await store.settle(0, [Settlement("a" * 32, "two", "done", 7, "p2")])
    assert isinstance((await store.claim(0, [again(3, "p1")]))[0], Taken)


async def test_ids_of_a_provider_that_we_know(store: AnyStore) -> None:
    def text(intent: str, address: str) -> ClaimRequest:
        return ClaimRequest(intent * 32, "ada", "s", 1, question(channel="sms"), address)

    await store.claim(0, [text("a", "h1"), text("b", "h1"), text("c", "h1"), text("d", "h2")])
    await store.settle(0, [Settlement(one * 32, "s", "done", 5, f"p{one}") for one in "abd"])
    assert await store.known(0, "h1") == {"pa": "a" * 32, "pb": "b" * 32}
    assert await store.known(0, "nobody") == {}
