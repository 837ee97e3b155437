"""What the sandbox keeps: durable, bounded in memory, and one bad write leaves the others alone."""

import asyncio
import sqlite3
from pathlib import Path

import pytest

from tests.unit.sandbox.running import mail, running
from workers.sandbox import store as store_module
from workers.sandbox.store import Message, SandboxStore


def message(number: int, **more: object) -> Message:
    return {
        "id": f"m{number}",
        "channel": "sms",
        "to": "+447911123456",
        "from": "A",
        "provider": "twilio",
        "received_at": number,
        "status": "queued",
        **more,
    }


async def test_a_restart_shows_everything_still(tmp_path: Path) -> None:
    async with running(tmp_path) as client:
        assert (await client.mail(mail())).status == 202
        assert (await client.text(To="+447911123456", From="+441520000000", Body="Hi")).status == 201
        await client.call("POST", "/sandbox/reply", json={"channel": "sms", "from": "+447911123456", "text": "STOP"})
        before, key = await client.messages(), client.sandbox.public_key()
    async with running(tmp_path, start=1000) as client:
        assert await client.messages() == before
        assert len(before) == 2
        assert client.sandbox.public_key() == key
        assert (await client.text(To="+447911123456", From="+441520000000", Body="Hi")).status == 400
        async with client.session.get(f"{client.url}/sandbox/replies") as response:
            assert [one["text"] for one in await response.json()] == ["STOP"]


async def test_what_was_awaited_is_on_disk_before_the_answer(tmp_path: Path) -> None:
    """Another connection sees every message whose answer was given, while the sandbox still runs."""
    async with running(tmp_path) as client:
        responses = await asyncio.gather(*(client.mail(mail(f"p{n}@example.com")) for n in range(50)))
        assert {response.status for response in responses} == {202}
        with sqlite3.connect(tmp_path / "sandbox.db") as other:
            assert other.execute("SELECT count(*) FROM message").fetchone() == (50,)


async def test_one_bad_write_leaves_the_others_alone(tmp_path: Path) -> None:
    store = SandboxStore(tmp_path)
    jobs = [store.add([message(n)]) for n in range(20)]
    bad = [store.add([message(3)]), store.add([message(21, intent={"no": "text"})]), store.add([message(22, received_at=2**70)])]
    results = await asyncio.wait_for(asyncio.gather(*jobs, *bad, return_exceptions=True), 10)
    assert results[:20] == [None] * 20
    assert [type(one) for one in results[20:]] == [sqlite3.IntegrityError, sqlite3.InterfaceError, OverflowError] or all(
        isinstance(one, Exception) for one in results[20:]
    )
    await store.add([message(30)])
    assert store.count() == 21
    store.close()


async def test_several_messages_are_stored_whole_or_not_at_all(tmp_path: Path) -> None:
    store = SandboxStore(tmp_path)
    await store.add([message(1)])
    with pytest.raises(sqlite3.IntegrityError):
        await store.add([message(2), message(1)])
    assert store.count() == 1
    store.close()


async def test_memory_stays_bounded_without_a_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "TRIM", store_module.TRIM.replace(str(store_module.MOST_IN_MEMORY), "100"))
    store = SandboxStore(None)
    for start in range(0, 300, 50):
        await store.add([message(n) for n in range(start, start + 50)])
    assert store.count() == 100
    assert store.messages({}, 1)[0]["id"] == "m299"
    store.close()


async def test_filters_and_order() -> None:
    store = SandboxStore(None)
    await store.add([message(n, intent=f"i{n % 3}") for n in range(10)])
    await store.set_status("m4", "failed", 30003)
    assert [m["id"] for m in store.messages({"intent": "i1"}, 10)] == ["m7", "m4", "m1"]
    assert [m["id"] for m in store.messages({"since": 8}, 10)] == ["m9", "m8"]
    assert [m["id"] for m in store.messages({"before": store.messages({"id": "m2"}, 1)[0]["n"]}, 10)] == ["m1", "m0"]  # type: ignore[dict-item]  # a number
    assert [(m["status"], m["error_code"]) for m in store.messages({"id": "m4"}, 1)] == [("failed", 30003)]
    store.close()
    with pytest.raises(RuntimeError, match="closed"):
        await store.add([message(99)])
