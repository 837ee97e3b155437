"""The report of a simulation for people."""

from collections import Counter
from collections.abc import Iterator, Sequence

from orchestrator.contracts.reason import EFFECTS, REASONS, Reason
from orchestrator.contracts.topics import CHANNELS
from orchestrator.simulation.difference import Difference
from orchestrator.simulation.money import cost_lines, total
from orchestrator.simulation.report import Report, text_at, under_way
from orchestrator.simulation.tally import Tally

WIDTH = 40
"""Of the longest bar, in signs."""
WHATS = {
    "less": "no longer sent", "more": "sent only now", "time": "at another time", "channel": "on another channel",
    "text": "in other words", "reason": "held or not sent for another reason",
}  # fmt: skip


def words(report: Report) -> Iterator[str]:
    """Line by line."""
    tally = report.tally
    yield f"{tally.customers:,} customers, {report.days:g} days from {text_at(report.start)}, {tally.events:,} events"
    yield f"again: {report.again}"
    if report.refused:
        yield f"{len(report.refused):,} {'event was' if len(report.refused) == 1 else 'events were'} not taken:"
        yield from (f"  {line}: {why}" for line, why in report.refused[:20])
        if len(report.refused) > 20:
            yield f"  … and {len(report.refused) - 20:,} more"
    if report.result.difference is not None and report.result.before is not None:
        yield from _against(report, report.result.before, report.result.difference)
    yield from _messages(tally)
    yield from _hours(tally)
    yield from _withheld(tally)
    yield from _runs(tally)
    yield from _people(tally)
    yield from _cost(report)
    yield from _busiest(report)


def _table(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    """Indented; numbers stand in the first column."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))] if rows else []
    for first, *others in rows:
        yield (
            "  " + "  ".join([first.rjust(widths[0]), *(cell.ljust(width) for cell, width in zip(others, widths[1:], strict=True))])
        ).rstrip()


def _messages(tally: Tally) -> Iterator[str]:
    yield f"\nMessages: {sum(tally.messages.values()):,}"
    yield from _table([
        (f"{number:,}", f"{journey} / {step}", message, channel)
        for (journey, step, message, channel), number in sorted(tally.messages.items())
    ])  # fmt: skip


def _hours(tally: Tally) -> Iterator[str]:
    by_hour = [sum(tally.hours.get((channel, hour), 0) for channel in CHANNELS) for hour in range(24)]
    most = max(by_hour)
    if not most:
        return
    yield "\nHour of the day where the person is"
    for hour, number in enumerate(by_hour):
        yield f"  {hour:02d}  {'█' * -(-number * WIDTH // most):<{WIDTH}} {number:,}"


def _withheld(tally: Tally) -> Iterator[str]:
    yield f"\nHeld, not sent, not entered: {sum(tally.decisions.values()):,}"
    rows: list[tuple[str, ...]] = []
    for letter, effect in EFFECTS.items():
        for (one, reason, rule, journey, step), number in sorted(tally.decisions.items(), key=lambda item: (-item[1], item[0])):
            if one == letter:
                name = f"{reason} ({rule})" if rule and rule != reason else reason
                rows.append((f"{number:,}", effect, f"{journey} / {step}" if step else journey, name, REASONS[Reason(reason)].means))
    yield from _table(rows)


def _runs(tally: Tally) -> Iterator[str]:
    yield "\nJourneys"
    rows: list[tuple[str, ...]] = []
    for journey, started in sorted(tally.started.items()):
        ends = [
            f"{number:,} {how}{f' ({label})' if label else ''}"
            for (name, how, label), number in sorted(tally.ended.items(), key=lambda item: (-item[1], item[0]))
            if name == journey
        ]
        goals = f"{tally.goals.get(journey, 0):,} reached the goal" if tally.goals.get(journey) else ""
        rows.append((f"{started:,}", journey, ", ".join([*ends, f"{under_way(tally, journey):,} under way"]), goals))
    yield from _table(rows)


def _people(tally: Tally) -> Iterator[str]:
    yield f"\nOn two journeys or more at once: {tally.overlapping:,} people"
    pairs = sorted(tally.together.items(), key=lambda item: (-item[1], item[0]))
    yield from _table([(f"{number:,}", f"{one} + {other}") for (one, other), number in pairs[:20]])
    yield "\nPeople by how many messages they got"
    numbers: Counter[str] = Counter()
    for number, people in sorted(tally.people.items()):
        numbers[str(number) if number < 10 else "10 or more"] += people
    most = max(numbers.values(), default=0)
    for label, people in numbers.items():
        yield f"  {label:>10}  {'█' * -(-people * WIDTH // most):<{WIDTH}} {people:,}"
    for one, what in ((tally.day, "day"), (tally.week, "week")):
        if one.number:
            yield (
                f"  most in a {what}: {one.number}, {one.customer} on {one.when}"
                if what == "day"
                else f"  most in a week: {one.number}, {one.customer} in {one.when}"
            )


def _cost(report: Report) -> Iterator[str]:
    lines = report.costs
    if not lines:
        return
    unknown = sorted({line.channel for line in lines if line.price is None})
    if not any(line.price is not None for line in lines):
        yield "\nCost: unknown; concierge.toml has no `price` for a provider of " + ", ".join(unknown)
        return
    yield f"\nCost: {total(lines):,.2f}" + (
        f", without {', '.join(unknown)}: some of it has no `price` in concierge.toml" if unknown else ""
    )
    yield from _table([
        (f"{line.parts:,}", line.channel, line.country, "no price" if line.cost is None else f"{line.price:g} each, {line.cost:,.2f}")
        for line in lines
    ])  # fmt: skip


def _busiest(report: Report) -> Iterator[str]:
    if report.busiest:
        yield "\nBusiest minute"
    for one in report.busiest:
        over = f"; {one.over:,} minutes with more than that" if one.over else ""
        yield f"  {one.channel}: {one.messages:,} at {text_at(one.at)}, {one.share:.1%} of {one.rate:g} a second{over}"


def _against(report: Report, before: Tally, difference: Difference) -> Iterator[str]:
    yield f"\nAgainst {report.against}: something changes for {difference.people:,} of {report.tally.customers:,} people"
    sent = (sum(before.messages.values()), sum(report.tally.messages.values()))
    yield f"  messages {sent[0]:,} → {sent[1]:,}"
    costs = (cost_lines(before, report.prices), report.costs)
    if any(line.price is not None for lines in costs for line in lines):
        yield f"  cost {total(costs[0]):,.2f} → {total(costs[1]):,.2f}"
    for what, title in WHATS.items():
        rows = sorted(
            ((change, people) for change, people in difference.changes.items() if change[0] == what), key=lambda row: (-row[1], row[0])
        )
        for change, people in rows:
            _what, journey, step, detail = change
            place = f"{journey} / {step}" if step else journey
            yield f"  {people:,} × {title}: {place}{f' ({detail})' if detail else ''}"
            yield from (f"      {customer}{f': {sentence}' if sentence else ''}" for customer, sentence in difference.examples[change])
