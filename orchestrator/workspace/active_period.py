"""`active`: when people may come into a journey."""

import re
from zoneinfo import ZoneInfo

from orchestrator.expressions.local_time import milliseconds, read_instant
from orchestrator.workspace.journey import Active
from orchestrator.workspace.reading import BAD, Reading, Shape
from orchestrator.workspace.shape import Key, Mapped, Shaped, Text
from orchestrator.workspace.yaml_node import Node

_DATE_OR_OFFSET = re.compile(r"^\d{4}-\d{2}-\d{2}$|([zZ]|[+-]\d{2}:?\d{2})$", re.ASCII)


class When(Shape):
    """A date, or an instant with its offset; read where the timezone is known."""

    example = "2026-03-01"

    def read(self, node: Node, reading: Reading) -> object:
        known = node.kind == "scalar" and node.text.isascii() and read_instant(node.text, ZoneInfo("UTC")) is not None
        if known and _DATE_OR_OFFSET.search(node.text):
            return node.text
        local = known and not node.text.isdigit()
        why = (
            "a time without an offset is another instant in every zone"
            if local
            else "YYYY-MM-DD, or an instant such as 2026-03-01T10:00:00Z"
        )
        fix = f"with its offset: {node.text}Z" if local else f"for example: {self.example}"
        return reading.bad(node, "Y015", f"`{node.text[:40]}` is {'no instant' if local else 'not a date'}", why, fix)

    def schema(self) -> dict[str, object]:
        return {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}"}


PERIOD = {
    "from": Key(When(), text="the first instant inside; a date is 00:00 of the workspace"), "until": Key(When(), text="the first instant outside"),
}  # fmt: skip
ACTIVE = Mapped({
    **PERIOD, "after": Key(Text(("finish", "exit")), text="what becomes of the people inside at `until`"),
}, what="active")  # fmt: skip


def read_active(given: object, zone: ZoneInfo, reading: Reading) -> Active:
    """The period; J043 where it ends before it begins."""
    if not isinstance(given, Shaped):
        return Active()
    start, end = (_instant(given.get(key), zone) for key in ("from", "until"))
    if start is not None and end is not None and end <= start:
        reading.bad(given.at("until"), "J043", "ends before it begins", "no instant could ever be inside", "swap `from` and `until`")
    if given.get("after") == "exit" and end is None:
        reading.bad(given.node.keys["after"], "Y012", "`after` without `until`", "it speaks of the end", "until: 2027-03-01")
    return Active(start, end, given.get("after") == "exit")


def _instant(text: object, zone: ZoneInfo) -> int | None:
    found = read_instant(text, zone) if isinstance(text, str) else None
    return None if found is None or text is BAD else milliseconds(found)
