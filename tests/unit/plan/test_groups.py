"""What a plan says of control groups, arms and messages that are not sent yet is what then happens."""

from collections import Counter

from orchestrator.plan.draws import draws
from orchestrator.plan.people import where_people_stand
from orchestrator.plan.plan import Plan, make_plan
from orchestrator.plan.words import as_json, words
from orchestrator.workspace.workspace import Workspace
from tests.one_journey import files, workspace
from tests.worlds import DAY, HOUR, T0, Engine

NUMBER = 600
HELD_OUT = """journey: try_it
class: service
entry: {event: Ping}
holdout: 10%
steps:
  - {id: hello, send: hello, channels: [email]}
"""
SPLIT = """journey: try_it
class: service
entry: {event: Ping}
steps:
  - {id: tone, split: {short: 50, long: 50}, sticky: customer}
  - {id: rest, delay: 2d}
  - {branch: [{when: steps.tone.path == 'short', then: [{id: brief, send: hello, channels: [email]}]}, {otherwise: [{id: story, send: hello, channels: [email]}]}]}
"""


def filled(journey: str, **more: str) -> Engine:
    """Everybody has entered once, at T0 + 1 h; nothing else has happened until T0 + 1 d."""
    engine = Engine(workspace({"try_it": journey}, None, **more))
    engine.workspace = workspace({"try_it": journey}, None, **more)  # with its control group
    people = [f"p{n}" for n in range(NUMBER)]
    engine.apply([engine.identify(who, T0, email=f"{who}@example.com", tier="gold") for who in people], until=T0)
    engine.apply([engine.identify(f"new{n}", T0, email="n@example.com") for n in range(20)], until=T0)
    enter(engine, T0 + HOUR)
    engine.apply([], until=T0 + DAY)
    return engine


def enter(engine: Engine, at: int) -> Counter[str]:
    """Everybody who was there at first comes again; reasons of what became of it."""
    outcome = engine.apply([engine.event(f"p{n}", at, "Ping") for n in range(NUMBER)], until=at)
    return Counter(one.reason.value for one in outcome.decisions)


def planned(engine: Engine, before: str, after: str, *, exit_runs: bool = False, **more: str) -> tuple[Plan, Workspace]:
    old, new = workspace({"try_it": before}, None, **more), workspace({"try_it": after}, None, **more)
    people = where_people_stand(engine.customers.values(), draws(new.name, old.journeys, new.journeys))
    versions = [(one, files({"try_it": text}, None, **more)) for one, text in ((old, before), (new, after))]
    return make_plan(versions[0], versions[1], people, exit_runs=exit_runs), new


def test_as_many_change_sides_of_a_holdout_as_the_plan_says() -> None:
    engine = filled(HELD_OUT)
    out = {one for one, customer in engine.customers.items() if one.startswith("p") and not any(m.customer == one for m in engine.messages)}
    made, new = planned(engine, HELD_OUT, HELD_OUT.replace("10%", "25%"))
    [change] = made.journeys[0].draws
    assert (change.step, change.kept) == ("", 0)
    engine.workspace = new
    later = enter(engine, T0 + 2 * DAY)
    assert change.people == later["held_out"] - len(out)
    assert 0.1 < change.people / NUMBER < 0.2
    assert (
        f"holdout    held out 10%, in 90% → held out 25%, in 75%   {change.people} people would change sides at a later entry"
        in "\n".join(words(made, T0))
    )


def test_as_many_take_another_arm_later_as_the_plan_says_and_runs_keep_theirs() -> None:
    engine = filled(SPLIT)
    after = SPLIT.replace("short: 50, long: 50", "short: 20, long: 80")
    made, new = planned(engine, SPLIT, after)
    [change] = made.journeys[0].draws
    assert (change.step, change.kept) == ("tone", NUMBER)
    arms = {who: one.runs[0].steps["tone"].path for who, one in engine.customers.items() if one.runs}
    engine.switch(new, T0 + DAY)
    engine.apply([], until=T0 + 4 * DAY)
    sent = {message.customer: message.step for message in engine.messages}
    assert sent == {who: "brief" if arm == "short" else "story" for who, arm in arms.items()}, "runs keep theirs"
    engine.messages.clear()
    enter(engine, T0 + 5 * DAY)
    engine.apply([], until=T0 + 8 * DAY)
    later = {message.customer: message.step for message in engine.messages}
    assert change.people == sum(later[who] != step for who, step in sent.items()) > NUMBER // 5
    assert as_json(made)["journeys"][0]["draws"][0]["people"] == change.people  # type: ignore[index]


