"""A goal that was reached in time counts though it comes in late, after newer events; not for ever."""

import pytest

from tests.one_journey import play

JOURNEY = "journey: try_it\nclass: service\nentry: {event: Ping}\ngoal: {event: Pong, within: 2h}\nsteps: [{id: s, send: hello, channels: [email]}]\n"


@pytest.mark.parametrize(("at", "timestamp", "goals"), [("6h", "1h", 1), ("26h", "2h", 1), ("27h", "1h", 0), ("6h", "3h", 0)])
def test_an_event_of_before_that_comes_in_behind_a_newer_one(at: str, timestamp: str, goals: int) -> None:
    test = (
        "when:\n  - {at: 0h, event: Ping}\n  - {at: 3h, event: Order Placed}\n"
        f"  - {{at: {at}, event: Pong, timestamp: {timestamp}}}\nthen: {{sends: [{{at: 0h}}], counts: {{goals: {goals}}}}}"
    )
    assert play(JOURNEY, test) == []
