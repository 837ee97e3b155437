"""Changed journeys: delays, conditions and targets, one by one. A change that no test notices is a test that is missing."""

from collections.abc import Collection, Iterator
from dataclasses import replace

from orchestrator.expressions.durations import write_duration
from orchestrator.expressions.expression import Expression
from orchestrator.journey_tests.coverage import taken_by_goal, words_of
from orchestrator.workspace.journey import Journey
from orchestrator.workspace.step import EXIT, BranchStep, DelayStep, EmitStep, Fallback, SendStep, Step, WaitStep
from orchestrator.workspace.workspace import Workspace

MORE, DAY = 3_600_000, 86_400_000
Mutant = tuple[str, Workspace]


def mutants(workspace: Workspace, name: str) -> Iterator[Mutant]:
    """(what was changed, the workspace with it)."""
    journey = workspace.journeys[name]
    unheard = {name for name, step in journey.steps.items() if isinstance(step, EmitStep) and not _is_heard(workspace, step.event)}
    for what, changed in _changed(journey, unheard):
        yield what, replace(workspace, journeys={**workspace.journeys, name: changed})


def _is_heard(workspace: Workspace, event: str) -> bool:
    """Does anything here go by it? Of what other systems are told a test says nothing."""
    profile = workspace.profile
    return any(event in names for names in (workspace.entries, workspace.listeners, workspace.history)) or any(
        event in kind.opens | kind.closes for kind in profile.issues
    )


def _changed(journey: Journey, unheard: Collection[str]) -> Iterator[tuple[str, Journey]]:
    if journey.entry.when is not None:
        yield "entry.when turned round", replace(journey, entry=replace(journey.entry, when=_not(journey.entry.when)))
    if journey.goal is not None:
        yield "without its goal", replace(journey, goal=None)
    for index, _rule in enumerate(journey.exit_on, 1):
        yield f"without exit_on {index}", replace(journey, exit_on=tuple(r for n, r in enumerate(journey.exit_on, 1) if n != index))
    for name in journey.order:
        step = journey.steps.get(name)
        if step is None or name in unheard:
            continue
        shown = name if not name.startswith("#") else f"line {name[1:].split('.')[0]}"
        for what, other in _steps(step, journey):
            yield f"{shown}: {what}", replace(journey, steps={**journey.steps, name: other})


def _steps(step: Step, journey: Journey) -> Iterator[tuple[str, Step]]:
    match step:
        case SendStep():
            if step.only_if is not None:
                yield "only_if turned round", replace(step, only_if=_not(step.only_if))
            if len(step.channels) > 1:
                yield f"channels without {step.channels[0]}", replace(step, channels=step.channels[1:])
                yield (
                    f"channels with {step.channels[1]} first",
                    replace(step, channels=(step.channels[1], step.channels[0], *step.channels[2:])),
                )
            if step.fallback is not None and step.fallback.written:
                yield from _fallbacks(step, step.fallback)
            yield "left out", _skipped(step)
        case DelayStep():
            if step.duration is not None:
                yield f"delay {write_duration(step.duration + MORE)}", replace(step, duration=step.duration + MORE)
            elif step.at is None:
                yield "offset an hour more", replace(step, offset=step.offset + MORE)
            elif step.until is not None:
                # an hour more is the same time of the same day
                yield "offset a day more", replace(step, offset=step.offset + DAY)
        case WaitStep():
            yield f"timeout {write_duration(step.timeout + MORE)}", replace(step, timeout=step.timeout + MORE)
            if step.on_timeout != EXIT:
                yield "on_timeout: exit", replace(step, on_timeout=EXIT)
            for index, alternative in enumerate(step.alternatives):
                if taken_by_goal(journey, step, alternative):
                    continue
                other = EXIT if alternative.target != EXIT else step.next
                targets = tuple(replace(a, target=other) if n == index else a for n, a in enumerate(step.alternatives))
                yield f"{alternative.name} goes to {other or 'the end'}", replace(step, alternatives=targets)
        case BranchStep():
            for index, arm in enumerate(step.arms):
                if arm.when is not None:
                    arms = tuple(replace(a, when=_not(arm.when)) if n == index else a for n, a in enumerate(step.arms))
                    yield f"condition {index + 1} turned round", replace(step, arms=arms)
        case _:
            yield "left out", _skipped(step)


def _fallbacks(step: SendStep, fallback: Fallback) -> Iterator[tuple[str, Step]]:
    yield "fallback: none", replace(step, fallback=None)
    words = words_of(fallback)
    if words != ["undeliverable"]:
        # how long a report of failure counts is nothing that a test is about
        longer = fallback.after + MORE
        yield f"fallback after {write_duration(longer)}", replace(step, fallback=replace(fallback, after=longer))
    for word in words if len(words) > 1 else ():
        yield f"fallback without {word}", replace(step, fallback=replace(fallback, on=fallback.on - {word}))


def _skipped(step: Step) -> Step:
    return BranchStep(step.node, step.next, ())


def _not(expression: Expression) -> Expression:
    return replace(expression, text=f"not ({expression.text})", function=lambda scope: not expression.function(scope))