def test_who_is_in_the_control_group_draws_no_arm() -> None:
    before = SPLIT.replace("steps:", "holdout: 20%\nsteps:", 1)
    after = before.replace("short: 50, long: 50", "short: 20, long: 80")
    engine = filled(before)
    made, new = planned(engine, before, after)
    [change] = made.journeys[0].draws
    arms = {who: one.runs[0].steps["tone"].path for who, one in engine.customers.items() if one.runs}
    assert len(arms) < NUMBER * 0.9
    engine.apply([], until=T0 + 4 * DAY)
    engine.workspace = new
    enter(engine, T0 + 5 * DAY)
    later = {who: one.runs[0].steps["tone"].path for who, one in engine.customers.items() if one.runs}
    assert change.people == sum(later[who] != arm for who, arm in arms.items())


def test_runs_that_draw_for_themselves_are_not_foretold() -> None:
    engine = filled(SPLIT.replace("sticky: customer", "sticky: run"))
    before, after = (
        SPLIT.replace("sticky: customer", "sticky: run").replace("short: 50, long: 50", text)
        for text in ("short: 50, long: 50", "short: 20, long: 80")
    )
    made, _new = planned(engine, before, after)
    assert [(one.people, one.kept) for one in made.journeys[0].draws] == [(None, NUMBER)]
    assert "every later run draws for itself" in "\n".join(words(made, T0))


def test_an_arm_that_is_gone_keeps_nobody() -> None:
    engine = filled(SPLIT)
    short = sum(one.runs[0].steps["tone"].path == "short" for one in engine.customers.values() if one.runs)
    made, _new = planned(engine, SPLIT, SPLIT.replace("short: 50, long: 50", "short: 50, other: 50"))
    assert made.journeys[0].draws[0].kept == short


def test_unchanged_shares_say_nothing() -> None:
    made, _new = planned(filled(SPLIT), SPLIT, SPLIT.replace("delay: 2d", "delay: 3d"))
    assert made.journeys[0].draws == ()


RULE = "topics: {news: {title: News, consent: {email: opt_out}}}\nsuppression: [{rule: gold, when: customer.tier == 'gold', classes: [service], then: hold}]\n"
HOLDING = (
    SPLIT.split("  - {id: tone", maxsplit=1)[0]
    + "  - {id: one, send: hello, channels: [email]}\n  - {id: two, send: hello, channels: [email]}\n"
)
GONE = HOLDING.replace("  - {id: one, send: hello, channels: [email]}\n", "")


def test_as_many_held_messages_are_cancelled_as_the_plan_says() -> None:
    for after, exit_runs, cancelled in (
        (HOLDING.replace("steps:", "in_flight: exit\nsteps:"), False, NUMBER),
        (GONE.replace("steps:", "in_flight: {removed: {one: two}}\nsteps:"), False, NUMBER),
        (GONE.replace("steps:", "in_flight: {removed: {one: exit}}\nsteps:"), False, NUMBER),
        (GONE, True, NUMBER),
        (HOLDING.replace("id: one", "id: uno, was: [one]"), False, 0),
        (HOLDING + "  - {id: rest, delay: 1d}\n", False, 0),
    ):
        engine = filled(HOLDING, policies=RULE)
        made, new = planned(engine, HOLDING, after, exit_runs=exit_runs, policies=RULE)
        assert (made.journeys[0].cancelled, made.refused) == (cancelled, ())
        outcome = engine.switch(new, T0 + DAY)
        assert sum(one.reason.value == "journey_exited" for one in outcome.decisions) == cancelled, after
        assert ("cancels    600 messages due or held" in "\n".join(words(made, T0))) == bool(cancelled)


def test_a_past_that_is_asked_for_longer_starts_with_what_is_kept() -> None:
    asks = SPLIT.replace("entry: {event: Ping}", "entry: {event: Ping, when: \"count_of('Pong', within='2d') < 3\"}")
    engine = Engine(workspace({"try_it": asks}))
    longer, _new = planned(engine, asks, asks.replace("'2d'", "'7d'"))
    assert longer.history == ("'Pong' is asked for 7d, 2d is kept: it starts with that at apply",)
    shorter, _new = planned(engine, asks.replace("'2d'", "'7d'"), asks)
    assert shorter.history == ()
    more, _new = planned(engine, SPLIT, asks)
    assert more.history == ("'Pong' is new: its past starts empty at apply",)
    totals = asks.replace(", within='2d'", "")
    kept, _new = planned(engine, totals, asks)
    assert kept.history == ("'Pong' is asked for 2d, nothing but how often is kept: it starts with that at apply",)
