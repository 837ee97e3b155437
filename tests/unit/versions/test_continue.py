"""`in_flight: continue`: a run ends on the version it began with, header included; new ones begin on the new."""

from collections.abc import Callable

from orchestrator.content.check import check_message
from orchestrator.plan.people import People, where_people_stand
from orchestrator.plan.plan import make_plan
from orchestrator.plan.words import words
from orchestrator.workspace.earlier import PREFIX, Wanted, carried, own, packed_in
from orchestrator.workspace.load import Loaded, load_files
from orchestrator.workspace.pauses import with_pauses
from orchestrator.workspace.workspace import Workspace
from tests.one_journey import files, play, workspace
from tests.worlds import DAY, HOUR, T0, Engine

BEFORE = """journey: try_it
class: service
entry: {event: Basket Changed, key: event.basket}
exit_on: [{event: Order Placed, same: basket}]
in_flight: continue
steps:
  - {id: first, send: hello, channels: [email]}
  - {id: rest, delay: 2d}
  - {id: second, send: hello, channels: [sms]}
"""
ONE = "{at: 0h, event: Basket Changed, with: {basket: b1}}"
APPLY = "when: [" + ONE + ", {at: 1d, apply: fixtures/next.yaml}"
SHORT = BEFORE.replace("delay: 2d", "delay: 1h").replace("second, send: hello, channels: [sms]", "other, send: hello, channels: [email]")


def test_who_is_inside_goes_on_in_the_old_and_who_comes_later_in_the_new() -> None:
    test = APPLY + ", {at: 25h, event: Basket Changed, with: {basket: b2}}]\n" + (
        "then: {sends: [{at: 0h, key: b1, step: first}, {at: 25h, key: b2, step: first}, {at: 26h, key: b2, step: other}, {at: 2d, key: b1, step: second}]}"
    )  # fmt: skip
    assert play(BEFORE, test, then=SHORT) == []


def test_the_new_versions_word_counts() -> None:
    sends = "]\nthen: {{sends: [{{at: 0h, step: first}}, {{at: {at}, step: {step}}}]}}"
    migrates = SHORT.replace("in_flight: continue", "in_flight: {runs: migrate, waits: reschedule}")
    assert play(BEFORE, APPLY + sends.format(at="1d", step="other"), then=migrates) == []
    assert play(BEFORE.replace("in_flight: continue\n", ""), APPLY + sends.format(at="2d", step="second"), then=SHORT) == []


def test_the_header_is_the_old_one_too_and_its_events_are_still_heard() -> None:
    test = APPLY + ", {at: 30h, event: Order Placed, with: {basket: b1}}]\nthen: {sends: [{at: 0h}], ends: [{at: 30h, how: exit_on}]}"
    changed = SHORT.replace("exit_on: [{event: Order Placed, same: basket}]\n", "")
    assert play(BEFORE, test, then=changed) == []


def test_status_and_limits_are_those_in_force() -> None:
    stands = APPLY + "]\nthen: {sends: [{at: 0h}], holds: [], skips: []}\nuntil: 2026-03-05T10:00:00Z\n"
    assert play(BEFORE, stands, then=SHORT.replace("class: service", "class: service\nstatus: paused")) == []
    paused = APPLY + ", {at: 30h, pause: true}, {at: 60h, resume: true}]\nthen: {sends: [{at: 0h}, {at: 60h, step: second}]}"
    assert play(BEFORE, paused, then=SHORT) == []
    space = with_pauses(_load(_next()[1]), {"try_it": "command"})
    assert {journey.status for journey in space.earlier.values()} == {"paused"}


def test_a_held_message_and_a_third_version() -> None:
    policies = "topics: {news: {title: News, consent: {email: opt_out, sms: opt_out, whatsapp: opt_out}}}\nsuppression: [{rule: quiet, when: customer.tier == 'gold', classes: [service], then: hold}]\n"
    test = "given: {customer: {tier: gold}}\n" + APPLY + ", {at: 30h, identify: customer, with: {tier: tin}}]\n" + (
        "then: {sends: [{at: 30h, step: first}, {at: 78h, step: second}]}"
    )  # fmt: skip
    assert play(BEFORE, test, then=SHORT, policies=policies) == []


