"""A version that lets people in by itself: a plan says how many, and so many then enter."""

import json

import pytest

from orchestrator.plan.words import as_json, words
from tests.unit.plan.stage import Stage
from tests.worlds import HOUR, T0

AUDIENCES = "audiences: {low: {when: customer.score < 30}}\n"
WIDER = AUDIENCES.replace("< 30", "< 60")
EVENT = "journey: try_it\nclass: service\nentry: {event: Basket Changed}\nsteps:\n  - {id: mail, send: hello, channels: [email]}\n"
JOINS = EVENT.replace("event: Basket Changed", "audience: low")
LEAVES, EXISTING = JOINS.replace("low", "low, change: leaves"), JOINS.replace("low", "low, existing: enter")


@pytest.mark.parametrize(("old", "new", "audiences", "said"), [
    (JOINS, JOINS, WIDER, "2 people join 'low' at once"),
    (JOINS, JOINS, AUDIENCES.replace("< 30", "< 5"), ""),
    (LEAVES, LEAVES, AUDIENCES.replace("< 30", "< 5"), "1 person leaves 'low' at once"),
    (EVENT, EXISTING, AUDIENCES, "1 person is in 'low' already"),
    (EVENT, JOINS, AUDIENCES, ""),
    (EXISTING, EXISTING.replace("low", "slow"), WIDER.replace("low", "slow"), ""),
    (JOINS, JOINS.replace("class:", "status: draining\nclass:"), WIDER, ""),
    (JOINS, JOINS.replace("class:", "active: {from: 2027-01-01}\nclass:"), WIDER, ""),
])  # fmt: skip
def test_who_enters_at_once(old: str, new: str, audiences: str, said: str) -> None:
    made = Stage(old, audiences=AUDIENCES)
    people = (("ada", 10), ("ben", 40), ("cleo", 50), ("dora", 90))
    made.engine.apply([made.engine.identify(who, T0, email=f"{who}@example.com", score=score) for who, score in people], until=T0)
    made.wait(T0 + HOUR)
    before = len(made.engine.messages)
    made.more["audiences"] = audiences
    after = made.next(new)
    plan = made.plan(after)
    lines = [line for line in words(plan, made.at) if line.startswith("enters")]
    assert lines == ([f"enters     try_it: {said}, if its entry lets them in"] if said else [])
    assert len(json.loads(json.dumps(as_json(plan)))["entering"]) == len(lines)
    made.switch(after)
    made.wait(made.at + 1000)
    assert len(made.engine.messages) - before == sum(one.people for one in plan.entering)
