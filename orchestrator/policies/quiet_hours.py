"""Line 7: the quiet hours of the workspace and of the journey, in every timezone the person may be in."""

from functools import lru_cache

from orchestrator.calendar.quiet import FURTHEST_QUIET, Quiet, is_quiet, next_quiet, quiet_until
from orchestrator.contracts.reason import Reason
from orchestrator.contracts.topics import Channel
from orchestrator.policies.question import Question, Zones
from orchestrator.policies.suppression import selects
from orchestrator.policies.verdict import Refusal
from orchestrator.workspace.policies import QuietRule

HOUR = 3_600_000
_Rules = tuple[Quiet, ...]


def quiet_line(question: Question, channel: Channel) -> Refusal | None:
    """7. Held until the first instant at which no rule is quiet anywhere; dropped where one that is says so."""
    rules = _selected(question, channel)
    if not rules:
        return None
    now, quiet = question.frame.now, tuple(rule.quiet for rule in rules)
    begins, zones = _begins(quiet, question)
    if begins is None or begins > now:
        return None
    applying = [rule for rule in rules if is_quiet((rule.quiet,), now, zones)]
    first = next((rule for rule in applying if rule.then == "drop"), applying[0])
    values: dict[str, object] = {"zones": [zone.key for zone in zones]}
    if zones != question.zones():
        values["no_common_hour"] = True
    until = quiet_until(quiet, now, zones)
    return Refusal(
        "quiet_hours", Reason.QUIET_HOURS, hold=first.then == "hold", until=now + FURTHEST_QUIET if until is None else until,
        rule=first.name, rule_version=first.version, values=values,
    )  # fmt: skip


def quiet_from(question: Question, channel: Channel) -> int | None:
    """When the person's quiet hours begin, for a message that goes out now: a sender past it gives it back. None: not for two weeks."""
    rules = _selected(question, channel)
    return _begins(tuple(rule.quiet for rule in rules), question)[0] if rules else None


def _selected(question: Question, channel: Channel) -> list[QuietRule]:
    if question.transactional:
        return []
    given = (*question.frame.workspace.policies.quiet_hours, *question.journey.quiet_hours)
    return [rule for rule in given if selects(rule.selectors, question.message, question.journey, question.message_class, channel)]


def _begins(quiet: _Rules, question: Question) -> tuple[int | None, Zones]:
    """The first quiet instant from now on, and where: the workspace's timezone counts where the person's never have an open hour in
    common, dates aside. Looked for once an hour, as far as that hour has none."""
    now, zones = question.frame.now, question.zones()
    found = _from_the_hour(quiet, zones, now // HOUR)
    if found is None or found > now:
        return found, zones
    if len(zones) > 1 and quiet_until([Quiet(rule.start, rule.end, rule.days) for rule in quiet], now, zones) is None:
        zones = (question.frame.workspace.timezone,)
    return next_quiet(quiet, now, zones), zones


@lru_cache(maxsize=4096)
def _from_the_hour(quiet: _Rules, zones: Zones, hour: int) -> int | None:
    return next_quiet(quiet, hour * HOUR, zones)
