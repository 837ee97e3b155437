"""T002: steps, paths and timeouts that no test reaches."""

from collections import Counter

from orchestrator.workspace.journey import Journey
from orchestrator.workspace.step import (
    EXIT,
    Alternative,
    BranchStep,
    DelayStep,
    Fallback,
    JumpStep,
    SendStep,
    SplitStep,
    ThrottleStep,
    WaitStep,
    WebhookStep,
)
from orchestrator.workspace.unnamed_step import in_words


def unreached(journey: Journey, trace: Counter[tuple[str, str, str]]) -> list[str]:
    """In words, in the order of the file."""
    found: list[str] = []
    for name in journey.order:
        step = journey.steps.get(name)
        if step is None:
            continue
        shown = f"'{name}'" if not name.startswith("#") else in_words(name)
        if not trace[journey.name, name, "reached"]:
            found.append(in_words(name))
            continue
        match step:
            case WaitStep():
                found += [
                    f"{shown}: {alternative.name}"
                    for alternative in step.alternatives
                    if not trace[journey.name, name, alternative.name] and not taken_by_goal(journey, step, alternative)
                ]
                if not trace[journey.name, name, "timeout"]:
                    found.append(f"{shown}: timeout")
            case BranchStep():
                found += [
                    f"{shown}: path {index}" for index in range(1, len(step.arms) + 1) if not trace[journey.name, name, f"path {index}"]
                ]
                if all(arm.when is not None for arm in step.arms) and not trace[journey.name, name, "no path"]:
                    found.append(f"{shown}: none of its conditions")
            case SplitStep():
                found += [f"{shown}: arm '{arm.name}'" for arm in step.arms if arm.share and not trace[journey.name, name, arm.name]]
            case ThrottleStep() if step.over is not None and not trace[journey.name, name, "over"]:
                found.append(f"{shown}: over")
            case WebhookStep() if not trace[journey.name, name, "error"]:
                found.append(f"{shown}: on_error")
            case JumpStep() if not trace[journey.name, name, "taken"]:
                found.append(f"{shown}: taken")
            case SendStep() if step.fallback is not None and step.fallback.written:
                found += [f"{shown}: fallback when {word}" for word in words_of(step.fallback) if not trace[journey.name, name, word]]
            case DelayStep() if step.until is not None:
                if step.past != step.next and not trace[journey.name, name, "past"]:
                    found.append(f"{shown}: past")
                if step.missing != EXIT and not trace[journey.name, name, "missing"]:
                    found.append(f"{shown}: missing")
            case _:
                pass
    return found


def words_of(fallback: Fallback) -> list[str]:
    """Why the next channel may follow: where `unseen` is asked for, `expired` says nothing more."""
    return sorted(fallback.on - {"expired"} if "unseen" in fallback.on else fallback.on)


def taken_by_goal(journey: Journey, step: WaitStep, alternative: Alternative) -> bool:
    """The goal is the same event and ends the run first: nobody can come this way, and a reader may like to see it written."""
    goal, match = journey.goal, alternative.match
    if goal is None or match is None or not goal.exit or goal.within < step.timeout:
        return False
    return set(match.events) <= set(goal.match.events) and goal.match.match is None and set(goal.match.same) <= set(match.same)
