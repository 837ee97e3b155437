"""`entry: schedule`: who enters when, by whose clock, and what is refused."""

from orchestrator.model.bucket import bucket
from tests.one_journey import play

WEEKLY = """journey: try_it
class: service
entry: {schedule: {rrule: "FREQ=WEEKLY;BYDAY=MO,TH", at: "09:00"}}
steps: [{id: mail, send: hello, channels: [email]}]
"""
ONCE = WEEKLY.replace('rrule: "FREQ=WEEKLY;BYDAY=MO,TH", at: "09:00"', "once: 2026-03-03T09:00")
DAILY = WEEKLY.replace("FREQ=WEEKLY;BYDAY=MO,TH", "FREQ=DAILY")
AUDIENCES = "audiences: {gold: {title: Gold, when: customer.tier == 'gold'}}\n"


def within(schedule: str, **more: str) -> str:
    text = WEEKLY.replace('rrule: "FREQ=WEEKLY;BYDAY=MO,TH", at: "09:00"', schedule)
    return text + "".join(f"{key}: {value}\n" for key, value in more.items())


def test_a_rule_enters_at_each_occurrence_and_its_key_is_the_occurrence() -> None:
    # a Monday, 10:00 in London: the first is on Thursday
    test = """until: 2026-03-10T00:00:00Z
then:
  sends: [{local: 2026-03-05T09:00, key: "2026-03-05T09:00"}, {local: 2026-03-09T09:00, key: "2026-03-09T09:00"}]"""
    assert play(WEEKLY, test) == []


def test_an_occurrence_at_the_very_instant_it_comes_into_force_counts() -> None:
    test = "start: 2026-03-05T09:00:00Z\nuntil: 2026-03-05T10:00:00Z\nthen: {sends: [{at: 0h}]}"
    assert play(WEEKLY, test) == []


def test_once_is_a_broadcast() -> None:
    test = "given: {population: 3}\nthen: {sends: [{at: 23h, customer: p1}, {at: 23h, customer: p2}, {at: 23h, customer: p3}]}"
    assert play(ONCE, test) == []


def test_once_that_is_past_when_it_comes_into_force_does_not_happen() -> None:
    assert play(ONCE, "start: 2026-03-03T09:00:01Z\nthen: {}") == []


def test_days_are_left_out() -> None:
    journey = within('rrule: "FREQ=WEEKLY;BYDAY=MO,TH", at: "09:00", except: [2026-03-05]')
    assert play(journey, "until: 2026-03-10T00:00:00Z\nthen: {sends: [{local: 2026-03-09T09:00}]}") == []


def test_count_is_counted_from_the_start_and_until_is_inside() -> None:
    count = within('rrule: "FREQ=DAILY;COUNT=4", at: "09:00", start: 2026-03-01')
    test = "then: {sends: [{local: 2026-03-03T09:00}, {local: 2026-03-04T09:00}]}"
    assert play(count, test) == []
    assert play(within('rrule: "FREQ=DAILY;UNTIL=20260304", at: "09:00"'), test) == []


def test_the_clock_is_the_workspaces_a_zones_or_each_customers() -> None:
    given = "given: {customers: {tokyo: {timezone: Asia/Tokyo}, york: {timezone: America/New_York}}}\nuntil: 2026-03-03T23:00:00Z\n"
    assert play(ONCE, given + "then: {sends: [{at: 23h, customer: tokyo}, {at: 23h, customer: york}]}") == []
    zone = within("once: 2026-03-03T09:00, timezone: Asia/Tokyo")
    assert play(zone, given + "then: {sends: [{at: 14h, customer: tokyo}, {at: 14h, customer: york}]}") == []
    each = within("once: 2026-03-03T09:00, timezone: customer")
    assert play(each, given + "then: {sends: [{at: 14h, customer: tokyo}, {at: 28h, customer: york}]}") == []


def test_a_time_in_the_gap_is_the_first_after_it_and_a_double_one_is_the_first() -> None:
    spring = within("once: 2026-03-29T01:30, timezone: Europe/London")
    assert play(spring, "then: {sends: [{instant: 2026-03-29T01:00:00Z, key: 2026-03-29T01:30}]}") == []
    autumn = within("once: 2026-10-25T01:30, timezone: Europe/London")
    assert play(autumn, "then: {sends: [{instant: 2026-10-25T00:30:00Z}]}") == []


def test_nine_stays_nine_over_a_change_of_the_clocks() -> None:
    test = "start: 2026-03-28T10:00:00Z\nuntil: 2026-03-30T12:00:00Z\nthen: {sends: [{instant: 2026-03-29T08:00:00Z}, {instant: 2026-03-30T08:00:00Z}]}"
    assert play(DAILY, test) == []


