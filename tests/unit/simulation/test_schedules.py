"""Schedules in a simulation: everybody who is there enters at the time, and not for what was before it began."""

from orchestrator.contracts.message import OutboundMessage
from orchestrator.engine.batch import Outcome
from orchestrator.simulation.stage import Stage
from tests.one_journey import workspace
from tests.worlds import HOUR, T0, Engine

JOURNEY = """journey: try_it
class: service
entry: {schedule: {rrule: "FREQ=DAILY", at: "09:00"}}
steps: [{id: mail, send: hello, channels: [email]}]
"""


class Witness:
    def __init__(self) -> None:
        self.seen: list[tuple[int, str]] = []

    def applied(self, at: int, outcome: Outcome) -> None:
        pass

    def sent(self, at: int, message: OutboundMessage, outcome: Outcome) -> None:
        self.seen.append((at, message.customer))


def test_everybody_who_is_there_enters_at_the_time() -> None:
    space = workspace({"try_it": JOURNEY})
    made, witness = Engine(space), Witness()
    outcome = made.apply([made.identify(f"c{n}", T0 - 48 * HOUR, email=f"c{n}@example.com") for n in range(3)])
    stage = Stage(space, witness)
    stage.settle_in(outcome.profiles, T0)
    stage.play([], T0 + 40 * HOUR)
    assert sorted({customer for _at, customer in witness.seen}) == ["c0", "c1", "c2"]
    assert len(witness.seen) == 3
    assert all(0 <= at - (T0 + 23 * HOUR) < 1_000 for at, _customer in witness.seen)
