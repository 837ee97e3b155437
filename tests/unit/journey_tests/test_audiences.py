"""Entry by audience, told as marketers tell it: a workspace in YAML, and journey tests in which customers join and leave."""

import re
from functools import cache
from pathlib import Path

import pytest

from orchestrator.content.check import check_message
from orchestrator.journey_tests.session import Session
from orchestrator.journey_tests.versions import Versions
from orchestrator.runtime.clock import SystemClock
from orchestrator.workspace.file_names import read_files
from orchestrator.workspace.finding import Findings
from orchestrator.workspace.load import load_files
from orchestrator.workspace.shape import Reading
from orchestrator.workspace.test_file import read_tests
from orchestrator.workspace.workspace import Workspace
from orchestrator.workspace.yaml_reader import read_yaml

EXAMPLE = {
    name: value for name, value in read_files(Path(__file__).parents[3]).items()
    if name == "config/concierge.yaml" or name.startswith("templates/layouts/")
}  # fmt: skip
AUDIENCES = """audiences:
  slow_line: {when: customer.line_speed < 30}
  lapsed: {when: "count_of('Order Placed') > 0 and not seen('Order Placed', within='120d')"}
  buyers: {when: count_of('Order Placed') > 0}
  quiet: {when: in_audience('lapsed') and not in_audience('slow_line')}
"""
JOURNEY = """journey: {name}
class: service
entry:
{entry}
goal: {{event: Order Placed, within: 30d}}
steps:
  - id: hello
    send: hello
    channels: [email]
"""
MESSAGE = """message: hello
class: service
topic: care
content:
  en:
    subject: Are you well?
    preheader: We have not heard of you.
    body: "{{ entry.audience }}, {{ entry.change }}, {{ entry.timestamp | datetime }}. {{ brand.voice.sign_off }}"
    action: {label: Tell us, url: "https://example.com/a"}
  de:
    subject: Wie geht es?
    preheader: Wir haben nichts gehört.
    body: "{{ entry.audience }}, {{ entry.change }}, {{ entry.timestamp | datetime }}. {{ brand.voice.sign_off }}"
    action: {label: Sagen Sie es uns, url: "https://example.com/a"}
"""
PROFILE = """traits:
  line_speed: {type: number}
  asked: {type: boolean}
  locale: {type: locale}
  timezone: {type: timezone}
"""
SOURCE = "source: backend\nevents:\n  Order Placed: {order_id: text!}\n  Line Tested: {mbit: number}\n"


def files(**journeys: str) -> dict[str, bytes]:
    """A workspace of its own: these journeys, each with the entry or the whole text given."""
    texts = {name: text if text.startswith("journey:") else JOURNEY.format(name=name, entry=text) for name, text in journeys.items()}
    found = {
        "config/profile.yaml": PROFILE, "config/audiences.yaml": AUDIENCES, "config/sources/backend.yaml": SOURCE,
        "config/policies.yaml": "topics:\n  care: {title: Care, consent: {email: opt_out}}\n", "templates/messages/hello.yaml": MESSAGE,
        **{f"config/journeys/{name}.yaml": text for name, text in texts.items()},
    }  # fmt: skip
    return {**EXAMPLE, **{name: text.encode() for name, text in found.items()}}


@cache
def loaded(journeys: tuple[tuple[str, str], ...]) -> Workspace:
    found = load_files(files(**dict(journeys)), {}, check_message, tests=False)
    assert found.workspace is not None, found.findings
    return found.workspace


def run(when: str, then: str, given: str = "{}", fixture: str = "", rest: str = "", **journeys: str) -> list[str]:
    """What differs from `then`; of the first of the journeys."""
    workspace = loaded(tuple(journeys.items()))
    name = next(iter(journeys))
    text = f"journey: {name}\ntests:\n  - test: one\n    given: {given}\n    when: {when}\n    then: {then}\n{rest}"
    findings = Findings()
    node = read_yaml(text.encode(), "t.test.yaml", findings)
    assert node is not None, findings.all
    file = read_tests(node, name, workspace, Reading("t.test.yaml", findings))
    assert not [f for f in findings.all if f.severity == "error"], findings.all
    versions = Versions(files(**journeys), {}, check_message, lambda _name: fixture.encode())
    return [line for result, _seconds in Session(workspace, versions, SystemClock()).run([file]) for line in result.difference]


LAPSED = "  audience: lapsed"
ORDERED = "{history: [{event: Order Placed, at: -119d}]}"
LONG_GONE = "{history: [{event: Order Placed, at: -150d}]}"


def test_time_alone_lets_somebody_join_at_the_very_instant() -> None:
    """Placed at -119d; from exactly 120 days after it counts no more."""
    assert (
        run("[]", '{sends: [{at: 24h, step: hello, contains: ["lapsed, joins, Jan 15, 2026 10:00"]}], skips: []}', ORDERED, win_back=LAPSED)
        == []
    )


def test_those_who_are_in_when_the_journey_first_goes_live_do_not_enter() -> None:
    assert run("[]", "{sends: [], skips: [], ends: []}", LONG_GONE, win_back=LAPSED) == []
    again = "[{at: 1h, event: Order Placed, with: {order_id: o1}}]"
    sends = "{sends: [{at: 2881h, step: hello}], skips: []}"
    assert run(again, sends, LONG_GONE, win_back=LAPSED) == [], "but they do when they leave and come back"


def test_unless_it_says_that_they_enter() -> None:
    assert run("[]", "{sends: [{at: 0h, step: hello}], skips: []}", LONG_GONE, win_back=f"{LAPSED}\n  existing: enter") == []
    assert run("[]", "{sends: [{at: 24h, step: hello}]}", ORDERED, win_back=f"{LAPSED}\n  existing: enter") == []


