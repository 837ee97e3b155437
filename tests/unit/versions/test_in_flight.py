"""A journey is edited while people stand in it: each kind of change has one outcome, and nobody gets a message twice."""

from orchestrator.contracts.receipt import Receipt, encode_receipt
from orchestrator.contracts.topics import DELIVERY_RECEIPTS
from tests.one_journey import errors, play, workspace
from tests.worlds import T0, Engine

BEFORE = """journey: try_it
class: service
entry: {event: Basket Changed, key: event.basket}
exit_on: [{event: Order Placed, same: basket}]
steps:
  - {id: first, send: hello, channels: [email]}
  - {id: rest, delay: 2d}
  - {id: second, send: hello, channels: [sms]}
"""
ONE = "{at: 0h, event: Basket Changed, with: {basket: b1}}"
APPLY = "when: [" + ONE + ", {at: 1d, apply: fixtures/next.yaml}]\n"


def after(old: str, new: str, in_flight: str = "") -> str:
    assert old in BEFORE
    return BEFORE.replace(old, new).replace("steps:\n", (f"in_flight: {in_flight}\n" if in_flight else "") + "steps:\n", 1)


def test_a_changed_delay_keeps_the_instant_people_have() -> None:
    assert play(BEFORE, APPLY + "then: {sends: [{at: 0h}, {at: 2d, step: second}]}", then=after("delay: 2d", "delay: 5d")) == []


def test_or_is_rescheduled_from_when_they_arrived() -> None:
    for text, at in (("5d", "5d"), ("30h", "30h"), ("1h", "1d")):  # not earlier than the apply
        changed = after("delay: 2d", f"delay: {text}", "{waits: reschedule}")
        assert play(BEFORE, APPLY + f"then: {{sends: [{{at: 0h}}, {{at: {at}, step: second}}]}}", then=changed) == []


def test_a_wait_gets_its_new_timeout_only_when_rescheduled_and_its_new_match_at_once() -> None:
    wait = "  - {id: rest, wait_until: {event: Order Placed, match: event.order == 'o1', timeout: 3d}}\n"
    before = BEFORE.replace("exit_on: [{event: Order Placed, same: basket}]\n", "").replace("  - {id: rest, delay: 2d}\n", wait)
    test = "when: [" + ONE + ", {at: 1d, apply: fixtures/next.yaml}, {at: 30h, event: Order Placed, with: {basket: b1, order: o2}}]\n"
    changed = before.replace("'o1', timeout: 3d", "'o2', timeout: 9d")
    assert play(before, test + "then: {sends: [{at: 0h}, {at: 30h, step: second}]}", then=changed) == []
    kept = before.replace("timeout: 3d", "timeout: 9d")
    assert play(before, test + "then: {sends: [{at: 0h}, {at: 3d, step: second}]}", then=kept) == []
    later = kept.replace("steps:", "in_flight: {waits: reschedule}\nsteps:", 1)
    assert play(before, test + "then: {sends: [{at: 0h}, {at: 9d, step: second}]}", then=later) == []


def test_a_step_inserted_before_is_not_run_and_one_behind_is() -> None:
    changed = after("  - {id: rest", "  - {id: new, send: hello, channels: [whatsapp]}\n  - {id: rest").replace(
        "  - {id: second", "  - {id: between, send: hello, channels: [email]}\n  - {id: second"
    )
    assert (
        play(BEFORE, APPLY + "then: {sends: [{at: 0h, step: first}, {at: 2d, step: between}, {at: 2d, step: second}]}", then=changed) == []
    )


def test_reordered_steps_go_on_from_where_people_stand() -> None:
    changed = BEFORE.replace("  - {id: first, send: hello, channels: [email]}\n", "") + "  - {id: first, send: hello, channels: [email]}\n"
    # the step `first` was visited once; now it stands behind, and what this visit has sent is not sent again
    assert play(BEFORE, APPLY + "then: {sends: [{at: 0h, step: first}, {at: 2d, step: second}, {at: 2d, step: first}]}", then=changed) == []


def test_a_removed_step_sends_people_where_removed_says() -> None:
    removed = "  - {id: rest, delay: 2d}\n"
    assert (
        play(BEFORE, APPLY + "then: {sends: [{at: 0h}, {at: 1d, step: second}]}", then=after(removed, "", "{removed: {rest: second}}"))
        == []
    )
    gone = after(removed, "", "{removed: {rest: exit}}")
    assert play(BEFORE, APPLY + "then: {sends: [{at: 0h}], ends: [{at: 1d, how: version_exit}]}", then=gone) == []


def test_the_same_id_with_another_step_word_is_another_step() -> None:
    changed = after("{id: rest, delay: 2d}", "{id: rest, wait_until: {event: Ping, timeout: 9d}}")
    assert play(BEFORE, APPLY + "then: {sends: [{at: 0h}, {at: 2d, step: second}], plan: {refused: [J040]}}", then=changed) == []
    engine = Engine(workspace({"try_it": BEFORE}))
    engine.apply([engine.event("ada", T0, "Basket Changed", basket="b1")], until=T0)
    assert [one.how for one in engine.switch(workspace({"try_it": changed}), T0 + 86_400_000).endings] == ["version_exit"], "as --exit-runs"


