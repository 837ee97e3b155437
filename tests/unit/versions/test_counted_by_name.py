"""What is counted, drawn or on its way by the name of a step survives that the file around it is edited."""

import pytest

from orchestrator.plan.words import words
from orchestrator.workspace.unnamed_step import about_another, in_words, speaks_of, unnamed
from tests.unit.plan.stage import HELD, Stage
from tests.worlds import DAY, HOUR, T0

HEAD = "journey: try_it\nclass: service\nentry: {event: Basket Changed, key: event.basket}\nsteps:\n"
AGAIN = "  - {id: again, send: hello, channels: [email]}\n"
ONE_JUMP = HEAD + AGAIN + "  - {id: rest, delay: 1d}\n  - {jump: again, max: 1}\n"
TWO_JUMPS = HEAD + AGAIN + (
    "  - id: answered\n    wait_until: {event: Ping, timeout: 1d}\n"
    "    on_event: [{jump: again, max: 1}]\n    on_timeout: [{jump: again, max: 1}]\n"
)  # fmt: skip


def sent(made: Stage) -> list[str]:
    return [one.step for one in made.engine.messages]


@pytest.mark.parametrize(("journey", "old", "new"), [
    (ONE_JUMP, "id: again,", "id: redo, was: [again],"), (TWO_JUMPS, "class:", "description: |\n  two\n  lines\nclass:"),
])  # fmt: skip
def test_a_jump_that_was_taken_is_not_taken_anew(journey: str, old: str, new: str) -> None:
    made = Stage(journey)
    made.enter(T0, "ada")
    made.wait(T0 + DAY + HOUR)
    assert len(sent(made)) == 2
    made.switch(made.next(journey.replace(old, new, 1).replace("jump: again", "jump: redo" if "redo" in new else "jump: again")))
    made.switch(
        made.next(journey.replace(old, new, 1).replace("jump: again", "jump: redo" if "redo" in new else "jump: again") + "x_a: 1\n")
    )
    made.wait(T0 + 9 * DAY)
    assert len(sent(made)) == 2
    assert not made.standing()


def test_a_renamed_throttle_remembers_who_passed() -> None:
    journey = HEAD + "  - {id: once, throttle: {max: 1, per: 30d, over: exit}}\n" + AGAIN
    made = Stage(journey)
    made.enter(T0, "ada")
    made.switch(made.next(journey.replace("id: once", "id: seldom, was: [once]")))
    made.enter(T0 + HOUR, "ada", basket="b2")
    assert len(sent(made)) == 1


def test_a_renamed_throttle_of_all_keeps_its_queue() -> None:
    journey = HEAD + "  - {id: once, throttle: {max: 1, per: 1h, scope: journey}}\n" + AGAIN
    made = Stage(journey)
    made.enter(T0, "ada", "ben")
    made.switch(made.next(journey.replace("id: once", "id: gently, was: [once]")))
    made.enter(T0 + 60_000, "cleo")
    made.wait(T0 + HOUR)
    assert len(sent(made)) == 2
    made.wait(T0 + 2 * HOUR)
    assert len(sent(made)) == 3


BRANCH = HEAD + (
    "  - {id: answered, wait_until: {event: Ping, timeout: 9d}}\n"
    "  - branch: [{when: customer.score > 0, then: [{id: text, send: hello, channels: [sms]}]}]\n"
    "  - {id: mail, send: hello, channels: [email]}\n"
)  # fmt: skip


@pytest.mark.parametrize(("old", "new"), [("", ""), ("id: answered", "id: heard, was: [answered]")])
def test_who_is_on_the_way_to_a_branch_when_a_pause_ends_takes_it(old: str, new: str) -> None:
    """An answer came during the pause; the resume takes a line out of the file, and the branch stands elsewhere in it."""
    made = Stage(BRANCH)
    made.enter(T0, "ada")
    made.switch(made.next(BRANCH.replace("class:", "status: paused\nclass:")))
    made.engine.apply([made.engine.event("ada", T0 + HOUR, "Ping")], until=T0 + HOUR)
    after = made.next(BRANCH.replace(old, new))
    assert made.plan(after).refused == ()
    made.switch(after)
    assert sent(made) == ["mail"]


def test_a_branch_that_is_gone_is_told_in_words() -> None:
    made = Stage(BRANCH)
    made.enter(T0, "ada")
    made.switch(made.next(BRANCH.replace("class:", "status: paused\nclass:")))
    made.engine.apply([made.engine.event("ada", T0 + HOUR, "Ping")], until=T0 + HOUR)
    straight = HEAD + "  - {id: mail, send: hello, channels: [email]}\n"
    [refusal] = made.plan(made.next(straight)).refused
    assert refusal.what == "try_it: the branch behind 'answered' is gone, 1 person stands in it"
    removed = straight.replace("steps:", "in_flight: {removed: {answered: mail}}\nsteps:")
    assert "{removed: {answered: " in refusal.fix
    assert made.plan(made.next(removed)).refused == ()
    made.switch(made.next(removed))
    assert sent(made) == ["mail"]


def test_a_plan_says_when_the_oldest_name_is_forgotten() -> None:
    journey = HEAD + "  - {id: one, delay: 2d}\n  - {id: last, delay: 9d}\n"
    made = Stage(journey)
    made.enter(T0, "ada")
    made.switch(made.next(journey.replace("id: one", "id: two, was: [one]")))
    for left, said in (("was: [two], ", "[one, two]"), ("was: [one, two], ", ""), ("was: [two, one], ", "[one, two]")):
        plan = made.plan(made.next(journey.replace("id: one, ", f"id: three, {left}")))
        lines = [line for line in words(plan, made.at) if line.startswith("  was ")]
        assert lines == (
            [f"  was        'three' began as 'one': was: {said}, or what is drawn and counted by it begins anew"] if said else []
        )
    assert made.plan(made.next(journey.replace("id: one", "id: two"))).journeys[0].forgotten == (
        "'two' began as 'one': was: [one], or what is drawn and counted by it begins anew",
    )


def test_a_step_does_not_take_the_id_of_another_while_people_are_inside() -> None:
    """What was sent by that id would be taken for what this one is to send, and it would be lost."""
    journey = (
        HEAD + "  - {id: first, send: hello, channels: [sms]}\n  - {id: rest, delay: 1h}\n  - {id: second, send: other, channels: [sms]}\n"
    )
    made = Stage(journey, {"other": "Other"}, policies=HELD)
    after = made.next(HEAD + "  - {id: first, was: [second], send: other, channels: [sms]}\n", {"other": "Other"})
    assert made.plan(after).refused == (), "nobody is inside"
    made.enter(T0, "ada")
    made.engine.apply([made.engine.identify("ada", T0 + 1, tier="gold")], until=T0 + 2 * HOUR)
    assert [one.code for one in made.plan(after).refused] == ["J013"]
    other = made.next(HEAD + "  - {id: third, was: [second], send: other, channels: [sms]}\n", {"other": "Other"})
    assert made.plan(other).refused == ()


def test_names_of_steps_without_an_id() -> None:
    assert [unnamed("branch", "asked"), unnamed("exit", "")] == ["#branch.asked", "#exit."]
    assert [speaks_of("#jump.remind.2"), speaks_of("asked"), about_another("#jump.remind.2", "nudge")] == ["remind", "", "#jump.nudge.2"]
    assert [in_words(one) for one in ("asked", "#jump.remind.2", "#exit.", "#branch.asked")] == [
        "step 'asked'", "the jump to 'remind', number 2", "the exit at the beginning", "the branch behind 'asked'",
    ]  # fmt: skip
