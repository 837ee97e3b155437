"""A send that changes while messages of it are held; texts that are no longer kept; files that nothing runs by."""

import pytest

from orchestrator.cli.why import describe
from orchestrator.plan.words import words
from tests.unit.plan.stage import HELD, Stage, load
from tests.worlds import DAY, HOUR, T0

SEND = "  - {id: promoted, send: hello, channels: [email], expires: 3d}\n"
JOURNEY = (
    "journey: try_it\nclass: service\nentry: {event: Basket Changed, key: event.basket}\nsteps:\n" + SEND + "  - {id: last, delay: 1d}\n"
)


def held() -> Stage:
    """One message is held."""
    made = Stage(JOURNEY, policies=HELD)
    made.enter(T0, "ada", tier="gold")
    made.at = T0 + HOUR
    return made


def release(made: Stage) -> list[tuple[str, str]]:
    at = T0 + 2 * HOUR
    made.engine.apply([made.engine.identify("ada", at, tier="tin")], until=at)
    return [(one.step, one.channel) for one in made.engine.messages]


@pytest.mark.parametrize(("send", "keys", "channel"), [
    ("send: hello, channels: [sms], expires: 1h", ("channels", "expires"), "email"),
    ("send: other, channels: [email], expires: 3d", ("send",), "email"),
    ("send: hello, channels: [sms, email], choose: best, expires: 3d", (), "sms"),
    ("send: hello, channels: [email], expires: 3d, only_if: customer.score < 9", (), "email"),
])  # fmt: skip
def test_what_is_held_goes_out_as_it_was_planned(send: str, keys: tuple[str, ...], channel: str) -> None:
    made = held()
    after = made.next(JOURNEY.replace("send: hello, channels: [email], expires: 3d", send), {"other": "Other"})
    plan = made.plan(after)
    [change] = plan.journeys[0].steps
    assert (change.people, change.held, change.as_planned) == (1, 1 if keys else 0, keys)
    text = "\n".join(words(plan, made.at))
    assert (f"; 1 message that is not sent yet goes out as it was planned ({', '.join(keys)})" in text) == bool(keys)
    made.switch(after)
    assert release(made) == [("promoted", channel)]
    assert [one.message for one in made.engine.messages] == ["hello"]


def test_a_step_that_is_renamed_when_its_run_is_over_still_sends() -> None:
    held_back = JOURNEY.replace("steps:", "exit_on: [{event: Order Placed, then: [{id: bye, send: hello, channels: [email]}]}]\nsteps:", 1)
    made = Stage(held_back, policies=HELD)
    made.enter(T0, "ada", tier="gold")
    made.engine.apply([made.engine.event("ada", T0 + HOUR, "Order Placed", basket="b1")], until=T0 + HOUR)
    [planned] = made.engine.customers["ada"].messages.planned
    assert planned.exit_message
    planned.exit_message, planned.step = False, "promoted"  # as one of a run that went past it
    made.at = T0 + HOUR
    after = made.next(held_back.replace("id: promoted", "id: offered, was: [promoted]"))
    assert made.plan(after).journeys[0].cancelled == 0
    made.switch(after)
    assert release(made) == [("promoted", "email")]


def test_why_says_that_the_step_is_gone_and_not_that_the_run_ended() -> None:
    made = held()
    [decision] = made.switch(
        made.next(JOURNEY.replace(SEND, "").replace("steps:", "in_flight: {removed: {promoted: last}}\nsteps:"))
    ).decisions
    told = describe(decision)
    assert "The run ended, or its step was taken out of the journey, before the message had left" in told
    assert "because of: cause = its step is not in the journey any more" in told
    left = held()
    [decision] = left.switch(left.next(JOURNEY.replace("steps:", "in_flight: exit\nsteps:"))).decisions
    assert "cause" not in describe(decision)


