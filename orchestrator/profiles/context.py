"""Context carries over between sites and devices: last page, last product, last device, last channel."""

from orchestrator.expressions.values import plain
from orchestrator.frame import Frame
from orchestrator.model.customer import Customer
from orchestrator.model.event import CustomerEvent
from orchestrator.model.sections import Stamped


def apply_context(customer: Customer, event: CustomerEvent, frame: Frame, names: dict[str, object]) -> None:
    """The declared values, and without declaring last_page, last_screen, last_device."""
    found: dict[str, object] = {}
    if event.kind in ("page", "screen"):
        found[f"last_{event.kind}"] = event.name.partition(":")[2]
    device = event.context.get("device") if event.context else None
    if isinstance(device, dict) and isinstance(device.get("type") or device.get("model"), str):
        found["last_device"] = device.get("type") or device.get("model")
    for rule in frame.workspace.profile.context:
        if rule.event in event.refs:
            found[rule.name] = plain(rule.value.evaluate(frame.scope(names)))
    for name, value in found.items():
        held = customer.context.get(name)
        if value is not None and (held is None or event.timestamp >= held.at):
            customer.context[name] = Stamped(value, event.timestamp)
            customer.changed("ctx")
