"""The steps of a journey: read, checked and laid out as a flat graph of nodes and targets."""

from collections import Counter
from collections.abc import Iterator, Sequence

from orchestrator.expressions.problems import nearest
from orchestrator.workspace.journey_graph import unreached
from orchestrator.workspace.profile_file import read_shape
from orchestrator.workspace.shape import NAME, Reading
from orchestrator.workspace.step import END, EXIT, JumpStep, Step, ThenStep
from orchestrator.workspace.steps.around import Around, Spot
from orchestrator.workspace.steps.kinds import LATER, STEPS
from orchestrator.workspace.unnamed_step import about_another, speaks_of, unnamed
from orchestrator.workspace.vocabularies import Vocabularies
from orchestrator.workspace.workspace import Workspace
from orchestrator.workspace.yaml_node import Node

RESERVED = frozenset(("next", "exit", "end"))
_PATHS = "a path takes next, exit, a later step, or a list of steps"
_MEANT = "did you mean"
MAX_STEPS, MAX_DEPTH = 200, 5


def _as_a_path(node: Node) -> str:
    if any(word in node.entries for word in STEPS):
        return "write it as a list of one: [{…}], or on a line of its own with a dash"
    return "for example: exit, or [{id: sorry, send: a_message, channels: [email]}]"


def is_list(node: Node, example: str, reading: Reading) -> bool:
    """Whether steps stand in a list; if not, it is noted."""
    if node.kind != "list":
        got = "a mapping" if node.kind == "map" else f"`{node.text[:40]}`"
        why = "one step alone is a list too" if node.kind == "map" else "each begins with a dash, or they stand in [ ]"
        reading.bad(node, "Y004", f"wanted a list of steps, got {got}", why, f"for example: {example}")
    return node.kind == "list"


