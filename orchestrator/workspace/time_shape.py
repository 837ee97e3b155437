"""Shapes of local times: times of day, dates, days of the week, the clock that is meant."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time
from zoneinfo import available_timezones

from orchestrator.expressions.problems import nearest
from orchestrator.workspace.near_place import nearest_zone
from orchestrator.workspace.reading import BAD, Reading, Shape
from orchestrator.workspace.yaml_node import Node

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
GROUPS = {"weekdays": frozenset(range(5)), "weekend": frozenset((5, 6))}
_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)", re.ASCII)


@dataclass(frozen=True)
class TimeOfDay(Shape):
    """`"09:00"`: a datetime.time."""

    example = '"09:00"'

    def read(self, node: Node, reading: Reading) -> object:
        found = _TIME.fullmatch(node.text) if node.kind == "scalar" else None
        if found is None:
            return reading.bad(
                node, "Y015", f"`{node.text[:40]}` is not a time", "24 hours, two digits each: HH:MM", f"for example: {self.example}"
            )
        return time(int(found[1]), int(found[2]))

    def schema(self) -> dict[str, object]:
        return {"type": "string", "pattern": r"^([01]\d|2[0-3]):[0-5]\d$"}


@dataclass(frozen=True)
class Date(Shape):
    """`2026-03-02`: a datetime.date."""

    example = "2026-03-02"

    def read(self, node: Node, reading: Reading) -> object:
        try:
            if node.kind == "scalar" and re.fullmatch(r"\d{4}-\d{2}-\d{2}", node.text, re.ASCII):
                return date.fromisoformat(node.text)
        except ValueError:
            pass  # no such day
        return reading.bad(
            node, "Y015", f"`{node.text[:40]}` is not a date", "YYYY-MM-DD, a day that there is", f"for example: {self.example}"
        )

    def schema(self) -> dict[str, object]:
        return {"type": "string", "format": "date"}


@dataclass(frozen=True)
class Days(Shape):
    """`[mon, thu]`, `weekdays` or `weekend`: a frozenset, 0 = Monday."""

    example = "[mon, thu]"

    def read(self, node: Node, reading: Reading) -> object:
        if node.kind == "scalar" and node.text in GROUPS:
            return GROUPS[node.text]
        items = node.items if node.kind == "list" else [node]
        found: set[int] = set()
        for item in items:
            if item.kind != "scalar" or item.text not in WEEKDAYS:
                what = f"`{item.text[:40]}` is not a day" if item.text not in GROUPS else f"`{item.text}` is no item of a list"
                return reading.bad(item, "Y015", what, "a list of mon … sun, or weekdays, or weekend alone", _fix(item.text, items))
            found.add(WEEKDAYS.index(item.text))
        if not found:
            return reading.bad(node, "Y015", "no days", "it could never come true", f"for example: {self.example}")
        return frozenset(found)

    def schema(self) -> dict[str, object]:
        return {"anyOf": [{"enum": [*GROUPS, *WEEKDAYS]}, {"type": "array", "minItems": 1, "items": {"enum": list(WEEKDAYS)}}]}


def _fix(text: str, items: Sequence[Node]) -> str:
    """A group of days stands alone; beside others its days are written out."""
    if text in GROUPS and len(items) == 1:
        return f"write {text}, without brackets"
    if text in GROUPS:
        days = frozenset().union(*(GROUPS.get(one.text, frozenset()) for one in items))
        return f"write [{', '.join(day for at, day in enumerate(WEEKDAYS) if at in days or day in [one.text for one in items])}]"
    word = text.casefold()
    short = next((day for day in WEEKDAYS if word.startswith(day) and word.endswith("day")), None)
    return f"did you mean '{short}'?" if short is not None else nearest(text, (*WEEKDAYS, *GROUPS), "days")


@dataclass(frozen=True)
class Clock(Shape):
    """`customer`, `workspace`, or an IANA zone: text."""

    example = "Europe/London"

    def read(self, node: Node, reading: Reading) -> object:
        if node.kind != "scalar":
            return self.wrong(node, reading, "customer, workspace or a zone")
        if node.text in ("customer", "workspace") or node.text in available_timezones():
            return node.text
        reading.bad(
            node, "Y013", f"unknown zone '{node.text[:60]}'", "customer, workspace, or a zone of the IANA list",
            nearest_zone(node.text, ("customer", "workspace")),
        )  # fmt: skip
        return BAD

    def schema(self) -> dict[str, object]:
        return {"type": "string"}
