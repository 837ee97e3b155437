"""`in_flight`: what a new version of a journey means to the people inside."""

from collections.abc import Mapping
from typing import Any, cast

from orchestrator.expressions.problems import nearest
from orchestrator.workspace.journey import InFlight
from orchestrator.workspace.reading import Reading
from orchestrator.workspace.shape import NAME_TEXT, Key, MapOf, Mapped, Shaped, Text
from orchestrator.workspace.step import EXIT, Step
from orchestrator.workspace.yaml_node import Node

_RUNS = Text(("migrate", "exit", "continue"))


def _short(node: Node, reading: Reading) -> object:
    """`migrate`, `exit` or `continue`."""
    return _RUNS.read(node, reading)


IN_FLIGHT = Mapped({
    "runs": Key(_RUNS, text="go on in the new version from the step they stand in, end (`version_exit`), or end on the version they began with"),
    "waits": Key(Text(("keep", "reschedule")), text="people who wait keep their instant, or get the one the new text would have given them"),
    "content": Key(Text(("latest", "pinned")), text="what is not sent yet goes out in the text in force then, or in the one that was in force when the run began"),
    "removed": Key(MapOf(Text(), NAME_TEXT), text="step that is gone, or whose id is another kind of step's now, to a step of this file, or `exit`"),
}, short=_short, short_form=_RUNS, what="in_flight")  # fmt: skip


def read_in_flight(given: object, default: InFlight) -> InFlight:
    """As written, else the workspace's."""
    if isinstance(given, str):
        return InFlight(runs=cast("Any", given))
    if not isinstance(given, Shaped):
        return default
    return InFlight(
        cast("Any", given.get("runs", default.runs)), cast("Any", given.get("waits", default.waits)),
        cast("dict[str, str]", given.get("removed", {})), cast("Any", given.get("content", default.content)),
    )  # fmt: skip


def check_removed(given: object, steps: Mapping[str, Step], was: Mapping[str, str], reading: Reading) -> None:
    """J041: `removed` sends people to steps that are here, and none from a step that is only called otherwise now. It may name a step of
    this file: who stands in another kind of step of that name stands in one that is gone; one file alone does not show that. Y005: `waits`
    that mean nobody."""
    if isinstance(given, Shaped) and given.get("waits") == "reschedule" and given.get("runs") in ("continue", "exit"):
        what, why = f"`waits: reschedule` beside `runs: {given.get('runs')}`", "nobody goes on in the new version"
        reading.bad(given.at("waits"), "Y005", what, why, "remove it, or runs: migrate")
    if not isinstance(given, Shaped) or not given.written("removed"):
        return
    node = given.at("removed")
    for old, target in cast("dict[str, str]", given.get("removed", {})).items():
        if old in was:
            what = f"'{old}' is '{was[old]}' now, as its `was` says"
            reading.bad(node.keys[old], "J041", what, "`removed` names steps that are gone", "take it out, here or of the `was`")
        if target != EXIT and target not in steps:
            named = [one for one in steps if not one.startswith("#")]
            fix = nearest(target, [*named, EXIT], "steps")
            reading.bad(node.entries[old], "J041", f"no step is called '{target}'", "people have to go somewhere", fix)
