"""Properties of a test file, watched at every message that is committed."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from orchestrator.content.segments import plain_blanks
from orchestrator.contracts.message import Content, EmailContent, OutboundMessage, TextContent
from orchestrator.engine.customer_frame import frame_for
from orchestrator.engine.turn import Surroundings
from orchestrator.expressions.durations import write_duration
from orchestrator.expressions.expression import Expression, compile_expression
from orchestrator.expressions.values import canonical_text
from orchestrator.expressions.vocabulary import Vocabulary
from orchestrator.frame import Frame
from orchestrator.journey_tests.world import World
from orchestrator.journeys.names import facts_names
from orchestrator.policies.suppression import selects
from orchestrator.workspace.test_property import Property


@dataclass(slots=True)
class Watch:
    """`violations` say what broke, with the instant and the message."""

    properties: Sequence[Property]
    equal_facts: bool = False
    violations: list[str] = field(default_factory=list)
    _sent: list[tuple[int, OutboundMessage]] = field(default_factory=list)

    @property
    def conditions(self) -> list[Expression]:
        """All expressions of the properties."""
        return [one.condition for one in self.properties if one.condition is not None]

    def committed(self, world: World, message: OutboundMessage) -> None:
        """One more message is on its way."""
        at = message.committed_at
        self._sent.append((at, message))
        for one in self.properties:
            why = self._broken(world, one, message, at)
            if why is not None:
                self.violations.append(
                    f"property '{one.name}': {why}, at {_when(world, at)}: {message.message} by {message.channel} to {message.customer}"
                )
        if self.equal_facts:
            self._facts(world, message)

    def _broken(self, world: World, one: Property, message: OutboundMessage, at: int) -> str | None:
        match one.form:
            case "at_most":
                if not _selected(world, one, message):
                    return None
                number = sum(
                    at - one.per < then <= at and (one.over == "all" or other.customer == message.customer) and _selected(world, one, other)
                    for then, other in self._sent
                )
                return f"{number} within {write_duration(one.per)}" if number > one.number else None
            case "never":
                return "while its condition is true" if _selected(world, one, message) and self._true(world, one, message) else None
            case _:
                return None if self._true(world, one, message) else "its condition is false"

    def _true(self, world: World, one: Property, message: OutboundMessage) -> bool:
        assert one.condition is not None
        about = {
            "name": message.message,
            "class": message.message_class,
            "topic": message.topic,
            "journey": message.journey,
            "step": message.step,
            "channel": message.channel,
        }
        return one.condition.true(frame_of(world, message).scope({"message": about, "journey": {"name": message.journey}}))

    def _facts(self, world: World, message: OutboundMessage) -> None:
        """`facts: equal`: what is a fact in the message's locale is said by every channel that can carry it."""
        sent = next(one for one in reversed(world.customers[message.customer].messages.sent) if one.intent == message.intent)
        planned = sent.planned
        if planned is None:
            return
        found = world.workspace.message_at(message.message, planned.facts.content)
        journey = world.workspace.journey_at(message.journey, message.version)
        if found is None or journey is None:
            return
        content, frame = found.content[message.locale], frame_of(world, message)
        names = facts_names(planned.facts, journey, frame)
        names["message"] = {
            "name": message.message,
            "class": message.message_class,
            "topic": message.topic,
            "journey": journey.name,
            "step": message.step,
        }
        facts = [
            canonical_text(
                compile_expression(text, Vocabulary(dict.fromkeys((*names, "customer", "now", "vars")))).evaluate(frame.scope(names))
            )
            for text in content.facts
        ]
        for channel in found.channels:
            rendered = world.renderer.render(found, channel, frame, dict(names), window_open=True, message_class=message.message_class)
            text = plain_blanks(_text(getattr(rendered, "content", None)))
            self.violations += [
                f"facts: '{fact}' is not in {channel}, at {_when(world, message.committed_at)}: {message.message}"
                for fact in facts
                if plain_blanks(fact) not in text
            ]


def frame_of(world: World, message: OutboundMessage) -> Frame:
    """The customer at the message's commit."""
    around = Surroundings(world.workspace, world.renderer, 0, 1, 0, world.pace)
    return frame_for(world.customers[message.customer].copy(), around, message.committed_at)


def _selected(world: World, one: Property, message: OutboundMessage) -> bool:
    found, journey = world.workspace.messages.get(message.message), world.workspace.journey_at(message.journey, message.version)
    if found is None or journey is None:
        return False
    # an earlier text may have been of another topic
    return selects(one.selectors, replace(found, topic=message.topic), journey, message.message_class, message.channel)


def _text(content: Content | None) -> str:
    match content:
        case EmailContent():
            return f"{content.subject}\n{content.text}"
        case TextContent():
            return content.body
        case None:
            return ""
        case _:
            return "\n".join(content.variables.values())


def _when(world: World, at: int) -> str:
    return write_duration((at - world.start) // 1000 * 1000)
