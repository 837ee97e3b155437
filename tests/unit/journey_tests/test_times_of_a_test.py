"""When things happen in a test: in order, after its start, and not after its end."""

import pytest

from tests.one_journey import play
from tests.unit.journey_tests.test_expectations import said

SEND = """journey: try_it
class: service
entry: {event: Ping}
steps:
  - {id: tell, send: hello, channels: [email]}
"""
START = "start: 2026-03-02T10:00:00Z, until: 2026-03-02T10:30:00Z, "


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        (START + "when: [{at: 30m, event: Ping}]", []),
        (START + "when: [{at: 31m, event: Ping}]", ["T003"]),
        (START + "when: [{at: 0h, event: Ping, repeat: 4, every: 10m}]", []),
        (START + "when: [{at: 0h, event: Ping, repeat: 5, every: 10m}]", ["T003"]),
        (START + "when: [{at: 2h, event: Ping}, {at: 1h, event: Ping}]", ["T003", "T003"]),
        ("until: 2026-01-14T11:00:00Z, when: [{at: 61m, event: Ping}]", ["T003"]),
        ("when: [{at: 400d, event: Ping}]", []),
        ("when: [{at: 0h, event: Ping, repeat: 402, every: 1d}]", ["T003"]),
        ("start: 2026-03-02T10:00:00Z, until: 2026-03-02T09:00:00Z, when: [{at: 0h, event: Ping}]", ["T003"]),
        ("until: 2026-01-14T09:00:00Z, when: []", ["T003"]),
        ("start: soon, when: []", ["Y015"]),
        ("until: 2026-02-30T09:00:00Z, when: []", ["Y015"]),
        ("when: [{local: tomorrow, event: Ping}]", ["Y015"]),
        ("when: [{at: -1h, event: Ping}]", ["T003"]),
    ],
)
def test_what_lint_says_of_times(text: str, codes: list[str]) -> None:
    assert said(f"{text}, then: {{sends: []}}") == codes


def test_the_end_of_the_file_is_that_of_its_tests() -> None:
    assert said("when: [{at: 2h, event: Ping}], then: {sends: []}", "until: 2026-01-14T11:00:00Z") == ["T003"]
    assert said("start: 2026-03-02T10:00:00Z, when: [{at: 0h, event: Ping}], then: {sends: []}", "until: 2026-01-14T11:00:00Z") == ["T003"]
    assert said("when: [], then: {sends: []}", "start: soon") == ["Y015"]


def test_nothing_happens_after_the_end() -> None:
    late = "until: 2026-03-02T10:30:00Z\nwhen: [{local: 2026-03-02T12:00, event: Ping}]\nthen: {sends: [{}]}"
    assert play(SEND, late) == ["the test cannot be run: an item of `when` 1h30m after the end of the test; name a later `until`"]
    rest = SEND.replace("steps:\n", "steps:\n  - {id: rest, delay: 31m}\n")
    assert play(rest, "until: 2026-03-02T10:30:00Z\nwhen: [{at: 0h, event: Ping}]\nthen: {sends: []}") == []
