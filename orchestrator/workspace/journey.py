"""A journey as the engine runs it: compiled, frozen, checked. The loader makes these from YAML; nothing else does.

Durations are milliseconds; instants are milliseconds since 1970, UTC.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from orchestrator.contracts.topics import MessageClass
from orchestrator.expressions.expression import Expression
from orchestrator.workspace.audience import BY_AUDIENCE
from orchestrator.workspace.guard import Guard
from orchestrator.workspace.policies import QuietRule
from orchestrator.workspace.scheduled_entry import BY_SCHEDULE, ScheduledEntry
from orchestrator.workspace.step import EventMatch, Step, ThenStep

JourneyStatus = Literal["draft", "live", "paused", "draining"]
Ending = Literal[
    "end", "exit", "goal", "exit_on", "restarted", "digested", "merged", "version_exit",
    "missing_data", "webhook_failed", "max_age", "step_limit", "erased",
]  # fmt: skip
"""How a run ends: the closed list."""


@dataclass(frozen=True, slots=True)
class Reentry:
    """When a person may come again. `per` says by what entries are counted; `on_repeat` what an entry event does meanwhile."""

    after: int | None = None
    max: int | None = None
    never: bool = False
    per: Literal["key", "customer"] = "key"
    on_repeat: Literal["ignore", "restart", "parallel"] = "ignore"


@dataclass(frozen=True, slots=True)
class Entry:
    """How people get in: an event that satisfies `when`, one run per value of `key`; or, without events, by joining or leaving
    an audience (`existing`: whether those enter who are in it already when the journey first goes live); or at a time."""

    events: tuple[str, ...]
    key: Expression | None = None
    when: Expression | None = None
    expires: int = 86_400_000
    reentry: Reentry = Reentry()
    audience: str | None = None
    change: Literal["joins", "leaves"] = "joins"
    existing: Literal["skip", "enter"] = "skip"
    schedule: ScheduledEntry | None = None

    @property
    def speaks_of(self) -> tuple[str, ...]:
        """Whose fields `entry` holds."""
        if self.schedule is not None:
            return (BY_SCHEDULE,)
        return self.events if self.audience is None else (BY_AUDIENCE,)


@dataclass(frozen=True, slots=True)
class Goal:
    """What the journey is for. Counted once per run within `within` of the entry, also after the run has ended."""

    match: EventMatch
    within: int = 30 * 86_400_000
    exit: bool = True


@dataclass(frozen=True, slots=True)
class ExitRule:
    """An event that ends a run at any point; `then` runs at once before it does."""

    match: EventMatch
    reason: str | None = None
    then: tuple[ThenStep, ...] = ()


@dataclass(frozen=True, slots=True)
class InFlight:
    """What becomes of runs that began in an earlier version; `continue`: they end on that. `removed`: a step that is gone to where those go who stand in it.
    `content`: which version of a message its runs use for what they have not sent yet."""

    runs: Literal["migrate", "exit", "continue"] = "migrate"
    waits: Literal["keep", "reschedule"] = "keep"
    removed: Mapping[str, str] = field(default_factory=dict)
    content: Literal["latest", "pinned"] = "latest"

    @property
    def reschedules(self) -> bool:
        """Whether those who come over into this version, and wait, get the instant its text gives them."""
        return self.runs == "migrate" and self.waits == "reschedule"


@dataclass(frozen=True, slots=True)
class Active:
    """When people may come in: from `start` (inside) to `end` (outside), each an instant or None. `exits`: runs end there too."""

    start: int | None = None
    end: int | None = None
    exits: bool = False

    def holds(self, now: int) -> bool:
        """Whether `now` is inside."""
        return (self.start is None or now >= self.start) and (self.end is None or now < self.end)


@dataclass(frozen=True, slots=True)
class Limits:
    """So many messages and entries a day of the workspace's timezone; None: no limit. `over`: what becomes of a message beyond it."""

    messages: int | None = None
    entries: int | None = None
    over: Literal["hold", "drop"] = "hold"


@dataclass(frozen=True, slots=True)
class Journey:
    """One journey. `version` is the first 12 hex digits of the SHA-256 of its canonical JSON without titles and notes.

    `order` lists the node names in the order they stand in the file: a later one is "further" when runs are merged.
    `holdout` is a share from 0 to 1.
    """

    name: str
    version: str
    entry: Entry
    steps: Mapping[str, Step]
    first: str
    order: tuple[str, ...]
    title: str = ""
    status: JourneyStatus = "live"
    message_class: MessageClass | None = None
    priority: int = 50
    tags: tuple[str, ...] = ()
    goal: Goal | None = None
    exit_on: tuple[ExitRule, ...] = ()
    holdout: float = 0.0
    active: Active = Active()
    in_flight: InFlight = field(default_factory=InFlight)
    was: Mapping[str, str] = field(default_factory=dict)
    """A step's earlier names to the present one."""
    max_age: int = 400 * 86_400_000
    quiet_hours: tuple[QuietRule, ...] = ()
    """Beside the workspace's."""
    limits: Limits = Limits()
    guard: Guard = field(default_factory=dict)
    """Its own and the workspace's levels, the stricter of both."""
    transactional: bool = False
    """It sends nothing else: the guard does not pause it."""
    paused_by: str = "file"
    """Where `status` is paused: `file`, `command` or `guard`."""

    @property
    def every_step(self) -> tuple[Step, ...]:
        """Its steps, and those of its exits' `then`."""
        return *self.steps.values(), *(step for rule in self.exit_on for step in rule.then)

    def origin(self, step: str) -> str:
        """The oldest name of a step: ids of messages are made with it, so that a renamed step sends nothing again."""
        now = self.was.get(step, step)
        return next((old for old, new in self.was.items() if new == now), step) if self.was else step
