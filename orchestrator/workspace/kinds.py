"""The kinds of files and their JSON Schemas, from the declarations that read them."""

from orchestrator.workspace import concierge_file, journey_file, message_file, policies_file, profile_file, source_file
from orchestrator.workspace.shape import Mapped
from orchestrator.workspace.step_shapes import STEPS

KINDS: dict[str, Mapped] = {
    "concierge": concierge_file.FILE,
    "profile": profile_file.FILE,
    "policies": policies_file.FILE,
    "journey": journey_file.FILE,
    "message": message_file.FILE,
    "source": source_file.FILE,
}


def schema_of(kind: str) -> dict[str, object]:
    """JSON Schema (2020-12) of one kind. Raises KeyError."""
    found = KINDS[kind].schema()
    if kind == "journey":
        properties = found["properties"]
        assert isinstance(properties, dict)
        properties["steps"] = {"type": "array", "minItems": 1, "items": {"anyOf": [step.schema() for step in STEPS.values()]}}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": f"Concierge: {kind}", **found}
