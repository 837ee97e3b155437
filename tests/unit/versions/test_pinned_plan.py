"""What a plan says of `content: pinned`: who keeps the text they began with, of what is due and wherever people stand."""

import pytest

from orchestrator.plan.people import where_people_stand
from orchestrator.plan.plan import make_plan
from orchestrator.plan.words import words
from tests.one_journey import files
from tests.unit.versions.test_pinned import CONTINUED, JOURNEY, LATEST, deployment, load
from tests.worlds import DAY, HOUR, T0, Engine

KEEPS, USES = "1 not yet sent: 1 keeps the one it began with, 0 will use it", "1 not yet sent will use it"


@pytest.mark.parametrize(
    ("journey", "then", "said"),
    [
        (JOURNEY, JOURNEY, KEEPS), (LATEST, LATEST, USES), (JOURNEY, LATEST, USES), (LATEST, JOURNEY, KEEPS),
        (CONTINUED, CONTINUED.replace("pinned", "latest"), KEEPS), (CONTINUED.replace("pinned", "latest"), CONTINUED, USES),
    ],
)  # fmt: skip
def test_plan_says_who_keeps_the_old_text(journey: str, then: str, said: str) -> None:
    held = "topics: {news: {title: News, consent: {email: opt_out, sms: opt_out, whatsapp: opt_out}}}\nquiet_hours: [{rule: all, from: '09:00', to: '12:00', classes: [service]}]\n"
    given = files({"try_it": journey}, {"hello": "One"}, policies=held)
    engine = Engine(load(given))
    engine.apply([engine.identify("ada", T0, email="ada@example.com"), engine.event("ada", T0, "Basket Changed", basket="b1")])
    after = files({"try_it": then}, {"hello": "Two"}, policies=held)
    made = make_plan((load(given), given), (load(after), after), where_people_stand(engine.customers.values()))
    assert said in "\n".join(words(made, T0))
    assert [(one.waiting, one.pinned) for one in made.messages] == [(1, 1 if said is KEEPS else 0)]


def test_plan_says_how_many_keep_the_old_text_wherever_they_stand() -> None:
    made = deployment()
    for who in ("ada", "ben"):
        made.enter(T0, who)
    plan = made.apply(T0 + DAY, "Two")
    assert [(one.waiting, one.pinned, one.keep) for one in plan.messages] == [(0, 0, 2)]
    assert "0 not yet sent will use it; 2 people in flight keep the one they began with; 0 sent again" in "\n".join(words(plan, T0))
    made.enter(T0 + DAY, "cleo")
    assert [one.keep for one in made.apply(T0 + DAY + HOUR, "Three").messages] == [3]
    assert [one.keep for one in made.apply(T0 + DAY + 2 * HOUR, "One").messages] == [1], "Ada's and Ben's is the new one"
    assert [one.keep for one in made.apply(T0 + DAY + 3 * HOUR, "Four", LATEST).messages] == [0]
    made.engine.apply([], until=T0 + 4 * DAY)
