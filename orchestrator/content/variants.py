"""Which variant of a message a person gets: the same one every time, while the weights stand."""

from orchestrator.model.bucket import bucket
from orchestrator.workspace.message import Message, Variant


def draw(message: Message, workspace: str, customer: str) -> Variant | None:
    """Laid end to end in written order; None where the message has none."""
    if not message.variants:
        return None
    place, end = bucket(workspace, "variant", message.name, customer) * 100, 0
    for variant in message.variants:
        end += variant.weight
        if place < end:
            return variant
    return message.variants[-1]
