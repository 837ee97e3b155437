"""What a loaded workspace is indexed by: journeys by the events they enter and listen on, and the history to be kept."""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from orchestrator.expressions.calls import HistoryNeed
from orchestrator.expressions.expression import Expression, compile_expression
from orchestrator.expressions.problems import ExpressionError
from orchestrator.expressions.template_needs import template_needs
from orchestrator.expressions.vocabulary import Vocabulary
from orchestrator.workspace.journey import Journey
from orchestrator.workspace.step import (
    BranchStep,
    DelayStep,
    DigestStep,
    EmitStep,
    SendStep,
    Step,
    ThrottleStep,
    UpdateProfileStep,
    WaitStep,
    WebhookStep,
)
from orchestrator.workspace.workspace import Workspace

_CONTEXT_OF_EVENT = re.compile(rb"(?<!customer)\.context\b")


def reads_context(files: Mapping[str, bytes]) -> bool:
    """Does any journey or text read the context of an event? By the letter, so rather too often than too seldom."""
    return any(
        name.startswith(("config/journeys/", "config/offers.yaml", "templates/")) and _CONTEXT_OF_EVENT.search(text)
        for name, text in files.items()
    )


def sends_of(journey: Journey) -> list[SendStep]:
    return [step for step in journey.every_step if isinstance(step, SendStep)]


def deduped_of(journeys: Mapping[str, Journey]) -> dict[str, int]:
    """Messages whose commits are remembered, and for how long (milliseconds)."""
    found: dict[str, int] = {}
    for journey in journeys.values():
        for step in sends_of(journey):
            if step.dedupe is not None:
                found[step.message] = max(found.get(step.message, 0), step.dedupe.within)
    return found


def event_indexes(journeys: Mapping[str, Journey]) -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]]:
    """Journeys by the events people enter by, and by those their runs listen for."""
    entries: dict[str, list[str]] = {}
    listeners: dict[str, set[str]] = {}
    for name, journey in sorted(journeys.items()):
        for event in journey.entry.events:
            entries.setdefault(event, []).append(name)
        wanted = [rule.match for rule in journey.exit_on] + ([journey.goal.match] if journey.goal else [])
        wanted += [
            a.match for step in journey.steps.values() if isinstance(step, WaitStep) for a in step.alternatives if a.match is not None
        ]
        for match in wanted:
            for event in match.events:
                listeners.setdefault(event, set()).add(name)
    return {k: tuple(v) for k, v in entries.items()}, {k: tuple(sorted(v)) for k, v in listeners.items()}


def audience_index(journeys: Mapping[str, Journey]) -> dict[str, tuple[str, ...]]:
    """Journeys by the audience people enter by, in order of their names."""
    found: dict[str, list[str]] = {}
    for name, journey in sorted(journeys.items()):
        if journey.entry.audience is not None:
            found.setdefault(journey.entry.audience, []).append(name)
    return {audience: tuple(names) for audience, names in found.items()}


def schedule_index(journeys: Mapping[str, Journey]) -> tuple[str, ...]:
    """Journeys that people enter by the clock, in order of their names."""
    return tuple(name for name, journey in sorted(journeys.items()) if journey.entry.schedule is not None)


def expressions_of(step: Step) -> list[Expression | None]:
    match step:
        case SendStep():
            key = step.dedupe.key if step.dedupe is not None else None
            return [step.only_if, key, *(e for value in step.variables.values() for e in value.expressions)]
        case DelayStep():
            return [step.until]
        case WaitStep():
            return [e for a in step.alternatives for e in (a.when, a.match.match if a.match else None)]
        case BranchStep():
            return [arm.when for arm in step.arms]
        case DigestStep() | ThrottleStep():
            return [step.key]
        case WebhookStep():
            values = [step.url, *step.headers.values(), *([step.body] if step.body is not None else [])]
            return [e for value in values for e in value.expressions]
        case EmitStep():
            return [e for value in step.properties.values() for e in value.expressions]
        case UpdateProfileStep():
            return [
                e for values in (step.assign, step.add, step.remove, step.increment) for value in values.values() for e in value.expressions
            ]
        case _:
            return []


def texts_of(workspace: Workspace) -> Iterator[str]:
    """Every template of the workspace; a bare expression as the template that prints it."""
    yield from workspace.layouts.values()
    yield from workspace.snippets.values()
    yield from workspace.links.utm.values()
    for message in workspace.messages.values():
        for contents in (message.content, *(variant.content for variant in message.variants)):
            for content in contents.values():
                yield from (text for text in (content.subject, content.preheader, content.body) if text)
                yield from (text for one in (content.action,) if one is not None for text in (one.label, one.url))
                yield from (text for one in (content.image,) if one is not None for text in (one.url, one.alt))
                yield from (text for block in content.blocks.values() for text in (block.body, block.fallback) if text)
        for texts in (message.email.subject, message.email.body, message.sms.body, message.whatsapp.body):
            yield from texts.values()
        yield from (f"{{{{ {variable} }}}}" for variable in message.whatsapp.variables.values())
    for offer in workspace.offers.values():
        for one in offer.content.values():
            yield from (one.title, one.body, *(() if one.action is None else (one.action.label, one.action.url)))


def needs_of(journeys: Mapping[str, Journey], workspace: Workspace) -> set[HistoryNeed]:
    """What expressions and templates ask of the past."""
    needs = template_needs(texts_of(workspace))
    found: list[Expression | None] = [rule.when for rule in workspace.policies.suppression]
    found += [audience.when for audience in workspace.audiences.values()]
    found += [offer.when for offer in workspace.offers.values()]
    for journey in journeys.values():
        found += [journey.entry.when, journey.entry.key, *(rule.match.match for rule in journey.exit_on)]
        found += [journey.goal.match.match] if journey.goal else []
        for step in journey.every_step:
            found += expressions_of(step)
    for expression in found:
        if expression is not None:
            needs |= expression.needs
    return needs


@dataclass(frozen=True, slots=True)
class Asked:
    """Of the past. `history` maps an event to the longest window (milliseconds; None: totals are enough), `counted` to the conditions
    that are counted for ever."""

    history: Mapping[str, int | None] = field(default_factory=dict)
    counted: Mapping[str, tuple[Expression, ...]] = field(default_factory=dict)

    def beside(self, other: "Asked") -> "Asked":
        """What both of them ask for."""
        history = dict(self.history)
        for event, window in other.history.items():
            held = history.get(event)
            history[event] = window if held is None else max(held, window or 0)
        counted = dict(self.counted)
        for event, asked in other.counted.items():
            texts = {one.text for one in counted.get(event, ())}
            counted[event] = (*counted.get(event, ()), *(one for one in asked if one.text not in texts))
        return Asked(history, counted)


def asked_by(needs: Iterable[HistoryNeed], keep_events: int) -> Asked:
    """`keep_events` (milliseconds): where nothing shorter is said."""
    found = Asked()
    for need in sorted(needs, key=lambda need: (need.event, need.where or "")):
        counted: tuple[Expression, ...] = ()
        if need.total_only and need.where is not None:
            with suppress(ExpressionError):  # of a template that lint refuses
                counted = (compile_expression(need.where, Vocabulary({"event": None})),)
        window = None if need.total_only else need.within or keep_events
        found = found.beside(Asked({need.event: window}, {need.event: counted} if counted else {}))
    return found
