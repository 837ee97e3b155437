"""The steps of a journey as the engine runs them: compiled, frozen, checked.

Steps are a flat graph. A step is a node with a name: its `id` where it has one (people stand only in such steps), else
a place such as `#2.1`. A target is the name of the node a run goes to, `END` past the last step, or `EXIT`.
Durations are milliseconds; instants are milliseconds since 1970, UTC.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from typing import Literal

from orchestrator.calendar.opening import Opening
from orchestrator.contracts.call import Method
from orchestrator.contracts.topics import Channel, MessageClass
from orchestrator.expressions.expression import Expression
from orchestrator.expressions.value import ValueTemplate
from orchestrator.workspace.message import Slot

END = ""
"""Past the last step: the run ends with `end`."""
EXIT = "exit"
"""The run ends with `exit`."""


@dataclass(frozen=True, slots=True)
class EventMatch:
    """An event that is waited for: any of `events`, where each property in `same` equals the entry's and `match` is true."""

    events: tuple[str, ...]
    match: Expression | None = None
    same: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Dedupe:
    """Not the same message (of one `key`) again within so many milliseconds of its commit."""

    within: int
    key: Expression | None = None


@dataclass(frozen=True, slots=True)
class Fallback:
    """When the next channel follows: on a report within `after` milliseconds of the commit that this one failed (`undeliverable`), or that
    long after it when it was not delivered (`expired`) or not seen by a person (`unseen`)."""

    on: frozenset[Literal["undeliverable", "unseen", "expired"]] = frozenset(("undeliverable",))
    after: int = 6 * 3_600_000
    written: bool = False
    """It stands in the step; otherwise it is what happens by itself."""


@dataclass(frozen=True, slots=True)
class SendTime:
    """Wait for the customer's best hour within so many milliseconds; for somebody whose hours are not known, until the next `otherwise`."""

    within: int = 86_400_000
    otherwise: time | None = None


@dataclass(frozen=True, slots=True)
class SendStep:
    """Send one message on the first of `channels` that can reach the person: in their order, or (`best`) first where this customer reads;
    or on each that can (`all`). Fields left None follow message and journey."""

    node: str
    next: str
    message: str
    channels: tuple[Channel, ...]
    if_held: Literal["wait", "next"] = "wait"
    only_if: Expression | None = None
    expires: int | None = None
    message_class: MessageClass | None = None
    priority: int | None = None
    variables: Mapping[str, ValueTemplate] = field(default_factory=dict)
    dedupe: Dedupe | None = None
    fallback: Fallback | None = None
    choose: Literal["first", "best", "all"] = "first"
    send_time: SendTime | None = None
    offer: Slot | None = None


@dataclass(frozen=True, slots=True)
class DelayStep:
    """Wait for a duration, or until an instant plus `offset`. `past` and `missing` are targets. With `at` it is the first such local time
    from there on, on one of `days` (0 = Monday, empty = every day), or that time on the day that `until` and `offset` come to.
    `timezone` is `customer`, `workspace` or a zone."""

    node: str
    next: str
    duration: int | None = None
    until: Expression | None = None
    offset: int = 0
    past: str = END
    missing: str = EXIT
    at: time | None = None
    days: frozenset[int] = frozenset()
    timezone: str = "customer"


@dataclass(frozen=True, slots=True)
class Alternative:
    """One thing a wait listens for: an event, or (`when`) a condition. `name` is `waited.as`."""

    name: str
    target: str
    match: EventMatch | None = None
    when: Expression | None = None


@dataclass(frozen=True, slots=True)
class WaitStep:
    """Wait until one of the alternatives happens or the timeout passes. `since` is `entry`, `step` or the id of an earlier step."""

    node: str
    next: str
    alternatives: tuple[Alternative, ...]
    timeout: int
    on_timeout: str
    since: str = "entry"


@dataclass(frozen=True, slots=True)
class Arm:
    """One line of a branch; `when` None is `otherwise`."""

    when: Expression | None
    target: str


@dataclass(frozen=True, slots=True)
class BranchStep:
    """The first arm whose condition is true is taken, else `next`."""

    node: str
    next: str
    arms: tuple[Arm, ...]


@dataclass(frozen=True, slots=True)
class UpdateProfileStep:
    """Change declared traits: `assign` sets, `unset` removes, `add`/`remove` edit lists as sets, `increment` numbers."""

    node: str
    next: str
    assign: Mapping[str, ValueTemplate] = field(default_factory=dict)
    unset: tuple[str, ...] = ()
    add: Mapping[str, ValueTemplate] = field(default_factory=dict)
    remove: Mapping[str, ValueTemplate] = field(default_factory=dict)
    increment: Mapping[str, ValueTemplate] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ExitStep:
    """The run ends here; `label` is for reports."""

    node: str
    label: str | None = None
    next: str = END


@dataclass(frozen=True, slots=True)
class Share:
    """An arm of a split: `share` of all people from 0 to 1."""

    name: str
    share: float
    target: str


@dataclass(frozen=True, slots=True)
class SplitStep:
    """Shares laid end to end in written order on [0, 1). `sticky`: drawn by customer or by run; `origin` is the oldest name of the
    step, so that a renamed one draws as before."""

    node: str
    next: str
    arms: tuple[Share, ...]
    sticky: Literal["customer", "run"]
    origin: str


@dataclass(frozen=True, slots=True)
class DigestStep:
    """Collect entry events of one `key` (None: the run's) for `window` milliseconds, or until the customer's next `at` on one of `days`;
    at most `max` of them."""

    node: str
    next: str
    window: int
    key: Expression | None = None
    max: int = 100
    at: time | None = None
    days: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class TimeWindowStep:
    """Go on inside the window, else at its next opening, on the clock of `timezone` (`customer`, `workspace` or a zone)."""

    node: str
    next: str
    opening: Opening
    timezone: str = "customer"


@dataclass(frozen=True, slots=True)
class ThrottleStep:
    """At most `max` of this customer's runs (of one `key`), or of all customers' (`everybody`), pass in any `per` milliseconds. `over`: the
    target to take instead of waiting."""

    node: str
    next: str
    max: int
    per: int
    key: Expression | None = None
    over: str | None = None
    everybody: bool = False


@dataclass(frozen=True, slots=True)
class EmitStep:
    """Publish a `track` event of this customer."""

    node: str
    next: str
    event: str
    properties: Mapping[str, ValueTemplate] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WebhookStep:
    """Call a service and wait for how that ends: `next`, or `on_error` (a target). `timeout` of each try in milliseconds; `retries`: tries
    after the first. `save` maps a name to what is kept of the answer as `steps.<id>.response.<name>`."""

    node: str
    next: str
    url: ValueTemplate
    on_error: str
    method: Method = "POST"
    headers: Mapping[str, ValueTemplate] = field(default_factory=dict)
    body: ValueTemplate | None = None
    secret: str | None = None
    timeout: int = 5_000
    retries: int = 3
    save: Mapping[str, Expression] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class JumpStep:
    """Go to `target`, at most `max` times in a run (None: always; lint allows that only forward); then go on."""

    node: str
    next: str
    target: str
    max: int | None = None


Step = (
    SendStep
    | DelayStep
    | WaitStep
    | TimeWindowStep
    | BranchStep
    | SplitStep
    | DigestStep
    | ThrottleStep
    | UpdateProfileStep
    | EmitStep
    | WebhookStep
    | JumpStep
    | ExitStep
)
ThenStep = SendStep | UpdateProfileStep | EmitStep | WebhookStep
"""What an exit's `then` may hold: it runs at once. Nobody waits for the answer of a webhook there."""
