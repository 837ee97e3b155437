"""What a rebuild writes into Redis, and what the store makes of it afterwards."""

from collections.abc import AsyncIterator

import pytest

from orchestrator.contracts.claim import Claim, ClaimRequest, Granted, Settlement, Taken
from orchestrator.contracts.guard import Guard, encode_guard
from orchestrator.errors import StoreRefused
from orchestrator.state.redis_rebuild import RedisRebuild
from orchestrator.state.redis_store import RedisStore, open_redis
from orchestrator.state.redis_written import Written
from orchestrator.state.store import Commit
from tests.contract.stores import question, request_of
from tests.services.redis_server import RedisServer

INTENT = "a" * 32


@pytest.fixture
async def store(redis_server: RedisServer) -> AsyncIterator[RedisStore]:
    redis_server.wipe()
    made = await open_redis(redis_server.url, 4, "s1")
    yield made
    await made.close()


@pytest.fixture
def rebuild(store: RedisStore) -> RedisRebuild:
    return RedisRebuild(store.connection, 4)


def of_try(attempt: int, replaces: str = "") -> ClaimRequest:
    return ClaimRequest(INTENT, "ada", "one", attempt, question(), "h1", None, replaces)


async def test_a_try_that_ended_is_not_repeated_and_a_later_one_is(store: RedisStore, rebuild: RedisRebuild) -> None:
    await store.take_over(0, "t")
    assert await rebuild.write_claims(0, [(INTENT, "ada", Claim("ended", "rebuild", 5, 2, "p1"))]) == 1
    for attempt in (1, 2):
        (again,) = await store.claim(0, [of_try(attempt, "p1")])
        assert isinstance(again, Taken)
        assert again.claim.state == "ended"
    (later,) = await store.claim(0, [of_try(3, "p1")])
    assert isinstance(later, Granted)
    assert await store.owners([INTENT]) == {INTENT: "ada"}


async def test_the_provider_s_own_word_stands_above_what_the_log_says(store: RedisStore, rebuild: RedisRebuild) -> None:
    await rebuild.write_claims(0, [(INTENT, "ada", Claim("ended", "rebuild", 5, 1))])
    await store.confirm({INTENT: "p9"})
    assert (await store.claims(0, [INTENT]))[INTENT].state == "done"


@pytest.mark.parametrize(
    ("held", "found", "after"),
    [
        (None, Claim("done", "rebuild", 5, 1, "p1"), "done"),
        ("sending", Claim("done", "rebuild", 5, 1, "p1"), "done"),
        ("sending", Claim("unknown", "rebuild", 5, 1), "unknown"),
        ("released", Claim("ended", "rebuild", 5, 1), "ended"),
        ("done", Claim("unknown", "rebuild", 5, 1), "done"),
        ("done", Claim("ended", "rebuild", 5, 1), "done"),
        ("done", Claim("unknown", "rebuild", 5, 2), "unknown"),
    ],
)
async def test_a_claim_of_the_snapshot_stands_unless_the_log_knows_more(
    store: RedisStore, rebuild: RedisRebuild, held: str | None, found: Claim, after: str
) -> None:
    await store.take_over(0, "t")
    if held is not None:
        await store.claim(0, [request_of(intent=INTENT, sender="one")])
    if held in ("released", "done"):
        await store.settle(0, [Settlement(INTENT, "one", held, 4, "p0")])  # type: ignore[arg-type]  # two of the states
    await rebuild.write_claims(0, [(INTENT, "ada", found)])
    assert (await store.claims(0, [INTENT]))[INTENT].state == after


async def test_an_emptied_partition_keeps_its_claims_and_nothing_else(store: RedisStore, rebuild: RedisRebuild) -> None:
    for partition in (0, 1):
        await store.take_over(partition, "t")
        commit = Commit(
            cursors={"customer-events": 3},
            profiles={"ada": b"x", "b*": b"y"},
            timers={"ada": 5},
            guards={"bob": encode_guard(Guard(erased=True))},
            history={"ada": b"h"},
        )
        await store.commit(partition, "t", 0, commit)
    await store.claim(0, [request_of(intent=INTENT, message_class="transactional")])
    await store.connection.command("HSET", store._keys(0).meta, "torn", 1)  # as a script that broke off leaves it
    assert [(one.torn, one.cursors) for one in await rebuild.look()][:2] == [
        (True, {"customer-events": 3}),
        (False, {"customer-events": 3}),
    ]
    with pytest.raises(StoreRefused, match="concierge rebuild"):
        await store.take_over(0, "u")
    assert await rebuild.empty(0) == 6
    assert await store.load(0, ["ada", "b*"]) == {}
    assert await store.load(1, ["ada"]) == {"ada": b"x"}
    assert (await store.claims(0, [INTENT])).keys() == {INTENT}
    await rebuild.begin(0, "s1", {"customer-events": 1, "delivery-receipts": 0})
    owned = await store.take_over(0, "u", "s1")
    assert (owned.cursors, owned.version) == ({"customer-events": 1, "delivery-receipts": 0}, 0)


async def test_whoever_answers_a_rebuilt_text_is_known(store: RedisStore, rebuild: RedisRebuild) -> None:
    await rebuild.note_written(2, [Written(INTENT, "ada", "h7", 5), Written("b" * 32, "bob", "h7", 6)])
    await rebuild.write_claims(2, [(INTENT, "ada", Claim("done", "rebuild", 5, 1, "SM1"))])
    assert await store.written_to("h7") == ["bob", "ada"]
    assert await store.known(2, "h7") == {"SM1": INTENT}
