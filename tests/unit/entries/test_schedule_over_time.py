"""A schedule over pauses, moves and new versions: each occurrence once for each person, and none lost."""

from orchestrator.model.bucket import bucket
from tests.one_journey import play

DAILY = """journey: try_it
class: service
entry: {schedule: {rrule: "FREQ=DAILY", at: "09:00", timezone: customer}}
steps: [{id: mail, send: hello, channels: [email]}]
"""


def test_after_a_pause_what_has_not_expired_goes_on_at_the_instant_of_the_resume() -> None:
    # paused on Monday at noon, resumed on Thursday at ten: Thursday's is an hour old, Wednesday's has expired by an hour, Tuesday's long ago
    test = """until: 2026-03-06T12:00:00Z
when: [{at: 2h, pause: true}, {at: 71h, event: Ping}, {at: 72h, resume: true}]
then:
  sends: [{at: 72h, key: "2026-03-05T09:00"}, {local: 2026-03-06T09:00}]
  skips: [{at: 72h, reason: entry_expired}]"""
    assert play(DAILY, test) == []


def test_after_a_pause_several_that_have_not_expired_enter_in_order() -> None:
    journey = DAILY.replace("timezone: customer}}", "timezone: customer}, expires: 60h}")
    test = """until: 2026-03-05T12:00:00Z
when: [{at: 2h, pause: true}, {at: 72h, resume: true}]
then:
  sends: [{at: 72h, key: "2026-03-03T09:00"}, {at: 72h, key: "2026-03-04T09:00"}, {at: 72h, key: "2026-03-05T09:00"}]"""
    assert play(journey, test) == []


def test_nothing_is_entered_twice_by_a_pause_between_two_occurrences() -> None:
    test = """until: 2026-03-04T12:00:00Z
when: [{at: 24h, pause: true}, {at: 25h, resume: true}]
then: {sends: [{local: 2026-03-03T09:00}, {local: 2026-03-04T09:00}]}"""
    assert play(DAILY, test) == []


def test_whoever_moves_west_does_not_have_it_twice() -> None:
    # 09:00 in London, and then in New York, where 09:00 of that day is still to come
    test = """given: {customer: {timezone: Europe/London}}
until: 2026-03-04T20:00:00Z
when: [{at: 24h, identify: customer, with: {timezone: America/New_York}}]
then: {sends: [{instant: 2026-03-03T09:00:00Z}, {instant: 2026-03-04T14:00:00Z}]}"""
    assert play(DAILY, test) == []


def test_whoever_moves_to_where_it_has_just_been_enters_at_once() -> None:
    test = """given: {customer: {timezone: America/New_York}}
until: 2026-03-04T08:30:00Z
when: [{at: 26h, identify: customer, with: {timezone: Europe/London}}]
then: {sends: [{instant: 2026-03-02T14:00:00Z}, {instant: 2026-03-03T12:00:00Z, key: "2026-03-03T09:00"}]}"""
    assert play(DAILY, test) == []


def test_whoever_moves_to_where_it_has_been_too_long_ago_does_not() -> None:
    journey = DAILY.replace("timezone: customer}}", "timezone: customer}, expires: 2h}")
    test = """given: {customer: {timezone: America/New_York}}
until: 2026-03-04T08:30:00Z
when: [{at: 26h, identify: customer, with: {timezone: Europe/London}}]
then: {sends: [{instant: 2026-03-02T14:00:00Z}], skips: [{at: 26h, reason: entry_expired}]}"""
    assert play(journey, test) == []


def test_another_time_counts_from_when_it_is_in_force() -> None:
    # at ten, 09:30 of this day is past, and is not made up for
    then = DAILY.replace('"09:00"', '"09:30"')
    test = """until: 2026-03-04T12:00:00Z
when: [{at: 24h, apply: next.yaml}]
then: {sends: [{instant: 2026-03-03T09:00:00Z}, {instant: 2026-03-04T09:30:00Z}]}"""
    assert play(DAILY, test, then=then) == []


def test_another_text_of_the_journey_neither_repeats_nor_loses_an_occurrence() -> None:
    then = DAILY.replace("steps:", "priority: 90\nsteps:")
    test = """until: 2026-03-04T12:00:00Z
when: [{at: 22h, apply: next.yaml}, {at: 23h, event: Ping}]
then: {sends: [{instant: 2026-03-03T09:00:00Z}, {instant: 2026-03-04T09:00:00Z}]}"""
    assert play(DAILY, test, then=then) == []


def test_everybodys_timer_is_set_by_a_version_that_brings_a_schedule() -> None:
    first = DAILY.replace('entry: {schedule: {rrule: "FREQ=DAILY", at: "09:00", timezone: customer}}', "entry: {event: Basket Changed}")
    test = "given: {population: 3}\nuntil: 2026-03-03T12:00:00Z\nwhen: [{at: 1h, apply: next.yaml}]\nthen: {counts: {sends: 3}}"
    assert play(first, test, then=DAILY) == []


def test_an_occurrence_that_was_entered_as_two_ids_is_one_persons_when_they_are_recognised() -> None:
    test = """until: 2026-03-04T12:00:00Z
when:
  - {at: 1h, anonymous: a1, customer: a1, event: Ping}
  - {at: 24h, identify: customer, anonymous: a1}
then:
  sends: [{instant: 2026-03-03T09:00:00Z, customer: customer}, {instant: 2026-03-04T09:00:00Z, customer: customer}]
  skips: [{at: 23h, customer: a1, reason: address_missing}]"""
    assert play(DAILY, test) == []


def test_what_came_to_an_anonymous_person_does_not_come_again_to_the_user_they_turn_out_to_be() -> None:
    test = """until: 2026-03-04T12:00:00Z
given: {customers: {other: {}}}
when:
  - {at: 1h, anonymous: a1, customer: a1, event: Ping}
  - {at: 24h, identify: new, anonymous: a1, with: {email: new@example.com}}
then: {includes: {sends: [{at: 47h, customer: new}]}, counts: {sends: 3, skips: 1}}"""
    assert play(DAILY, test) == []


def test_the_period_may_end_while_it_is_spread() -> None:
    journey = DAILY.replace("timezone: customer}}", "timezone: customer, spread: 20h}}") + "active: {from: 2026-03-02, until: 2026-03-04}\n"
    inside = sum(bucket("loom_kite", "spread", "try_it/2026-03-03T09:00", f"p{n}") < 0.75 for n in range(1, 41))
    test = f"given: {{population: 40}}\nthen: {{counts: {{sends: {inside}, skips: {40 - inside}}}}}"
    assert 20 < inside < 40
    assert play(journey, test) == []