class StepReader:
    """Reads all steps of one journey into `steps`; `order` is their order in the file, `ids` those that have one."""

    def __init__(
        self, workspace: Workspace, words: Vocabularies, entry: tuple[str, ...], reading: Reading, name: str, journey_class: str | None
    ) -> None:
        self._reading = reading
        self.around = Around(workspace, words, entry, reading, name, journey_class, self._path)
        self.order, self.ids = self.around.order, self.around.ids
        self.steps: dict[str, Step] = {}
        self.places: dict[str, Node] = {}
        self.was: dict[str, str] = {}
        self._unsure: dict[str, tuple[str, ...]] = {}
        """Steps with a mistake in them, and where they may lead to."""
        self._taken: set[str] = set()
        """Ids of all steps, of those in an exit's `then` too, and ids that were proposed."""
        self._lists: list[list[str]] = []
        """Names of the lists that are being read, the outermost first."""
        self._behind: dict[tuple[int, int], str] = {}
        """Of a step without an id: that of the step before it in the file, at any depth."""
        self._unnamed: Counter[str] = Counter()
        self._count = 0

    def read_all(self, node: Node, detached: Sequence[Node] = ()) -> str:
        """The steps of the journey; returns the first node's name. `detached`: the steps of exits, whose ids are nobody else's."""
        self.ids.extend(self._collect(node))
        for one in detached:
            list(self._collect(one))
        before = ""
        for one in node.walk():
            if one.kind == "map" and any(word in one.entries for word in STEPS):
                before = self._behind[one.place] = one.entries["id"].text if "id" in one.entries else before
        first = self._list(node, END, [], 1)
        self.was |= {about_another(name, old): name for old, now in self.was.items() for name in self.steps if speaks_of(name) == now}
        for name, behind in unreached(self.steps, first, self.order, self._unsure):
            what = f"'{name}' is never reached" if name in self.ids else "this step is never reached"
            more = f" and the {behind} behind it" if behind > 1 else " and the one behind it" if behind else ""
            self._reading.bad(self.places[name], "J019", what, "no path leads to it", f"remove it{more}, or name it in a path")
        return first

    def _collect(self, node: Node) -> Iterator[str]:
        """Names of all steps at any depth, each once: paths may name later ones."""
        for one in node.walk():
            if one.kind == "map" and "id" in one.entries and any(word in one.entries for word in (*STEPS, *LATER)):
                name = one.entries["id"].text
                if name in RESERVED:
                    self._reading.bad(one.entries["id"], "J014", f"'{name}' is reserved", "paths use this word", f"{name}_step")
                elif name in self._taken:
                    self._reading.bad(one.entries["id"], "J013", f"id '{name}' stands twice", "an id is for ever one step", "rename one")
                else:
                    self._taken.add(name)
                    yield name

    def _word(self, node: Node) -> str | None:
        if node.kind != "map":
            fix = "{exit: true}" if node.text in ("exit", "end") else "{id: wait, delay: 2d}"
            self._reading.bad(node, "Y004", "a step is a mapping", "one step word and its keys", fix)
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
        misspelled = next((key for name, key in node.keys.items() if not found and _step_word(name)), None)
        if misspelled is not None:
            fix = _step_word(misspelled.text)
            self._reading.bad(misspelled, "J015", f"no step word: '{misspelled.text}' is none", "exactly one per step", fix)
            return None
        if len(found) != 1:
            what = "no step word" if not found else f"several step words: {', '.join(found)}"
            place = max((node.keys[word] for word in found), key=lambda key: key.place, default=node)
            self._reading.bad(place, "J015", what, "exactly one per step", f"one of: {', '.join(STEPS)}" if not found else "split the step")
            return None
        return found[0]

    def _name(self, node: Node, word: str) -> str:
        if "id" in node.entries:
            return node.entries["id"].text
        if STEPS[word].named:
            self._reading.bad(
                node,
                "J012",
                f"a {word} without id",
                "people may stand in it, and an id is how they are found again",
                f"id: {self._proposed(node.entries[word], word)}",
            )
        # people may be on their way to it while the journey is paused, and how often a jump was taken is counted by its name: it stays when
        # lines above are added
        jumps = word == "jump" and node.entries[word].kind == "scalar"
        name = unnamed(word, node.entries[word].text if jumps else self._behind.get(node.place, ""))
        self._unnamed[name] += 1
        return name if self._unnamed[name] == 1 else f"{name}.{self._unnamed[name]}"

    def _proposed(self, target: Node, word: str) -> str:
        """An id that no step has, and none that was proposed before."""
        begin = target.text[:60] if target.kind == "scalar" and NAME.fullmatch(target.text) else word
        names = (begin, *(f"{begin}_{number}" for number in range(2, len(self._taken) + 4)))
        found = next(one for one in names if one not in self._taken and one not in RESERVED)
        self._taken.add(found)
        return found

    def _list(self, node: Node, after: str, later: list[list[str]], depth: int) -> str:
        """A list of steps, continuing at `after`; returns the name of its first node."""
        if depth > MAX_DEPTH:
            self._reading.bad(node, "J045", f"nested deeper than {MAX_DEPTH}", "nobody could read it", "split the journey")
            return after
        words = [self._word(item) for item in node.items]
        names: list[str] = []
        for item, word in zip(node.items, words, strict=True):
            names.append(self._name(item, word) if word else "")
        self._lists.append(names)
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
            before, read = len(self._reading.findings.all), len(self.order)
            step = self._step(item, word, Spot(name, following, scope, depth))
            if isinstance(step, JumpStep) and not self._is_possible(step, item):
                step = None
            if step is not None:
                self.steps[name] = step
                self._renamed(item, name)
            if step is None or len(self._reading.findings.all) > before:
                named = (one.text for one in item.walk() if one.kind == "scalar")
                self._unsure[name] = (following, *self.order[read:], *named)
        self._lists.pop()
        return next((n for n in names if n), after)

    def _path(self, node: object, spot: Spot, default: str) -> str:
        """A target: `next`, `exit`, a later step, or a list of steps that then goes on at what follows the step."""
        if not isinstance(node, Node) or node.empty:
            return default
        if node.kind == "list":
            if not node.items:
                self._reading.bad(node, "J002", "no steps", "a path of none is `next`", "add one, or write next")
            return self._list(node, spot.after, spot.later, spot.depth + 1)
        if node.kind == "map":
            self._reading.bad(node, "Y004", "wanted a path, got a mapping", _PATHS, _as_a_path(node))
            return END
        name = node.text
        if name == "next":
            return spot.after
        if name == "exit":
            return EXIT
        if any(name in names for names in spot.later):
            return name
        if name not in self.ids:
            self._reading.bad(
                node,
                "J016",
                f"no step is called '{name}'",
                _PATHS,
                self._near(name, spot),
            )
        elif any(name in names for names in self._lists):
            self._reading.bad(
                node,
                "J017",
                f"'{name}' is earlier",
                "paths lead forward; going back is a jump",
                f"{{jump: {name}, max: 3}} as a step of its own",
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

    def _near(self, name: str, spot: Spot) -> str:
        """What a path may have meant: rather a step it may go to than any other."""
        allowed = ["next", "exit", *(one for names in spot.later for one in names if one in self.ids)]
        found, other = nearest(name, allowed), nearest(name, self.ids)
        return other if not found.startswith(_MEANT) and other.startswith(_MEANT) else found

    def _renamed(self, node: Node, name: str) -> None:
        """Earlier names of a step; one of them is nobody else's."""
        was = node.entries.get("was")
        for one in was.items if was is not None else ():
            if one.text in self._taken or one.text in self.was:
                taken = "is in this file" if one.text in self._taken else f"was '{self.was[one.text]}' too"
                self._reading.bad(one, "J013", f"'{one.text}' {taken}", "an id is for ever one step", "take it out")
            else:
                self.was[one.text] = name

    def _is_possible(self, step: JumpStep, node: Node) -> bool:
        """J018 and J020. Only steps of the lists around it can be gone to."""
        if not any(step.target in names for names in self._lists):
            self._reading.bad(
                node.entries["jump"], "J018", f"'{step.target}' is inside another path", "a jump goes to a step of the same list or one around it", "name the step that holds it"
            )  # fmt: skip
        elif step.target in self.order and "max" not in node.entries:
            self._reading.bad(node.entries["jump"], "J020", f"back to '{step.target}' without end", "a run would never leave", "max: 3")
        return any(step.target in names for names in self._lists)

    def read_detached(self, node: Node, events: tuple[str, ...]) -> ThenStep | None:
        """A step of an exit's `then`: `event` is in scope, and nothing there waits, not for a webhook's answer either. Other steps are J010."""
        word = self._word(node)
        if word is None:
            return None
        if word not in ("send", "update_profile", "emit", "webhook"):
            self._reading.bad(
                node,
                "J010",
                f"`{word}` in an exit's `then`",
                "it runs at once, before the run ends",
                "send, emit, update_profile or webhook",
            )
            return None
        if word == "webhook":
            inside = node.entries["webhook"]
            for place, key in ((node, "on_error"), (inside, "save")):
                if key in place.keys:
                    what, why = f"`{key}` in an exit's `then`", "the run ends at once: nobody waits for the answer"
                    self._reading.bad(place.keys[key], "J010", what, why, f"remove `{key}`")
                    return None
        found = self._step(node, word, Spot(self._name(node, word), END, [], 1, events))
        return found if isinstance(found, ThenStep) else None

    def _step(self, node: Node, word: str, spot: Spot) -> Step | None:
        kind = STEPS[word]
        return kind.read(read_shape(kind.shape, node, self._reading), spot, self.around)


def _step_word(name: str) -> str:
    """Which step word an unknown key is near to; empty where it is a key of steps, or near to none."""
    if name.startswith("x_") or any(name in kind.shape.keys for kind in STEPS.values()):
        return ""
    fix = nearest(name, STEPS, closely=True)
    return fix if fix.startswith("did you mean") else ""
