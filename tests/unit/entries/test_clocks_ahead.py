"""An event whose sender's clock is a little ahead of ours: what was applied counts, itself too."""

import pytest

from tests.one_journey import PROFILE, play

JOURNEY = """journey: try_it
class: service
entry: {event: Ping, when: "WHEN"}
steps: [{id: s, send: hello, channels: [email]}]
"""
COMPUTED = PROFILE + "computed:\n  pings: {count: Ping, within: 2h}\n"


@pytest.mark.parametrize(
    "when", ["count_of('Ping', within='2h') == 1", "seen('Ping', within='2h', where='event.n == 3')", "customer.pings == 1"]
)
def test_the_event_at_hand_counts(when: str) -> None:
    test = "when: [{at: 0h, event: Ping, timestamp: 2s, with: {n: 3}}]\nthen: {sends: [{at: 0h}]}"
    assert play(JOURNEY.replace("WHEN", when), test, profile=COMPUTED) == []


@pytest.mark.parametrize(("at", "counted"), [("2h1s", 2), ("2h2s", 1)])
def test_it_leaves_the_window_by_its_own_time(at: str, counted: int) -> None:
    when = f"count_of('Ping', within='2h') == {counted} and customer.pings == {counted} and event.n == 2"
    test = f"when: [{{at: 0h, event: Ping, timestamp: 2s, with: {{n: 1}}}}, {{at: {at}, event: Ping, with: {{n: 2}}}}]\nthen: {{sends: [{{at: {at}}}], skips: [{{at: 0h, reason: entry_filter}}]}}"
    assert play(JOURNEY.replace("WHEN", when), test, profile=COMPUTED) == []
