"""`limits`: so many messages and entries a day of the workspace, never more, with one partition exactly so many."""

from collections import Counter
from collections.abc import Callable

import pytest

from orchestrator.engine.batch import Outcome
from orchestrator.partition_loop import PartitionLoop
from orchestrator.runtime.clock import SettableClock
from orchestrator.runtime.ids import CountedIds
from orchestrator.state.memory_store import MemoryStore
from orchestrator.workspace.workspace import Workspace
from tests.one_journey import POLICIES, errors, play, workspace
from tests.one_partition import Source, Version, drain
from tests.worlds import DAY, HOUR, T0, Engine

JOURNEY = """journey: try_it
class: service
entry: {event: Basket Changed, key: event.basket}
limits: {messages_per_day: 2}
steps:
  - {id: mail, send: hello, channels: [email]}
"""


def baskets(*times: str) -> str:
    return "when: [" + ", ".join(f"{{at: {at}, event: Basket Changed, with: {{basket: b{n}}}}}" for n, at in enumerate(times, 1)) + "]\n"


def test_messages_beyond_it_wait_for_the_next_day_of_the_workspace() -> None:
    # 10:00 in London; the day ends 14 hours later
    test = baskets("0h", "1h", "2h", "13h59m", "14h") + (
        "then: {sends: [{at: 0h, key: b1}, {at: 1h, key: b2}, {at: 14h, key: b5}, {at: 14h, key: b3}, {at: 38h, key: b4}],"
        " holds: [{at: 2h, reason: journey_limit}, {at: 13h59m, reason: journey_limit}]}"
    )
    assert play(JOURNEY, test) == []


def test_or_they_are_dropped() -> None:
    journey = JOURNEY.replace("messages_per_day: 2", "messages_per_day: 2, over: drop")
    assert play(journey, baskets("0h", "1h", "2h") + "then: {sends: [{}, {}], skips: [{at: 2h, reason: journey_limit}]}") == []


def test_the_day_is_the_workspaces_not_the_customers() -> None:
    tokyo = "given: {customer: {timezone: Asia/Tokyo}}\n"
    assert play(JOURNEY.replace("day: 2", "day: 1"), tokyo + baskets("0h", "6h") + "then: {sends: [{at: 0h}, {at: 14h}]}") == []


def test_entries_beyond_it_are_refused_and_repeats_take_no_place() -> None:
    journey = JOURNEY.replace("messages_per_day", "entries_per_day").replace("steps:\n", "steps:\n  - {id: rest, delay: 2h}\n")
    test = (
        "when: [" + ", ".join(f"{{at: {at}, event: Basket Changed, with: {{basket: {key}}}}}" for at, key in
        (("0h", "b1"), ("1h", "b1"), ("1h", "b2"), ("3h", "b3"), ("14h", "b4"))) + "]\n"
        "then: {sends: [{key: b1}, {key: b2}, {key: b4}], skips: [{at: 1h, reason: already_running}, {at: 3h, reason: journey_limit}]}"
    )  # fmt: skip
    assert play(journey, test) == []


def test_the_workspaces_is_for_journeys_that_name_no_other() -> None:
    policies = POLICIES + "limits: {journeys: {messages_per_day: 1}}\n"
    without = JOURNEY.replace("limits: {messages_per_day: 2}\n", "")
    assert play(without, baskets("0h", "1h") + "then: {sends: [{at: 0h}, {at: 14h}]}", policies=policies) == []
    assert play(JOURNEY, baskets("0h", "1h") + "then: {sends: [{at: 0h}, {at: 1h}]}", policies=policies) == []
    only_entries = JOURNEY.replace("messages_per_day: 2", "entries_per_day: 9")
    assert play(only_entries, baskets("0h", "1h") + "then: {sends: [{at: 0h}, {at: 14h}]}", policies=policies) == []


def test_what_was_not_sent_after_all_takes_no_place() -> None:
    journey = JOURNEY.replace("day: 2", "day: 1").replace("send: hello", "send: hello, only_if: \"entry.basket != 'b1'\"")
    assert play(journey, baskets("0h", "1h") + "then: {skips: [{reason: only_if_false}], sends: [{at: 1h, key: b2}]}") == []


