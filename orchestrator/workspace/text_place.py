"""Where in a file a character of a scalar's text stands: YAML folds lines, doubles quotes and writes escapes."""

import re

_PAIR = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}")
"""Two escapes that are one character."""
_ESCAPED = {"x": 2, "u": 4, "U": 8}


def text_place(raw: str, style: str, line: int, column: int, offset: int) -> tuple[int, int]:
    """Line and column, from 1. `raw` is the source of the scalar, quotes and all, which begins at `line`, `column`; `style` is PyYAML's:
    empty for plain, `'`, `"`, `|` or `>`. Beyond the text: the place after it."""
    return _block(raw, style, line, column, offset) if style in ("|", ">") else _flow(raw, style, line, column, offset)


def _flow(raw: str, style: str, line: int, column: int, offset: int) -> tuple[int, int]:
    at = 1 if style else 0
    end = len(raw) - at
    left = offset
    while at < end:
        rest = raw[at:end]
        if style == '"' and rest[:2] == "\\\n":
            at += 2 + len(rest[2:]) - len(rest[2:].lstrip(" \t"))
            continue
        if left <= 0:
            break
        blank = len(rest) - len(rest.lstrip(" \t"))
        if rest[blank : blank + 1] == "\n":
            # a line break, with the blanks around it: one space, or as many breaks as there are empty lines
            gap = len(rest) - len(rest.lstrip(" \t\n"))
            at += gap
            left -= max(rest[:gap].count("\n") - 1, 1)
            continue
        step = 1
        if style == "'" and rest[:2] == "''":
            step = 2
        elif style == '"' and rest[:1] == "\\":
            step = 12 if _PAIR.match(rest) else 2 + _ESCAPED.get(rest[1:2], 0)
        at += step
        left -= 1
    before = raw[:at]
    return line + before.count("\n"), (column if "\n" not in before else 1) + len(before.rpartition("\n")[2])


def _block(raw: str, style: str, line: int, column: int, offset: int) -> tuple[int, int]:
    """Of `|` and `>`: the text begins on the line after the sign, indented as its first line is."""
    rows = raw.split("\n")[1:]
    first = next((row for row in rows if row.strip()), "")
    indent = len(first) - len(first.lstrip(" "))
    left = offset
    for number, row in enumerate(rows, 1):
        width = max(len(row) - indent, 0)
        empty = style == ">" and not row.strip()
        if left <= width and not empty:
            return line + number, min(indent, len(row)) + left + 1
        left -= width + (0 if empty and number > 1 and rows[number - 2].strip() else 1)
    return line, column