def test_the_audience_is_judged_at_the_instant_and_others_leave_no_trace() -> None:
    journey = within("once: 2026-03-03T09:00, audience: gold")
    test = """given: {customers: {ada: {tier: gold}, bob: {tier: gold}, cy: {}}}
when:
  - {at: 20h, identify: bob, with: {tier: red}}
  - {at: 21h, identify: cy, with: {tier: gold}}
then: {sends: [{at: 23h, customer: ada}, {at: 23h, customer: cy}], skips: []}"""
    assert play(journey, test, audiences=AUDIENCES) == []


def test_when_is_judged_at_the_instant_and_knows_the_occurrence() -> None:
    journey = WEEKLY.replace("}}\nsteps", "}, when: customer.tier == 'gold' and entry.occurrence == '2026-03-05T09:00'}\nsteps")
    test = """given: {customer: {tier: gold}}
until: 2026-03-10T00:00:00Z
then: {sends: [{local: 2026-03-05T09:00}], skips: [{local: 2026-03-09T09:00, reason: entry_filter}]}"""
    assert play(journey, test) == []


def test_entry_holds_when_it_was_to_be_and_which_occurrence_it_is() -> None:
    messages = {
        "told": "{{ entry.occurrence }} {{ entry.scheduled_at | datetime }} {{ entry.timestamp | datetime }} {{ run.key }} {{ run.number }}"
    }
    journey = ONCE.replace("send: hello", "send: told")
    found = play(journey, "then: {sends: [{contains: ['2026-03-03T09:00', '09:00', '2026-03-03T09:00 1']}]}", messages)
    assert found == []


def test_spread_gives_everybody_a_moment_of_their_own() -> None:
    journey = within("once: 2026-03-03T09:00, spread: 10h")
    first_half = sum(bucket("loom_kite", "spread", "try_it/2026-03-03T09:00", f"p{n}") < 0.5 for n in range(1, 201))
    assert 80 < first_half < 120
    early = f"given: {{population: 200}}\nuntil: 2026-03-03T14:00:00Z\nthen: {{counts: {{sends: {first_half}}}}}"
    assert play(journey, early) == []
    assert play(journey, "given: {population: 200}\nthen: {counts: {sends: 200}}") == []


def test_a_spread_longer_than_expires_expires_nobody() -> None:
    journey = within("once: 2026-03-03T09:00, spread: 10d").replace("spread: 10d}", "spread: 10d}, expires: 1h")
    assert play(journey, "given: {population: 50}\nthen: {counts: {sends: 50}}") == []


def test_reentry_counts_the_persons_entries() -> None:
    journey = DAILY.replace('"09:00"}', '"09:00"}, reentry: {after: 2d, max: 2}')
    test = """until: 2026-03-07T00:00:00Z
then:
  sends: [{local: 2026-03-03T09:00}, {local: 2026-03-05T09:00}]
  skips: [{local: 2026-03-04T09:00, reason: reentry_too_soon}, {local: 2026-03-06T09:00, reason: reentry_too_soon}]"""
    assert play(journey, test) == []


def test_a_draft_takes_nobody_in_and_leaves_no_trace() -> None:
    assert play(ONCE + "status: draft\n", "then: {}") == []


def test_a_draining_journey_refuses_each_occurrence_of_those_who_were_meant() -> None:
    people = "given: {customers: {ada: {tier: gold}, ben: {}}}\n"
    drained = DAILY.replace('"09:00"}', '"09:00", audience: gold}') + "status: draining\n"
    test = (
        people
        + """until: 2026-03-06T00:00:00Z
when: [{at: 50h, apply: live.yaml}]
then:
  skips: [{at: 23h, customer: ada, key: "2026-03-03T09:00", reason: journey_not_active}, {at: 47h, customer: ada, reason: journey_not_active}]
  sends: [{at: 71h, customer: ada}]"""
    )
    assert play(drained, test, then=drained.replace("status: draining\n", ""), audiences=AUDIENCES) == []


def test_only_inside_the_period_of_the_journey() -> None:
    journey = DAILY + "active: {from: 2026-03-05, until: 2026-03-07}\n"
    assert play(journey, "then: {sends: [{local: 2026-03-05T09:00}, {local: 2026-03-06T09:00}]}") == []


def test_an_anonymous_person_and_a_newcomer_have_theirs_from_their_first_event_on() -> None:
    test = """until: 2026-03-05T12:00:00Z
when: [{at: 25h, identify: new, with: {email: new@example.com}}]
then: {sends: [{at: 23h, customer: customer}, {at: 47h, customer: customer}, {at: 47h, customer: new}, {at: 71h, customer: customer}, {at: 71h, customer: new}]}"""
    assert play(DAILY, test) == []


def test_an_erased_person_has_none() -> None:
    assert play(ONCE, "when: [{at: 1h, erase: true}]\nthen: {}") == []
