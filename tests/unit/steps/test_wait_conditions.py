"""`wait_until: {when: …}` at one instant with other things: the timeout, and what is taken back again."""

import pytest

from tests.one_journey import play

JOURNEY = """journey: try_it
class: service
entry: {event: Ping}
steps:
  - id: wait
    wait_until: {when: WHEN, timeout: 1h}
    on_event: [{id: came, send: hello, channels: [email]}, {exit: true}]
    on_timeout: [{id: over, send: hello, channels: [sms]}]
"""
SCORE = "{{at: {at}, identify: customer, with: {{score: {score}}}}}"


@pytest.mark.parametrize(
    ("when", "inputs", "sent"),
    [
        ("customer.score > 5", [("1h", 9)], "{at: 1h, step: came}"),  # the event wins over the timeout of its instant
        ("customer.score > 5", [("1h1s", 9)], "{at: 1h, step: over}"),
        ("customer.score > 5", [("30m", 9), ("30m", 1)], "{at: 30m, step: came}"),  # it has been true between the two
        ("not seen('Ping', within='1h')", [], "{at: 1h, step: came}"),  # by time alone
    ],
)
def test_what_comes_true_at_an_instant_wins(when: str, inputs: list[tuple[str, int]], sent: str) -> None:
    items = ", ".join(["{at: 0h, event: Ping}", *(SCORE.format(at=at, score=score) for at, score in inputs)])
    assert play(JOURNEY.replace("WHEN", f'"{when}"'), f"when: [{items}]\nthen: {{sends: [{sent}]}}") == []
