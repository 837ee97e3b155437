"""A journey that is entered by an audience, when that gets another name or the values it reads change."""

import pytest

from orchestrator.workspace.entrances import entrances
from tests.one_journey import PROFILE
from tests.unit.plan.stage import Stage, load
from tests.worlds import HOUR, T0

AUDIENCES = "audiences: {low: {when: customer.score < 30}, lower: {when: customer.score < 20}}\n"
JOURNEY = (
    "journey: try_it\nclass: service\nentry: {audience: low, existing: enter}\nsteps:\n  - {id: mail, send: hello, channels: [email]}\n"
)


@pytest.mark.parametrize(("audiences", "name"), [(AUDIENCES.replace("low:", "slow:"), "slow"), (AUDIENCES, "lower")])
def test_nobody_enters_again_because_a_live_journey_names_another_audience(audiences: str, name: str) -> None:
    """`existing: enter` is about the moment a journey first goes live."""
    made = Stage(JOURNEY, audiences=AUDIENCES)
    made.engine.apply([made.engine.identify("ada", T0, email="a@example.com", score=10)], until=T0)
    made.wait(T0 + HOUR)
    assert len(made.engine.messages) == 1
    made.more["audiences"] = audiences
    made.switch(made.next(JOURNEY.replace("audience: low", f"audience: {name}")))
    made.wait(T0 + 2 * HOUR)
    assert len(made.engine.messages) == 1
    for at, score in ((T0 + 3 * HOUR, 50), (T0 + 4 * HOUR, 5)):
        made.engine.apply([made.engine.identify("ada", at, score=score)], until=at)
    assert len(made.engine.messages) == 2, "whoever leaves and joins again enters as ever"


@pytest.mark.parametrize(("old", "new"), [
    ("score: {type: integer, default: 0}", "score: {type: integer, default: 40}"), ("tier: {type: text}", "tier: {type: choice, of: [a, b]}"),
])  # fmt: skip
def test_everybody_is_looked_at_when_what_gives_traits_their_values_changes(old: str, new: str) -> None:
    made = Stage(JOURNEY, audiences=AUDIENCES)
    before = entrances(load(made.files))
    assert old in PROFILE
    assert entrances(load(made.next(JOURNEY, profile=PROFILE.replace(old, new)))) != before
    assert (
        entrances(
            load(
                made.next(
                    JOURNEY + "x_note: 1\n",
                    policies=made.more.get(
                        "policies", "topics: {news: {title: News, consent: {email: opt_out, sms: opt_out, whatsapp: opt_out}}}\n"
                    ),
                )
            )
        )
        == before
    )
