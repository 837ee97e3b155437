"""`split`: the same person on the same arm; shares as written; a run keeps its arm."""

import math

from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.model.bucket import bucket
from orchestrator.workspace.steps.split import weight_of
from orchestrator.workspace.yaml_node import Node
from tests.examples import examples
from tests.one_journey import errors, play, workspace
from tests.worlds import T0, Engine

SPLIT = """journey: try_it
class: service
entry: {event: Ping, reentry: {on_repeat: parallel}}
steps:
  - id: tone
    split:
      - {name: short, weight: 30, then: brief}
      - {name: long, weight: 70, then: [{id: story, send: hello, channels: [sms]}, {exit: told}]}
  - {id: brief, send: hello, channels: [email]}
"""
MANY = "given: {population: 2000}\nwhen: [{at: 0h, customer: '*', event: Ping}]\n"


def test_shares_are_as_written() -> None:
    assert play(SPLIT, MANY + "then: {counts: {entries: 2000, sends: 2000}}") == []
    space = workspace({"try_it": SPLIT})
    engine = Engine(space)
    people = [f"p{n}" for n in range(2000)]
    engine.apply([engine.identify(who, T0, email=f"{who}@example.com", phone="+447911123456") for who in people], until=T0)
    engine.apply([engine.event(who, T0 + 1000, "Ping") for who in people], until=T0 + 1000)
    short = sum(1 for message in engine.messages if message.step == "brief")
    assert abs(short - 600) < 4 * math.sqrt(2000 * 0.3 * 0.7)
    assert len(engine.messages) == 2000


def test_a_person_gets_the_same_arm_at_every_run_and_it_is_the_one_of_the_documented_hash() -> None:
    engine = Engine(workspace({"try_it": SPLIT}))
    people = [f"p{n}" for n in range(60)]
    engine.apply([engine.identify(who, T0, email=f"{who}@example.com", phone="+447911123456") for who in people], until=T0)
    for again in range(3):
        at = T0 + 1000 + again
        engine.apply([engine.event(who, at, "Ping") for who in people], until=at)
    steps: dict[str, list[str]] = {}
    for message in engine.messages:
        steps.setdefault(message.customer, []).append(message.step)
    for who in people:
        wanted = "brief" if bucket("loom_kite", "split", "try_it/tone", who) < 0.3 else "story"
        assert steps[who] == [wanted] * 3


def test_sticky_run_draws_every_run_anew() -> None:
    engine = Engine(workspace({"try_it": SPLIT.replace("    split:", "    sticky: run\n    split:")}))
    engine.apply([engine.identify("ada", T0, email="a@example.com", phone="+447911123456")], until=T0)
    for n in range(40):
        engine.apply([engine.event("ada", T0 + 1000 + n, "Ping")], until=T0 + 1000 + n)
    assert {message.step for message in engine.messages} == {"brief", "story"}


def test_a_renamed_split_draws_as_before_and_steps_say_the_arm() -> None:
    renamed = SPLIT.replace("id: tone", "id: voice\n    was: [tone]")
    journey = renamed.replace(
        "id: brief, send: hello, channels: [email]", "id: brief, only_if: steps.voice.path == 'short', send: hello, channels: [email]"
    )
    before, after = (Engine(workspace({"try_it": text})) for text in (SPLIT, journey))
    for engine in (before, after):
        engine.apply([engine.identify(f"p{n}", T0, email="a@example.com", phone="+447911123456") for n in range(50)], until=T0)
        engine.apply([engine.event(f"p{n}", T0 + 1000, "Ping") for n in range(50)], until=T0 + 1000)
    assert [(m.customer, m.step) for m in before.messages] == [(m.customer, m.step) for m in after.messages]


def test_a_test_may_say_the_arm() -> None:
    for arm, step in (("short", "brief"), ("long", "story")):
        assert play(SPLIT, f"given: {{arms: {{tone: {arm}}}}}\nwhen: [{{at: 0h, event: Ping}}]\nthen: {{sends: [{{step: {step}}}]}}") == []
    # where another text is applied, lint does not know which arms there are
    when = "when: [{at: 0h, event: Ping}, {at: 1h, apply: fixtures/next.yaml}]"
    wrong = play(SPLIT, f"given: {{arms: {{tone: shrot}}}}\n{when}\nthen: {{sends: []}}", then=SPLIT)
    assert wrong == ["the test cannot be run: given.arms: 'tone' has no arm 'shrot'; it has short, long"]


def test_what_lint_says_of_splits() -> None:
    def codes(arms: str) -> list[tuple[str, str]]:
        return [
            (f.code, f.what)
            for f in errors(
                SPLIT.split("    split:", maxsplit=1)[0] + f"    split: {arms}\n  - {{id: brief, send: hello, channels: [email]}}\n"
            )
        ]

    assert codes("{a: 50, b: 50}") == []
    assert codes("{a: 33.33%, b: 33.33%, c: 33.34%}") == []
    assert codes("{a: 50, b: 60}") == [("J031", "the weights add up to 110")]
    assert codes("{a: 50, winner: 50}") == [("J032", "'winner' is reserved")]
    assert codes("{a: 50, b: half}") == [("J031", "`half` is no weight")]
    assert codes("[{name: a, weight: 50}, {name: a, weight: 50}]") == [("J031", "the arm 'a' stands twice")]
    assert codes("[{name: a, weight: 100}]")[0][0] == "J031"
    assert codes("[{name: a, weight: 50, then: nowhere}, {name: b, weight: 50}]")[0][0] == "J016"
    assert codes("{A b: 50, c: 50}")[0][0] == "Y005"


@settings(max_examples=examples(200))
@given(st.text(max_size=12))
def test_any_text_is_a_weight_or_none(text: str) -> None:
    found = weight_of(Node("scalar", 1, 1, text=text))
    assert found is None or 0 <= found <= 100
