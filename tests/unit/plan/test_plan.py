"""A plan says what a new version means to the people inside, and that is what then happens."""

import re
from collections import Counter

import pytest

from orchestrator.plan.mermaid import mermaid
from orchestrator.plan.people import People, where_people_stand
from orchestrator.plan.plan import Plan, make_plan
from orchestrator.plan.words import as_json, words
from orchestrator.workspace.workspace import Workspace
from tests.one_journey import files, workspace
from tests.worlds import DAY, HOUR, T0, Engine

BEFORE = """journey: try_it
class: service
entry: {event: Basket Changed, key: event.basket}
steps:
  - {id: first, send: hello, channels: [email]}
  - {id: rest, delay: 2d}
  - id: answer
    wait_until: {event: Order Placed, same: basket, timeout: 3d}
    on_event: exit
  - {id: second, send: hello, channels: [sms]}
  - {id: last, delay: 1d}
  - {id: third, send: hello, channels: [email]}
"""
NUMBER = 10_000
"""People inside; a third stands in each of `rest`, `answer` and `last`."""


def filled(number: int) -> Engine:
    """Some entered six days before T0 + 6 d, some four, some one."""
    engine = Engine(workspace({"try_it": BEFORE}))
    people = [f"p{n}" for n in range(number)]
    engine.apply([engine.identify(who, T0, email=f"{who}@example.com", phone="+447911123456") for who in people], until=T0)
    for part, day in enumerate((0.5, 2.0, 5.0)):
        at = T0 + int(day * DAY)
        engine.apply([engine.event(who, at, "Basket Changed", basket="b1") for who in people[part::3]], until=at)
    engine.apply([], until=T0 + 6 * DAY)
    engine.messages.clear()
    return engine


def planned(engine: Engine, journeys: dict[str, str], *, exit_runs: bool = False) -> tuple[Plan, Workspace]:
    new = workspace(journeys)
    people = where_people_stand(engine.customers.values())
    return make_plan((workspace({"try_it": BEFORE}), files({"try_it": BEFORE})), (new, files(journeys)), people, exit_runs=exit_runs), new


def standing(engine: Engine) -> Counter[str]:
    return Counter(run.node for customer in engine.customers.values() for run in customer.runs)


def edited(old: str, new: str, in_flight: str = "") -> str:
    assert old in BEFORE
    return BEFORE.replace(old, new).replace("steps:\n", (f"in_flight: {in_flight}\n" if in_flight else "") + "steps:\n", 1)


@pytest.fixture(scope="module")
def people() -> Engine:
    return filled(NUMBER)


def fresh(engine: Engine) -> Engine:
    """The same people, to be changed."""
    return Engine(engine.workspace, {who: one.copy() for who, one in engine.customers.items()}, [], dict(engine.due), offset=engine.offset)


def test_where_ten_thousand_people_stand_is_told_step_by_step(people: Engine) -> None:
    found = where_people_stand(people.customers.values())
    assert found.crowd("try_it").by(lambda place: place.step) == dict(standing(people)) == {"last": 3334, "answer": 3333, "rest": 3333}
    rest = found.at("try_it", "rest")
    assert (rest.first, rest.last) == (T0 + 7 * DAY, T0 + 7 * DAY)
    assert found.inside("try_it") == NUMBER


def test_a_changed_delay_keeps_as_many_instants_as_the_plan_says(people: Engine) -> None:
    engine = fresh(people)
    made, new = planned(engine, {"try_it": edited("delay: 2d", "delay: 5d")})
    [change] = made.journeys[0].steps
    assert (change.mark, change.step, change.what, change.people) == ("~", "rest", "delay 2d → 5d", 3333)
    assert made.refused == ()
    before = {who: run.due for who, one in engine.customers.items() for run in one.runs if run.node == "rest"}
    engine.switch(new, T0 + 6 * DAY)
    after = {who: run.due for who, one in engine.customers.items() for run in one.runs if run.node == "rest"}
    assert len(after) == change.people
    assert after == before


def test_rescheduled_people_get_the_instant_of_the_new_text(people: Engine) -> None:
    engine = fresh(people)
    made, new = planned(engine, {"try_it": edited("delay: 2d", "delay: 5d", "{waits: reschedule}")})
    engine.switch(new, T0 + 6 * DAY)
    moved = [run.due for one in engine.customers.values() for run in one.runs if run.node == "rest"]
    assert moved == [T0 + 10 * DAY] * made.journeys[0].steps[0].people


