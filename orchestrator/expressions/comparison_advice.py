"""What was most likely meant by a comparison that never holds, as it can be written instead."""

import re
from datetime import date
from zoneinfo import ZoneInfo

from jinja2 import nodes

from orchestrator.expressions.durations import read_duration, write_duration
from orchestrator.expressions.functions import WEEKDAYS
from orchestrator.expressions.kinds import Kind
from orchestrator.expressions.local_time import read_instant
from orchestrator.expressions.values import is_number, number_of
from orchestrator.expressions.written import operand, written

_UTC = ZoneInfo("UTC")
_SIGNS = {"eq": "==", "ne": "!=", "lt": "<", "lteq": "<=", "gt": ">", "gteq": ">="}
_FLIPPED = {"lt": "gt", "lteq": "gteq", "gt": "lt", "gteq": "lteq"}
_YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ](\d{1,2}):(\d{2})(.*))?")
_YEAR_LAST = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})")
_CLOCK = re.compile(r"(\d{1,2}):\d{2}(:\d{2})?")
_BARE_DAY = re.compile(r"(?<![\w'\"-])\d{4}-\d{2}-\d{2}(?![\w'\"-])")
_ANY_INSTANT = "write `'2026-03-02'` (year, month, day) or `'2026-03-02T09:00:00Z'`"
Side = tuple[nodes.Expr, Kind]


def bare_day(text: str) -> str | None:
    """A date without quotes is a subtraction: `2026-12-25` is 1989."""
    found = _BARE_DAY.search(text)
    return f"put it in quotes: '{found[0]}'" if found is not None else None


def advice(left: Side, op: str, right: Side, *, tracked: bool) -> str | None:
    """None where no more is known than that the kinds differ. `tracked`: only forms of time whose next change can be computed."""
    if left[1].literal is not None and right[1].literal is None:
        left, right, op = right, left, _FLIPPED.get(op, op)
    (node, kind), (beside, other) = left, right
    match kind.name, other.literal:
        case "list", int() | float() if is_number(other.literal):
            return _of_list(node, op, number_of(other.literal))
        case "instant", str():
            return _of_instant(node, op, other.literal, tracked=tracked)
        case "list", str() if op in ("eq", "ne"):
            return f"write `{written(beside)} {'in' if op == 'eq' else 'not in'} {operand(node)}`"
        case "duration", int() | float() | str() if not isinstance(other.literal, bool):
            return f"write `{operand(node)} {_SIGNS[op]} duration('{as_length(other.literal)}')`"
        case "boolean", str() if other.literal.casefold() in ("true", "false"):
            return f"compare values of one kind: `{operand(node)} {_SIGNS[op]} {other.literal.casefold()}`"
        case _:
            return None


def _of_list(node: nodes.Expr, op: str, number: object) -> str:
    """A list is true where anything is in it."""
    listed = written(node)
    if (op, number) in (("gt", 0), ("ne", 0), ("gteq", 1)):
        return f"write `{listed}`"
    if (op, number) in (("eq", 0), ("lteq", 0), ("lt", 1)):
        return f"write `not {listed}`"
    return f"write `{operand(node)} | length {_SIGNS[op]} {number}`"


def _of_instant(node: nodes.Expr, op: str, text: str, *, tracked: bool) -> str:
    found = as_instant(text)
    if found is not None:
        return f"write `'{found}'`"
    if read_duration(text, signed=True) is not None:
        begin = "x" if isinstance(node, nodes.Name) and node.name == "now" else operand(node)
        return f"a length of time is no instant: `now {_SIGNS[op]} {begin} + duration('{text}')`"
    if tracked:
        return _ANY_INSTANT
    clock = _CLOCK.fullmatch(text)
    if clock is not None and int(clock[1]) < 24:
        return f"a time of day is asked for by its hour: `hour({written(node)}) {_SIGNS[op]} {int(clock[1])}`"
    if text[:3].casefold() in WEEKDAYS and op in ("eq", "ne"):
        return f"write `weekday({written(node)}) {_SIGNS[op]} '{text[:3].casefold()}'`"
    return _ANY_INSTANT


def as_instant(text: str) -> str | None:
    """`2026-3-2`, `2026/03/02` and `02.03.2026` as dates are read; None where it cannot be told, as of `03/02/2026`."""
    first, last = _YEAR_FIRST.fullmatch(text.strip()), _YEAR_LAST.fullmatch(text.strip())
    if first is not None:
        day = _day(int(first[1]), int(first[2]), int(first[3]))
        clock = "" if first[4] is None else f"T{int(first[4]):02}:{first[5]}{first[6]}"
    elif last is not None:
        one, two, clock = int(last[1]), int(last[2]), ""
        month_first = two > 12
        if not month_first and one <= 12 and "." not in text:
            return None
        day = _day(int(last[3]), one if month_first else two, two if month_first else one)
    else:
        return None
    found = None if day is None else f"{day}{clock}"
    return found if found is not None and read_instant(found, _UTC) is not None else None


def _day(year: int, month: int, day: int) -> str | None:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None


def as_length(literal: object) -> str:
    """For `duration('…')`; numbers are most likely seconds."""
    if isinstance(literal, str) and read_duration(literal, signed=True) is not None:
        return literal
    seconds = number_of(literal)
    if seconds is None or seconds != int(seconds):
        return "1h"
    found = write_duration(int(seconds) * 1000)
    return found if read_duration(found, signed=True) is not None else "1h"
