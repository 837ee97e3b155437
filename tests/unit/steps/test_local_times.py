"""`time_window`, and `delay` and `digest` until a local time: the customer's clock, its gaps and its repeated hours, and moves."""

import pytest

from tests.one_journey import errors, play

JOURNEY = """journey: try_it
class: service
entry: {event: Basket Changed, key: event.basket}
steps:
  - {id: rest, STEP}
  - {id: mail, send: hello, channels: [email]}
"""
ENTER = "{at: 0h, event: Basket Changed, with: {basket: b1, ready_at: 2026-03-20T15:30:00Z}}"


def sent(step: str, start: str, local: str, zone: str = "Europe/Berlin", when: str = ENTER) -> list[str]:
    test = f"start: {start}\ngiven: {{customer: {{timezone: {zone}}}}}\nwhen: [{when}]\nthen: {{sends: [{{local: {local}}}]}}"
    return play(JOURNEY.replace("STEP", step), test)


WINDOWS = [
    # inside: at once; the first instant is inside, the last is not
    ('time_window: {from: "09:00", to: "17:30"}', "2026-03-02T08:00:00Z", "2026-03-02T09:00"),
    ('time_window: {from: "09:00", to: "17:30"}', "2026-03-02T16:29:59Z", "2026-03-02T17:29:59"),
    ('time_window: {from: "09:00", to: "17:30"}', "2026-03-02T16:30:00Z", "2026-03-03T09:00"),
    ('time_window: {from: "09:00", to: "17:30", days: weekdays}', "2026-03-06T17:00:00Z", "2026-03-09T09:00"),
    ('time_window: {from: "09:00", to: "17:30", days: weekdays, except: [2026-03-09, 2026-03-10]}', "2026-03-06T17:00:00Z", "2026-03-11T09:00"),
    ('time_window: {from: "22:00", to: "06:00", days: [fri]}', "2026-03-07T04:00:00Z", "2026-03-07T05:00"),  # Friday's, on Saturday morning
    ('time_window: {from: "09:00", to: "09:00", days: [mon]}', "2026-03-03T07:59:59Z", "2026-03-03T08:59:59"),  # Monday's lasts until Tuesday
    ('time_window: {from: "09:00", to: "09:00", days: [mon]}', "2026-03-03T08:00:00Z", "2026-03-09T09:00"),
    ('time_window: {from: "00:00", to: "00:00", except: [2026-03-09]}', "2026-03-09T08:00:00Z", "2026-03-10T00:00"),
    ('time_window: {from: "22:00", to: "06:00", days: [fri]}', "2026-03-07T05:00:00Z", "2026-03-13T22:00"),
    # clocks forward on 29 March: 02:15 is not there; back on 25 October: the second 02:15 opens a window in which we may
    ('time_window: {from: "02:15", to: "05:00"}', "2026-03-28T20:00:00Z", "2026-03-29T03:00"),
    ('time_window: {from: "02:15", to: "05:00", timezone: Europe/Berlin}', "2026-10-24T20:00:00Z", "2026-10-25T02:15:00"),
    ('time_window: {from: "09:00", to: "10:00", timezone: workspace}', "2026-03-02T00:00:00Z", "2026-03-02T10:00"),
]  # fmt: skip


@pytest.mark.parametrize(("step", "start", "local"), WINDOWS, ids=[f"{w[0][13:60]} {w[1]}" for w in WINDOWS])
def test_a_window_lets_pass_inside_and_waits_for_its_opening(step: str, start: str, local: str) -> None:
    assert sent(step, start, local) == []


def test_where_clocks_go_back_a_window_opens_with_the_second_reading() -> None:
    test = f"start: 2026-10-24T20:00:00Z\ngiven: {{customer: {{timezone: Europe/Berlin}}}}\nwhen: [{ENTER}]\nthen: {{sends: [{{instant: 2026-10-25T01:15:00Z}}]}}"
    assert play(JOURNEY.replace("STEP", 'time_window: {from: "02:15", to: "05:00"}'), test) == []


def test_a_window_that_never_opens_is_missing_data() -> None:
    days = "[" + ", ".join(f"2026-{month:02}-{day:02}" for month, day in ((3, 7), (3, 8))) + "]"
    once = JOURNEY.replace("STEP", f'time_window: {{from: "09:00", to: "10:00", days: weekend, except: {days}}}')
    assert play(once, f"when: [{ENTER}]\nthen: {{sends: [{{local: 2026-03-14T09:00}}]}}") == []