def test_runs_exit_ends_everybody_at_the_apply() -> None:
    assert (
        play(BEFORE, APPLY + "then: {sends: [{at: 0h}], ends: [{at: 1d, how: version_exit}]}", then=after("delay: 2d", "delay: 3d", "exit"))
        == []
    )


def test_a_renamed_delay_keeps_its_people() -> None:
    changed = after("{id: rest, delay: 2d}", "{id: pause, was: [rest], delay: 2d}")
    assert play(BEFORE, APPLY + "then: {sends: [{at: 0h}, {at: 2d, step: second}]}", then=changed) == []


HELD = "topics: {news: {title: News, consent: {email: opt_out, sms: opt_out}}}\nsuppression: [{rule: quiet, when: customer.tier == 'gold', classes: [service], then: hold}]\n"
GOLD = "given: {customer: {tier: gold}}\n"
FREE = ", {at: 2d, identify: customer, with: {tier: none}}]\n"


def test_a_message_that_is_held_in_a_renamed_step_goes_out_once() -> None:
    changed = after("{id: first, send: hello, channels: [email]}", "{id: opening, was: [first], send: hello, channels: [email]}")
    test = GOLD + APPLY.replace("]\n", FREE) + "then: {sends: [{at: 2d, step: opening}, {at: 4d, step: second}]}"
    assert play(BEFORE, test, then=changed, policies=HELD) == []


def test_a_message_that_is_held_in_a_removed_step_is_taken_back() -> None:
    changed = after("  - {id: first, send: hello, channels: [email]}\n", "", "{removed: {first: rest}}")
    test = (
        GOLD
        + APPLY.replace("]\n", FREE)
        + "then: {sends: [{at: 3d, step: second}], skips: [{at: 1d, step: first, reason: journey_exited}]}"
    )
    assert play(BEFORE, test, then=changed, policies=HELD) == []


RENAMED = after("{id: first, send: hello, channels: [email]}", "{id: opening, was: [first], send: hello, channels: [email]}")


def test_the_next_try_of_a_renamed_step_is_the_same_message() -> None:
    test = "when: [{at: 0h, fail: {channel: email, how: down, for: 30h}}, " + ONE + ", {at: 1d, apply: fixtures/next.yaml}]\n"
    assert play(BEFORE, test + "then: {sends: [{at: 30h, step: opening}, {at: 2d, step: second}]}", then=RENAMED) == []


def test_a_renamed_step_makes_the_ids_it_made_before() -> None:
    """A claim of the first try must stand in the way of the second."""
    engine = Engine(workspace({"try_it": BEFORE}))
    engine.apply([engine.identify("ada", T0, email="a@example.com")], until=T0)
    engine.apply([engine.event("ada", T0 + 1000, "Basket Changed", basket="b1")], until=T0 + 1000)
    first = engine.messages[0]
    again = Receipt(
        id="r1",
        customer="ada",
        status="deferred",
        at=T0 + 2000,
        channel="email",
        intent=first.intent,
        reason="provider_down",
        retry_at=T0 + 60_000,
    )
    engine.apply([engine.record("ada", T0 + 2000, encode_receipt(again), DELIVERY_RECEIPTS)], until=T0 + 2000)
    engine.workspace = workspace({"try_it": RENAMED})
    engine.apply([], until=T0 + 60_000)
    assert [(m.intent, m.step, m.attempt) for m in engine.messages] == [(first.intent, "first", 1), (first.intent, "opening", 2)]


def test_exits_and_goals_of_the_new_version_count_at_once() -> None:
    changed = after("exit_on: [{event: Order Placed, same: basket}]", "exit_on: [{event: Ping}]")
    test = "when: [" + ONE + ", {at: 1d, apply: fixtures/next.yaml}, {at: 30h, event: Ping}]\n"
    assert play(BEFORE, test + "then: {sends: [{at: 0h}], ends: [{at: 30h, how: exit_on}]}", then=changed) == []


def test_what_lint_says_of_in_flight() -> None:
    def codes(in_flight: str, old: str = "steps", new: str = "steps") -> list[tuple[str, int, int]]:
        return [(f.code, f.line, f.column) for f in errors(after(old, new, in_flight))]

    assert codes("migrate") == codes("{waits: reschedule, removed: {cool: exit, warm: second}}") == []
    assert codes("{removed: {rest: second}}") == [], "it may be another kind of step: a plan knows"
    assert codes("{removed: {cool: secnod}}") == [("J041", 5, 29)]
    assert codes("{removed: {cool: exit}}", "{id: rest,", "{id: rest, was: [cool],") == [("J041", 5, 23)]
    assert codes("leave")[0][0] == "Y005"
    assert codes("migrate", "{id: rest,", "{id: rest, was: [second],")[0][0] == "J013"
