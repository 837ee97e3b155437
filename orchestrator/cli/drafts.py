"""A workspace whose only errors are missing tests: enough to write those tests from."""

from orchestrator.content.check import check_message
from orchestrator.expressions.expression import Expression
from orchestrator.workspace.load import Loaded, load_files
from orchestrator.workspace.source import WITH_TRAITS, MapRule, Source
from orchestrator.workspace.workspace import Workspace
from orchestrator.workspace.yaml_flow import flow


def drafted(loaded: Loaded) -> Workspace | None:
    """The workspace as if everything had its tests."""
    import os

    return load_files(loaded.files, dict(os.environ), check_message, tests=False).workspace


def draft_mapping_test(source: Source) -> str:
    """A test file to start from: a record that has what the mapping reads, and what it makes of it, with `…` where values go."""
    rule = next((one for one in source.rules if not one.ignore), None)
    if rule is None:
        return f"source: {source.name}\ntests:\n  - test: everything is ignored\n    record: {{}}\n    ignored: true\n"
    record: dict[str, object] = {}
    for expression in _expressions(rule):
        for path in sorted(expression.paths):
            if path[0] == "record" and len(path) > 1:
                _put(record, path[1:])
    fields = "traits" if rule.type in WITH_TRAITS else "properties"
    event: dict[str, object] = {**({} if rule.type == "track" else {"type": rule.type}), **({"event": rule.event} if rule.event else {})}
    event |= {name: "…" for name, one in (("user_id", rule.user_id), ("anonymous_id", rule.anonymous_id)) if one is not None}
    if rule.fields is not None and rule.fields.each:
        event[fields] = dict.fromkeys(rule.fields.each, "…")
    return (
        f"source: {source.name}\ntests:\n  - test: rule {rule.number} makes {rule.event or rule.type}\n    record: {flow(record)}\n"
        f"    events:\n      - {flow(event)}\n"
    )


def _expressions(rule: MapRule) -> list[Expression]:
    fields = [one for part in (rule.fields, rule.context) if part is not None for one in (*part.each.values(), part.whole)]
    found = [rule.when, rule.user_id, rule.anonymous_id, rule.message_id, rule.timestamp, rule.each, *fields]
    return [one for one in found if one is not None]


def _put(record: dict[str, object], path: tuple[str, ...]) -> None:
    inner = record.get(path[0])
    if len(path) == 1:
        record.setdefault(path[0], "…")
        return
    if not isinstance(inner, dict):
        inner = record[path[0]] = {}
    _put(inner, path[1:])
