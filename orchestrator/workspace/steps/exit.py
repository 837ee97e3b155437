"""`exit`: the run ends here."""

from dataclasses import dataclass

from orchestrator.workspace.shape import NAME, Key, Mapped, Raw, Shaped
from orchestrator.workspace.step import ExitStep
from orchestrator.workspace.steps.around import STEP_KEYS, Around, Spot


@dataclass(frozen=True)
class Label(Raw):
    """`true`, or a name."""

    example: str = "true"

    def schema(self) -> dict[str, object]:
        return {"anyOf": [{"const": True}, {"type": "string", "pattern": f"^({NAME.pattern})$"}]}


SHAPE = Mapped({**STEP_KEYS, "exit": Key(Label(), required=True, text="a name is a label in reports")}, what="an exit")


def read(shaped: Shaped, spot: Spot, around: Around) -> ExitStep:
    """The compiled step; problems are noted."""
    label = shaped.at("exit")
    plain = label.kind == "scalar" and label.scalar() is True
    if not plain and (label.kind != "scalar" or label.scalar() is False or not NAME.fullmatch(label.text)):
        around.reading.bad(label, "Y004", "an exit is `true`, or a name", "the name is a label in reports", "exit: true")
    return ExitStep(spot.name, None if plain else label.text)
