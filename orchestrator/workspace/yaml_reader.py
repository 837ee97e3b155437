"""Reading a YAML file by the rules of the language: UTF-8, YAML 1.2 core scalars, no key twice, no tags, one document."""

import re

import yaml

from orchestrator.workspace.finding import Findings
from orchestrator.workspace.yaml_mistake import mistake_of
from orchestrator.workspace.yaml_node import Node
from orchestrator.workspace.yaml_spot import Mistake
from orchestrator.workspace.yaml_tree import Tree

MAX_BYTES = 1_000_000
_SEPARATOR = re.compile(r"^---(?![^\s])([^\n#]*)(?:#[^\n]*)?$", re.MULTILINE)
_INDENT = re.compile(r"[ \t]*")


def read_yaml(value: bytes, file: str, findings: Findings) -> Node | None:
    """The tree, or None when the file cannot be read at all; every problem is noted. Never raises."""
    if len(value) > MAX_BYTES:
        findings.note("Y016", file, (1, 1), f"{len(value)} bytes", "a file has at most 1 MB", "split it")
        return None
    try:
        text = value.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        findings.note("Y016", file, (1, 1), "not UTF-8", f"byte {error.start} is not", "save the file as UTF-8")
        return None
    for number, line in enumerate(text.split("\n"), 1):
        indent = _INDENT.match(line)
        if indent is not None and "\t" in indent[0] and line.strip():
            place = (number, indent[0].index("\t") + 1)
            findings.note("Y010", file, place, "a tab as indent", "YAML indents with spaces", "replace it by spaces")
            return None
    try:
        loader = _Loader(text)
        documents: list[yaml.Node] = []
        while loader.check_node():
            node = loader.get_node()
            if node is not None:
                documents.append(node)
    except yaml.MarkedYAMLError as error:
        _note(mistake_of(error, text), file, findings)
        return None
    except yaml.reader.ReaderError as error:
        before = text[: error.position]
        place = (before.count("\n") + 1, error.position - (before.rfind("\n") + 1) + 1)
        findings.note("Y001", file, place, "not YAML here", f"an invisible character (number {error.character})", "remove it")
        return None
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        findings.note("Y001", file, (1, 1), "not YAML", " ".join(str(error).split())[:200], "remove control characters, check nesting")
        return None
    if len(documents) > 1:
        return _as_one(text, documents, file, findings)
    for tag, mark in loader.tags:
        findings.note("Y010", file, (mark.line + 1, mark.column + 1), f"a tag {tag}", "values have no tags here", "remove it")
    return Tree(text, file, findings).convert(documents[0]) if documents else Node("map", 1, 1)


def _as_one(text: str, documents: list[yaml.Node], file: str, findings: Findings) -> Node | None:
    """Several documents, read as if their separators were not there: what is missing in the first stands in the second."""
    found = list(_SEPARATOR.finditer(text, documents[0].start_mark.index))
    line = text.count("\n", 0, found[0].start()) + 1 if found else 1
    fix = "remove this line; what follows belongs to the file, or into a file of its own"
    findings.note("Y010", file, (line, 1), "a second document", "`---` begins one, and a file holds one", fix)
    if not found or any(one[1].strip() for one in found):
        return Tree(text, file, findings).convert(documents[0])
    return read_yaml(_SEPARATOR.sub("", text).encode(), file, findings)


def _note(mistake: Mistake, file: str, findings: Findings) -> None:
    findings.note(mistake.code, file, mistake.place, mistake.what, mistake.why, mistake.fix)


class _Loader(yaml.SafeLoader):
    """Composes nodes without giving them a type of its own; `tags` are those that are written."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.tags: list[tuple[str, yaml.Mark]] = []

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]  # PyYAML's stubs leave it open
        tag = getattr(event, "tag", None)
        if tag is not None:
            self.tags.append((tag.replace("tag:yaml.org,2002:", "!!"), event.start_mark))
        return super().compose_node(parent, index)
