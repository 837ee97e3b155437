"""A journey as a picture: a Mermaid flowchart, from the same steps that run."""

from collections.abc import Iterator

from orchestrator.expressions.durations import write_duration
from orchestrator.plan.people import People, counted
from orchestrator.workspace.journey import Journey
from orchestrator.workspace.step import (
    END,
    EXIT,
    BranchStep,
    DelayStep,
    DigestStep,
    EmitStep,
    ExitStep,
    JumpStep,
    SendStep,
    SplitStep,
    Step,
    ThrottleStep,
    TimeWindowStep,
    UpdateProfileStep,
    WaitStep,
    WebhookStep,
)

MOST = 80
"""Characters of a label."""
NOT_HERE = "{}: not in this version"
"""Of a step that people stand in who began in another one."""


def mermaid(journey: Journey, people: People | None = None) -> str:
    """Text for anything that draws Mermaid. With `people` each step says how many stand in it; steps that only earlier versions
    have stand alone."""
    ids = {name: f"s{number}" for number, name in enumerate(journey.order)}
    standing, gone = (people or People()).drawn(journey)
    lines = ["flowchart TD", f'  entry(["{_safe(entry_text(journey))}"]) --> {_target(journey.first, ids)}']
    for name in journey.order:
        step = journey.steps.get(name)
        if step is None:
            continue
        label = _safe(label_of(step)) + (f"<br/>{counted(standing[name])}" if standing[name] else "")
        opening, closing = ("{", "}") if isinstance(step, BranchStep | SplitStep) else ("[", "]")
        lines.append(f'  {ids[name]}{opening}"{label}"{closing}')
        lines += [f"  {ids[name]} -->{f'|{_quoted(way)}|' if way else ''} {_target(target, ids)}" for way, target in ways_of(step)]
    lines += [f'  gone{number}["{_safe(NOT_HERE.format(name))}<br/>{counted(count)}"]' for number, (name, count) in enumerate(gone.items())]
    return "\n".join([*lines, '  stop(["end"])']) + "\n"


def entry_text(journey: Journey) -> str:
    """The journey, and how people come in."""
    entry = journey.entry
    if entry.schedule is not None:
        return f"{journey.title or journey.name}: by the clock"
    return f"{journey.title or journey.name}: {' or '.join(entry.events) if entry.events else f'{entry.audience} {entry.change}'}"


def _target(name: str, ids: dict[str, str]) -> str:
    return "stop" if name in (END, EXIT) else ids[name]


def label_of(step: Step) -> str:
    """A step in a few words."""
    name = "" if step.node.startswith("#") else f"{step.node}: "
    match step:
        case SendStep():
            return f"{name}send {step.message} by {', '.join(step.channels)}"
        case DelayStep():
            return f"{name}{delay_text(step)}"
        case WaitStep():
            return f"{name}wait for {', '.join(alternative.name for alternative in step.alternatives)}"
        case TimeWindowStep():
            return f"{name}from {step.opening.start:%H:%M} to {step.opening.end:%H:%M}"
        case DigestStep():
            return f"{name}digest"
        case ThrottleStep():
            return f"{name}at most {step.max}"
        case EmitStep():
            return f"{name}emit {step.event}"
        case UpdateProfileStep():
            return f"{name}update profile"
        case WebhookStep():
            return f"{name}call {step.url.raw}"
        case JumpStep():
            return f"back, at most {step.max} times" if step.max is not None else "jump"
        case ExitStep():
            return f"exit {step.label or ''}".strip()
        case _:
            return name.removesuffix(": ") or "which?"


def delay_text(step: DelayStep) -> str:
    """For how long, or until when."""
    if step.duration is not None:
        words = f"delay {write_duration(step.duration)}"
    elif step.until is not None:
        offset = "" if not step.offset else f" {'-' if step.offset < 0 else '+'} {write_duration(abs(step.offset))}"
        words = f"delay until {step.until.text}{offset}"
    else:
        return "delay" if step.at is None else f"delay until {step.at:%H:%M}"
    return words if step.at is None else f"{words}, at {step.at:%H:%M}"


def ways_of(step: Step) -> Iterator[tuple[str, str]]:
    """Each way on: what it is called, empty where there is one only, and the target."""
    match step:
        case WaitStep():
            yield from ((alternative.name, alternative.target) for alternative in step.alternatives)
            yield f"timeout {write_duration(step.timeout)}", step.on_timeout
        case BranchStep():
            yield from (("otherwise" if arm.when is None else arm.when.text, arm.target) for arm in step.arms)
            if all(arm.when is not None for arm in step.arms):
                yield "else", step.next
        case SplitStep():
            yield from ((f"{arm.name} {arm.share:.0%}", arm.target) for arm in step.arms)
        case ThrottleStep():
            yield "", step.next
            if step.over is not None:
                yield "over", step.over
        case WebhookStep():
            yield "", step.next
            if step.on_error != step.next:
                yield "error", step.on_error
        case DelayStep():
            yield "", step.next
            if step.until is not None:
                yield from ((way, target) for way, target in (("past", step.past), ("missing", step.missing)) if target != step.next)
        case JumpStep():
            yield "", step.target
            if step.max is not None:
                yield "then", step.next
        case ExitStep():
            yield "", EXIT
        case _:
            yield "", step.next


def _safe(text: str) -> str:
    """One line of which nothing is read as markup; a long one is seen to be cut."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    shown = line if len(line) <= MOST else line[: MOST - 1] + "…"
    escaped = "".join(
        {'"': "#quot;", "<": "#lt;", ">": "#gt;", "#": "#35;", "&": "#amp;", "`": "#96;", "\\": "#92;"}.get(c, c) for c in shown
    )
    return escaped.replace("%%", "#37;#37;")


def _quoted(text: str) -> str:
    return f'"{_safe(text)}"'
