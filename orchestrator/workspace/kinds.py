"""The kinds of files and their JSON Schemas, from the declarations that read them."""

from orchestrator.workspace import (
    audiences_file,
    concierge_file,
    journey_file,
    message_file,
    offers_file,
    policies_file,
    profile_file,
    source_shapes,
    source_test_shapes,
    test_file,
)
from orchestrator.workspace.shape import Mapped
from orchestrator.workspace.steps.around import STEP
from orchestrator.workspace.steps.kinds import STEPS

KINDS: dict[str, Mapped] = {
    "concierge": concierge_file.FILE,
    "profile": profile_file.FILE,
    "policies": policies_file.FILE,
    "audiences": audiences_file.FILE,
    "offers": offers_file.FILE,
    "journey": journey_file.FILE,
    "test": test_file.FILE,
    "message": message_file.FILE,
    "source": source_shapes.FILE,
    "source_test": source_test_shapes.FILE,
}


def kind_of(file: str) -> str | None:
    """The kind of a YAML file of the workspace, by its path."""
    folder, _, name = file.partition("/")
    if file.endswith(".test.yaml"):
        return "source_test" if file.startswith("config/sources/") else "test"
    if file.startswith(("config/journeys/", "config/sources/", "templates/messages/")):
        return file.split("/")[1].removesuffix("s")
    kind = name.removesuffix(".yaml")
    return kind if folder == "config" and kind in KINDS and name.endswith(".yaml") else None


def schema_of(kind: str) -> dict[str, object]:
    """JSON Schema (2020-12) of one kind. Raises KeyError."""
    found = KINDS[kind].schema()
    if kind == "journey":
        properties = found["properties"]
        assert isinstance(properties, dict)
        properties["steps"] = {"type": "array", "minItems": 1, "items": STEP}
        found["$defs"] = {"step": {"anyOf": [step.shape.schema() for step in STEPS.values()]}}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": f"Concierge: {kind}", **found}
