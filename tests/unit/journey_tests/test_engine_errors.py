"""A test in which the engine itself breaks fails, and says so, whatever it expects."""

import pytest

from orchestrator.engine import instant
from orchestrator.engine.timers import wake_runs
from orchestrator.engine.turn import Turn
from tests.one_journey import play

START, HOUR = 1_772_445_600_000, 3_600_000
REST = """journey: try_it
class: service
entry: {event: Ping}
steps:
  - {id: rest, delay: 1h}
  - {id: tell, send: hello, channels: [email]}
"""
NOTHING = "when: [{at: 0h, event: Ping}]\nthen: {sends: [{at: 2h}]}"


def break_at(monkeypatch: pytest.MonkeyPatch, after: int) -> None:
    """From now on the engine breaks at this instant after the start."""
    as_before = wake_runs

    def broken(turn: Turn) -> None:
        if turn.now == START + after:
            raise LookupError("a defect")
        as_before(turn)

    monkeypatch.setattr(instant, "wake_runs", broken)


def test_what_time_brings_about(monkeypatch: pytest.MonkeyPatch) -> None:
    """The customer is left alone for an hour, so that all else is as it is expected here."""
    break_at(monkeypatch, HOUR)
    assert play(REST, NOTHING) == ["the engine broke: LookupError, at 1h; this is a defect of the program"]


def test_an_input(monkeypatch: pytest.MonkeyPatch) -> None:
    break_at(monkeypatch, 30 * 60_000)
    found = play(REST, "when: [{at: 0h, event: Ping}, {at: 30m, event: Pong}]\nthen: {sends: [{at: 1h}]}")
    assert found[-1] == "the engine broke: LookupError, at 30m; this is a defect of the program"


def test_in_a_made_up_timeline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(instant, "wake_runs", _broken)
    exploring = "properties: [{property: many, at_most: 99, of: {}, per: 1h}]\nexplore: {timelines: 3, seed: 1, span: 5d}\n"
    found = play(REST, "when: []\nthen: {sends: []}", beside=exploring)
    assert found[0].startswith("the engine broke: LookupError, at ")
    assert found[1].startswith("shortest timeline")


def _broken(turn: Turn) -> None:
    raise LookupError("a defect")
