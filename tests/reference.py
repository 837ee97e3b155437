"""python -m tests.reference: writes docs/reference and the cookbook's pictures anew from the code. A unit test holds the pages against it."""

from pathlib import Path

from orchestrator.content.check import check_message
from orchestrator.contracts.reason import REASONS
from orchestrator.plan.mermaid import mermaid
from orchestrator.runtime.metrics import reference as metrics_reference
from orchestrator.workspace.file_names import read_files
from orchestrator.workspace.kinds import KINDS
from orchestrator.workspace.load import load_files
from orchestrator.workspace.offers_file import InATest
from orchestrator.workspace.shape import Bool, Duration, Int, Key, ListOf, MapOf, Mapped, Number, Percent, Rate, Raw, Shape, Text, Yes
from orchestrator.workspace.steps.around import StepPath
from orchestrator.workspace.steps.exit import Label
from orchestrator.workspace.steps.kinds import STEPS

COOKBOOK = Path(__file__).parents[1] / "docs" / "cookbook"
FOLDER = Path(__file__).parents[1] / "docs" / "reference"


def _form(shape: Shape) -> str:
    match shape:
        case Text():
            return " · ".join(f"`{choice}`" for choice in shape.choices) or shape.form
        case ListOf():
            return f"list of {_form(shape.item)}"
        case MapOf():
            return f"mapping to {_form(shape.value)}"
        case Mapped():
            keys = "{" + ", ".join(name for name, key in shape.keys.items() if not key.later) + "}"
            return keys if shape.short is None else f"{_form(shape.short_form)}, or {keys}"
        case Label():
            return "`true`, or a name"
        case StepPath():
            return "list of steps" if shape.steps else "`next`, `exit`, a later step, or a list of steps"
        case Raw():
            return "expression" if shape.form == "expression" else "any value"
        case InATest():
            return "names or offers"
        case Yes():
            return "`true`"
        case Bool() | Int() | Number() | Duration() | Percent() | Rate():
            return f"{type(shape).__name__.lower()}, such as `{shape.example}`"
        case _:
            return f"value, such as `{shape.example}`" if shape.example else "value"


def _rows(keys: "dict[str, Key]", before: str = "") -> list[str]:
    rows = []
    for name, key in keys.items():
        if key.later:
            rows.append(f"| `{before}{name}` | | not in this version |")
            continue
        rows.append(f"| `{before}{name}`{'*' if key.required else ''} | {_form(key.shape)} | {key.text} |")
        shape = key.shape.item if isinstance(key.shape, ListOf) else key.shape.value if isinstance(key.shape, MapOf) else key.shape
        dots = "[]." if isinstance(key.shape, ListOf) else ".<name>." if isinstance(key.shape, MapOf) else "."
        if isinstance(shape, Mapped):
            rows += _rows(dict(shape.keys), f"{before}{name}{dots}")
    return rows


def keys_page() -> str:
    parts = ["# Keys of every file", "", "Made from the declarations that read the files. `*` is required."]
    for kind, shape in KINDS.items():
        parts += ["", f"## {kind}", "", "| key | form | what |", "|---|---|---|", *_rows(dict(shape.keys))]
    for word, step in STEPS.items():
        parts += ["", f"## step: {word}", "", "| key | form | what |", "|---|---|---|", *_rows(dict(step.shape.keys))]
    return "\n".join(parts) + "\n"


def reasons_page() -> str:
    effects = "S sent · E entry refused · D not sent · H held · R tried again · F delivery failed · i a note"
    rows = [f"| `{reason.value}` | {text.means} | {text.effects} | {', '.join(text.who) or '–'} |" for reason, text in REASONS.items()]
    return "\n".join(
        [
            "# Reasons",
            "",
            f"The closed list. Effects: {effects}.",
            "",
            "| code | means | effects | who can act |",
            "|---|---|---|---|",
            *rows,
            "",
        ]
    )


def cookbook_page() -> str:
    """The journeys of the cookbook as pictures."""
    workspace = load_files(read_files(COOKBOOK), {}, check_message).workspace
    assert workspace is not None
    parts = ["# Pictures of the cookbook", "", "Made from the journeys, as `concierge plan --graph NAME` makes them."]
    for name, journey in sorted(workspace.journeys.items()):
        parts += ["", f"## [{name}](config/journeys/{name}.yaml)", "", "```mermaid", mermaid(journey).rstrip(), "```"]
    return "\n".join(parts) + "\n"


PAGES = {"metrics.md": metrics_reference, "reasons.md": reasons_page, "keys.md": keys_page, "../cookbook/pictures.md": cookbook_page}
"""By their place beside docs/reference."""


def write(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, page in PAGES.items():
        (folder / name).write_text(page(), "utf-8")


if __name__ == "__main__":
    write(FOLDER)
