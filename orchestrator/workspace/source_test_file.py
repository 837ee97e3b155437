"""config/sources/<name>.test.yaml: a mapping's tests, as they are written: a record in, events, a dead letter or nothing out."""

from typing import cast
from zoneinfo import ZoneInfo

import msgspec

from orchestrator.contracts.record import Headers
from orchestrator.expressions.local_time import milliseconds, read_instant
from orchestrator.expressions.problems import nearest
from orchestrator.workspace.profile_file import read_shape
from orchestrator.workspace.shape import Reading, Shaped
from orchestrator.workspace.source import Source
from orchestrator.workspace.source_test_shapes import FILE, REASONS, DeadLetterExpected, EventExpected, SourceTest, SourceTestFile
from orchestrator.workspace.workspace import Workspace
from orchestrator.workspace.yaml_node import Node

START = 1_768_384_800_000
"""2026-01-14T10:00:00Z, as in journey tests."""
VALUES, EXPECTED = ("record", "bytes", "tombstone"), ("events", "dead_letter", "ignored")


def read_source_tests(node: Node, name: str, workspace: Workspace, reading: Reading) -> SourceTestFile:
    """What cannot be read is noted and left out."""
    shaped = read_shape(FILE, node, reading)
    if "source" in shaped and shaped.get("source") != name:
        reading.bad(
            shaped.at("source"), "Y016", f"tests of '{shaped.get('source')}' in {name}.test.yaml", "the names are equal", "rename one of them"
        )  # fmt: skip
    source = workspace.sources.get(name)
    if source is None or not source.rules:
        mapped = [one.name for one in workspace.sources.values() if one.rules]
        if name not in reading.unread.sources:
            what = f"no source '{name}' with a `map`"
            reading.bad(shaped.at("source"), "T001", what, "there is nothing to test", nearest(name, mapped, "sources"))
        return SourceTestFile(name, reading.file, node.line, ())
    tests = shaped.get("tests", [])
    read = [_test(one, source, workspace.timezone, reading) for one in (tests if isinstance(tests, list) else [])]
    return SourceTestFile(name, reading.file, node.line, tuple(test for test in read if test is not None))


def _test(one: Shaped, source: Source, zone: ZoneInfo, reading: Reading) -> SourceTest | None:
    at = START
    if "timestamp" in one:
        instant = read_instant(one.get("timestamp"), zone)
        if instant is None:
            reading.bad(one.at("timestamp"), "Y015", f"'{one.get('timestamp')}' is no instant", "RFC 3339", "2026-01-14T10:00:00Z")
        else:
            at = milliseconds(instant)
    expected = _expected(one, source, reading)
    if not _one_of(one, VALUES, reading) or expected is None:
        return None
    return SourceTest(
        source=source.name, name=str(one.get("test")), value=_value(one), key=_key(one.get("key")), headers=_headers(one), timestamp=at,
        expected=expected, file=reading.file, line=one.node.line,
    )  # fmt: skip


def _one_of(one: Shaped, keys: tuple[str, ...], reading: Reading) -> bool:
    given = [key for key in keys if key in one]
    name = one.get("test")
    if not given and not any(key in one.node.entries for key in keys):
        if keys is EXPECTED:
            reading.bad(
                one.node, "T004", f"'{name}' expects nothing", "a test without an expectation cannot fail", "add `events:`, `dead_letter:` or `ignored: true`"
            )  # fmt: skip
        else:
            reading.bad(
                one.node, "Y012", f"'{name}' has no record", "a mapping begins with one", "add `record:`, `bytes:` or `tombstone: true`"
            )
    for key in given[1:]:
        reading.bad(one.node.keys[key], "Y005", f"'{key}' beside '{given[0]}'", "it can be only one of them", "remove one of them")
    return len(given) == 1


def _value(one: Shaped) -> bytes | None:
    """The record's value, whichever way it is written."""
    if "bytes" in one:
        return str(one.get("bytes")).encode()
    record = one.get("record")
    return msgspec.json.encode(record.data(notes=True)) if isinstance(record, Node) else None


def _key(node: object) -> bytes | None:
    if not isinstance(node, Node):
        return None
    return node.text.encode() if node.kind == "scalar" else msgspec.json.encode(node.data(notes=True))


def _headers(one: Shaped) -> Headers:
    given = one.get("headers", {})
    return tuple((name, str(text).encode()) for name, text in given.items()) if isinstance(given, dict) else ()


def _expected(one: Shaped, source: Source, reading: Reading) -> tuple[EventExpected, ...] | DeadLetterExpected | None:
    if not _one_of(one, EXPECTED, reading):
        return None
    if "ignored" in one:
        if not any(rule.ignore or rule.each for rule in source.rules) and source.otherwise != "ignore":
            reading.bad(one.at("ignored"), "T005", f"{source.name} ignores nothing", "no rule says `ignore`, and `otherwise` does not", "dead_letter: unmapped")  # fmt: skip
        return ()
    dead = one.get("dead_letter")
    if isinstance(dead, Shaped):
        reason = str(dead.get("reason", ""))
        if "reason" in dead and reason not in REASONS:
            reading.bad(
                dead.at("reason"), "T001", f"no reason '{reason}'", "reasons are a closed list", nearest(reason, REASONS, "reasons")
            )
        return DeadLetterExpected(reason, str(dead.get("error", "")))
    events = one.get("events")
    return tuple(_event(event, source, reading) for event in cast("list[Shaped]", events)) if isinstance(events, list) else None


def _event(event: Shaped, source: Source, reading: Reading) -> EventExpected:
    kind, name = str(event.get("type", "track")), event.get("event")
    made = {str(rule.event) for rule in source.rules if not rule.ignore and rule.type == kind}
    if not made:
        types = sorted({rule.type for rule in source.rules if not rule.ignore})
        reading.bad(event.at("type"), "T005", f"no rule of {source.name} makes {kind} events", "a rule says its `type`", nearest(kind, types, "types here"))  # fmt: skip
    elif name is not None and str(name) not in made:
        reading.bad(event.at("event"), "T001", f"no rule of {source.name} makes '{name}'", "a test names events as the rules do", nearest(str(name), made, "events here"))  # fmt: skip
    return {key: _plain(value) for key, value in event.values.items()}


def _plain(value: object) -> object:
    if isinstance(value, Node):
        return value.data()
    return {name: _plain(item) for name, item in value.items()} if isinstance(value, dict) else value
