"""What a channel's rate spreads leaves by priority, then in order, across people; what is urgent passes a backlog."""

from tests.one_journey import POLICIES, play

RATE = POLICIES + "limits: {channels: {email: {rate: 1/s}}}\n"
SEND = "steps: [{id: s, send: hello, channels: [email]}]\n"


def journey(name: str, priority: int, at: str = "11:00") -> str:
    return f"journey: {name}\nclass: service\npriority: {priority}\nentry: {{schedule: {{once: 2026-03-02T{at}}}}}\n" + SEND


def test_at_one_instant_across_people() -> None:
    test = """journeys: [try_it, hi]
given: {population: 2}
when: [{at: 0h, customer: p1, event: Pong}]
then: {sends: [{at: 1h, journey: hi}, {at: 1h1s, journey: hi}, {at: 1h2s, journey: try_it}, {at: 1h3s, journey: try_it}]}"""
    assert play(journey("try_it", 10), test, policies=RATE, also_hi=journey("hi", 90)) == []


def test_what_comes_later_and_is_urgent_passes_the_backlog() -> None:
    """Ten at 1/s from 11:00 on; at 11:00:00 and some another journey of higher priority begins for all: it does not wait for the tenth."""
    test = """journeys: [try_it, hi]
given: {population: 10}
until: 2026-03-02T12:00:00Z
when: [{at: 0h, customer: p1, event: Pong}, {at: 62m, customer: p1, event: Ping}]
then: {counts: {sends: 20}}"""
    slow = RATE.replace("1/s", "6/m")
    assert play(journey("try_it", 10), test, policies=slow, also_hi=journey("hi", 90, "11:01")) == []
    first = test.replace("then: {counts: {sends: 20}}", "then: {first: [" + ", ".join(
        f"{{at: {3600 + 10 * n}s, journey: {'try_it' if n <= 6 else 'hi'}}}" for n in range(10)) + "]}")  # fmt: skip
    assert play(journey("try_it", 10), first, policies=slow, also_hi=journey("hi", 90, "11:01")) == []


def test_of_one_priority_by_due_instant() -> None:
    test = """journeys: [try_it, hi]
given: {population: 2}
when: [{at: 0h, customer: p1, event: Pong}]
then: {sends: [{at: 1h, journey: try_it}, {at: 1h10s, journey: try_it}, {at: 1h1m, journey: hi}, {at: 1h1m10s, journey: hi}]}"""
    assert play(journey("try_it", 50), test, policies=RATE.replace("1/s", "6/m"), also_hi=journey("hi", 50, "11:01")) == []
