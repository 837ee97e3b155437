"""What time does to one customer: waits that are over, conditions that came true, holds that end, things that expire."""

from orchestrator.contracts.reason import Reason
from orchestrator.engine.decide import decide, drop, order, runs_go_on
from orchestrator.engine.runs import end_run, walk_on
from orchestrator.engine.turn import Turn
from orchestrator.journeys.digest import close
from orchestrator.journeys.due import follow_zone
from orchestrator.journeys.listen import true_condition
from orchestrator.journeys.walk import end_wait, wake
from orchestrator.model.planned import Planned
from orchestrator.model.run import Run, Waited
from orchestrator.policies.verdict import Refusal
from orchestrator.workspace.journey import Journey
from orchestrator.workspace.step import WaitStep

BY_VERSION = frozenset((Reason.JOURNEY_LIMIT.value, Reason.SEND_TIME.value))
"""Holds that another version may end."""
BY_RULE = frozenset((Reason.OPEN_SERVICE_ISSUE.value, Reason.SUPPRESSION_RULE.value, Reason.QUIET_HOURS.value))


def wake_runs(turn: Turn) -> None:
    """Delays and waits that are due, and runs that a pause kept from going on: higher priority first, then older run,
    then journey name, then key. What is due in a paused journey stays due, until the instant of the resume."""
    for run in turn.runs:
        journey = turn.journey_of(run) if run.zone else None
        if journey is not None and follow_zone(run, journey, turn.frame):
            turn.customer.changed("runs")
    due = [
        run for run in turn.runs
        if run.state == "ready" or (run.due is not None and run.due <= turn.now and run.state != "digest")
    ]  # fmt: skip
    priority = {name: journey.priority for name, journey in turn.workspace.journeys.items()} if len(due) > 1 else {}
    for run in sorted(due, key=lambda r: (-priority.get(r.journey, 0), r.started_at, r.journey, r.key, r.number)):
        if run not in turn.customer.runs:
            continue
        journey = turn.journey_of(run)
        if journey is not None and journey.status == "paused":
            continue
        turn.customer.changed("runs")
        if run.state == "wait" and journey is not None and _came_true(turn, run, journey):
            continue  # at the instant of its timeout: by an event that came at it, or by time
        if run.state != "ready" and journey is not None and run.node in journey.steps and not wake(run, journey, turn.frame):
            continue
        walk_on(turn, run)


def end_with_the_period(turn: Turn) -> None:
    """Runs of journeys whose period is over and that say `after: exit`."""
    over = []
    for run in turn.runs:
        journey = turn.journey_of(run)
        if journey is not None and journey.active.exits and journey.active.end is not None and journey.active.end <= turn.now:
            over.append(run)
    for run in over:
        end_run(turn, run, "version_exit")


def check_conditions(turn: Turn) -> bool:
    """Waits for a condition: is it true now? True when one was, and its run went on."""
    moved = False
    for run in list(turn.runs):
        journey = turn.journey_of(run) if run.state == "wait" else None
        if journey is not None and journey.status != "paused":
            moved = _came_true(turn, run, journey) or moved
    return moved


def _came_true(turn: Turn, run: Run, journey: Journey) -> bool:
    """A condition that this run waits for: then it goes on; else it is noted when time alone may next change that."""
    step = journey.steps.get(run.node)
    if not isinstance(step, WaitStep) or all(one.when is None for one in step.alternatives):
        return False
    index, check_at = true_condition(step, run, journey, turn.frame)
    if index is not None:
        end_wait(step, run, index, Waited(by="condition"), turn.frame)
        turn.customer.changed("runs")
        walk_on(turn, run)
        return True
    if check_at != run.check_at:
        run.check_at = check_at
        turn.customer.changed("runs")
    return False


def decide_due(turn: Turn) -> bool:
    """Messages that came due are decided together; then their runs go on. True when there were any."""
    due = sorted((planned for planned in turn.customer.messages.planned if not planned.held), key=order)
    for planned in due:
        decide(turn, planned, at_release=False)
    runs_go_on(turn)
    return bool(due)


def release(turn: Turn) -> bool:
    """Held messages whose time has come, or whose rule may no longer apply, since something has changed. True when one was settled."""
    now = turn.now
    looked_at = [
        planned for planned in turn.customer.messages.planned
        if planned.held
        and ((planned.until is not None and planned.until <= now) or planned.reason in BY_RULE or _resumed(turn, planned) or (turn.afresh and planned.reason in BY_VERSION))
    ]  # fmt: skip
    settled = False
    for planned in sorted(looked_at, key=order):
        if planned in turn.customer.messages.planned:
            settled = decide(turn, planned, at_release=True) or settled
    runs_go_on(turn)
    return settled


def close_digests(turn: Turn) -> bool:
    """Windows that close: nothing can join any more at this instant. True when one did, and its run went on; those of a paused journey
    stay due, and are no reason to look again."""
    due = [run for run in turn.runs if run.state == "digest" and run.due is not None and run.due <= turn.now]
    closed = False
    for run in sorted(due, key=lambda r: (r.started_at, r.journey, r.key, r.number)):
        journey = turn.journey_of(run)
        if journey is None or journey.status == "paused" or run not in turn.customer.runs:
            continue
        turn.customer.changed("runs")
        close(run)
        wake(run, journey, turn.frame)
        walk_on(turn, run)
        closed = True
    return closed


def _resumed(turn: Turn, planned: Planned) -> bool:
    """It was held by a pause that is over."""
    if planned.reason != Reason.JOURNEY_PAUSED.value:
        return False
    journey = turn.journey_for(planned)
    return journey is None or journey.status != "paused"


def expire(turn: Turn) -> bool:
    """Last at an instant: holds that ran out, runs that are too old. True when there was one."""
    now = turn.now
    gone = [(p, reason) for p in turn.customer.messages.planned if (reason := _ran_out(p, now)) is not None]
    for planned, reason in sorted(gone, key=lambda item: order(item[0])):
        drop(turn, planned, Refusal("expired", reason, rule=_rule(planned), values={"due": planned.due}), at_release=True)
    runs_go_on(turn)
    old = [run for run in turn.runs if now >= _oldest(turn, run)]
    for run in old:
        end_run(turn, run, "max_age")
    return bool(gone or old)


def _ran_out(planned: Planned, now: int) -> Reason | None:
    """The earlier of the two names the reason."""
    if not planned.held:
        return None
    expires = planned.expires_at if planned.expires_at is not None and planned.expires_at <= now else None
    limit = planned.limit_at if planned.limit_at is not None and planned.limit_at <= now else None
    if limit is not None and (expires is None or limit <= expires):
        return Reason.HOLD_LIMIT
    return None if expires is None else Reason.EXPIRED_WHILE_HELD


def _rule(planned: Planned) -> str | None:
    return next(reversed(planned.held_by), None)


def _oldest(turn: Turn, run: Run) -> int:
    journey = turn.journey_of(run)
    return run.started_at + (journey.max_age if journey else 0)
