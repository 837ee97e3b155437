"""What a step is read in: the journey around it, and its own place in it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from orchestrator.expressions.vocabulary import Vocabulary
from orchestrator.workspace.reading import Reading
from orchestrator.workspace.shape import NAME, NAME_TEXT, Key, ListOf, Raw, Text
from orchestrator.workspace.vocabularies import Vocabularies
from orchestrator.workspace.workspace import Workspace

STEP_KEYS = {
    "id": Key(Text(pattern=NAME, code="J014", form="a name: a-z, 0-9 and _, first a letter", example="first_mail")),
    "title": Key(Text()),
    "note": Key(Text()),
    "was": Key(ListOf(NAME_TEXT), text="ids this step had in earlier versions, the oldest first"),
}
"""Of every step."""
STEP = {"$ref": "#/$defs/step"}
"""Any step, in a journey's JSON Schema."""


@dataclass(frozen=True)
class StepPath(Raw):
    """Where a run goes. `steps`: a list of steps alone."""

    steps: bool = False
    example: str = "next"

    def schema(self) -> dict[str, object]:
        found: dict[str, object] = {"type": "array", "items": STEP}
        return found if self.steps else {"anyOf": [{"type": "string"}, found]}


PATH = StepPath()


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a step stands. `after` is what follows it; `later` the names it may go to, its own list's first; `events` are the events
    in scope, for a step of an exit's `then`."""

    name: str
    after: str
    later: list[list[str]]
    depth: int
    events: tuple[str, ...] = ()


@dataclass(slots=True)
class Around:
    """One journey. `order` holds the steps read so far, `ids` all that have one; `read_path` gives the target a path leads to."""

    workspace: Workspace
    words: Vocabularies
    entry: tuple[str, ...]
    reading: Reading
    journey: str
    journey_class: str | None
    read_path: Callable[[object, Spot, str], str]
    order: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)

    def vocabulary(self, events: Sequence[str] = ()) -> Vocabulary:
        """Names in scope of a step."""
        return self.words.match(self.entry, self.ids, events) if events else self.words.steps(self.entry, self.ids)

    def path(self, node: object, spot: Spot, default: str) -> str:
        """The target a path leads to; `default` where none is written."""
        return self.read_path(node, spot, default)
