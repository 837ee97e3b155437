"""What stands in each kind of step: read from its shape, its expressions compiled, its references checked."""

from typing import Any, Protocol, cast

from orchestrator.contracts.topics import STRICTNESS, Channel, MessageClass
from orchestrator.expressions.problems import nearest
from orchestrator.expressions.vocabulary import Vocabulary
from orchestrator.workspace.compiling import condition_at, expression_at, value_at
from orchestrator.workspace.event_match import read_match
from orchestrator.workspace.shape import Reading, Shaped
from orchestrator.workspace.step import EXIT, Alternative, Arm, BranchStep, DelayStep, SendStep, UpdateProfileStep, WaitStep
from orchestrator.workspace.trait_change import changeable
from orchestrator.workspace.vocabularies import Vocabularies
from orchestrator.workspace.workspace import Workspace
from orchestrator.workspace.yaml_node import Node

_CHANGES = ("set", "add", "remove", "increment")


class Paths(Protocol):
    """The journey around a step. `order` holds the steps read so far, `ids` all that have one."""

    order: list[str]
    ids: list[str]

    def path(self, node: object, after: str, later: list[list[str]], depth: int, default: str) -> str:
        """The target a path leads to."""
        ...


class StepBodies:
    """Of one journey."""

    def __init__(
        self, workspace: Workspace, words: Vocabularies, entry: tuple[str, ...], reading: Reading, journey_class: str | None, paths: Paths
    ) -> None:
        self._workspace = workspace
        self._words = words
        self._entry = entry
        self._reading = reading
        self._class = journey_class
        self._paths = paths

    def vocabulary(self, events: tuple[str, ...] = ()) -> Vocabulary:
        return self._words.match(self._entry, self._paths.ids, events) if events else self._words.steps(self._entry, self._paths.ids)

    def send(self, shaped: Shaped, name: str, after: str, events: tuple[str, ...]) -> SendStep | None:
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
        vocabulary = self.vocabulary(events)
        step = SendStep(
            node=name, next=after, message=message.name, channels=channels, if_held=cast("Any", shaped.get("if_held", "wait")),
            only_if=condition_at(shaped.get("only_if"), vocabulary.of_a_message(), self._reading) if "only_if" in shaped else None,
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

    def delay(self, shaped: Shaped, name: str, after: str, later: list[list[str]], depth: int) -> DelayStep | None:
        given = shaped.get("delay")
        if isinstance(given, int):
            return DelayStep(name, after, duration=given)
        if not isinstance(given, Shaped):
            return None
        if given.written("for") == given.written("until"):
            if given.written("for") or not given.written("at"):
                what = "`for` and `until` together" if given.written("for") else "neither `for` nor `until`"
                fix = "keep one" if given.written("for") else "{for: 2d}, or {until: entry.visit_at}"
                self._reading.bad(given.node, "J030", what, "one of them says how long", fix)
            return None
        for key in ("offset", "past", "missing"):
            if given.written(key) and not given.written("until"):
                self._reading.bad(
                    given.node.keys[key], "J030", f"`{key}` without `until`", "it speaks of an instant", "remove it, or write until"
                )
        if "for" not in given and not given.written("until"):
            return None
        until = expression_at(given.get("until"), self.vocabulary(), self._reading) if "until" in given else None
        if "until" in given and until is None:
            return None
        return DelayStep(
            name, after, duration=cast("int | None", given.get("for")), until=until, offset=cast("int", given.get("offset", 0)),
            past=self._paths.path(given.get("past"), after, later, depth, after), missing=self._paths.path(given.get("missing"), after, later, depth, EXIT),
        )  # fmt: skip

    def wait(self, shaped: Shaped, name: str, after: str, later: list[list[str]], depth: int) -> WaitStep | None:
        given = shaped.get("wait_until")
        if not isinstance(given, Shaped):
            return None
        if "timeout" not in given:
            if "timeout" not in given.node.entries:
                self._reading.bad(given.node, "J028", "no timeout", "nobody may wait for ever", "timeout: 3d")
            return None
        on_event = self._paths.path(shaped.get("on_event"), after, later, depth, after)
        since = str(given.get("since", "entry"))
        if since not in ("entry", "step") and since not in self._paths.order:
            self._reading.bad(
                given.at("since"),
                "J029",
                f"'{since}' is no earlier step",
                "an event counts after a step that was reached",
                nearest(since, self._paths.order, "earlier steps"),
            )
        if not self._one_of(given, ("event", "when", "any")):
            return None
        alternatives: list[Alternative] = []
        any_of = given.get("any")
        for one in [given] if any_of is None else cast("list[Shaped]", any_of):
            found = self._alternative(one, on_event, after, later, depth)
            if found is not None:
                alternatives.append(found)
        on_timeout = self._paths.path(shaped.get("on_timeout"), after, later, depth, after)
        return WaitStep(name, after, tuple(alternatives), cast("int", given.get("timeout")), on_timeout, since)

    def _one_of(self, one: Shaped, keys: tuple[str, ...]) -> bool:
        """What a wait waits for stands there once, and `match` and `same` beside an event."""
        written = [key for key in keys if one.written(key)]
        if len(written) > 1:
            what = f"`{written[0]}` and `{written[1]}` together"
            self._reading.bad(
                one.node.keys[written[1]],
                "Y004",
                what,
                "a wait is for one thing, or for `any` of several",
                "keep one, or list both under any",
            )
            return False
        for key in ("match", "same"):
            if written and written != ["event"] and one.written(key):
                self._reading.bad(one.node.keys[key], "Y004", f"`{key}` without `event`", "it chooses among events", "remove it")
        return not written or written[0] in one

    def _alternative(self, one: Shaped, on_event: str, after: str, later: list[list[str]], depth: int) -> Alternative | None:
        target = self._paths.path(one.get("then"), after, later, depth, on_event) if "then" in one else on_event
        if not self._one_of(one, ("event", "when")):
            return None
        if "when" in one:
            when = condition_at(one.get("when"), self.vocabulary().as_tracked(), self._reading)
            return None if when is None else Alternative(str(one.get("as", "condition")), target, None, when)
        events = tuple(cast("list[str]", one.get("event", [])))
        if not events:
            self._reading.bad(
                one.node, "Y012", "neither `event` nor `when`", "a wait needs something to wait for", "event: Survey Answered"
            )
            return None
        return Alternative(str(one.get("as", events[0])), target, read_match(one, self._entry, self._paths.ids, self._words, self._reading))

    def branch(self, shaped: Shaped, name: str, after: str, later: list[list[str]], depth: int) -> BranchStep:
        arms: list[Arm] = []
        given = shaped.get("branch", [])
        for number, one in enumerate(cast("list[Shaped]", given), 1):
            if "otherwise" in one:
                if "when" in one or "then" in one:
                    self._reading.bad(
                        one.node, "Y004", "`otherwise` beside `when` or `then`", "it is an arm of its own", "write it as the last item"
                    )
                elif number < len(cast("list[Shaped]", given)):
                    self._reading.bad(one.node, "Y004", "`otherwise` is not last", "no arm after it could be taken", "move it to the end")
                arms.append(Arm(None, self._paths.path(one.get("otherwise"), after, later, depth, after)))
                continue
            when = condition_at(one.get("when"), self.vocabulary(), self._reading)
            if "when" not in one or "then" not in one:
                self._reading.bad(one.node, "Y012", "an arm needs `when` and `then`", "or `otherwise`, last", "{when: …, then: …}")
                continue
            target = self._paths.path(one.get("then"), after, later, depth, after)
            if when is not None:
                arms.append(Arm(when, target))
        return BranchStep(name, after, tuple(arms))

    def update(self, shaped: Shaped, name: str, after: str, events: tuple[str, ...]) -> UpdateProfileStep | None:
        given = shaped.get("update_profile")
        if not isinstance(given, Shaped):
            return None
        vocabulary = self.vocabulary(events)
        profile = self._workspace.profile
        if not given.node.entries:
            self._reading.bad(
                given.node, "Y012", "an update_profile that changes nothing", "one of its keys says what", "set: {trait: value}"
            )
        found: dict[str, dict[str, object]] = {}
        for key in _CHANGES:
            values = cast("dict[str, Node]", given.get(key, {}))
            found[key] = {}
            for trait, node in values.items():
                if not changeable(trait, key, node, given.at(key).keys[trait], profile, self._reading):
                    continue
                value = value_at(node, vocabulary, self._reading)
                if value is not None:
                    found[key][trait] = value
        unset = tuple(cast("list[str]", given.get("unset", [])))
        for index, trait in enumerate(unset):
            changeable(trait, "unset", None, given.at("unset").items[index], profile, self._reading)
        return UpdateProfileStep(name, after, found["set"], unset, found["add"], found["remove"], found["increment"])  # type: ignore[arg-type]  # value templates
