"""The report of a simulation as JSON: the same fields that people read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from orchestrator.contracts.topics import CHANNELS
from orchestrator.journeys.views import instant
from orchestrator.simulation.busiest import Busiest, busiest_minutes
from orchestrator.simulation.crowd import DAY
from orchestrator.simulation.difference import Difference
from orchestrator.simulation.money import Line, Prices, cost_lines, total
from orchestrator.simulation.shard import Played
from orchestrator.simulation.tally import Most, Tally


@dataclass(frozen=True, slots=True)
class Report:
    """`again`: the command that gives the same report. `start` and `until` in milliseconds. `refused`: (place, why) of events that were not
    taken. `rates` in messages a second by channel. `against`: the version it is compared with."""

    again: str
    start: int
    until: int
    result: Played
    prices: Prices
    rates: Mapping[str, float]
    refused: Sequence[tuple[str, str]] = ()
    against: str = ""

    @property
    def tally(self) -> Tally:
        return self.result.tally

    @property
    def days(self) -> float:
        """How long it lasted."""
        return round((self.until - self.start) / DAY, 2)

    @property
    def customer_days(self) -> int:
        """People times days."""
        return round(self.tally.customers * (self.until - self.start) / DAY)

    @property
    def costs(self) -> Sequence[Line]:
        return cost_lines(self.tally, self.prices)

    @property
    def busiest(self) -> Sequence[Busiest]:
        return busiest_minutes(self.tally, self.rates)


def text_at(at: int) -> str:
    """An instant in milliseconds, to the minute."""
    return instant(at).strftime("%Y-%m-%dT%H:%MZ")


def under_way(tally: Tally, journey: str) -> int:
    """Runs that had not ended."""
    return tally.started.get(journey, 0) - sum(number for (name, _how, _label), number in tally.ended.items() if name == journey)


def as_json(report: Report) -> dict[str, object]:
    """All of it; lists are sorted, so that equal simulations give equal bytes."""
    tally = report.tally
    found: dict[str, object] = {
        "again": report.again, "start": text_at(report.start), "until": text_at(report.until), "days": report.days,
        "customers": tally.customers, "customer_days": report.customer_days, "events": tally.events,
        "refused": {"events": len(report.refused), "lines": [{"line": line, "why": why} for line, why in report.refused[:100]]},
        "messages": {
            "number": sum(tally.messages.values()),
            "steps": [
                {"journey": journey, "step": step, "message": message, "channel": channel, "number": number}
                for (journey, step, message, channel), number in sorted(tally.messages.items())
            ],
        },
        "hours": {channel: [tally.hours.get((channel, hour), 0) for hour in range(24)] for channel in CHANNELS},
        "withheld": [
            {"effect": effect, "reason": reason, "rule": rule or None, "journey": journey or None, "step": step or None, "number": number}
            for (effect, reason, rule, journey, step), number in sorted(tally.decisions.items())
        ],
        "runs": [
            {
                "journey": journey, "started": started, "goals": tally.goals.get(journey, 0), "under_way": under_way(tally, journey),
                "ended": [
                    {"how": how, "label": label or None, "number": number}
                    for (name, how, label), number in sorted(tally.ended.items()) if name == journey
                ],
            }
            for journey, started in sorted(tally.started.items())
        ],
        "overlaps": {
            "people": tally.overlapping,
            "pairs": [{"journeys": list(pair), "people": number} for pair, number in sorted(tally.together.items())],
        },
        "people_by_messages": {str(number): people for number, people in sorted(tally.people.items())},
        "most_in_a_day": _most(tally.day), "most_in_a_week": _most(tally.week),
        "cost": {
            "total": total(report.costs), "complete": all(line.price is not None for line in report.costs),
            "lines": [
                {"channel": line.channel, "country": line.country or None, "parts": line.parts, "price": line.price, "cost": line.cost}
                for line in report.costs
            ],
        },
        "busiest_minutes": [
            {"channel": one.channel, "at": text_at(one.at), "messages": one.messages, "rate_per_s": one.rate, "share": round(one.share, 4), "minutes_over": one.over}
            for one in report.busiest
        ],
    }  # fmt: skip
    if report.result.difference is not None and report.result.before is not None:
        found["against"] = _against(report, report.result.before, report.result.difference)
    return found


def _most(most: Most) -> dict[str, object] | None:
    return {"messages": most.number, "customer": most.customer, "when": most.when} if most.number else None


def _against(report: Report, before: Tally, difference: Difference) -> dict[str, object]:
    costs = cost_lines(before, report.prices)
    return {
        "version": report.against, "people": difference.people, "messages_before": sum(before.messages.values()),
        "messages_now": sum(report.tally.messages.values()), "cost_before": total(costs), "cost_now": total(report.costs),
        "changes": [
            {
                "what": what, "journey": journey, "step": step or None, "detail": detail or None, "people": number,
                "examples": [
                    {"customer": customer, "what": sentence or None} for customer, sentence in difference.examples[what, journey, step, detail]
                ],
            }
            for (what, journey, step, detail), number in sorted(difference.changes.items())
        ],
    }  # fmt: skip
