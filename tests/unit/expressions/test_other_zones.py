"""`in_timezone`: the same instant, read in another zone by what comes after it; and instants at the ends of the calendar."""

import pytest

from tests.one_journey import play

HEAD = "journey: try_it\nclass: service\nentry: {event: Basket Changed}\n"
FILTERS = [
    ("entry.ready_at | in_timezone('Asia/Tokyo') | time", "7:00 PM"),
    ("entry.ready_at | in_timezone('Asia/Tokyo') | plus('5h') | datetime('short')", "3/6/26 12:00 AM"),
    ("entry.ready_at | plus('5h') | in_timezone('Asia/Tokyo') | date('short')", "3/6/26"),
    ("entry.ready_at | in_timezone('Pacific/Auckland') | start_of('day') | datetime('short')", "3/5/26 12:00 AM"),
    ("entry.ready_at | in_timezone('America/New_York') | add_days(4) | time", "5:00 AM"),  # summer time begins on 8 March
    ("entry.ready_at | in_timezone('America/New_York') | add_days(4)", "2026-03-09T09:00:00Z"),
    ("entry.ready_at | in_timezone('America/New_York') | add_months(1) | time", "5:00 AM"),
    ("hour(entry.ready_at | in_timezone('Asia/Tokyo'))", "19"),
    ("weekday(entry.ready_at | plus('8h') | in_timezone('Asia/Tokyo'))", "fri"),
    ("entry.ready_at | in_timezone('Asia/Tokyo')", "2026-03-05T10:00:00Z"),
    ("(entry.ready_at | in_timezone('Asia/Tokyo')) == entry.ready_at", "true"),
    ("entry.ready_at | time", "10:00 AM"),
    ("entry.ready_at | in_timezone('Asia/Kolkata') | start_of('hour') | time", "3:00 PM"),
    ("entry.ready_at | plus('45m') | in_timezone('Asia/Kolkata') | start_of('hour')", "2026-03-05T10:30:00Z"),
]


@pytest.mark.parametrize(("text", "printed"), FILTERS)
def test_it_is_read_in_that_zone(text: str, printed: str) -> None:
    test = f'when: [{{at: 0h, event: Basket Changed, with: {{basket: b, ready_at: "2026-03-05T10:00:00Z"}}}}]\nthen: {{sends: [{{contains: ["[{printed}]"]}}]}}'
    steps = "steps: [{id: s, send: hello, channels: [sms]}]\n"
    found = play(HEAD + steps, "given: {customer: {phone: '+447911123456'}}\n" + test, {"hello": f"[{{{{ ({text}) | default('x') }}}}]"})
    assert found == []


STEPS = {
    "hour": "branch: [{when: hour(entry.ready_at) > 3, then: exit}]", "weekday": "branch: [{when: weekday(entry.ready_at) == 'mon', then: exit}]",
    "until": "delay: {until: entry.ready_at, offset: 3d}", "until at": "delay: {until: entry.ready_at, at: '09:00', days: [mon]}",
    "before": "delay: {until: entry.ready_at, offset: -3d}", "wait": "wait_until: {when: now > entry.ready_at, timeout: 1h}",
    "days": "wait_until: {when: days_until(entry.ready_at) < 3, timeout: 1h}", "plus": "branch: [{when: (entry.ready_at | plus('9d')) > now, then: exit}]",
    "minus": "branch: [{when: now - entry.ready_at > duration('1h'), then: exit}]",
    "texts": "update_profile: {set: {first_name: \"{{ entry.ready_at | date }}{{ entry.ready_at | relative }}{{ entry.ready_at | start_of('week') }}{{ entry.ready_at | add_months(3) }}\"}}",
}  # fmt: skip
ENDS = ["9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "9999-12-31", "0001-01-01"]
OTHER = "journey: other\nclass: service\nentry: {event: Ping}\nsteps: [{id: d, delay: 2h}, {id: s, send: hello, channels: [email]}]\n"


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/New_York"])
@pytest.mark.parametrize("instant", ENDS)
@pytest.mark.parametrize("step", STEPS)
def test_an_instant_at_the_end_of_the_calendar_stops_nobody(step: str, instant: str, zone: str) -> None:
    """It came from data (9999-12-31 is many systems' "never"): other journeys of the same person go on."""
    test = (
        f"journeys: [try_it, other]\ngiven: {{customer: {{timezone: {zone}}}}}\nuntil: 2026-03-09T00:00:00Z\n"
        f'when: [{{at: 0h, event: Basket Changed, with: {{basket: b, ready_at: "{instant}"}}}}, {{at: 0h, event: Ping}}]\n'
        "then: {includes: {sends: [{at: 2h, journey: other}], skips: [], ends: []}}"
    )
    found = play(HEAD + f"steps:\n  - {{id: t, {STEPS[step]}}}\n  - {{id: z, delay: 1h}}\n", test, also_other=OTHER)
    assert found == []
