"""The calls' loop: bounds, a slow host beside others, positions behind answers, a graceful stop, partitions that leave."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest

from orchestrator.contracts.call import CallAnswer, OutboundCall
from orchestrator.runtime.clock import SystemClock
from tests.unit.workers.calls.receiver import SecretsOf, Watched, call
from workers.broker import Positions
from workers.calls import call_loop
from workers.calls import caller as caller_module
from workers.calls.call_broker import CallParcel
from workers.calls.call_loop import CallLoop
from workers.calls.call_request import CallRequest
from workers.calls.caller import Caller
from workers.calls.exchange import Answered, Exchange, Exchanged


class Log:
    """A broker over a list."""

    def __init__(self, calls: Sequence[OutboundCall | None], refuse: bool = False) -> None:
        self._parcels = [CallParcel(n % 2, n, one) for n, one in enumerate(calls)]
        self._refuse = refuse
        self.positions = Positions()
        self.answers: list[CallAnswer] = []
        self.moved: dict[int, int] = {}
        self.back: list[CallParcel] = []
        self.read = 0

    async def poll(self, limit: int) -> list[CallParcel]:
        found, self._parcels = self._parcels[:limit], self._parcels[limit:]
        for parcel in found:
            self.positions.opened(parcel)
        self.read += len(found)
        return found

    async def finish(self, answers: Sequence[CallAnswer], parcels: Sequence[CallParcel]) -> None:
        if self._refuse:
            raise RuntimeError("the log takes nothing")
        self.answers += answers
        self.moved |= {partition: offset for _topic, partition, offset in self.positions.finished(parcels)}

    async def put_back(self, parcels: Sequence[CallParcel]) -> None:
        self.back += parcels
        await self.finish([], parcels)

    async def wait(self, seconds: float) -> None:
        await asyncio.sleep(min(seconds, 0.01))


class Hosts(Exchange):
    """Answers at once, but for a host called `slow…`, which answers when it is let."""

    def __init__(self) -> None:
        self.let = asyncio.Event()
        self.under_way = 0
        self.most = 0
        self.answers: dict[str, Exchanged] = {}

    async def ask(self, request: CallRequest, within: float) -> Exchanged:
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        try:
            if request.target.host.startswith("slow"):
                await self.let.wait()
            else:
                await asyncio.sleep(0)
        finally:
            self.under_way -= 1
        return self.answers.get(request.target.host, Answered(200, {}, b"{}"))


@asynccontextmanager
async def running(log: Log, hosts: Hosts, held: int = 4_000) -> AsyncIterator[tuple[CallLoop, asyncio.Event, list[BaseException]]]:
    failures: list[BaseException] = []
    stop = asyncio.Event()

    def failed(error: BaseException) -> None:
        failures.append(error)
        stop.set()

    made = Caller(hosts, lambda: ["*.example"], frozenset(), SecretsOf(), SystemClock(), lambda: 0.0, Watched())
    loop = CallLoop(log, made, failed, held)
    task = asyncio.create_task(loop.run(stop))
    try:
        yield loop, stop, failures
    finally:
        stop.set()
        await task


async def until(what: object, seconds: float = 5.0) -> None:
    async with asyncio.timeout(seconds):
        while not what():  # type: ignore[operator]  # a question
            await asyncio.sleep(0.01)


def calls(host: str, number: int, **changes: object) -> list[OutboundCall | None]:
    return [call(f"https://{host}.example/", id=f"{host}-{n}", **changes) for n in range(number)]


async def test_a_slow_host_does_not_stall_others() -> None:
    hosts, log = Hosts(), Log([*calls("slow", 300), *calls("fast", 100)])
    async with running(log, hosts):
        await until(lambda: len(log.answers) == 100)
        assert {one.id.partition("-")[0] for one in log.answers} == {"fast"}
        assert hosts.under_way == caller_module.SLOTS_OF_HOST, "and is asked no more often at once than it may be"
        hosts.let.set()
        await until(lambda: len(log.answers) == 400)


async def test_all_hosts_together_have_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caller_module, "SLOTS", 20)
    hosts, log = Hosts(), Log([one for n in range(10) for one in calls(f"slow{n}", 10)])
    async with running(log, hosts):
        await asyncio.sleep(0.2)
        assert hosts.most == 20
        hosts.let.set()
        await until(lambda: len(log.answers) == 100)
    assert hosts.most == 20


async def test_what_is_held_has_a_bound_and_one_host_has_a_quarter_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(call_loop, "PUT_BACK_EVERY", 0.3)
    hosts, log = Hosts(), Log([*calls("slow", 60), *calls("fast", 30)])
    async with running(log, hosts, held=40) as (loop, _stop, _failures):
        await until(lambda: len(log.answers) == 30)
        assert loop.trying() + loop.waiting() == 10
        assert not log.back, "the fast one's found a place in time"
        await until(lambda: len(log.back) == 50)
        assert {one.call.id.partition("-")[0] for one in log.back if one.call is not None} == {"slow"}
        assert len(log.answers) == 30, "none of them is answered for"


async def test_what_is_put_aside_is_bounded_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(call_loop, "ASIDE", 64)
    hosts, log = Hosts(), Log(calls("slow", 5_000))
    async with running(log, hosts, held=400):
        await asyncio.sleep(0.3)
        assert log.read <= 100 + 64 + 64


async def test_a_position_stays_before_what_has_no_answer() -> None:
    hosts, log = Hosts(), Log([*calls("fast", 4), *calls("slow", 1), *calls("fast", 5)])
    async with running(log, hosts):
        await until(lambda: len(log.answers) == 9)
        assert log.moved == {0: 2, 1: 9}
        hosts.let.set()
        await until(lambda: log.moved == {0: 8, 1: 9})


async def test_a_poison_record_is_moved_past() -> None:
    hosts, log = Hosts(), Log([None, *calls("fast", 3)])
    async with running(log, hosts):
        await until(lambda: log.moved == {0: 2, 1: 3})
    assert len(log.answers) == 3


async def test_a_stop_waits_for_requests_and_gives_up_what_waits() -> None:
    hosts, log = Hosts(), Log([*calls("slow", 1), *calls("again", 1, retries=8)])
    hosts.answers["again.example"] = Answered(503, {"retry-after": "60"}, b"")
    async with running(log, hosts) as (loop, stop, failures):
        await until(lambda: loop.trying() == 1 and loop.waiting() == 1)
        began = asyncio.get_running_loop().time()
        asyncio.get_running_loop().call_later(0.2, hosts.let.set)
        stop.set()
    assert asyncio.get_running_loop().time() - began < call_loop.GRACE - 1
    assert [one.id for one in log.answers] == ["slow-0"]
    assert log.moved == {0: 0}, "the other is read again"
    assert not failures


async def test_a_stop_does_not_wait_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(call_loop, "GRACE", 0.2)
    hosts, log = Hosts(), Log(calls("slow", 3))
    async with asyncio.timeout(2):
        async with running(log, hosts) as (loop, stop, _failures):
            await until(lambda: loop.trying() == 3)
            stop.set()
    assert (log.answers, log.moved) == ([], {})


async def test_partitions_that_leave_take_what_waits_with_them() -> None:
    hosts, log = Hosts(), Log([*calls("again", 2, retries=8), *calls("slow", 2)])
    hosts.answers["again.example"] = Answered(503, {"retry-after": "60"}, b"")
    async with running(log, hosts) as (loop, _stop, _failures):
        await until(lambda: loop.trying() == 2 and loop.waiting() == 2)
        loop.left([0])
        await until(lambda: loop.waiting() == 1)
        assert loop.is_busy([0])
        hosts.let.set()
        await until(lambda: not loop.is_busy([0, 1]))
        assert len(log.answers) == 2, "a request under way is finished, its answer published"


async def test_a_log_that_takes_no_answers_stops_the_process() -> None:
    log = Log(calls("fast", 1), refuse=True)
    with contextlib.suppress(RuntimeError):
        async with running(log, Hosts()) as (_loop, _stop, failures):
            await until(lambda: failures)
            assert str(failures[0]) == "the log takes nothing"
