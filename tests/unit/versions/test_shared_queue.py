"""`waits: reschedule` in a throttle that everybody shares: who waits gets the place the new text gives, in the order of the old ones."""

from itertools import pairwise

import pytest

from orchestrator import partition_sweep
from orchestrator.engine.batch import Outcome
from orchestrator.plan.words import words
from orchestrator.state.stored_customer import customer_of
from orchestrator.workspace.earlier import followed_by
from orchestrator.workspace.editions import decode_editions, editions_after, encode_editions
from tests.one_journey import workspace
from tests.unit.plan.stage import Stage, load
from tests.unit.policies.test_limits import Partitions
from tests.worlds import HOUR, T0

MINUTE = 60_000
HEAD = "journey: try_it\nclass: service\nentry: {event: Basket Changed, key: event.basket}\n"
STEPS = "steps:\n  - {id: gently, throttle: {max: 1, per: 1h, scope: journey}}\n  - {id: mail, send: hello, channels: [email]}\n"
ANEW = "in_flight: {waits: reschedule}\n"
PEOPLE = ("fay", "ada", "eve", "ben", "dan", "cleo")


def queued() -> Stage:
    """In another order than that of their names; the second passes an hour after the first."""
    made = Stage(HEAD + STEPS)
    for number, who in enumerate(PEOPLE):
        made.enter(T0 + number * 1000, who)
    made.wait(T0 + HOUR + 10 * MINUTE)
    return made


