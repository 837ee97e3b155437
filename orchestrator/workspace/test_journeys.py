"""What lint says of journeys that a test names: those that are not there (J007), and those that do not run in it (T005)."""

from collections.abc import Collection, Iterator, Sequence

from orchestrator.expressions.problems import nearest
from orchestrator.workspace.reading import Reading
from orchestrator.workspace.test_customers import expected
from orchestrator.workspace.workspace import Workspace
from orchestrator.workspace.yaml_node import Node


def known_journeys(owner: Node, workspace: Workspace, reading: Reading) -> None:
    """Of `journeys` of a test or of its file."""
    for one in owner.entries["journeys"].items if "journeys" in owner.entries else ():
        _known(one, workspace, reading)


def running_journeys(when: Sequence[Node], then: Node, running: Collection[str], workspace: Workspace, reading: Reading) -> None:
    """Of `stats` in `when`, of expected items, and of `paused`: they speak of journeys that run."""
    for one in _named(when, then):
        if one.kind == "scalar" and not one.empty and _known(one, workspace, reading) and one.text not in running:
            reading.bad(one, "T005", f"'{one.text}' does not run in this test", "only the file's own journey does", "name it in `journeys`")


def _named(when: Sequence[Node], then: Node) -> Iterator[Node]:
    stats = (item.entries["stats"] for item in when if "stats" in item.entries)
    for one in (*stats, *expected(then)):
        if "journey" in one.entries:
            yield one.entries["journey"]
    yield from then.entries["paused"].items if "paused" in then.entries else ()


def _known(one: Node, workspace: Workspace, reading: Reading) -> bool:
    known = {*workspace.journeys, *reading.unread.journeys}
    if one.kind == "scalar" and one.text not in known:
        reading.bad(one, "J007", f"no journey '{one.text}'", "it stands in config/journeys", nearest(one.text, known, "journeys"))
        return False
    return True
