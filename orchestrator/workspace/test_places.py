"""Where tests stand: beside what they are of, by its name."""

from collections.abc import Collection, Mapping

from orchestrator.expressions.problems import nearest
from orchestrator.workspace.finding import Findings
from orchestrator.workspace.yaml_node import Node

_TEST = ".test.yaml"


def test_files(
    folder: str, what: str, names: Collection[str], known: Collection[str], nodes: Mapping[str, Node], files: Collection[str], findings: Findings
) -> list[tuple[str, str, Node]]:  # fmt: skip
    """(name, file, tree) of a folder's tests. Notes those of nothing that is `known` (J007), and `names` that have none (J001)."""
    found: list[tuple[str, str, Node]] = []
    for file, node in nodes.items():
        if file.startswith(folder) and file.endswith(_TEST):
            name = file.rsplit("/", 1)[1].removesuffix(_TEST)
            if name in known:
                found.append((name, file, node))
                continue
            fix = nearest(name, names, f"{what}s")
            findings.note("J007", file, (1, 1), f"no {what} '{name}'", f"tests stand beside the {what} they are of", fix)
    for file in sorted(nodes):
        name = file.rsplit("/", 1)[-1].removesuffix(".yaml")
        if not file.startswith(folder) or file.endswith(_TEST) or name not in names:
            continue
        if not any(one.startswith(folder) and one.endswith(f"/{name}{_TEST}") for one in files):
            why = f"a {what} without tests cannot be changed safely"
            findings.note("J001", file, (1, 1), f"'{name}' has no test file", why, f"concierge init test {name}")
    return found
