"""Properties that are declared as instants are instants wherever an event is read: spelling makes no difference, and texts beside them are read."""

import pytest

from tests.one_journey import play

HEAD = "journey: try_it\nclass: service\n"
SEND = "steps:\n  - {id: s, send: hello, channels: [email]}\n"
SENDS, NOT = "then: {sends: [{at: 0h}]}", "then: {skips: [{at: 0h, reason: entry_filter}]}"


def changed(at: str, ready_at: str) -> str:
    return f"{{at: {at}, event: Basket Changed, with: {{basket: b, ready_at: {ready_at}}}}}"


@pytest.mark.parametrize("other", ['"2026-03-05T10:00:00+01:00"', '"2026-03-05T09:00:00.000Z"', "1772701200", "1772701200000"])
def test_one_key_for_one_instant(other: str) -> None:
    test = f"when: [{changed('0h', '2026-03-05T09:00:00Z')}, {changed('1h', other)}]\nthen: {{sends: [{{at: 0h, key: '2026-03-05T09:00:00Z'}}], skips: [{{at: 1h, reason: already_running}}]}}"
    assert play(HEAD + "entry: {event: Basket Changed, key: event.ready_at}\n" + SEND + "  - {id: d, delay: 1d}\n", test) == []


@pytest.mark.parametrize(
    ("when", "enters"),
    [
        ("event.ready_at >= '2026-03-05'", False),  # 00:00 in New York is 05:00 UTC
        ("event.ready_at < '2026-03-05'", True),
        ("event.ready_at == '2026-03-04T21:00:00-05:00'", True),
        ("event.ready_at == '2026-03-04T21:00'", True),
        ("event.envelope.timestamp < event.ready_at", True),
        ("event.ready_at - now > duration('2d')", True),
        ("count_of('Basket Changed', within='1d', where='event.ready_at == entry.ready_at') == 1", True),
        ("last_of('Basket Changed').ready_at < '2026-03-05'", True),
    ],
)
def test_texts_beside_it_are_read_in_the_customers_time(when: str, enters: bool) -> None:
    test = (
        f"given: {{customer: {{timezone: America/New_York}}}}\nwhen: [{changed('0h', '2026-03-05T02:00:00Z')}]\n{SENDS if enters else NOT}"
    )
    assert play(HEAD + f'entry: {{event: Basket Changed, when: "{when}"}}\n' + SEND, test) == []


def test_a_local_one_is_the_customers() -> None:
    test = (
        f"given: {{customer: {{timezone: America/New_York}}}}\nwhen: [{changed('0h', '2026-03-02T09:30')}]\nthen: {{sends: [{{at: 270m}}]}}"
    )
    assert (
        play(
            HEAD
            + "entry: {event: Basket Changed}\nsteps: [{id: d, delay: {until: entry.ready_at}}, {id: s, send: hello, channels: [email]}]\n",
            test,
        )
        == []
    )


@pytest.mark.parametrize("wanted", ["match: event.ready_at == entry.ready_at", "same: ready_at"])
def test_a_wait_compares_instants(wanted: str) -> None:
    journey = (
        HEAD
        + f"entry: {{event: Basket Changed}}\nsteps:\n  - {{id: w, wait_until: {{event: Basket Changed, {wanted}, timeout: 1d}}, on_timeout: exit}}\n  - {{id: s, send: hello, channels: [email]}}\n"
    )
    when = f"when: [{changed('0h', '2026-03-05T09:00:00Z')}, {changed('1h', '2026-03-05T10:00:00Z')}, {changed('2h', '2026-03-05T11:00:00+02:00')}]\n"
    assert (
        play(journey, when + "then: {sends: [{at: 2h}], skips: [{at: 1h, reason: already_running}, {at: 2h, reason: already_running}]}")
        == []
    )


@pytest.mark.parametrize(
    "where",
    [
        "event.envelope.timestamp < now",
        "event.type == 'track'",
        "event.envelope.event == 'Pong'",
        "event.received_at < now",
        "event.properties.n == 3",
    ],
)
def test_a_past_event_has_its_envelope(where: str) -> None:
    test = "when: [{at: 0h, event: Pong, with: {n: 3}}, {at: 1h, event: Ping}]\nthen: {sends: [{at: 1h}]}"
    assert (
        play(
            HEAD
            + f"entry: {{event: Ping, when: \"count_of('Pong', within='1d', where='{where.replace(chr(39), chr(92) + chr(92) + chr(39))}') == 1\"}}\n"
            + SEND,
            test,
        )
        == []
    )


def test_of_the_last_one_too() -> None:
    when = "last_of('Pong').type == 'track' and last_of('Pong').envelope.timestamp < now"
    test = "when: [{at: 0h, event: Pong}, {at: 1h, event: Ping}]\nthen: {sends: [{at: 1h}]}"
    assert play(HEAD + f'entry: {{event: Ping, when: "{when}"}}\n' + SEND, test) == []
