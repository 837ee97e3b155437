"""`active`: when people may come into a journey."""

from zoneinfo import ZoneInfo

from orchestrator.expressions.local_time import milliseconds, read_instant
from orchestrator.workspace.journey import Active
from orchestrator.workspace.reading import BAD, Reading, Shape
from orchestrator.workspace.shape import Key, Mapped, Shaped, Text
from orchestrator.workspace.yaml_node import Node


class When(Shape):
    """A date, or an instant with its offset; read where the timezone is known."""

    example = "2026-03-01"

    def read(self, node: Node, reading: Reading) -> object:
        if node.kind == "scalar" and read_instant(node.text, ZoneInfo("UTC")) is not None and not node.text.isdigit():
            return node.text
        return reading.bad(
            node, "Y015", f"`{node.text[:40]}` is not a date", "YYYY-MM-DD, or an instant such as 2026-03-01T10:00:00Z", f"for example: {self.example}"
        )  # fmt: skip

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
