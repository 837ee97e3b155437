"""The steps of a journey: read, checked and laid out as a flat graph of nodes and targets."""

from orchestrator.expressions.problems import nearest
from orchestrator.workspace.profile_file import read_shape
from orchestrator.workspace.shape import (
    NAME,
    Reading,
)
from orchestrator.workspace.step import END, EXIT, ExitStep, Step
from orchestrator.workspace.step_bodies import StepBodies
from orchestrator.workspace.step_shapes import LATER, STEPS
from orchestrator.workspace.vocabularies import Vocabularies
from orchestrator.workspace.workspace import Workspace
from orchestrator.workspace.yaml_node import Node

RESERVED = frozenset(("next", "exit", "end"))
MAX_STEPS, MAX_DEPTH = 200, 5


class StepReader:
    """Reads all steps of one journey into `steps`; `order` is their order in the file, `ids` those that have one."""

    def __init__(
        self, workspace: Workspace, words: Vocabularies, entry: tuple[str, ...], reading: Reading, journey_class: str | None
    ) -> None:
        self._reading = reading
        self.bodies = StepBodies(workspace, words, entry, reading, journey_class, self)
        self.steps: dict[str, Step] = {}
        self.order: list[str] = []
        self.ids: list[str] = []
        self.places: dict[str, Node] = {}
        self._reached: set[str] = set()
        self._around: list[list[str]] = []
        """Names of the lists that are being read, the outermost first."""
        self._count = 0

    def read_all(self, node: Node) -> str:
        """The steps of the journey; returns the first node's name."""
        self._collect(node)
        first = self._list(node, END, [], 1)
        for name, place in self.places.items():
            if name not in self._reached and name in self.ids:
                self._reading.bad(place, "J019", f"'{name}' is never reached", "no path leads to it", "remove it, or name it in a path")
        return first

    def _collect(self, node: Node) -> None:
        """Names of all steps at any depth: paths may name later ones."""
        for one in node.walk():
            if one.kind == "map" and "id" in one.entries and any(word in one.entries for word in (*STEPS, *LATER)):
                name = one.entries["id"].text
                if name in RESERVED:
                    self._reading.bad(one.entries["id"], "J014", f"'{name}' is reserved", "paths use this word", f"{name}_step")
                elif name in self.ids:
                    self._reading.bad(one.entries["id"], "J013", f"id '{name}' stands twice", "an id is for ever one step", "rename one")
                else:
                    self.ids.append(name)

    def _word(self, node: Node) -> str | None:
        if node.kind != "map":
            self._reading.bad(node, "Y004", "a step is a mapping", "one step word and its keys", "{id: wait, delay: 2d}")
            return None
        for word in LATER:
            if word in node.entries:
                self._reading.bad(
                    node.keys[word],
                    "Y002",
                    f"'{word}' is not in this version",
                    "the language has it, this program does not build it yet",
                    "leave it out for now",
                )
                return None
        found = [word for word in STEPS if word in node.entries]
        if len(found) != 1:
            what = "no step word" if not found else f"several step words: {', '.join(found)}"
            self._reading.bad(node, "J015", what, "exactly one per step", f"one of: {', '.join(STEPS)}" if not found else "split the step")
            return None
        return found[0]

    def _name(self, node: Node, word: str) -> str:
        if "id" in node.entries:
            return node.entries["id"].text
        if word not in ("branch", "exit"):
            target = node.entries[word]
            proposed = target.text if target.kind == "scalar" and NAME.fullmatch(target.text) else word
            self._reading.bad(
                node, "J012", f"a {word} without id", "people may stand in it, and an id is how they are found again", f"id: {proposed}"
            )
        return f"#{node.line}.{node.column}"

    def _list(self, node: Node, after: str, later: list[list[str]], depth: int) -> str:
        """A list of steps, continuing at `after`; returns the name of its first node."""
        if depth > MAX_DEPTH:
            self._reading.bad(node, "J045", f"nested deeper than {MAX_DEPTH}", "nobody could read it", "split the journey")
            return after
        words = [self._word(item) for item in node.items]
        names = [self._name(item, word) if word else "" for item, word in zip(node.items, words, strict=True)]
        self._around.append(names)
        for index, (item, word) in enumerate(zip(node.items, words, strict=True)):
            if word is None:
                continue
            self._count += 1
            if self._count == MAX_STEPS + 1:
                self._reading.bad(item, "J045", f"more than {MAX_STEPS} steps", "nobody could read it", "split the journey")
            name = names[index]
            following = next((n for n in names[index + 1 :] if n), after)
            self.order.append(name)
            self.places[name] = item
            scope = [names[index + 1 :], *later]
            step = self._step(item, word, name, following, scope, depth)
            if step is not None:
                self.steps[name] = step
            if not isinstance(step, ExitStep):
                self._reached.add(following)
        self._around.pop()
        first = next((n for n in names if n), after)
        self._reached.add(first)
        return first

    def path(self, node: object, after: str, later: list[list[str]], depth: int, default: str) -> str:
        """A target: `next`, `exit`, a later step, or a list of steps that then goes on at `after`."""
        if not isinstance(node, Node) or node.empty:
            self._reached.add(default)
            return default
        if node.kind == "list":
            return self._list(node, after, later, depth + 1)
        name = node.text
        if name == "next":
            self._reached.add(after)
            return after
        if name == "exit":
            return EXIT
        if any(name in names for names in later):
            self._reached.add(name)
            return name
        if name not in self.ids:
            self._reading.bad(
                node,
                "J016",
                f"no step is called '{name}'",
                "a path takes next, exit, a later step, or a list of steps",
                nearest(name, self.ids, "steps"),
            )
        elif any(name in names for names in self._around):
            self._reading.bad(
                node,
                "J017",
                f"'{name}' is earlier",
                "paths lead forward; going back is a jump, which is not in this version",
                "name a later step",
            )
        else:
            self._reading.bad(
                node,
                "J018",
                f"'{name}' is inside another path",
                "only steps of the same list or one around it can be named",
                "name the step that holds it",
            )
        return END

    def read_detached(self, node: Node, events: tuple[str, ...]) -> Step | None:
        """A step of an exit's `then`: `event` is in scope."""
        word = self._word(node)
        if word is None:
            return None
        name = self._name(node, word)
        if word not in ("send", "update_profile"):
            return ExitStep(name)
        return self._step(node, word, name, END, [], 1, events)

    def _step(
        self, node: Node, word: str, name: str, after: str, later: list[list[str]], depth: int, events: tuple[str, ...] = ()
    ) -> Step | None:
        shaped = read_shape(STEPS[word], node, self._reading)
        match word:
            case "send":
                return self.bodies.send(shaped, name, after, events)
            case "delay":
                return self.bodies.delay(shaped, name, after, later, depth)
            case "wait_until":
                return self.bodies.wait(shaped, name, after, later, depth)
            case "branch":
                return self.bodies.branch(shaped, name, after, later, depth)
            case "update_profile":
                return self.bodies.update(shaped, name, after, events)
            case _:
                label = shaped.at("exit")
                plain = label.kind == "scalar" and label.scalar() is True
                if not plain and (label.kind != "scalar" or label.scalar() is False or not NAME.fullmatch(label.text)):
                    self._reading.bad(label, "Y004", "an exit is `true`, or a name", "the name is a label in reports", "exit: true")
                return ExitStep(name, None if plain else label.text)
