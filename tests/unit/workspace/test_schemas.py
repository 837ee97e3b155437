"""Schemas for editors: what is valid they take, also in its short forms and where it is empty; what they could know is wrong they refuse."""

from pathlib import Path

import jsonschema
import pytest

from orchestrator.workspace.finding import Findings
from orchestrator.workspace.kinds import KINDS, kind_of, schema_of
from orchestrator.workspace.yaml_reader import read_yaml

ROOT = Path(__file__).parents[3]
SCHEMAS = {kind: jsonschema.Draft202012Validator(schema_of(kind)) for kind in KINDS}
JOURNEY = """journey: try_it
entry: {event: Ping, reentry: never}
in_flight: migrate
exit_on: [{event: Pong, then: [{id: bye, send: hello, channels: [email]}]}]
steps:
  - {id: rest, delay: 2d}
  - {id: tone, split: {short: 50, x_note: free, long: 50}}
  - {id: some, throttle: {max: 1, per: 1d, over: exit}}
  - branch:
      - when: customer.score > 1
        then:
          - {id: tell, emit: Told}
          - branch:
              - otherwise: [{id: first, send: hello, channels: [sms, email], fallback: none, dedupe: 1d}, {exit: done}]
      - otherwise: next
  - {exit: true}
"""


def refused(text: str, kind: str = "journey") -> bool:
    node = read_yaml(text.encode(), "f", Findings())
    assert node is not None
    return not SCHEMAS[kind].is_valid(node.data())


@pytest.mark.parametrize("root", ["", "docs/cookbook"])
def test_every_file_of_the_examples(root: str) -> None:
    files = [path for path in (ROOT / root).glob("*/**/*.yaml") if path.relative_to(ROOT / root).parts[0] in ("config", "templates")]
    kinds = {path: kind_of(path.relative_to(ROOT / root).as_posix()) for path in files}
    assert len(kinds) > 10
    for path, kind in kinds.items():
        assert kind is None or not refused(path.read_text("utf-8"), kind), path


def test_short_forms_and_free_notes() -> None:
    assert not refused(JOURNEY)


@pytest.mark.parametrize("empty", ["priority:", "class:", "goal:", "holdout: null", "tags: ~", "limits:", "active: {from:}"])
def test_what_is_empty_is_not_given(empty: str) -> None:
    assert not refused(f"{empty}\n{JOURNEY}")


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("reentry: never", "reentry: nevr"), ("in_flight: migrate", "in_flight: migrat"), ("delay: 2d", "delay: two days"), ("delay: 2d", "delay: [2d]"),
        ("fallback: none", "fallback: nothing"), ("dedupe: 1d", "dedupe: often"), ("emit: Told", "emit: [Told]"), ("exit: true", "exit: false"),
        # inside paths
        ("channels: [sms, email]", "channel: [sms, email]"), ("channels: [sms, email]", "channels: [fax]"), ("otherwise: next", "otherwise: {id: x, delay: 1d}"),
        ("{id: bye, send: hello, channels: [email]}", "{id: bye, send: hello}"), ("then: [{id: bye, send: hello, channels: [email]}]", "then: bye"), ("over: exit", "over: 5"),
    ],
)  # fmt: skip
def test_what_a_schema_can_know(right: str, wrong: str) -> None:
    assert right in JOURNEY
    assert refused(JOURNEY.replace(right, wrong, 1))


def test_names_of_what_a_file_defines() -> None:
    assert refused("audiences: {Lapsed: {when: customer.score > 1}}", "audiences")
    assert not refused("audiences: {lapsed: {when: customer.score > 1}, x_note: anything}", "audiences")
