"""`time_window`: goes on inside the window, else at its next opening."""

from datetime import date, time
from typing import cast

from orchestrator.calendar.opening import Opening
from orchestrator.workspace.shape import Key, ListOf, Mapped, Shaped
from orchestrator.workspace.step import TimeWindowStep
from orchestrator.workspace.steps.around import STEP_KEYS, Around, Spot
from orchestrator.workspace.time_shape import Clock, Date, Days, TimeOfDay

_WEEK = 7
SHAPE = Mapped({**STEP_KEYS, "time_window": Key(Mapped({
    "from": Key(TimeOfDay(), required=True, text="inside"), "to": Key(TimeOfDay(), required=True, text="outside; not after `from` is on the next day"),
    "days": Key(Days(), text="on which it opens"), "except": Key(ListOf(Date(), single=True), text="local dates on which it does not open"),
    "timezone": Key(Clock(), text="`customer` where none is named"),
}, what="a time_window"), required=True)}, what="a time_window")  # fmt: skip


def read(shaped: Shaped, spot: Spot, around: Around) -> TimeWindowStep | None:
    """The compiled step; problems are noted."""
    given = shaped.get("time_window")
    if not isinstance(given, Shaped) or "from" not in given or "to" not in given:
        return None
    start, end = cast("time", given.get("from")), cast("time", given.get("to"))
    closed = frozenset(cast("list[date]", given.get("except", [])))
    days = cast("frozenset[int]", given.get("days", frozenset()))
    opening = Opening(start, end, days, closed)
    if start == end and not closed and len(days) in (0, _WEEK):  # otherwise it is shut on the days that are left out
        around.reading.bad(
            given.at("to"),
            "Y005",
            "`to` equals `from`",
            "such a window is always open",
            "leave the step out, change one, or name some `days`",
        )
    return TimeWindowStep(spot.name, spot.after, opening, str(given.get("timezone", "customer")))
