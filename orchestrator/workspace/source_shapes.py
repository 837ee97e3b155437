"""The shape of config/sources/<name>.yaml."""

import re
from dataclasses import dataclass

from orchestrator.contracts.event import EVENT_TYPES
from orchestrator.workspace.reading import Reading
from orchestrator.workspace.shape import EXPRESSION, NAME_TEXT, Bool, Key, ListOf, MapOf, Mapped, Shape, Text
from orchestrator.workspace.yaml_node import Node

TOPIC = Text(
    pattern=re.compile(r"[A-Za-z0-9._-]{1,249}"), form="a Kafka topic's name: letters, digits, . _ -", example="crm.public.changes"
)


@dataclass(frozen=True)
class FieldsShape(Shape):
    """A mapping of names to expressions, or one expression for all of it."""

    example = "{case_id: record.id}"

    def read(self, node: Node, reading: Reading) -> object:
        return node if node.kind == "scalar" else MapOf(EXPRESSION).read(node, reading)

    def schema(self) -> dict[str, object]:
        return {"anyOf": [EXPRESSION.schema(), MapOf(EXPRESSION).schema()]}


FIELDS = FieldsShape()
RULE = Mapped({
    "when": Key(EXPRESSION, text="the first rule that is true takes the record; without it every record"),
    "ignore": Key(Bool(), text="`true`: nothing becomes of such a record"),
    "type": Key(Text(EVENT_TYPES), text="`track` unless it says otherwise"),
    "event": Key(Text(), text="the event's name, as `events` declares it; of a page or screen its name"),
    "user_id": Key(EXPRESSION, text="this or `anonymous_id`"), "anonymous_id": Key(EXPRESSION, text="of an `alias`: the id that is absorbed"),
    "message_id": Key(EXPRESSION, text="else topic-partition-offset"), "timestamp": Key(EXPRESSION, text="when it happened; else the record's"),
    "properties": Key(FIELDS, text="name to expression, or one expression that is an object"),
    "traits": Key(FIELDS, text="of `identify` and `group`; a null that stands in the record unsets the trait"), "context": Key(FIELDS),
    "each": Key(EXPRESSION, text="a list: one event for every `item` of it"),
}, what="a map rule")  # fmt: skip
FILE = Mapped({
    "source": Key(NAME_TEXT, required=True, text="equals the file name"),
    "topic": Key(TOPIC, text="the backend's own topic, by its whole name; may hold ${NAME:-default}. Without it events come in our shape"),
    "format": Key(Text(("json",)), text="of the records; `json` unless it says otherwise"),
    "map": Key(ListOf(RULE, least=1), text="what becomes of a record"),
    "otherwise": Key(Text(("dead_letter", "ignore")), text="what becomes of a record no rule takes; `dead_letter` unless it says otherwise"),
    "events": Key(MapOf(MapOf(Text())), text="event to property to type; `!` means always present"),
}, what="a source")  # fmt: skip
