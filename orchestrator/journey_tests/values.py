"""`values` of an expected send: what the message could read when it was committed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from orchestrator.contracts.message import OutboundMessage
from orchestrator.expressions.expression import Expression, compile_expression
from orchestrator.expressions.vocabulary import Vocabulary
from orchestrator.frame import Frame
from orchestrator.journey_tests.properties import frame_of
from orchestrator.journey_tests.world import World
from orchestrator.journeys.names import facts_names
from orchestrator.model.planned import RunFacts
from orchestrator.workspace.journey import Journey
from orchestrator.workspace.step import SendStep

NAMES = ("customer", "event", "entry", "run", "steps", "waited", "digest", "journey", "message", "vars", "now")


@dataclass(slots=True)
class Values:
    """`wanted` maps the text of an expression to the expression; `found` maps an intent to what each of them gave at its commit."""

    wanted: Mapping[str, Expression]
    found: dict[str, dict[str, object]] = field(default_factory=dict)

    def committed(self, world: World, message: OutboundMessage) -> None:
        """One more message is on its way."""
        if not self.wanted:
            return
        sent = next((one for one in reversed(world.customers[message.customer].messages.sent) if one.intent == message.intent), None)
        if sent is None or sent.planned is None:
            return
        frame, journey = frame_of(world, message), world.workspace.journeys[message.journey]
        scope = frame.scope(_names(message, sent.planned.facts, journey, frame))
        self.found[message.intent] = {text: expression.evaluate(scope) for text, expression in self.wanted.items()}


def _names(message: OutboundMessage, facts: RunFacts, journey: Journey, frame: Frame) -> dict[str, object]:
    names = facts_names(facts, journey, frame)
    names["message"] = {
        "name": message.message, "class": message.message_class, "topic": message.topic, "journey": journey.name, "step": message.step,
        "channel": message.channel, "variant": message.variant,
    }  # fmt: skip
    step = journey.steps.get(message.step)
    given = step.variables if isinstance(step, SendStep) else {}
    return {**names, "vars": {name: value.evaluate(frame.scope(names)) for name, value in given.items()}}


def wanted_values(lists: Iterable[object]) -> Values:
    """What the items of these lists ask for. Raises ValueError for what is no expression."""
    vocabulary = Vocabulary(dict.fromkeys(NAMES))
    items = [item for one in lists if isinstance(one, list) for item in one if isinstance(item, Mapping)]
    texts = {str(text) for item in items if isinstance(item.get("values"), Mapping) for text in item["values"]}
    return Values({text: compile_expression(text, vocabulary) for text in sorted(texts)})
