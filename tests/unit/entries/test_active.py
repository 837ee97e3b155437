"""`active` and `draining`: who may come in, and what becomes of those inside."""

from tests.one_journey import errors, play

JOURNEY = """journey: try_it
class: service
status: live
entry: {event: Basket Changed, key: event.basket}
active: {from: 2026-03-02, until: 2026-03-04}
steps:
  - {id: rest, delay: 1d}
  - {id: mail, send: hello, channels: [email]}
"""


def baskets(*times: str) -> str:
    return "when: [" + ", ".join(f"{{at: {at}, event: Basket Changed, with: {{basket: b{n}}}}}" for n, at in enumerate(times, 1)) + "]\n"


def test_from_is_inside_and_until_is_outside_and_runs_finish() -> None:
    # the test starts at 10:00 on 2 March, London, where 4 March begins 38 hours later
    test = (
        "start: 2026-03-01T23:59:59Z\n"
        + baskets("0s", "1s", "48h", "172801s")
        + """then:
  sends: [{key: b2, local: 2026-03-03T00:00}, {key: b3, local: 2026-03-04T23:59:59}]
  skips: [{at: 0h, reason: journey_not_active}, {at: 172801s, reason: journey_not_active}]"""
    )
    assert play(JOURNEY, test) == []


def test_after_exit_ends_the_runs_before_anything_else_happens_at_that_instant() -> None:
    journey = JOURNEY.replace("until: 2026-03-04}", "until: 2026-03-04, after: exit}")
    # the second run's delay would end at the very instant
    test = (
        "start: 2026-03-02T10:00:00Z\n"
        + baskets("0h", "14h")
        + """then:
  sends: [{key: b1, at: 24h}]
  ends: [{key: b1, at: 24h, how: end}, {key: b2, local: 2026-03-04T00:00, how: version_exit}]"""
    )
    assert play(journey, test) == []


def test_after_exit_takes_back_what_is_held() -> None:
    journey = JOURNEY.replace("until: 2026-03-04}", "until: 2026-03-04, after: exit}").replace("  - {id: rest, delay: 1d}\n", "")
    policies = "topics: {news: {title: News, consent: {email: opt_out}}}\nsuppression: [{rule: quiet, when: customer.tier == 'gold', classes: [service], then: hold}]\n"
    test = (
        "given: {customer: {tier: gold}}\n"
        + baskets("0h")
        + """then:
  skips: [{reason: journey_exited}]
  ends: [{local: 2026-03-04T00:00, how: version_exit}]"""
    )
    assert play(journey, test, policies=policies) == []


def test_a_draining_journey_takes_nobody_in() -> None:
    assert play(JOURNEY.replace("status: live", "status: draining"), baskets("0h") + "then: {skips: [{reason: journey_not_active}]}") == []


def test_what_lint_says_of_active() -> None:
    def codes(active: str) -> list[tuple[str, int]]:
        return [(f.code, f.column) for f in errors(JOURNEY.replace("{from: 2026-03-02, until: 2026-03-04}", active))]

    assert codes("{from: 2026-03-02T09:00:00Z}") == []
    assert codes("{from: 2026-03-04, until: 2026-03-04}") == [("J043", 35)]
    assert codes("{from: tomorrow}") == [("Y015", 16)]
    assert codes("{from: 2026-02-30}") == [("Y015", 16)]
    assert codes("{after: exit}") == [("Y012", 10)]
