"""What lint reads off a journey's graph: steps that may not have run yet, instants that are always past, reasons that may be gone."""

from collections.abc import Iterator, Mapping, Sequence

from orchestrator.expressions.expression import Expression
from orchestrator.workspace.shape import Reading
from orchestrator.workspace.step import (
    END,
    EXIT,
    BranchStep,
    DelayStep,
    DigestStep,
    ExitStep,
    JumpStep,
    SendStep,
    SplitStep,
    Step,
    ThrottleStep,
    TimeWindowStep,
    WaitStep,
    WebhookStep,
)
from orchestrator.workspace.yaml_node import Node

WAITS = (DelayStep, WaitStep, DigestStep)
"""Steps that take time whatever happens, but for an event that was there before."""
_PAST = ("now", "entry.timestamp", "entry.received_at", "run.started_at")


def successors(step: Step) -> tuple[str, ...]:
    """Where a run can go from this step."""
    match step:
        case DelayStep():
            return (step.next,) if step.until is None else (step.next, step.past, step.missing)
        case WaitStep():
            return (*(alternative.target for alternative in step.alternatives), step.on_timeout)
        case BranchStep():
            arms = tuple(arm.target for arm in step.arms)
            return arms if any(arm.when is None for arm in step.arms) else (*arms, step.next)
        case SplitStep():
            return tuple(arm.target for arm in step.arms)
        case ThrottleStep():
            return (step.next,) if step.over is None else (step.next, step.over)
        case WebhookStep():
            return (step.next, step.on_error)
        case JumpStep():
            return (step.target,) if step.max is None else (step.target, step.next)
        case ExitStep():
            return ()
        case _:
            return (step.next,)


def unreached(
    steps: Mapping[str, Step], first: str, order: Sequence[str], unsure: Mapping[str, Sequence[str]]
) -> list[tuple[str, int]]:  # fmt: skip
    """Steps that no way leads to, in the order of the file, each with the number of those that only they lead to. `unsure` are steps with
    a mistake in them: they may lead to what stands there."""
    known = frozenset(order)

    def beyond(start: str, seen: set[str]) -> int:
        before, waiting = len(seen), [start]
        while waiting:
            name = waiting.pop()
            if name in known and name not in seen:
                seen.add(name)
                waiting += (*(successors(steps[name]) if name in steps else ()), *unsure.get(name, ()))
        return len(seen) - before

    seen: set[str] = set()
    beyond(first, seen)
    return [(name, beyond(name, seen) - 1) for name in order if name not in seen]


def certain(steps: Mapping[str, Step], first: str) -> dict[str, frozenset[str]]:
    """For each step those that every run has been through when it gets there, by whatever way."""
    reached: dict[str, frozenset[str]] = {first: frozenset()}
    waiting = [first]
    while waiting:
        name = waiting.pop()
        if name not in steps:
            continue
        through = reached[name] | {name}
        for target in successors(steps[name]):
            found = reached[target] & through if target in reached else through
            if target not in reached or found != reached[target]:
                reached[target] = found
                waiting.append(target)
    return reached


def check_graph(
    steps: Mapping[str, Step], first: str, places: Mapping[str, Node], marketing: frozenset[str], reading: Reading, *, ends_early: bool,
    ignores_repeats: bool,
) -> None:  # fmt: skip
    """J021, J033, J039, J042, J046. `marketing` names the sends of that class; `ends_early`: the journey has a goal or an exit;
    `ignores_repeats`: entry events do nothing while a run is active."""
    through = certain(steps, first)
    for name, step in steps.items():
        if name not in through or name not in places:
            continue
        if isinstance(step, JumpStep) and goes_round(steps, name):
            reading.bad(
                places[name].entries["jump"], "J021", f"from '{step.target}' back here without a wait", "a run would go round at one instant", "add a delay in between"
            )  # fmt: skip
        if isinstance(step, DigestStep) and ignores_repeats and (later := _waits_after(steps, name)) is not None:
            reading.bad(
                places[name], "J033", f"events that come while a run stands in '{later}' start nothing", "the digest is closed by then, and its run goes on",
                "reentry: {on_repeat: parallel}",
            )  # fmt: skip
        for expression in _conditions(step):
            _unvisited(expression, through[name], places[name], reading)
        if (
            isinstance(step, DelayStep)
            and step.until is not None
            and step.at is None
            and step.offset <= 0
            and step.until.text.strip() in _PAST
        ):
            reading.bad(
                _place(places[name], step.until), "J046", f"`{step.until.text}` is always past here", "the run is there later than that", "offset: 2h, or another instant"
            )  # fmt: skip
        if name in marketing and isinstance(step, SendStep) and step.only_if is None and not ends_early:
            branch = next((b for b in through[name] if isinstance(steps.get(b), BranchStep) and _avoidable(steps, b, name)), None)
            if branch is not None:
                reading.bad(
                    places[name], "J042", f"'{name}' may be held past its reason", "a hold can last for days, and the branch before it is not asked again",
                    "only_if: <the branch's condition>, a goal, or exit_on",
                )  # fmt: skip


def _waits_after(steps: Mapping[str, Step], digest: str) -> str | None:
    """A step behind the digest in which its run waits."""
    seen: set[str] = {digest}
    waiting = list(successors(steps[digest]))
    while waiting:
        name = waiting.pop()
        if name in seen or name not in steps:
            continue
        if isinstance(steps[name], DelayStep | WaitStep | TimeWindowStep | WebhookStep):
            return name
        seen.add(name)
        waiting.extend(successors(steps[name]))
    return None


def goes_round(steps: Mapping[str, Step], jump: str) -> bool:
    """A run can come back to this jump without ever having to wait."""
    seen: set[str] = set()
    waiting = list(successors(steps[jump])[:1])
    while waiting:
        name = waiting.pop()
        if name == jump:
            return True
        if name in seen or name not in steps or isinstance(steps[name], WAITS):
            continue
        seen.add(name)
        waiting.extend(successors(steps[name]))
    return False


def _conditions(step: Step) -> Iterator[Expression]:
    match step:
        case SendStep():
            if step.only_if is not None:
                yield step.only_if
        case DelayStep():
            if step.until is not None:
                yield step.until
        case WaitStep():
            yield from (alternative.when for alternative in step.alternatives if alternative.when is not None)
        case BranchStep():
            yield from (arm.when for arm in step.arms if arm.when is not None)
        case DigestStep() | ThrottleStep():
            if step.key is not None:
                yield step.key
        case _:
            return


def _unvisited(expression: Expression, through: frozenset[str], place: Node, reading: Reading) -> None:
    read = {path[1]: path for path in expression.paths if path[0] == "steps" and len(path) > 2 and path[2] not in ("visited", "count")}
    for name in sorted(read):
        if name not in through and ("steps", name, "visited") not in expression.paths:
            reading.bad(
                _place(place, expression), "J039", f"'{name}' may not have run yet", "on some way here it is passed by, and then this is missing",
                f"steps.{name}.visited and …",
            )  # fmt: skip


def _place(node: Node, expression: Expression) -> Node:
    return next((one for one in node.walk() if one.kind == "scalar" and one.text == expression.text), node)


def _avoidable(steps: Mapping[str, Step], start: str, avoided: str) -> bool:
    """From `start` a run can end without going through `avoided`."""
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        name = waiting.pop()
        if name in (END, EXIT):
            return True
        if name in seen or name == avoided or name not in steps:
            continue
        seen.add(name)
        targets = successors(steps[name])
        if not targets:
            return True
        waiting.extend(targets)
    return False
