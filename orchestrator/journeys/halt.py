"""Where a run comes to a stop, and what it may do to the world on its way."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from orchestrator.model.run import Run
from orchestrator.workspace.journey import Ending
from orchestrator.workspace.step import EmitStep, SendStep, WebhookStep


@dataclass(frozen=True, slots=True)
class AtSend:
    """The run stands at a send: a message came due."""

    step: SendStep


@dataclass(frozen=True, slots=True)
class Waiting:
    """The run stands in a delay or a wait; its instants are in the run."""


@dataclass(frozen=True, slots=True)
class Ended:
    """The run is over."""

    how: Ending
    label: str | None = None


Halt = AtSend | Waiting | Ended


class Acts(Protocol):
    """What a step does beyond its run."""

    def write_trait(self, operation: str, trait: str, value: object) -> None:
        """`operation` is set, unset, add, remove or increment."""
        ...

    def emit(self, run: Run, step: EmitStep, properties: Mapping[str, object], cause: int) -> None:
        """Publish an event; `cause` says how many emitted events led to this one."""
        ...

    def call(self, run: Run, step: WebhookStep, url: str, headers: Mapping[str, str], body: object) -> None:
        """Ask for a call; the run waits for its answer."""
        ...