def test_a_removed_step_is_refused_until_it_says_where_people_go(people: Engine) -> None:
    engine = fresh(people)
    gone = edited("  - {id: rest, delay: 2d}\n", "")
    refused, _new = planned(engine, {"try_it": gone})
    assert [(one.code, one.what) for one in refused.refused] == [("J040", "try_it: step 'rest' is gone, 3333 people stand in it")]
    made, new = planned(engine, {"try_it": gone.replace("steps:", "in_flight: {removed: {rest: second}}\nsteps:", 1)})
    assert made.refused == ()
    change = next(one for one in made.journeys[0].steps if one.mark == "-")
    assert (change.step, change.people, change.to) == ("rest", 3333, "second")
    engine.switch(new, T0 + 6 * DAY)
    assert sum(1 for message in engine.messages if message.step == "second") == change.people
    assert standing(engine) == {"last": 3334 + 3333, "answer": 3333}


def test_exit_runs_ends_as_many_as_stood_there(people: Engine) -> None:
    engine = fresh(people)
    made, new = planned(engine, {"try_it": edited("  - {id: rest, delay: 2d}\n", "")}, exit_runs=True)
    assert made.refused == ()
    outcome = engine.switch(new, T0 + 6 * DAY)
    assert Counter(one.how for one in outcome.endings) == {"version_exit": 3333}


def test_a_deleted_journey_is_refused_with_people_in_it(people: Engine) -> None:
    engine = fresh(people)
    other = {"other": BEFORE.replace("journey: try_it", "journey: other")}
    refused, _new = planned(engine, other)
    assert [(one.code, one.what) for one in refused.refused] == [("J047", f"journey 'try_it' is deleted with {NUMBER} people in it")]
    made, new = planned(engine, other, exit_runs=True)
    assert made.refused == ()
    outcome = engine.switch(new, T0 + 6 * DAY)
    assert Counter(one.how for one in outcome.endings) == {"version_exit": NUMBER}


def test_a_new_step_reaches_those_before_it_and_no_others(people: Engine) -> None:
    engine = fresh(people)
    made, new = planned(engine, {"try_it": edited("  - {id: second", "  - {id: between, send: hello, channels: [email]}\n  - {id: second")})
    [change] = made.journeys[0].steps
    assert (change.mark, change.step, change.before, change.past) == ("+", "between", 6666, 3334)
    engine.switch(new, T0 + 6 * DAY)
    engine.apply([], until=T0 + 20 * DAY)
    counts = Counter(message.step for message in engine.messages)
    assert counts == {"between": change.before, "second": 6666, "third": NUMBER}


def test_a_renamed_step_keeps_its_people(people: Engine) -> None:
    engine = fresh(people)
    made, new = planned(engine, {"try_it": edited("{id: rest, delay: 2d}", "{id: pause, was: [rest], delay: 2d}")})
    [change] = made.journeys[0].steps
    assert (change.mark, change.step, change.what, change.people) == ("~", "pause", "was 'rest'", 3333)
    engine.switch(new, T0 + 6 * DAY)
    assert standing(engine) == {"last": 3334, "answer": 3333, "pause": 3333}


def test_reordered_steps_lose_nobody(people: Engine) -> None:
    engine = fresh(people)
    lines = BEFORE.split("steps:\n")
    moved = lines[0] + "steps:\n" + "  - {id: first, send: hello, channels: [email]}\n  - {id: last, delay: 1d}\n" + lines[1].replace("  - {id: first, send: hello, channels: [email]}\n", "").replace("  - {id: last, delay: 1d}\n", "")  # fmt: skip
    made, new = planned(engine, {"try_it": moved})
    assert made.refused == ()
    assert [(one.mark, one.step, one.what, one.people) for one in made.journeys[0].steps] == [("~", "last", "now behind 'first'", 3334)]
    engine.switch(new, T0 + 6 * DAY)
    assert standing(engine) == {"last": 3334, "answer": 3333, "rest": 3333}


def test_runs_exit_says_that_everybody_leaves(people: Engine) -> None:
    engine = fresh(people)
    made, new = planned(engine, {"try_it": edited("  - {id: rest, delay: 2d}\n", "", "exit")})
    assert made.refused == ()
    assert made.journeys[0].in_flight.startswith("exit")
    outcome = engine.switch(new, T0 + 6 * DAY)
    assert len(outcome.endings) == made.journeys[0].people == NUMBER


