"""What is meant where a file stops being YAML: the code, the place and the fix, in plain words."""

import re
from dataclasses import dataclass

import yaml

_UNQUOTED = re.compile(r"""^\s*(?:-\s+)*(?:[^\s'"#{}\[\]][^'"{}\[\]]*?:\s+)?(\{\{|\{%)""")
"""A value that begins with a printed value or a block."""
_WORDS = (
    ("mapping values are not allowed", "a second `: ` in one value"),
    ("sequence entries are not allowed", "a list cannot begin on the line of its key"),
    ("undefined alias", "`*name` repeats what `&name` marked before, and nothing did"),
    ("duplicate anchor", "`&name` stands twice"),
    ("expected alphabetic or numeric", "a value cannot begin with * or &"),
    ("unknown escape", "a backslash in double quotes begins an escape"),
    ("chomping", "after | or > the text begins on the next line"),
    ("could not find expected ':'", "a line without `: `"),
    ("expected '<document start>'", "the file ends above, and this stands outside of it"),
    ("expected <block end>", "this does not fit what stands above: indentation, a quote, or a missing `- `"),
    ("that cannot start any token", "a value cannot begin with this sign"),
)
"""Words of the parser, and ours."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """`place` is line and column from 1."""

    code: str
    place: tuple[int, int]
    what: str
    why: str
    fix: str


def mistake_of(error: yaml.MarkedYAMLError, text: str) -> Mistake:
    """From the parser's error."""
    lines = text.splitlines() or [""]
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line, mark.column) if mark else (0, 0)
    row = lines[line] if line < len(lines) else ""
    unquoted = _UNQUOTED.match(row)
    if unquoted is not None and column >= unquoted.start(1):
        place = (line + 1, unquoted.start(1) + 1)
        return Mistake("Y006", place, f"`{unquoted[1]}` without quotes", "it starts a mapping in YAML", 'quote the whole value: "{{ … }}"')
    context, problem = str(error.context or ""), str(error.problem or "")
    opened = error.context_mark
    if opened is not None and ("quoted scalar" in context or ("flow" in context and line > opened.line)):
        sign = lines[opened.line][opened.column] if opened.line < len(lines) and opened.column < len(lines[opened.line]) else "{"
        place = (opened.line + 1, opened.column + 1)
        if "end of stream" in problem or "flow" in context:
            return Mistake("Y001", place, "not YAML here", f"`{sign}` is opened here and not closed", "close it, or put the text in quotes")
    if opened is not None and "scanning a" in context and line == opened.line:
        column = opened.column
    if row[column : column + 1] in ("}", "]") and (
        "block" in problem or "token" in problem or row[:column].count("{") < row[: column + 1].count("}")
    ):
        return Mistake("Y001", (line + 1, column + 1), "not YAML here", "a bracket that closes nothing", "remove it, or quote the text")
    if _cut(row, column):
        return Mistake(
            "Y007", (line + 1, column + 1), f"`{row[column : column + 12].strip()}` was cut off from its value",
            "inside { } and [ ] a comma or bracket ends the value", "put the expression in quotes, or write it on lines of its own",
        )  # fmt: skip
    if "mapping values" in problem and ": " not in row[:column]:
        why = "the line goes on from the one above, which has no `: `"
        return Mistake("Y001", (line + 1, column + 1), "not YAML here", why, "write `key: value` on the line above, or indent this one")
    expected = re.match(r"expected ',' or '(.)', but got '(.+)'", problem)
    if expected is not None and opened is not None:
        why = f"between the brackets opened at {opened.line + 1}:{opened.column + 1}, `{expected[2]}` where a comma or `{expected[1]}` should stand"
        return Mistake("Y001", (line + 1, column + 1), "not YAML here", why, _advice(row, column))
    why = next((ours for theirs, ours in _WORDS if theirs in problem), " ".join((problem or context or str(error)).split()))
    return Mistake("Y001", (line + 1, column + 1), "not YAML here", why, _advice(row, column))


def _cut(row: str, column: int) -> bool:
    """Inside `{ }` or `[ ]`: an expression is open in brackets, or a bracket follows a name."""
    before = row[:column]
    depth, start = 0, -1
    for at, sign in enumerate(before):
        if sign in "{[":
            depth, start = depth + 1, at
        elif sign in "}]":
            depth -= 1
    if depth <= 0:
        return False
    inside = before[start:]
    if inside.count("(") > inside.count(")"):
        return True
    return row[column : column + 1] in ("[", "{") and (row[column - 1 : column].isalnum() or row[column - 1 : column] in "_)]")


def _advice(row: str, column: int) -> str:
    """What usually helps."""
    before = row[: column + 1]
    if before.count("{") > before.count("}") or before.count("[") > before.count("]"):
        return 'inside { } and [ ] a text with ? : , # or brackets needs quotes: {label: "Still not right?"}'
    if before.count(": ") > 1 or (": " in before and row[column : column + 1] == ":"):
        return 'a text with ": " in it needs quotes: title: "Part two: the reply"'
    value = row[:column].rpartition(": ")[2].lstrip("- ")
    if (value[:1] or row[column : column + 1]) in tuple("@`%&*!|>?"):
        return 'a text that begins with a sign needs quotes: "*new*"'
    return "check indentation, quotes and brackets"
