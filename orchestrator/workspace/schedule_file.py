"""`schedule` of an entry: a recurrence rule with a time of day, or one local time."""

import hashlib
import json
import re
from datetime import date, datetime, time, timedelta, timezone
from typing import cast
from zoneinfo import ZoneInfo

from orchestrator.calendar.recurrence import Schedule
from orchestrator.calendar.rrule import parse_rrule
from orchestrator.calendar.rule import RecurrenceProblem, Rule, skips_months
from orchestrator.calendar.wall_clock import first_instant
from orchestrator.expressions.local_time import milliseconds
from orchestrator.expressions.problems import nearest
from orchestrator.workspace.journey import Active
from orchestrator.workspace.reading import Reading, Shape
from orchestrator.workspace.scheduled_entry import ScheduledEntry
from orchestrator.workspace.shape import Duration, Key, ListOf, Mapped, Shaped, Text
from orchestrator.workspace.time_shape import Clock, Date, TimeOfDay
from orchestrator.workspace.vocabularies import Vocabularies
from orchestrator.workspace.yaml_node import Node

_FORM = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:00)?", re.ASCII)
_WHEN = ("rrule", "at", "once", "start", "timezone")
"""The keys that say when it occurs."""


class LocalTime(Shape):
    """`2026-11-27T09:00`: a datetime without zone."""

    example = "2026-11-27T09:00"

    def read(self, node: Node, reading: Reading) -> object:
        try:
            if node.kind == "scalar" and _FORM.fullmatch(node.text) and "1970" <= node.text[:4] < "3000":
                return datetime.fromisoformat(node.text)
        except ValueError:
            pass  # no such day
        return reading.bad(
            node, "Y015", f"`{node.text[:40]}` is not a local time", "YYYY-MM-DDTHH:MM of 1970 to 2999, without an offset: the zone is `timezone`",
            f"for example: {self.example}",
        )  # fmt: skip

    def schema(self) -> dict[str, object]:
        return {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:00)?$"}


SCHEDULE = Mapped({
    "rrule": Key(Text(), text="which days, as a recurrence rule of RFC 5545, such as FREQ=WEEKLY;BYDAY=MO"),
    "at": Key(TimeOfDay(), text="with `rrule`: the local time"),
    "once": Key(LocalTime(), text="instead of `rrule` and `at`: one local time, a broadcast"),
    "start": Key(Date(), text="with `rrule`: the first day that counts; INTERVAL above 1 and COUNT need it"),
    "except": Key(ListOf(Date()), text="days on which it does not happen"),
    "timezone": Key(Clock(), text="whose clock is meant; with `customer` everybody enters at the local time where they are; workspace unless told"),
    "audience": Key(Text(), text="only those who are in it at their instant; everyone unless told"),
    "spread": Key(Duration(), text="people enter over so long, each at a moment of their own; all at once unless told"),
}, what="schedule")  # fmt: skip


def read_schedule(one: Shaped, words: Vocabularies, reading: Reading) -> ScheduledEntry | None:
    """The compiled schedule, or None with the problems noted."""
    audience = str(one.get("audience")) if "audience" in one else None
    if audience is not None and words.audiences is not None and audience not in words.audiences:
        why = "it stands in config/audiences.yaml"
        reading.bad(one.at("audience"), "J007", f"no audience '{audience}'", why, nearest(audience, words.audiences, "audiences"))
        return None
    if any(one.lost(key) for key in _WHEN):
        return None  # noted where it stands
    schedule = _schedule(one, reading)
    if schedule is None:
        return None
    texts = {key: one.node.entries[key].text for key in _WHEN if key in one}
    version = hashlib.sha256(json.dumps(texts, sort_keys=True).encode()).hexdigest()[:12]
    return ScheduledEntry(schedule, str(one.get("timezone", "workspace")), audience, cast("int", one.get("spread", 0)), version)


def _schedule(one: Shaped, reading: Reading) -> Schedule | None:
    try:
        schedule = _made(one)
    except RecurrenceProblem as problem:
        reading.bad(
            one.node.keys["start"] if "once" in one and "start" in one else one.at("rrule"), "J005", problem.what, problem.why, problem.fix
        )
        return None
    if schedule.rule is not None and skips_months(schedule.rule, schedule.start):
        _warn(schedule.rule, one, reading)
    return schedule


def check_once(entry: Shaped, schedule: ScheduledEntry | None, active: Active, workspace: ZoneInfo, reading: Reading) -> None:
    """J005 for one time that is outside the journey's `active`, in whatever zone people are."""
    given, once = entry.get("schedule"), schedule.schedule.once if schedule is not None else None
    if schedule is None or once is None or not isinstance(given, Shaped):
        return
    if schedule.timezone == "customer":
        first, last = (milliseconds(once.replace(tzinfo=timezone(timedelta(hours=offset)))) for offset in (14, -12))
    else:
        zone = workspace if schedule.timezone == "workspace" else ZoneInfo(schedule.timezone)
        first = last = first_instant(once.date(), once.time(), zone)
    if (active.start is not None and last < active.start) or (active.end is not None and first >= active.end):
        reading.bad(given.at("once"), "J005", "a time outside `active`", "nobody would ever enter", "choose another, or change `active`")


def _made(one: Shaped) -> Schedule:
    """Raises RecurrenceProblem."""
    once = cast("datetime | None", one.get("once"))
    if "rrule" not in one and "at" not in one and once is None:
        raise RecurrenceProblem("a schedule without a time", "it has `rrule` and `at`, or `once`", "once: 2026-11-27T09:00")
    if "rrule" not in one and once is None:
        raise RecurrenceProblem("`at` without `rrule`", "it names a time of day, and no days", "rrule: FREQ=DAILY")
    if once is not None and once.date() in cast("list[date]", one.get("except", [])):
        raise RecurrenceProblem("`except` names the day of `once`", "it would never occur", "take it out of `except`")
    rule = parse_rrule(str(one.get("rrule"))) if "rrule" in one else None
    if rule is not None and "once" not in one and "at" not in one:
        raise RecurrenceProblem("`rrule` without `at`", "it names days, and no time of day", 'add at: "09:00"')
    if rule is None and "start" in one:
        raise RecurrenceProblem("`start` without `rrule`", "it is the day a rule counts from", "remove it")
    return Schedule(
        rule, cast("time | None", one.get("at")), cast("datetime | None", one.get("once")), cast("date | None", one.get("start")),
        frozenset(cast("list[date]", one.get("except", []))),
    )  # fmt: skip


def _warn(rule: Rule, one: Shaped, reading: Reading) -> None:
    weekday = rule.weekdays and not rule.month_days
    fix = (
        "BYMONTHDAY=-1 is the last day of every month" if rule.month_days
        else "BYDAY=-1MO is the last Monday of every month" if weekday else "start on a day that every month has, or BYMONTHDAY=-1"
    )  # fmt: skip
    reading.bad(
        one.at("rrule"),
        "J006",
        "some months have no such day",
        "nothing happens in a month without it; it does not move to another day",
        fix,
    )
