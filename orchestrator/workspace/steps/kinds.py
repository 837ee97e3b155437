"""The kinds of steps: for each step word its keys and what reads it. Reading, JSON Schema and reference follow from here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from orchestrator.workspace.shape import Mapped, Shaped
from orchestrator.workspace.step import Step
from orchestrator.workspace.steps import (
    branch,
    delay,
    digest,
    emit,
    exit,  # noqa: A004  (the step's word)
    jump,
    send,
    split,
    throttle,
    time_window,
    update_profile,
    wait_until,
    webhook,
)  # fmt: skip
from orchestrator.workspace.steps.around import Around, Spot


@dataclass(frozen=True, slots=True)
class StepKind:
    """`named`: it needs an `id`, because people may stand in it or because others speak of it."""

    shape: Mapped
    read: Callable[[Shaped, Spot, Around], Step | None]
    named: bool = True


STEPS: Mapping[str, StepKind] = {
    "send": StepKind(send.SHAPE, send.read),
    "delay": StepKind(delay.SHAPE, delay.read),
    "wait_until": StepKind(wait_until.SHAPE, wait_until.read),
    "time_window": StepKind(time_window.SHAPE, time_window.read),
    "branch": StepKind(branch.SHAPE, branch.read, named=False),
    "split": StepKind(split.SHAPE, split.read),
    "digest": StepKind(digest.SHAPE, digest.read),
    "throttle": StepKind(throttle.SHAPE, throttle.read),
    "update_profile": StepKind(update_profile.SHAPE, update_profile.read),
    "emit": StepKind(emit.SHAPE, emit.read),
    "webhook": StepKind(webhook.SHAPE, webhook.read),
    "jump": StepKind(jump.SHAPE, jump.read, named=False),
    "exit": StepKind(exit.SHAPE, exit.read, named=False),
}
LATER: tuple[str, ...] = ()
"""Of the language, not of this version."""
