"""The steps of a journey: read, checked and laid out as a flat graph of nodes and targets."""

from typing import Any, cast

from orchestrator.contracts.topics import STRICTNESS, Channel, MessageClass
from orchestrator.expressions.problems import nearest
from orchestrator.expressions.vocabulary import Vocabulary
from orchestrator.workspace.compiling import expression_at, value_at
from orchestrator.workspace.journey import (
    END,
    EXIT,
    Alternative,
    Arm,
    BranchStep,
    DelayStep,
    EventMatch,
    ExitStep,
    SendStep,
    Step,
    UpdateProfileStep,
    WaitStep,
)  # fmt: skip
from orchestrator.workspace.profile_file import known_events, read_shape
from orchestrator.workspace.shape import (
    NAME,
    Reading,
    Shaped,
)
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
        self._workspace = workspace
        self._words = words
        self._entry = entry
        self._reading = reading
        self._class = journey_class
        self.steps: dict[str, Step] = {}
        self.order: list[str] = []
        self.ids: list[str] = []
        self._places: dict[str, Node] = {}
        self._reached: set[str] = set()
        self._count = 0

    def read_all(self, node: Node) -> str:
        """The steps of the journey; returns the first node's name."""
        self._collect(node)
        first = self._list(node, END, [], 1)
        for name, place in self._places.items():
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
        for index, (item, word) in enumerate(zip(node.items, words, strict=True)):
            if word is None:
                continue
            self._count += 1
            if self._count == MAX_STEPS + 1:
                self._reading.bad(item, "J045", f"more than {MAX_STEPS} steps", "nobody could read it", "split the journey")
            name = names[index]
            following = next((n for n in names[index + 1 :] if n), after)
            self.order.append(name)
            self._places[name] = item
            scope = [names[index + 1 :], *later]
            step = self._step(item, word, name, following, scope, depth)
            if step is not None:
                self.steps[name] = step
            if not isinstance(step, ExitStep):
                self._reached.add(following)
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
        elif name in self.order:
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
                return self._send(shaped, name, after, events)
            case "delay":
                return self._delay(shaped, name, after, later, depth)
            case "wait_until":
                return self._wait(shaped, name, after, later, depth)
            case "branch":
                return self._branch(shaped, name, after, later, depth)
            case "update_profile":
                return self._update(shaped, name, after, events)
            case _:
                node = shaped.at("exit")
                return ExitStep(name, None if node.text in ("true", "True", "TRUE") else node.text)

    def _vocabulary(self, events: tuple[str, ...] = ()) -> Vocabulary:
        return self._words.match(self._entry, self.ids, events) if events else self._words.steps(self._entry, self.ids)

    def _send(self, shaped: Shaped, name: str, after: str, events: tuple[str, ...]) -> SendStep | None:
        message = self._workspace.messages.get(str(shaped.get("send")))
        if message is None:
            if "send" in shaped and shaped.get("send") not in self._reading.broken:
                self._reading.bad(
                    shaped.at("send"),
                    "J022",
                    f"no message '{shaped.get('send')}'",
                    "it stands in templates/messages",
                    nearest(str(shaped.get("send")), self._workspace.messages, "messages"),
                )
            return None
        channels = tuple(cast("list[Channel]", shaped.get("channels", [])))
        if len(set(channels)) != len(channels):
            self._reading.bad(shaped.at("channels"), "J023", "a channel stands twice", "each is tried once", "remove one")
        for channel in channels:
            if channel not in message.channels:
                self._reading.bad(
                    shaped.at("channels"),
                    "J024",
                    f"'{message.name}' cannot be rendered for {channel}",
                    "email needs a subject",
                    "add it, or leave the channel out",
                )
        vocabulary = self._vocabulary(events)
        step = SendStep(
            node=name, next=after, message=message.name, channels=channels, if_held=cast("Any", shaped.get("if_held", "wait")),
            only_if=expression_at(shaped.get("only_if"), vocabulary, self._reading) if "only_if" in shaped else None,
            expires=cast("int | None", shaped.get("expires")), message_class=cast("MessageClass | None", shaped.get("class")), priority=cast("int | None", shaped.get("priority")),
            variables={key: value for key, node in cast("dict[str, Node]", shaped.get("with", {})).items() if (value := value_at(node, vocabulary, self._reading)) is not None},
        )  # fmt: skip
        self._check_class(step, shaped)
        return step

    def class_of(self, step: SendStep) -> str | None:
        """The step's, else the message's, else the journey's."""
        return step.message_class or self._workspace.messages[step.message].message_class or self._class

    def _check_class(self, step: SendStep, shaped: Shaped) -> None:
        message = self._workspace.messages[step.message]
        chosen = self.class_of(step)
        if chosen is None:
            self._reading.bad(
                shaped.node, "M003", f"'{step.message}' has no class", "neither step, message nor journey names one", "class: service"
            )
        elif message.message_class and STRICTNESS[cast("MessageClass", chosen)] < STRICTNESS[message.message_class]:
            self._reading.bad(
                shaped.at("class"),
                "J025",
                f"{chosen} is looser than the message's {message.message_class}",
                "a step may be stricter, never looser",
                "remove `class`",
            )
        if chosen == "marketing" and message.topic is None:
            self._reading.bad(
                shaped.at("send"),
                "M004",
                f"'{step.message}' is marketing and has no topic",
                "consent is asked by topic",
                "topic: offers in the message",
            )

    def _delay(self, shaped: Shaped, name: str, after: str, later: list[list[str]], depth: int) -> DelayStep | None:
        given = shaped.get("delay")
        if isinstance(given, int):
            return DelayStep(name, after, duration=given)
        if not isinstance(given, Shaped):
            return None
        if ("for" in given) == ("until" in given):
            self._reading.bad(
                given.node,
                "J030",
                "`for` and `until` together" if "for" in given else "neither `for` nor `until`",
                "one of them says how long",
                "keep one",
            )
            return None
        until = expression_at(given.get("until"), self._vocabulary(), self._reading) if "until" in given else None
        if "until" in given and until is None:
            return None
        return DelayStep(
            name, after, duration=cast("int | None", given.get("for")), until=until, offset=cast("int", given.get("offset", 0)),
            past=self.path(given.get("past"), after, later, depth, after), missing=self.path(given.get("missing"), after, later, depth, EXIT),
        )  # fmt: skip

    def _wait(self, shaped: Shaped, name: str, after: str, later: list[list[str]], depth: int) -> WaitStep | None:
        given = shaped.get("wait_until")
        if not isinstance(given, Shaped):
            return None
        if "timeout" not in given:
            if "timeout" not in given.node.entries:
                self._reading.bad(given.node, "J028", "no timeout", "nobody may wait for ever", "timeout: 3d")
            return None
        on_event = self.path(shaped.get("on_event"), after, later, depth, after)
        since = str(given.get("since", "entry"))
        if since not in ("entry", "step") and since not in self.order:
            self._reading.bad(
                given.at("since"),
                "J029",
                f"'{since}' is no earlier step",
                "an event counts after a step that was reached",
                nearest(since, self.order, "earlier steps"),
            )
        alternatives: list[Alternative] = []
        any_of = given.get("any")
        for one in [given] if any_of is None else cast("list[Shaped]", any_of):
            found = self._alternative(one, on_event, after, later, depth)
            if found is not None:
                alternatives.append(found)
        on_timeout = self.path(shaped.get("on_timeout"), after, later, depth, after)
        return WaitStep(name, after, tuple(alternatives), cast("int", given.get("timeout")), on_timeout, since)

    def _alternative(self, one: Shaped, on_event: str, after: str, later: list[list[str]], depth: int) -> Alternative | None:
        target = self.path(one.get("then"), after, later, depth, on_event) if "then" in one else on_event
        if "when" in one:
            when = expression_at(one.get("when"), self._vocabulary(), self._reading)
            return None if when is None else Alternative(str(one.get("as", "condition")), target, None, when)
        events = tuple(cast("list[str]", one.get("event", [])))
        if not events:
            self._reading.bad(
                one.node, "Y012", "neither `event` nor `when`", "a wait needs something to wait for", "event: Survey Answered"
            )
            return None
        known_events(list(events), one.at("event"), self._words, self._reading)
        same = tuple(cast("list[str]", one.get("same", [])))
        match = expression_at(one.get("match"), self._vocabulary(events), self._reading) if "match" in one else None
        return Alternative(str(one.get("as", events[0])), target, EventMatch(events, match, same))

    def _branch(self, shaped: Shaped, name: str, after: str, later: list[list[str]], depth: int) -> BranchStep:
        arms: list[Arm] = []
        given = shaped.get("branch", [])
        for one in cast("list[Shaped]", given):
            if "otherwise" in one:
                arms.append(Arm(None, self.path(one.get("otherwise"), after, later, depth, after)))
                continue
            when = expression_at(one.get("when"), self._vocabulary(), self._reading)
            if "when" not in one or "then" not in one:
                self._reading.bad(one.node, "Y012", "an arm needs `when` and `then`", "or `otherwise`, last", "{when: …, then: …}")
                continue
            target = self.path(one.get("then"), after, later, depth, after)
            if when is not None:
                arms.append(Arm(when, target))
        return BranchStep(name, after, tuple(arms))

    def _update(self, shaped: Shaped, name: str, after: str, events: tuple[str, ...]) -> UpdateProfileStep | None:
        given = shaped.get("update_profile")
        if not isinstance(given, Shaped):
            return None
        vocabulary = self._vocabulary(events)
        traits = self._workspace.profile.traits
        found: dict[str, dict[str, object]] = {}
        for key in ("set", "add", "remove", "increment"):
            values = cast("dict[str, Node]", given.get(key, {}))
            found[key] = {}
            for trait, node in values.items():
                if trait not in traits:
                    self._reading.bad(
                        node,
                        "J035",
                        f"no trait '{trait}' to change",
                        "only declared traits that are not computed",
                        nearest(trait, traits, "traits"),
                    )
                    continue
                value = value_at(node, vocabulary, self._reading)
                if value is not None:
                    found[key][trait] = value
        unset = tuple(cast("list[str]", given.get("unset", [])))
        return UpdateProfileStep(name, after, found["set"], unset, found["add"], found["remove"], found["increment"])  # type: ignore[arg-type]  # value templates