def sent(made: Stage) -> list[tuple[str, int]]:
    found = sorted((one.at, name) for name, customer in made.engine.customers.items() for one in customer.messages.sent)
    return [(name, (at - T0) // MINUTE) for at, name in found]


def dues(made: Stage) -> list[int]:
    found = [run.due for customer in made.engine.customers.values() for run in customer.runs]
    return sorted((due - T0) // MINUTE for due in found if due is not None)


@pytest.mark.parametrize(("text", "minutes"), [
    ("max: 1, per: 10m", [70, 80, 90, 100]), ("max: 1, per: 1h", [120, 180, 240, 300]), ("max: 2, per: 1h", [70, 120, 130, 180]),
    ("max: 1, per: 3h", [240, 420, 600, 780]), ("max: 9, per: 10m", [70, 70, 70, 70]),
])  # fmt: skip
def test_they_go_on_by_the_new_text_in_the_order_of_their_places_as_plan_says(text: str, minutes: list[int]) -> None:
    made = queued()
    assert dues(made) == [120, 180, 240, 300]
    after = made.next(HEAD + ANEW + STEPS.replace("max: 1, per: 1h", text))
    change = next((one for one in made.plan(after).journeys[0].steps if one.step == "gently"), None)
    made.switch(after)
    assert dues(made) == minutes
    assert (change is None) == (text == "max: 1, per: 1h"), "everybody gets the instant they had"
    if change is not None:
        assert ((change.first or 0) - T0) // MINUTE == minutes[0]
        assert ((change.last or 0) - T0) // MINUTE == minutes[-1]
    made.wait(T0 + 30 * HOUR)
    assert sorted(sent(made)) == sorted([("fay", 0), ("ada", 60), *zip(PEOPLE[2:], minutes, strict=True)])


def test_kept_waits_keep_their_places_and_whoever_comes_is_behind_all() -> None:
    made = queued()
    made.switch(made.next(HEAD + STEPS.replace("per: 1h", "per: 10m")))
    assert dues(made) == [120, 180, 240, 300]
    made.enter(made.at + 1000, "zoe")
    assert dues(made)[-1] == 310
    made.switch(made.next(HEAD + ANEW + STEPS.replace("per: 1h", "per: 11m")))
    made.enter(made.at + 1000, "yves")
    made.wait(T0 + 30 * HOUR)
    assert [who for who, _at in sent(made)] == [*PEOPLE, "zoe", "yves"]
    times = [at for _who, at in sent(made)]
    assert all(after - before >= 11 for before, after in pairwise(times[1:]))


def test_places_are_given_up_once_for_each_text_that_says_so() -> None:
    made, quick = queued(), STEPS.replace("per: 1h", "per: 10m")
    for steps, minutes in ((quick, [70, 80, 90, 100]), (STEPS, [120, 180, 240, 300]), (quick, [70, 80, 90, 100])):
        made.switch(made.next(HEAD + ANEW + steps))
        assert dues(made) == minutes, steps
    made.switch(made.next(HEAD + ANEW.replace("reschedule", "keep") + quick))
    made.switch(made.next(HEAD + ANEW + quick))
    assert dues(made) == [70, 80, 90, 100], "a text that was in force before"
    made.switch(made.next(HEAD + ANEW + quick, {"hello": "Hi"}))
    made.enter(made.at, "zoe")
    assert dues(made)[-1] == 110, "another file changed: the queue is the same"


def test_whose_turn_has_come_at_the_apply_goes() -> None:
    made = queued()
    made.wait(T0 + 2 * HOUR - 1)
    made.at += 1
    made.switch(made.next(HEAD + ANEW + STEPS.replace("per: 1h", "per: 10m")))
    assert sent(made)[-1] == ("eve", 120)
    assert dues(made) == [130, 140, 150]


def test_a_plan_tells_their_new_instants() -> None:
    made = queued()
    plan = made.plan(made.next(HEAD + ANEW + STEPS.replace("per: 1h", "per: 10m")))
    assert [line for line in words(plan, made.at) if "gently" in line] == [
        "  ~ gently     throttle     throttle per 1h → 10m   4 people get a new instant (next in 1 s, last in 30 min 1 s)"
    ]


@pytest.mark.parametrize("everybody", [False, True])
async def test_partitions_ask_together_and_no_stretch_has_more(everybody: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """`everybody`: all profiles are walked, by name, because somebody may enter at once."""
    monkeypatch.setattr(partition_sweep, "MOST_REVISITED", 5)
    entered: list[tuple[int, str]] = []
    space = workspace({"try_it": HEAD + STEPS.replace("max: 1", "max: 4")})
    many = Partitions(space, 3)
    await many.begin()
    for n in range(60):
        name, at = f"c{99 - n}", T0 + n
        known = many.made.identify(name, at, email=f"{name}@example.com")
        many.sources[n % 3].records += [known, many.made.event(name, at, "Basket Changed", basket="b")]
    await many.run(T0 + 100)
    for loop in many.loops:
        before = loop._observe

        def observe(outcome: Outcome, partition: int, seconds: float, before: object = before) -> None:
            entered.extend((one.at, one.customer) for one in outcome.decisions if one.reason.value == "allowed")

        loop._observe = observe
    await many.run(T0 + HOUR + 10)
    assert len(entered) == 4
    places: dict[str, int] = {}
    for partition in range(3):
        names = [f"c{99 - n}" for n in range(60) if n % 3 == partition]
        for name, value in (await many.store.load(partition, names)).items():
            places.update((name, run.place) for run in customer_of(name, value).runs if run.due is not None)
    assert sorted(places.values()) == list(range(9, 61)), "as many as the hour lets pass, twice"
    more = {
        "other": HEAD.replace("try_it", "other").replace("event: Basket Changed, key: event.basket", "audience: nobody, existing: enter")
    }
    quick = HEAD + ANEW + STEPS.replace("max: 1, per: 1h", "max: 6, per: 10m")
    after = workspace(
        {"try_it": quick, **({"other": more["other"] + "steps: [{id: rest, delay: 1d}]\n"} if everybody else {})},
        audiences="audiences: {nobody: {when: customer.tier == 'gold'}}\n",
    )
    many.version.workspace = followed_by(many.version.workspace, after)
    await many.loops[0].step()
    assert many.loops[0].state.sweep is not None, "who waits is told first"
    assert many.loops[0].state.everybody == ("" if everybody else None)
    for second in range(0, 3 * 3600, 30):
        await many.run(T0 + HOUR + MINUTE + second * 1000)
    assert len(entered) == 60 - 4
    found = sorted((at, places[who]) for at, who in entered if who in places)
    assert [place for _at, place in found] == sorted(places.values()), "in the order of their places, whoever's partition was told first"
    times = sorted(at for at, _who in entered)
    for number, at in enumerate(times[4:], 4):
        assert sum(1 for other in times[: number + 1] if at - 10 * MINUTE < other <= at) <= 6
    assert times[-1] <= T0 + HOUR + MINUTE + 100 * MINUTE


def test_editions_are_counted_only_where_everybody_shares_a_queue() -> None:
    one, other = load(Stage(HEAD + STEPS).files).journeys, load(Stage(HEAD + ANEW + STEPS).files).journeys
    alone = load(Stage(HEAD + STEPS.replace(", scope: journey", "")).files).journeys
    assert editions_after({}, alone, alone) == {}
    assert editions_after({}, alone, one) == {"try_it": 1}
    assert editions_after({"try_it": 1}, one, one) == {"try_it": 1}
    assert editions_after({"try_it": 1}, one, other) == {"try_it": 2}
    assert editions_after({"try_it": 2}, other, {}) == {"try_it": 2}
    assert editions_after({"try_it": 2}, {}, one) == {"try_it": 3}
    assert decode_editions(encode_editions({"try_it": 3})) == {"try_it": 3}
    assert decode_editions(None) == {}


async def test_messages_are_counted_once_where_only_an_earlier_version_has_the_queue() -> None:
    """A batch that asks the store is applied twice."""
    other = HEAD.replace("try_it", "other").replace("event: Basket Changed, key: event.basket", "event: Ping") + (
        "steps: [{id: mail, send: hello, channels: [email]}]\n"
    )
    rest = "steps:\n  - {id: rest, delay: 1h}\n"
    first = workspace({"try_it": HEAD + rest + STEPS.removeprefix("steps:\n"), "other": other})
    many = Partitions(first, 2)
    await many.begin()
    await many.people(4, T0)
    after = workspace({"try_it": HEAD + "in_flight: continue\n" + rest, "other": other})
    many.version.workspace = followed_by(first, after)
    await many.run(T0 + MINUTE)
    for number, source in enumerate(many.sources):
        source.records.append(many.made.event(f"c{T0}.{number}", T0 + 2 * HOUR, "Ping"))
    await many.run(T0 + 2 * HOUR)
    assert [loop.state.pace.leases["messages/other"].used for loop in many.loops] == [1, 1]
