"""Events of a test, those of the past as well, are ones that a source declares."""

import pytest

from tests.one_journey import CONCIERGE, play
from tests.unit.journey_tests.test_expectations import said

HISTORY = "given: {history: [{%s}]}, when: [], then: {}"
WHEN = "when: [{%s}], then: {}"


@pytest.mark.parametrize(
    ("item", "code"),
    [
        ("at: -1d, event: Pingg", "E010"),
        ("at: -1d, event: Ping, with: {n: many}", "Y004"),
        ("at: -1d, event: Ping, with: {m: 1}", "E004"),
        ("at: 1d, event: Ping", "T003"),
        ("at: -1d, event: Basket Changed, with: {basket: b1, ready_at: soon}", "Y015"),
        ("at: -1d, event: Message Sent, with: {stepp: tell}", "E004"),
    ],
)
def test_what_cannot_have_been(item: str, code: str) -> None:
    assert said(HISTORY % item) == [code]
    assert said("when: [], then: {}", f"given: {{history: [{{{item}}}]}}") == [code]


@pytest.mark.parametrize(
    ("item", "code"),
    [
        ("at: 0h, event: Ping, with: {zzz: 1}", "E004"),
        ("at: 0h, event: Ping, with: {n: many}", "Y004"),
        ("at: 0h, event: Basket Changed, with: {basket: [b1]}", "Y004"),
        ("at: 0h, event: Basket Changed, with: {basket: b1, toatl: 3}", "E004"),
    ],
)
def test_what_cannot_happen(item: str, code: str) -> None:
    assert said(WHEN % item) == [code]


@pytest.mark.parametrize(
    "text",
    [
        HISTORY % "at: -1d, event: Message Sent, with: {step: tell}", HISTORY % "at: -1d, event: Ping, with: {n: '3'}", HISTORY % "at: 0h, event: Ping",
        HISTORY % "at: -1d, event: Basket Changed, with: {ready_at: \"{{ at('1d') }}\"}", WHEN % "at: 0h, event: Ping, with: {n: null}",
        WHEN % "at: 0h, event: Basket Changed, with: {basket: 7, ready_at: \"{{ at('1d') }}\", x_note: seen}", WHEN % "at: 0h, event: start, type: page, with: {m: 1}",
    ],
)  # fmt: skip
def test_what_is_right_raises_nothing(text: str) -> None:
    assert said(text) == []


def test_a_source_that_is_not_strict_may_say_more() -> None:
    journey = "journey: try_it\nclass: service\nentry: {event: Ping}\nsteps:\n  - {id: tell, send: hello, channels: [email]}\n"
    test = "when: [{at: 0h, event: Ping, with: {m: 1}}]\nthen: {sends: [{values: {entry.m: 1}}]}"
    assert play(journey, test, concierge=CONCIERGE + "events: {strict: false}\n") == []


SUM = """journey: try_it
class: service
entry: {event: Ping, when: "last_of('Basket Changed', where='event.ready_at > now').total == 7"}
steps:
  - {id: tell, send: hello, channels: [email]}
"""


def test_the_past_is_read_as_what_happens_is() -> None:
    """A number in text is a number, an instant from the start an instant."""
    given = "given: {history: [{at: -1d, event: Basket Changed, with: {total: '7', ready_at: \"{{ at('2d') }}\"}}]}\n"
    assert (
        play(
            SUM,
            given
            + "when: [{at: 0h, event: Ping}, {at: 3d, event: Ping}]\nthen: {sends: [{at: 0h}], skips: [{at: 3d, reason: entry_filter}]}",
        )
        == []
    )
