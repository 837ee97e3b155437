"""`quiet_hours`, of the workspace and of a journey: when nothing is sent."""

from collections.abc import Mapping, Sequence
from datetime import date, time
from typing import Any, cast
from zoneinfo import ZoneInfo

from orchestrator.calendar.quiet import Quiet, quiet_until
from orchestrator.contracts.topics import CLASSES
from orchestrator.workspace.policies import QuietRule, Topic
from orchestrator.workspace.rule_file import SELECTORS, read_selectors, short_hash
from orchestrator.workspace.shape import NAME_TEXT, Key, ListOf, Mapped, Reading, Text
from orchestrator.workspace.time_shape import Date, Days, TimeOfDay

_TIMES = {
    "from": Key(TimeOfDay(), required=True, text="the first minute that is quiet, where the customer is"),
    "to": Key(TimeOfDay(), required=True, text="the first that is not; not after `from` is on the next day"),
    "days": Key(Days(), text="on which it begins"), "dates": Key(ListOf(Date(), single=True), text="local dates that are quiet all day"),
    "then": Key(Text(("hold", "drop")), text="`hold` where nothing is written"),
}  # fmt: skip
RULES = ListOf(Mapped({"rule": Key(NAME_TEXT, required=True), **_TIMES, **SELECTORS}, what="a quiet_hours rule"))
"""Of policies.yaml."""
OF_A_JOURNEY = ListOf(
    Mapped(
        {"rule": Key(NAME_TEXT), **_TIMES, **{name: key for name, key in SELECTORS.items() if name not in ("journeys", "tags")}},
        what="quiet_hours",
    ),
    single=True,
)
"""Of a journey: one rule or a list; it is added to the workspace's."""


def read_quiet_hours(
    given: object, name: str, topics: Mapping[str, Topic], others: Sequence[QuietRule], taken: Sequence[str], reading: Reading
) -> tuple[QuietRule, ...]:
    """The rules; `name` is that of rules without one, `others` apply beside them, `taken` are names of other rules of this file. Notes
    P003, P004 and P007."""
    found: list[QuietRule] = []
    names = set(taken)
    for one in given if isinstance(given, list) else []:
        if "from" not in one or "to" not in one:
            continue
        rule = str(one.get("rule", name))
        if "rule" in one and rule in names:
            reading.bad(one.at("rule"), "P007", f"rule '{rule}' stands twice", "a rule's name is its identity", "rename one")
        names.add(rule)
        start, end = cast("time", one.get("from")), cast("time", one.get("to"))
        if start == end:
            reading.bad(
                one.at("to"),
                "P003",
                "`from` equals `to`",
                "from when to when?",
                "change one; for days that are quiet throughout there is `dates`",
            )
            continue
        quiet = Quiet(start, end, cast("frozenset[int]", one.get("days", frozenset())), frozenset(cast("list[date]", one.get("dates", []))))
        made = QuietRule(
            rule, short_hash(one.node.data()), quiet, read_selectors(one, topics, reading), cast("Any", one.get("then", "hold"))
        )
        found.append(made)
        if _closes([*others, *found]) and not _closes([*others, *found[:-1]]):
            reading.bad(
                one.node, "P004", "there is no hour left that is not quiet", "together with the other rules it covers the whole week",
                "shorten it",
            )  # fmt: skip
    return tuple(found)


def _closes(rules: Sequence[QuietRule]) -> bool:
    """Whether for some class rules that select nothing else leave no hour of the week, dates aside."""
    for one in CLASSES:
        quiet = [
            Quiet(rule.quiet.start, rule.quiet.end, rule.quiet.days) for rule in rules
            if rule.selectors.classes is not None and one in rule.selectors.classes and rule.selectors.unnarrowed
        ]  # fmt: skip
        if quiet and quiet_until(quiet, 0, (ZoneInfo("UTC"),)) is None:
            return True
    return False
