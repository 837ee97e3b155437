"""config/audiences.yaml: named groups of customers."""

from collections.abc import Mapping

from orchestrator.expressions.expression import Expression
from orchestrator.workspace.audience import EVERYONE, Audience
from orchestrator.workspace.compiling import condition_at
from orchestrator.workspace.profile_file import read_shape
from orchestrator.workspace.shape import EXPRESSION, NAME_TEXT, Key, MapOf, Mapped, Reading, Shaped, Text
from orchestrator.workspace.vocabularies import Vocabularies
from orchestrator.workspace.yaml_node import Node

_AUDIENCE = Mapped({
    "title": Key(Text(), text="for people"), "when": Key(EXPRESSION, required=True, text="who is in it, at every instant: over `customer` and `now`"),
}, what="an audience")  # fmt: skip
FILE = Mapped({
    "audiences": Key(MapOf(_AUDIENCE, NAME_TEXT), required=True, text="by name; `everyone` is built in"),
}, what="audiences.yaml")  # fmt: skip


def read_names(node: Node | None, reading: Reading) -> dict[str, Shaped]:
    """First pass: the audiences there are, which expressions everywhere may ask for. One that cannot be read counts: its own
    errors are enough. Nothing without a file."""
    if node is None:
        return {}
    file = read_shape(FILE, node, reading)
    read, written = file.get("audiences", {}), node.entries.get("audiences")
    if file.lost("audiences"):
        reading.unread.parts.add("audiences")
    if written is None or written.kind != "map" or not isinstance(read, dict):
        return {}
    found: dict[str, Shaped] = {}
    for name, one in written.entries.items():
        if name == EVERYONE:
            reading.bad(written.keys[name], "J014", f"'{EVERYONE}' is built in", "every customer is in it, always", "choose another name")
        elif not name.startswith("x_"):
            shaped = read.get(name)
            found[name] = shaped if isinstance(shaped, Shaped) else Shaped(one, {})
    return found


def read_audiences(shaped: Mapping[str, Shaped], words: Vocabularies, reading: Reading) -> dict[str, Audience]:
    """Second pass: their conditions. Those that stand in a circle are left out, so that nobody can ask for them."""
    found: dict[str, Audience] = {}
    for name, one in shaped.items():
        when = condition_at(one.get("when"), words.audience(), reading) if "when" in one else None
        if when is not None:
            found[name] = Audience(name, str(one.get("title", name)), when)
    for circle in circles({name: audience.when for name, audience in found.items()}):
        around = " → ".join((*circle, circle[0]))
        why = "whether somebody is in one depends on whether they are in it"
        reading.bad(shaped[circle[0]].at("when"), "P009", f"audiences in a circle: {around}", why, f"break the circle {around}")
        for name in circle:
            found.pop(name, None)
    return found


def circles(conditions: Mapping[str, Expression]) -> list[tuple[str, ...]]:
    """Audiences that ask for one another round and round, each circle from its first name by alphabet; of circles that share
    an audience one is found."""
    left = {name: sorted(when.audiences & conditions.keys()) for name, when in conditions.items()}
    found: list[tuple[str, ...]] = []
    while True:
        free = [name for name, asked in left.items() if not any(other in left for other in asked)]
        if free:
            for name in free:
                del left[name]
            continue
        if not left:
            return found
        path = [min(left)]
        while (following := next(other for other in left[path[-1]] if other in left)) not in path:
            path.append(following)
        circle = path[path.index(following) :]
        first = circle.index(min(circle))
        found.append((*circle[first:], *circle[:first]))
        for name in circle:
            del left[name]
