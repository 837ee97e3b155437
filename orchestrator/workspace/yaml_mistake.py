"""What is meant where a file stops being YAML: the code, the place and the fix, in plain words."""

import re
from collections.abc import Callable, Sequence

import yaml

from orchestrator.workspace.yaml_quotes import closed_early, quoted, swallowed
from orchestrator.workspace.yaml_spot import Mistake, Spot, invisible

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
_DEEP = "the line stands further in than the one above, and goes on with its value"
_KEY_AND_VALUE = re.compile(r"([A-Za-z_]\w*)(?: *:|\s)\s*(\S.*)")
_COMMENT = re.compile(r"""(?<=[\s,])(#[^\s,}\]]*)[^\n]*[}\]]""")


def mistake_of(error: yaml.MarkedYAMLError, text: str) -> Mistake:
    """From the parser's error."""
    spot = Spot.of(error, text.splitlines() or [""])
    for look in _LOOKS:
        found = look(spot)
        if found is not None:
            return found
    column = spot.column
    if spot.opened is not None and "scanning a" in spot.context and spot.line == spot.opened[0]:
        column = spot.opened[1]
    reason = " ".join((spot.problem or spot.context or str(error)).split())
    why = next((ours for theirs, ours in _WORDS if theirs in spot.problem), reason)
    return spot.not_yaml(spot.line, column, why, _advice(spot.row, column))


def _unquoted(spot: Spot) -> Mistake | None:
    found = _UNQUOTED.match(spot.row)
    if found is None or spot.column < found.start(1):
        return None
    place = (spot.line + 1, found.start(1) + 1)
    return Mistake("Y006", place, f"`{found[1]}` without quotes", "it starts a mapping in YAML", 'quote the whole value: "{{ … }}"')


def _comment(spot: Spot) -> Mistake | None:
    """A `#` inside brackets makes a comment of the bracket that closes them."""
    if spot.opened is None or "flow" not in spot.context:
        return None
    for line in range(spot.opened[0], spot.line + 1):
        row = spot.row_at(line)
        for found in _COMMENT.finditer(row, spot.opened[1] if line == spot.opened[0] else 0):
            if not _in_quotes(row[: found.start(1)]):
                return spot.not_yaml(
                    line, found.start(1), "` #` begins a comment, and the bracket behind it is lost", f"quote it: {quoted(found[1])}"
                )
    return None


def _in_quotes(before: str) -> bool:
    """Whether a quote is open at the end."""
    return re.sub(r"""'[^']*'|"[^"]*\"""", "", before).count('"') % 2 == 1


def _not_closed(spot: Spot) -> Mistake | None:
    opened = spot.opened
    if opened is None or not ("quoted scalar" in spot.context or ("flow" in spot.context and spot.line > opened[0])):
        return None
    if "end of stream" not in spot.problem and "flow" not in spot.context:
        return None
    sign = spot.row_at(opened[0])[opened[1] : opened[1] + 1] or "{"
    return spot.not_yaml(*opened, f"`{sign}` is opened here and not closed", "close it, or put the text in quotes")


def _closes_nothing(spot: Spot) -> Mistake | None:
    if spot.row[spot.column : spot.column + 1] not in ("}", "]"):
        return None
    more = spot.before.count("{") < spot.row[: spot.column + 1].count("}")
    if not ("block" in spot.problem or "token" in spot.problem or more):
        return None
    return spot.not_yaml(spot.line, spot.column, "a bracket that closes nothing", "remove it, or quote the text")


def _cut(spot: Spot) -> Mistake | None:
    if not _is_cut(spot):
        return None
    what = f"`{spot.row[spot.column : spot.column + 12].strip()}` was cut off from its value"
    why = "inside { } and [ ] a comma or bracket ends the value"
    fix = "put the expression in quotes, or write it on lines of its own"
    return Mistake("Y007", (spot.line + 1, spot.column + 1), what, why, fix)


def _is_cut(spot: Spot) -> bool:
    """Inside `{ }` or `[ ]`: an expression is open in brackets, or a bracket follows a name or an operator."""
    depth, start = 0, -1
    for at, sign in enumerate(spot.before):
        if sign in "{[":
            depth, start = depth + 1, at
        elif sign in "}]":
            depth -= 1
    if depth <= 0:
        return False
    inside = spot.before[start:]
    if inside.count("(") > inside.count(")"):
        return True
    last = inside.rstrip()[-1:]
    is_value = inside[0] == "[" or ": " in inside.rpartition(",")[2] or last in ")]"
    return spot.row[spot.column : spot.column + 1] in ("[", "{") and is_value and (last.isalnum() or (last != "" and last in "_)]=<>+*/%~"))


def _too_deep(spot: Spot) -> Mistake | None:
    """A key further in than those it belongs to."""
    if "<block mapping start>" not in spot.problem or spot.before.strip():
        return None
    return spot.not_yaml(spot.line, spot.column, _DEEP, "indent it as the line above")


def _no_colon(spot: Spot) -> Mistake | None:
    """A line that is no `key: value`; the parser says so at the line after it."""
    if "could not find expected ':'" in spot.problem and spot.opened is not None:
        line = spot.opened[0]
    elif "mapping values" in spot.problem and ": " not in spot.before:
        line = next((one for one in range(spot.line - 1, -1, -1) if spot.row_at(one).strip()), spot.line)
    else:
        return None
    row = spot.row_at(line)
    text = row.lstrip("- ")
    column = len(row) - len(text)
    if re.match(r"\s*-[^\s-]", row):
        column = len(row) - len(row.lstrip())
        return spot.not_yaml(line, column, "a dash without a space begins no item", f"write `- {row.lstrip().lstrip('-')}`")
    if line != spot.line and (": " in text or text.rstrip().endswith(":")):
        return spot.not_yaml(spot.line, len(spot.row) - len(spot.row.lstrip()), _DEEP, "indent it as the line above")
    found = _KEY_AND_VALUE.match(text)
    fix = f"write `{found[1]}: {found[2].rstrip()}`" if found is not None else "write `key: value`"
    return spot.not_yaml(line, column, "a line without `: `", fix)


def _no_comma(spot: Spot) -> Mistake | None:
    expected = re.match(r"expected ',' or '(.)', but got '(.+)'", spot.problem)
    if expected is None or spot.opened is None:
        return None
    opened = f"{spot.opened[0] + 1}:{spot.opened[1] + 1}"
    why = f"between the brackets opened at {opened}, `{expected[2]}` where a comma or `{expected[1]}` should stand"
    return spot.not_yaml(spot.line, spot.column, why, _advice(spot.row, spot.column))


_LOOKS: Sequence[Callable[[Spot], Mistake | None]] = (
    _unquoted, invisible, _comment, swallowed, closed_early, _not_closed, _closes_nothing, _cut, _too_deep, _no_colon, _no_comma,
)  # fmt: skip
"""In this order: the first that knows what is meant."""


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
