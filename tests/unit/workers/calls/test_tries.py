"""When a call is over, and when it is tried again."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.workers.calls.receiver import call
from workers.calls.exchange import Answered, Barred, Exchanged, TimedOut, Unreachable
from workers.calls.tries import LONGEST, Again, End, gap, verdict

CALL = call("https://api.example.com", retries=3)


def after(exchanged: Exchanged, attempt: int = 1) -> End | Again:
    return verdict(CALL, exchanged, attempt, 0, lambda: 0.0)


@pytest.mark.parametrize(
    ("exchanged", "why"),
    [
        (Answered(200, {}, b'{"a":1}'), ""), (Answered(204, {}, b""), ""), (Answered(299, {}, b""), ""), (Answered(200, {}, b"<html>"), "not_json"), (Answered(200, {}, None), "not_json"),
        (Answered(200, {}, None, too_large=True), "too_large"), (Answered(301, {}, b""), "redirect"), (Answered(304, {}, b""), "redirect"), (Answered(400, {}, b""), "status"),
        (Answered(404, {}, b"{}"), "status"), (Answered(200, {}, b"{} {}"), "not_json"), (Answered(200, {}, b"\xff"), "not_json"), (Answered(200, {}, b"[" * 60_000), "not_json"), (Barred(""), "address_refused"),
    ],
)  # fmt: skip
def test_final_at_once(exchanged: Exchanged, why: str) -> None:
    found = after(exchanged)
    assert isinstance(found, End)
    assert found.why == why


@pytest.mark.parametrize(
    ("exchanged", "why"),
    [(TimedOut(), "timeout"), (Unreachable(""), "unreachable"), (Answered(429, {}, b""), "status"), (Answered(500, {}, b""), "status"), (Answered(503, {}, b"x"), "status")],
)  # fmt: skip
def test_tried_again_as_often_as_the_step_says(exchanged: Exchanged, why: str) -> None:
    assert [isinstance(after(exchanged, attempt), Again) for attempt in (1, 2, 3, 4)] == [True, True, True, False]
    end = after(exchanged, 4)
    assert isinstance(end, End)
    assert end.why == why


def test_a_failure_that_speaks_json_is_heard() -> None:
    found = after(Answered(422, {"x": "y"}, b'{"error":"no"}'))
    assert isinstance(found, End)
    assert (found.status, dict(found.headers), found.body is not None and bytes(found.body)) == (422, {"x": "y"}, b'{"error":"no"}')


def test_gaps_grow_from_a_second_to_five_minutes() -> None:
    gaps = [gap(attempt, None, lambda: 0.0) for attempt in range(1, 9)]
    assert gaps[0] == 1000
    assert 280_000 < gaps[-1] <= LONGEST
    assert [again.wait for again in [after(TimedOut(), 1)] if isinstance(again, Again)] == [1000]


@given(st.integers(1, 8), st.randoms(use_true_random=False))
def test_chance_never_turns_the_order_of_gaps(attempt: int, chance: random.Random) -> None:
    assert 1000 <= gap(attempt, None, chance.random) <= gap(attempt + 1, None, chance.random) <= LONGEST


def test_what_the_receiver_asks_for_is_respected_within_bounds() -> None:
    for header, wait in (("7", 7000), ("0", 1000), ("100000", LONGEST), ("nonsense", 1000), ("Thu, 01 Jan 1970 00:00:09 GMT", 9000)):
        found = after(Answered(429, {"retry-after": header}, b""))
        assert found == Again(wait), header


def test_more_tries_than_the_language_knows_are_cut() -> None:
    many = call("https://api.example.com", retries=1_000)
    assert isinstance(verdict(many, TimedOut(), 8, 0, lambda: 0.0), Again)
    assert isinstance(verdict(many, TimedOut(), 9, 0, lambda: 0.0), End)