DELAYS = [
    ('delay: {at: "18:00"}', "2026-03-02T10:00:00Z", "2026-03-02T18:00"),
    ('delay: {at: "18:00"}', "2026-03-02T17:00:00Z", "2026-03-02T18:00"),  # exactly now: at once
    ('delay: {at: "18:00"}', "2026-03-02T17:00:01Z", "2026-03-03T18:00"),
    ('delay: {for: 2d, at: "17:30"}', "2026-03-02T10:00:00Z", "2026-03-04T17:30"),
    ('delay: {for: 2d, at: "10:00"}', "2026-03-02T10:00:00Z", "2026-03-05T10:00"),  # 11:00 local is past it
    ('delay: {at: "09:00", days: [mon]}', "2026-03-02T10:00:00Z", "2026-03-09T09:00"),
    ('delay: {for: 1d, at: "02:30"}', "2026-03-27T20:00:00Z", "2026-03-29T03:00"),  # the night without 02:30
    ('delay: {at: "09:00", timezone: workspace}', "2026-03-02T10:00:00Z", "2026-03-03T10:00"),
    ('delay: {until: entry.ready_at, offset: -1d, at: "18:00"}', "2026-03-02T10:00:00Z", "2026-03-19T18:00"),
    ('delay: {until: entry.ready_at, at: "09:00"}', "2026-03-02T10:00:00Z", "2026-03-20T09:00"),
    ('delay: {until: entry.ready_at, offset: 1d, at: "09:00", days: [mon]}', "2026-03-02T10:00:00Z", "2026-03-23T09:00"),
    ("delay: {until: entry.ready_at, offset: -1d}", "2026-03-02T10:00:00Z", "2026-03-19T16:30"),
]  # fmt: skip


@pytest.mark.parametrize(("step", "start", "local"), DELAYS, ids=[f"{w[0][7:]} {w[1]}" for w in DELAYS])
def test_a_delay_until_a_local_time(step: str, start: str, local: str) -> None:
    assert sent(step, start, local) == []


def test_a_day_is_a_day_and_twenty_four_hours_are_not() -> None:
    """Over the night that clocks go forward `1d` ends an hour later by the clock; `at` does not."""
    assert sent("delay: 1d", "2026-03-28T11:00:00Z", "2026-03-29T13:00") == []
    assert sent('delay: {for: 20h, at: "12:00"}', "2026-03-28T11:00:00Z", "2026-03-29T12:00") == []


def test_who_moves_while_waiting_waits_for_the_time_there_and_never_into_the_past() -> None:
    east = ENTER + ", {at: 1h, identify: customer, with: {timezone: Asia/Tokyo}}"
    test = "start: 2026-03-02T10:00:00Z\ngiven: {customer: {timezone: Europe/Berlin}}\nwhen: [" + east + "]\n"
    # 18:00 in Tokyo was at 09:00Z, before the run began: the next is the day after
    assert play(JOURNEY.replace("STEP", 'delay: {at: "18:00"}'), test + "then: {sends: [{instant: 2026-03-03T09:00:00Z}]}") == []
    # 20:30 there is at 11:30Z, half an hour after the move
    assert play(JOURNEY.replace("STEP", 'delay: {at: "20:30"}'), test + "then: {sends: [{instant: 2026-03-02T11:30:00Z}]}") == []
    # 19:30 there was at 10:30Z, after the run began and before the move: now
    assert play(JOURNEY.replace("STEP", 'delay: {at: "19:30"}'), test + "then: {sends: [{instant: 2026-03-02T11:00:00Z}]}") == []
    # a window: judged by the clock there from now on
    assert (
        play(
            JOURNEY.replace("STEP", 'time_window: {from: "19:30", to: "19:45"}'), test + "then: {sends: [{instant: 2026-03-03T10:30:00Z}]}"
        )
        == []
    )
    # other clocks are not the customer's
    assert (
        play(
            JOURNEY.replace("STEP", 'delay: {at: "18:00", timezone: workspace}'), test + "then: {sends: [{instant: 2026-03-02T18:00:00Z}]}"
        )
        == []
    )


def test_a_digest_closes_at_the_customers_time() -> None:
    step = 'digest: {at: "17:00", days: weekdays, key: "\'all\'"}'
    when = ENTER + ", {at: 2h, event: Basket Changed, with: {basket: b2}}"
    assert sent(step, "2026-03-06T17:00:00Z", "2026-03-09T17:00", when=when) == []