def _load(given: dict[str, bytes]) -> Workspace:
    found: Loaded = load_files(given, {}, check_message, tests=False)
    assert found.workspace is not None, found.findings
    return found.workspace


def _next(
    after: str = SHORT, held: dict[str, bytes] | None = None, wanted: Callable[[str, str], bool] = lambda _name, _version: True
) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """(files in force, files to apply after them)."""
    before = held or files({"try_it": BEFORE})
    given = files({"try_it": after})
    return before, carried((_load(before), before), _load(given), given, Wanted(wanted, lambda _content: True))


def test_what_is_applied_brings_the_version_before_along_and_a_new_process_has_it() -> None:
    before, applied = _next()
    assert own(applied) == files({"try_it": SHORT})
    assert _load(applied).version == _load(own(applied)).version, "what a version is called does not depend on it"
    engine = Engine(_load(before))
    engine.apply([engine.identify("ada", T0, email="ada@example.com", phone="+447911123456")])
    engine.apply([engine.event("ada", T0 + HOUR, "Basket Changed", basket="b1")])
    again = Engine(_load(applied))
    again.customers, again.due = engine.customers, engine.due
    outcome = again.apply([], until=T0 + HOUR + 2 * DAY)
    assert [(d.step, d.at) for d in outcome.decisions] == [("second", T0 + HOUR + 2 * DAY)]


def test_versions_are_kept_while_somebody_may_be_in_them() -> None:
    _before, second = _next()
    third = SHORT.replace("delay: 1h", "delay: 3h")
    _second, both = _next(third, second)
    assert len(packed_in(both)) == 2
    assert sorted(_load(both).earlier) == sorted(
        {("try_it", _load(own(files({"try_it": text}))).journeys["try_it"].version) for text in (BEFORE, SHORT)}
    )
    _second, one = _next(third, second, lambda _name, _version: False)
    assert len(packed_in(one)) == 1, "of the version in force nobody knows who may come in yet"
    _second, none = _next(third.replace("in_flight: continue", "in_flight: migrate"), second)
    assert not packed_in(none)
    _second, back = _next(BEFORE, second)
    assert [name for packed in packed_in(back).values() for name in packed.journeys.values()] == [_load(second).journeys["try_it"].version]
    damaged = dict(second)
    damaged[PREFIX + "x"] = next(value for name, value in second.items() if name.startswith(PREFIX))
    assert _load(damaged).earlier.keys() == _load(second).earlier.keys()


def _people(version: str) -> People:
    engine = Engine(workspace({"try_it": BEFORE}))
    engine.apply([engine.identify("ada", T0, email="ada@example.com"), engine.event("ada", T0 + HOUR, "Basket Changed", basket="b1")])
    found = where_people_stand(engine.customers.values())
    assert found.may_be_in("try_it", version)
    assert not found.may_be_in("try_it", "another")
    return found


def test_plan_says_so_and_refuses_to_take_a_message_from_them() -> None:
    before = files({"try_it": BEFORE.replace("second, send: hello", "second, send: bye")}, {"bye": "Bye"})
    after = files({"try_it": SHORT})
    old, new = _load(before), _load(after)
    people = _people(_load(files({"try_it": BEFORE})).journeys["try_it"].version)
    made = make_plan((old, before), (new, after), people)
    text = "\n".join(words(made, T0))
    assert "in_flight: continue" in text
    assert "delay 2d → 1h   1 person goes on in the version they began with" in text
    assert [one.code for one in made.refused] == ["J049", "J049"] or [one.code for one in made.refused] == ["J049"]
    assert "sends it" in made.refused[-1].what
    kept = files({"try_it": SHORT}, {"bye": "Bye"})
    assert not make_plan((old, before), (_load(kept), kept), people).refused