def test_who_gets_a_newer_text_when_a_journey_is_not_pinned_any_more() -> None:
    pinned = JOURNEY.replace("steps:", "in_flight: {content: pinned}\nsteps:") + "  - {id: second, send: hello, channels: [sms]}\n"
    made = Stage(pinned, {"hello": "One"})
    made.enter(T0, "ada", "ben")
    made.switch(made.next(pinned, {"hello": "Two"}))
    made.enter(T0 + HOUR, "cleo")
    latest = made.next(pinned.replace("in_flight: {content: pinned}\n", ""), {"hello": "Two"})
    plan = made.plan(latest)
    assert plan.journeys[0].newer == 2
    assert "  texts      2 people in flight get the text in force, no longer the one they began with" in words(plan, made.at)
    assert made.plan(made.next(pinned.replace("class: service", "class: service\npriority: 60"), {"hello": "Two"})).journeys[0].newer == 0
    made.switch(latest)
    made.engine.messages.clear()
    made.wait(T0 + 3 * DAY)
    assert {getattr(one.content, "body", "")[:3] for one in made.engine.messages} == {"Two"}


def test_a_title_and_a_test_are_named() -> None:
    made = Stage(JOURNEY)
    made.enter(T0, "ada")
    titled = made.next(JOURNEY.replace("class: service", "class: service\ntitle: Baskets"))
    plan = made.plan(titled)
    assert (plan.journeys, plan.others) == ((), ("config/journeys/try_it.yaml: + title Baskets; it runs as before",))
    assert "files      config/journeys/try_it.yaml: + title Baskets; it runs as before" in words(plan, T0)
    tested = made.next(JOURNEY)
    tested["config/journeys/try_it.test.yaml"] += b"# more\n"
    assert made.plan(tested).others == ("config/journeys/try_it.test.yaml changed",)
    assert load(titled).journeys["try_it"].version == load(made.files).journeys["try_it"].version


FALLS = "  - {id: told, send: other, channels: [sms, email], fallback: {on: [unseen], after: 5h}}\n"
FALLING = JOURNEY.replace(SEND, FALLS)


def test_what_is_sent_and_may_go_on_to_another_channel_is_told() -> None:
    made = Stage(FALLING, {"other": "Other"})
    made.enter(T0, "ada")
    made.wait(T0 + HOUR)
    for text, messages, lines in (
        (
            FALLING.replace("other", "hello"),
            {},
            ["J049  message 'other' is removed, and 1 of it is sent, but may go on to another channel"],
        ),
        (FALLING.replace("other", "hello"), {"other": "Other"}, []),
        (FALLING.replace("id: told", "id: said, was: [told]"), {"other": "Other"}, []),
        (JOURNEY.replace(SEND, ""), {}, ["1 sent message goes on to no other channel: the step that sent it is gone"]),
    ):
        after = made.next(text, messages)
        said = "\n".join(words(made.plan(after), made.at))
        for phrase in ("may go on", "no other channel"):
            assert (phrase in said) == any(phrase in line for line in lines), said
        assert all(line in said for line in lines)
    made.switch(made.next(JOURNEY.replace(SEND, "")))
    made.wait(T0 + 9 * HOUR)
    assert [one.channel for one in made.engine.messages] == ["sms"]


@pytest.mark.parametrize(("then", "said", "sent"), [
    ("messages_per_day: 1, over: drop", "2 messages that wait", 1), ("messages_per_day: 1, over: hold, entries_per_day: 9", "", 3),
])  # fmt: skip
def test_what_waits_for_the_next_day_of_a_limit_that_drops_from_now_on(then: str, said: str, sent: int) -> None:
    journey = "journey: try_it\nclass: service\nentry: {event: Basket Changed, key: event.basket}\nsteps:\n  - {id: mail, send: hello, channels: [email]}\n"
    made = Stage(journey + "limits: {messages_per_day: 1}\n")
    made.enter(T0, "ada", "ben", "cleo")
    after = made.next(journey + f"limits: {{{then}}}\n")
    lines = [line for line in words(made.plan(after), made.at) if line.startswith("  limits ")]
    assert lines == (
        [f"  limits     {said} for the next day, as far as the limit is still reached: over: drop (journey_limit)"] if said else []
    )
    made.switch(after)
    made.wait(T0 + 3 * DAY)
    assert len(made.engine.messages) == sent