def test_a_trait_lets_somebody_join_and_leave() -> None:
    slow = "[{at: 1h, identify: customer, with: {line_speed: 20}}, {at: 2h, identify: customer, with: {line_speed: 25}}, {at: 3h, identify: customer, with: {line_speed: 90}}]"
    assert run(slow, "{sends: [{at: 1h}], skips: []}", help_slow="  audience: slow_line") == []
    assert run(slow, "{sends: [{at: 3h}], skips: []}", help_slow="  audience: slow_line\n  change: leaves") == []


def test_somebody_never_seen_before_joins_with_their_first_event() -> None:
    given = "{customers: {other: {}}}"
    new = "[{at: 1h, identify: nobody, with: {line_speed: 20, email: n@example.com}}]"
    assert run(new, "{sends: [{at: 1h, customer: nobody}]}", given, help_slow="  audience: slow_line") == []
    assert run(new, "{sends: [{at: 1h, customer: nobody}]}", given, welcome="  audience: everyone") == []


def test_audiences_follow_each_other_and_what_a_journey_writes_at_the_same_instant() -> None:
    """quiet = lapsed and not slow_line: lapsed at 24h, and a step of another journey writes the line's speed then."""
    assert run("[]", "{sends: [{at: 24h}]}", ORDERED, calm="  audience: quiet") == []
    writer = "journey: writer\nclass: service\nentry: {audience: lapsed}\nsteps:\n  - {id: mark, update_profile: {set: {line_speed: 7}}}\n"
    both = "{sends: [{at: 24h, journey: help_slow}], ends: [{at: 24h, journey: writer}, {at: 24h, journey: help_slow}]}"
    rest = "journeys: [help_slow, writer]\n"
    assert run("[]", both, ORDERED, help_slow="  audience: slow_line", writer=writer, rest=rest) == []


def test_reentry_when_and_pause_apply_as_for_events() -> None:
    twice = "[" + ", ".join(f"{{at: {n}h, identify: customer, with: {{line_speed: {20 if n % 2 else 90}}}}}" for n in range(1, 4)) + "]"
    slow = "  audience: slow_line\n"
    assert (
        run(twice, "{sends: [{at: 1h}], skips: [{at: 3h, reason: reentry_too_soon}]}", help_slow=f"{slow}  reentry: {{after: 30d}}") == []
    )
    assert run(twice, "{sends: [{at: 1h}, {at: 3h}], skips: []}", help_slow=slow) == []
    assert (
        run(
            twice,
            "{sends: [], skips: [{at: 1h, reason: entry_filter}, {at: 3h, reason: entry_filter}]}",
            help_slow=f"{slow}  when: customer.asked",
        )
        == []
    )
    paused = twice.replace("[{at: 1h", "[{at: 0h, pause: true}, {at: 1h", 1)
    assert run(paused, "{sends: [], skips: [{at: 1h, reason: journey_paused}, {at: 3h, reason: journey_paused}]}", help_slow=slow) == []
    held_out = "{held_out: [customer]}"
    assert run(twice, "{sends: [], skips: [{at: 1h, reason: held_out}, {at: 3h, reason: held_out}]}", held_out, help_slow=f"{slow}") == []


def test_the_event_that_lets_somebody_join_is_no_goal_of_the_run_it_starts() -> None:
    """Whoever orders for the first time is a buyer; the goal is the next order."""
    text = JOURNEY.format(name="buyers", entry="  audience: buyers").replace("  - id: hello", "  - id: rest\n    delay: 2h\n  - id: hello")
    once = "[{at: 1h, event: Order Placed, with: {order_id: o1}}]"
    assert run(once, "{sends: [{at: 3h}], ends: [{at: 3h, how: end}]}", buyers=text) == []
    twice = once.replace("]", ", {at: 2h, event: Order Placed, with: {order_id: o2}}]")
    assert run(twice, "{sends: [], ends: [{at: 2h, how: goal}]}", buyers=text) == []


def test_a_new_version_in_which_the_journey_goes_live() -> None:
    """Draft at first: nothing is kept of it. Then live: who is in already does not enter, who joins later does."""
    draft = JOURNEY.format(name="win_back", entry=LAPSED).replace("class:", "status: draft\nclass:")
    live = JOURNEY.format(name="win_back", entry=LAPSED)
    items = "[{at: 48h, apply: fixtures/live.yaml}]"
    assert run(items, "{sends: []}", ORDERED, live, win_back=draft) == [], "joined at 24h, before it was live"
    early = "[{at: 12h, apply: fixtures/live.yaml}]"
    assert run(early, "{sends: [{at: 24h}]}", ORDERED, live, win_back=draft) == []
    eager = live.replace(LAPSED, f"{LAPSED}\n  existing: enter")
    assert run(items, "{sends: [{at: 48h}]}", ORDERED, eager, win_back=draft) == []


@pytest.mark.parametrize("entry", [LAPSED, "  audience: slow_line"])
def test_explored_timelines_move_people_in_and_out(entry: str) -> None:
    """Also where no event can: only a trait does."""
    rest = "properties:\n  - {property: not too often, at_most: 3, per: 1d}\nexplore: {timelines: 5, span: 300d, seed: 1}\n"
    assert run("[]", "{sends: []}", win_back=entry, rest=rest) == []


def test_the_text_of_a_test_names_what_differs() -> None:
    found = run("[]", "{sends: []}", ORDERED, win_back=LAPSED)
    assert re.search("hello", " ".join(found)), found