def test_what_lint_says_of_local_times() -> None:
    def codes(step: str) -> list[tuple[str, str]]:
        return [(f.code, f.what) for f in errors(JOURNEY.replace("STEP", step))]

    assert codes('time_window: {from: 09:00, to: "17:30", days: [mon, thu], except: 2026-12-25, timezone: workspace}') == []
    assert codes('time_window: {from: "9:00", to: "17:30"}') == [("Y015", "`9:00` is not a time")]
    assert codes('time_window: {from: "09:00", to: "24:00"}') == [("Y015", "`24:00` is not a time")]
    assert codes('time_window: {from: "09:00", to: "09:00"}') == [("Y005", "`to` equals `from`")]
    assert codes('time_window: {from: "09:00", to: "09:00", days: [mon, tue, wed, thu, fri, sat, sun]}') == [("Y005", "`to` equals `from`")]
    assert codes('time_window: {from: "09:00", to: "09:00", days: weekdays}') == []
    assert codes('time_window: {from: "09:00", to: "09:00", except: 2026-12-25}') == []
    assert codes('time_window: {from: "09:00"}')[0][0] == "Y012"
    assert codes('time_window: {from: "09:00", to: "17:30", days: [monday]}') == [("Y015", "`monday` is not a day")]
    assert codes('time_window: {from: "09:00", to: "17:30", days: []}') == [("Y015", "no days")]
    assert codes('time_window: {from: "09:00", to: "17:30", except: [2026-02-30]}') == [("Y015", "`2026-02-30` is not a date")]
    assert codes('time_window: {from: "09:00", to: "17:30", timezone: Europe/Lodnon}') == [("Y013", "unknown zone 'Europe/Lodnon'")]
    assert codes("delay: {days: [mon]}") == [("J030", "`days` without `at`")]
    assert codes("delay: {for: 2d, days: [mon]}") == [("J030", "`days` without `at`")]
    assert codes("delay: {for: 2d, timezone: workspace}") == [("J030", "`timezone` without `at`")]
    assert codes("delay: {}") == [("J030", "a delay without an end")]
    assert codes('digest: {window: 1h, at: "17:00"}') == [("Y004", "`window` and `at` together")]


@pytest.mark.parametrize(
    ("until", "got", "fix"),
    [
        ("duration('2h')", "a duration", "now + duration('2h')"), ("days_since(entry.ready_at)", "a number", "entry.visit_at"),
        ("entry.total > 5", "a boolean", "entry.visit_at"), ("'soon'", "a text", "entry.visit_at"), ("[now]", "a list", "entry.visit_at"),
    ],
)  # fmt: skip
def test_until_what_is_no_instant_is_refused(until: str, got: str, fix: str) -> None:
    (found,) = errors(JOURNEY.replace("STEP", f'delay: {{until: "{until}"}}'))
    assert (found.code, found.line, found.column, found.what) == ("Y004", 5, 31, f"wanted an instant, got {got}")
    assert fix in found.fix


@pytest.mark.parametrize("until", ["now + duration('2h')", "entry.ready_at", "entry.total", "'2027-01-01'", "entry.order"])
def test_until_what_may_be_an_instant_is_taken(until: str) -> None:
    assert [
        one.code
        for one in errors(JOURNEY.replace("STEP", f'delay: {{until: "{until}"}}'))
        if one.severity == "error" and one.code == "Y004"
    ] == []


@pytest.mark.parametrize(
    ("ready_at", "offset", "then"),
    [
        ("2026-03-04T10:00", "", "2026-03-04T01:00:00Z"), ("2026-03-04", "", "2026-03-03T15:00:00Z"), ("2026-03-04T10:00", ", offset: 2h", "2026-03-04T03:00:00Z"),
        ("2026-03-04T10:00:00Z", "", "2026-03-04T10:00:00Z"), ("2026-03-04T10:00+01:00", "", "2026-03-04T09:00:00Z"), ("2026-03-02T19:30", "", "2026-03-02T11:00:00Z"),
    ],
)  # fmt: skip
def test_until_a_local_time_of_data_is_that_of_where_somebody_is(ready_at: str, offset: str, then: str) -> None:
    """An instant stays what it is; a local one is another for who has moved, and never before now."""
    test = (
        "start: 2026-03-02T10:00:00Z\ngiven: {customer: {timezone: Europe/Berlin}}\n"
        f'when: [{{at: 0h, event: Basket Changed, with: {{basket: b1, ready_at: "{ready_at}"}}}}, {{at: 1h, identify: customer, with: {{timezone: Asia/Tokyo}}}}]\n'
        f"then: {{sends: [{{instant: {then}}}]}}"
    )
    assert play(JOURNEY.replace("STEP", f"delay: {{until: entry.ready_at{offset}}}"), test) == []
