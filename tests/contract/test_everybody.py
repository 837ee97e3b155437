"""All profiles page by page: nobody is left out, whatever the store."""

from orchestrator.partition_state import PARTITION_STATE
from orchestrator.state.store import Commit
from tests.contract.stores import AnyStore


async def test_everybody_comes_with_their_value_and_nobody_else(store: AnyStore) -> None:
    wanted: dict[str, bytes] = {}
    for partition in range(4):
        owned = await store.take_over(partition, "a" * 16)
        # more than a page; ids with what patterns and keys are made of
        mine = {f"c{partition}-{n}": b"%d" % n for n in range(700)} | {f"{{x}}:c:*{partition}": b"odd", f"mü[{partition}]": b"m"}
        profiles: dict[str, bytes | None] = {**mine, PARTITION_STATE: b"state"}
        guards: dict[str, bytes | None] = {f"c{partition}-0": b"guard"}
        await store.commit(partition, "a" * 16, owned.version, Commit(profiles=profiles, guards=guards))
        wanted |= mine
    found: dict[str, bytes] = {}
    async for page in store.everybody():
        found |= page
    assert found == wanted


async def test_of_an_empty_store_there_is_nobody(store: AnyStore) -> None:
    await store.take_over(0, "a" * 16)
    assert [page async for page in store.everybody() if page] == []