def test_a_higher_limit_counts_at_once() -> None:
    test = baskets("0h", "1h", "2h").replace("]\n", ", {at: 3h, apply: next.yaml}]\n") + "then: {sends: [{at: 0h}, {at: 1h}, {at: 3h}]}"
    assert play(JOURNEY, test, then=JOURNEY.replace("day: 2", "day: 3")) == []


@pytest.mark.parametrize("text", ["limits: {messages_per_day: 0}\n", "limits: {over: wait}\n", "limits: {per_day: 3}\n"])
def test_lint(text: str) -> None:
    assert {f.code for f in errors(JOURNEY.replace("limits: {messages_per_day: 2}\n", text))} & {"Y002", "Y004", "Y005"}


class Partitions:
    """Several over one store in memory; a person has a partition by number."""

    def __init__(self, space: Workspace, number: int) -> None:
        self.clock, self.store, self.sent = SettableClock(T0), MemoryStore(publish=lambda _records: None), Counter[tuple[str, int]]()
        self.decided = Counter[tuple[str, int]]()
        self.made, self.version, self.number = Engine(space), Version(space), number
        self.sources = [Source([], self.clock) for _ in range(number)]
        self.loops = [self._loop(p) for p in range(number)]

    def _loop(self, partition: int) -> PartitionLoop:
        def observe(outcome: Outcome, _partition: int, _seconds: float) -> None:
            for one in outcome.decisions:
                self.decided[one.reason.value, (one.at - T0) // HOUR] += 1

        source = self.sources[partition]
        return PartitionLoop(partition, self.number, self.store, source, self.version, self.clock, CountedIds(f"t{partition}"), observe)

    async def begin(self) -> None:
        for loop in self.loops:
            await loop.take_over()

    async def run(self, at: int) -> None:
        self.clock.set(at)
        for loop in self.loops:
            await drain(loop)

    async def people(self, number: int, at: int, event: Callable[[int], dict[str, object]] = lambda n: {"basket": f"b{n}"}) -> None:
        for n in range(number):
            name = f"c{at}.{n}"
            self.sources[n % self.number].records += [
                self.made.identify(name, at, email=f"{name}@example.com"), self.made.event(name, at + 1, "Basket Changed", **event(n))
            ]  # fmt: skip
        await self.run(at + 10)


async def test_many_partitions_together_never_send_more_and_leave_next_to_nothing_unsent() -> None:
    space = workspace({"try_it": JOURNEY.replace("day: 2", "day: 300")})
    many = Partitions(space, 3)
    await many.begin()
    for hour in range(1, 9):
        await many.people(30, T0 + hour * HOUR)
    assert sum(number for (reason, _hour), number in many.decided.items() if reason == "allowed") == 240
    spare = sum(one.got - one.used for loop in many.loops for one in loop.state.pace.leases.values())
    assert spare <= 6, "2 %"
    for hour in range(9, 13):
        await many.people(30, T0 + hour * HOUR)
    today = sum(number for (reason, hour), number in many.decided.items() if reason == "allowed" and hour < 14)
    assert 294 <= today <= 300
    assert many.decided["journey_limit", 12] > 0
    await many.run(T0 + DAY)
    await many.run(T0 + DAY + 1000)  # a backlog leaves in turns
    assert sum(number for (reason, _hour), number in many.decided.items() if reason == "allowed") == 360


async def test_a_small_limit_is_given_where_it_is_wanted() -> None:
    many = Partitions(workspace({"try_it": JOURNEY}), 3)
    await many.begin()
    await many.people(9, T0 + HOUR)
    assert many.decided["allowed", 1] == 2
    assert many.decided["journey_limit", 1] == 7


async def test_what_a_partition_that_dies_had_is_lost_not_gained() -> None:
    many = Partitions(workspace({"try_it": JOURNEY.replace("day: 2", "day: 100")}), 2)
    await many.begin()
    await many.people(60, T0 + HOUR)
    many.loops = [many._loop(p) for p in range(2)]
    await many.begin()
    await many.people(60, T0 + 2 * HOUR)
    assert 98 <= many.decided["allowed", 1] + many.decided["allowed", 2] <= 100


async def test_alone_it_asks_no_store() -> None:
    alone = Partitions(workspace({"try_it": JOURNEY}), 1)
    alone.store.grant = None  # type: ignore[method-assign,assignment]  # would fail
    await alone.begin()
    await alone.people(5, T0 + HOUR)
    assert alone.decided["allowed", 1] == 2


FREE = JOURNEY.replace("limits: {messages_per_day: 2}\n", "")


def test_a_first_limit_is_for_the_whole_day_it_is_set_in() -> None:
    test = baskets("0h", "1h", "2h", "4h", "5h").replace("{at: 4h", "{at: 3h, apply: next.yaml}, {at: 4h")
    assert (
        play(
            FREE,
            test + "then: {sends: [{at: 0h}, {at: 1h}, {at: 2h}, {at: 4h}, {at: 14h}], holds: [{at: 5h}]}",
            then=JOURNEY.replace("day: 2", "day: 4"),
        )
        == []
    )
    assert (
        play(
            FREE,
            test
            + "then: {sends: [{at: 0h}, {at: 1h}, {at: 2h}, {at: 14h}, {at: 14h}], holds: [{at: 4h}, {at: 5h}, {at: 14h, reason: release_paced}]}",
            then=JOURNEY,
        )
        == []
    )
    entries = JOURNEY.replace("messages_per_day: 2", "entries_per_day: 4")
    assert (
        play(FREE, test + "then: {sends: [{at: 0h}, {at: 1h}, {at: 2h}, {at: 4h}], skips: [{at: 5h, reason: journey_limit}]}", then=entries)
        == []
    )


@pytest.mark.parametrize(("limit", "more"), [(80, 20), (60, 0), (50, 0)])
async def test_also_where_partitions_share_it(limit: int, more: int) -> None:
    """Uneven: most had been sent by one of them; a limit that is taken away and set again is the same."""
    many = Partitions(workspace({"try_it": FREE}), 3)
    await many.begin()
    await many.people(30, T0 + HOUR)
    many.sources[1].records += [many.made.event(f"c{T0 + HOUR}.1", T0 + 2 * HOUR + n, "Basket Changed", basket=f"x{n}") for n in range(30)]
    await many.run(T0 + 2 * HOUR + 1000)
    limited = workspace({"try_it": JOURNEY.replace("day: 2", f"day: {limit}")})
    for hour, space in ((3, limited), (4, workspace({"try_it": FREE})), (5, limited)):
        many.version.workspace = space
        await many.run(T0 + hour * HOUR)
    await many.people(90, T0 + 6 * HOUR)
    today = sum(number for (reason, hour), number in many.decided.items() if reason == "allowed" and hour < 14)
    assert today == 60 + more


async def test_who_sends_without_a_limit_meanwhile_is_counted_when_it_is_set_again() -> None:
    many = Partitions(workspace({"try_it": JOURNEY.replace("day: 2", "day: 300")}), 3)
    await many.begin()
    await many.people(9, T0 + HOUR)
    many.version.workspace = workspace({"try_it": FREE})
    many.sources[2].records += [many.made.event(f"c{T0 + HOUR}.2", T0 + 2 * HOUR + n, "Basket Changed", basket=f"x{n}") for n in range(280)]
    await many.run(T0 + 2 * HOUR + 1000)
    many.version.workspace = workspace({"try_it": JOURNEY.replace("day: 2", "day: 300")})
    await many.people(60, T0 + 3 * HOUR)
    today = sum(number for (reason, hour), number in many.decided.items() if reason == "allowed" and hour < 14)
    assert 294 <= today <= 300


async def test_days_that_are_over_are_forgotten() -> None:
    alone = Partitions(workspace({"try_it": FREE, "other": FREE.replace("try_it", "other")}), 1)
    await alone.begin()
    await alone.people(2, T0 + HOUR)
    assert sorted(alone.loops[0].state.pace.leases) == ["entries/other", "entries/try_it", "messages/other", "messages/try_it"]
    alone.version.workspace = workspace({"try_it": FREE})
    await alone.people(2, T0 + 2 * DAY)
    assert sorted(alone.loops[0].state.pace.leases) == ["entries/try_it", "messages/try_it"]
