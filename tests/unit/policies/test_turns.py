"""A smoothed release: one every gap, by priority, then in order; nobody's instant is promised twice."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from orchestrator.policies.pace import Pace, lanes_of, settle
from orchestrator.policies.turns import EARLIER, Lane, Lanes, Promise, moved_since, take

GAP = 100.0


def taken(priorities: list[int], now: int = 1_000) -> tuple[Lanes, list[Promise]]:
    """One after the other, all at one instant."""
    lanes: Lanes = ()
    found = []
    for priority in priorities:
        lanes, promise = take(lanes, priority, now, GAP)
        found.append(promise)
    return lanes, found


def order_of(priorities: list[int], lanes: Lanes, promises: list[Promise], now: int = 1_000) -> list[tuple[int, int]]:
    """(instant, place in the list) as they leave in the end."""
    instants = [
        now if one.at is None else one.at + round(moved_since(lanes, priority, one.at, one.moved))
        for priority, one in zip(priorities, promises, strict=True)
    ]
    return sorted((at, number) for number, at in enumerate(instants))


def test_of_one_priority_in_the_order_they_come() -> None:
    lanes, promises = taken([50, 50, 50])
    assert [one.at for one in promises] == [None, 1_101, 1_201]
    assert lanes == (Lane(50, 1_300.0),)


def test_a_higher_one_takes_the_next_turn_and_the_lower_ones_move_on() -> None:
    priorities = [10, 10, 10, 90, 90, 50]
    lanes, promises = taken(priorities)
    assert [number for _at, number in order_of(priorities, lanes, promises)] == [0, 3, 4, 5, 1, 2]
    assert [promises[n].at for n in (3, 4, 5)] == [1_101, 1_201, 1_301]


def test_the_next_turn_is_one_of_those_that_were_promised() -> None:
    lanes, _promises = taken([10, 10, 10])
    _lanes, promise = take(lanes, 90, 1_150, GAP)
    assert promise.at == 1_201, "not between two"


def test_a_channel_that_nobody_waits_for_is_free_at_once() -> None:
    lanes, _promises = taken([10, 90])
    assert take(lanes, 10, 1_200, GAP)[1].at is None
    assert settle(Pace(lanes={"sms": lanes}), 1_199).lanes == {"sms": tuple(lane for lane in lanes if lane.free > 1_199)}
    assert settle(Pace(lanes={"sms": lanes}), 5_000).lanes == {}


def test_promises_of_an_earlier_program_are_kept() -> None:
    pace = Pace(free={"sms": 1_450.0})
    lanes = lanes_of(pace, "sms", 1_000)
    assert lanes == (Lane(EARLIER, 1_450.0),)
    pace.lanes["sms"], promise = take(lanes, 90, 1_000, GAP)
    assert promise.at == 1_451
    assert lanes_of(pace, "sms", 1_000) == pace.lanes["sms"]
    assert lanes_of(pace, "sms", 1_500) == pace.lanes["sms"]


@given(st.lists(st.sampled_from([0, 10, 50, 51, 90, 100]), min_size=1, max_size=40))
def test_by_priority_then_in_order_and_never_two_at_once(priorities: list[int]) -> None:
    """All at one instant: the first is on its way at once, the rest leave one every gap, sorted."""
    lanes, promises = taken(priorities)
    leaving = order_of(priorities, lanes, promises)
    assert [at for at, _number in leaving] == [1_000, *(1_001 + 100 * n for n in range(1, len(priorities)))]
    rest = [number for _at, number in leaving[1:]]
    assert rest == sorted(rest, key=lambda number: (-priorities[number], number))


@given(st.lists(st.tuples(st.sampled_from([0, 50, 90]), st.integers(0, 250)), min_size=1, max_size=40))
def test_the_rate_is_kept_whenever_they_come(story: list[tuple[int, int]]) -> None:
    """Who has left stays where they were; what is still promised moves on only behind a higher one."""
    lanes: Lanes = ()
    now = 1_000
    waiting: list[tuple[int, Promise]] = []
    left: list[int] = []

    def leave(until: int) -> None:
        for priority, promise in list(waiting):
            assert promise.at is not None
            at = promise.at + round(moved_since(lanes, priority, promise.at, promise.moved))
            if at <= until:
                left.append(at)
                waiting.remove((priority, promise))

    for priority, wait in story:
        now += wait
        leave(now)
        lanes, promise = take(lanes, priority, now, GAP)
        if promise.at is None:
            left.append(now)
        else:
            waiting.append((priority, promise))
    leave(10**9)
    assert len(left) == len(story)
    left.sort()
    assert all(later - sooner >= GAP - 1 for sooner, later in itertools.pairwise(left)), left