def test_a_plan_in_words_and_as_json() -> None:
    engine = filled(3)
    after = edited("delay: 2d", "delay: 5d").replace("title", "title").replace("class: service", "class: service\npriority: 70")
    made, _new = planned(engine, {"try_it": after})
    text = "\n".join(words(made, T0 + 6 * DAY))
    assert "header     + priority 70" in text
    assert "~ rest       delay        delay 2d → 5d   1 person keeps its instant (next in 1 d 0 h, last in 1 d 0 h)" in text
    assert text.endswith("refused    nothing")
    assert as_json(made)["refused"] == ()
    same, _new = planned(engine, {"try_it": BEFORE})
    assert words(same, T0)[0].endswith("is in force already: nothing would change")


def test_a_message_that_is_still_to_go_cannot_be_removed() -> None:
    held = "topics: {news: {title: News, consent: {email: opt_out}}}\nsuppression: [{rule: quiet, when: customer.tier == 'gold', classes: [service], then: hold}]\n"
    journey = BEFORE.split("  - {id: rest", maxsplit=1)[0]
    bye = journey.replace("send: hello", "send: bye")
    old = workspace({"try_it": bye}, {"bye": "Bye"}, policies=held)
    engine = Engine(old)
    engine.apply([engine.identify("ada", T0, email="a@example.com", tier="gold")], until=T0)
    engine.apply([engine.event("ada", T0 + HOUR, "Basket Changed", basket="b1")], until=T0 + HOUR)
    found = where_people_stand(engine.customers.values())
    assert found.waiting("bye") == 1
    made = make_plan(
        (old, files({"try_it": bye}, {"bye": "Bye"}, policies=held)),
        (workspace({"try_it": journey}, policies=held), files({"try_it": journey}, policies=held)),
        found,
    )
    assert [one.code for one in made.refused] == ["J049"]
    assert made.messages[0].waiting == 1


def test_before_the_first_apply_everything_is_new() -> None:
    made = make_plan(None, (workspace({"try_it": BEFORE}), files({"try_it": BEFORE})), People())
    assert (made.base, made.refused) == ("", ())
    assert "try_it  live  new" in "\n".join(words(made, T0))


def test_a_journey_is_drawn_from_the_steps_that_run() -> None:
    engine = filled(3)
    drawn = mermaid(workspace({"try_it": BEFORE}).journeys["try_it"], where_people_stand(engine.customers.values()))
    assert drawn.startswith("flowchart TD\n")
    assert '["rest: delay 2d<br/>1 person"]' in drawn
    assert '-->|"timeout 3d"| s3' in drawn
    assert '-->|"Order Placed"| stop' in drawn
    unsafe = mermaid(workspace({"try_it": BEFORE.replace("journey: try_it", 'journey: try_it\ntitle: "a <b> # c"')}).journeys["try_it"])
    assert '["a #lt;b#gt; #35; c: Basket Changed"]' in unsafe


def test_no_text_of_a_journey_breaks_the_picture() -> None:
    """One line for each statement of Mermaid, whatever a condition or a title holds."""
    condition = "customer.first_name in ['" + "a" * 80 + "']"
    journey = BEFORE.replace("journey: try_it", "journey: try_it\ntitle: |\n  %%{init: {}}%% `a` \\\n  end;").replace(
        "  - {id: second,", f"  - branch:\n      - when: |\n          customer.score > 1\n          and customer.score < 5\n        then: exit\n      - when: {condition}\n        then: exit\n  - {{id: second,"
    )  # fmt: skip
    drawn = mermaid(workspace({"try_it": journey}).journeys["try_it"])
    line = re.compile(r'  (\w+(\(\["[^"]+"\]\)|\["[^"]+"\]|\{"[^"]+"\})|\w+ -->(\|"[^"]+"\|)? \w+|entry\(\["[^"]+"\]\) --> \w+)')
    assert [one for one in drawn.splitlines()[1:] if not line.fullmatch(one)] == []
    assert '-->|"customer.score #gt; 1 and customer.score #lt; 5"| stop' in drawn
    assert "\"customer.first_name in ['" + "a" * 54 + '…"' in drawn, "what is cut is seen to be cut"
    assert "%%" not in drawn
    assert "`" not in drawn


def test_what_a_send_does_further_is_told_in_words() -> None:
    text = edited("channels: [email]}\n  - {id: rest", "channels: [email, sms], fallback: {on: [unseen], after: 4h}}\n  - {id: rest")
    made, _new = planned(Engine(workspace({"try_it": BEFORE})), {"try_it": text})
    [change] = made.journeys[0].steps
    assert change.what == "channels [email] → [email, sms], + fallback on [unseen], + fallback after 4h"
    assert change.what in "\n".join(words(made, T0))
