"""What an undisturbed run makes of a partition's input: all of it through the engine in memory, in one go; and how it differs."""

from collections.abc import Mapping, Sequence

import msgspec

from orchestrator.content.render import Renderer
from orchestrator.contracts.message import decode_message
from orchestrator.engine.batch import Batch
from orchestrator.engine.inputs import InputRecord
from orchestrator.engine.turn import Surroundings
from orchestrator.journey_tests.world import NoLinks
from orchestrator.model.customer import Customer
from orchestrator.model.packed import unpack
from orchestrator.pipeline import apply_batch
from orchestrator.policies.pace import Pace
from orchestrator.workspace.workspace import Workspace

COMPARED = ("traits", "ctx", "consents", "issues", "comp", "past", "runs", "entries", "msgs")
"""Sections that must be equal, byte for byte. The history is not: what was sealed off depends on when it was."""


def undisturbed(
    workspace: Workspace, partition: int, partitions: int, records: Sequence[InputRecord], stored: Mapping[str, Mapping[str, msgspec.Raw]]
) -> tuple[dict[str, dict[str, bytes]], dict[str, str]]:
    """(compared sections by customer, class of every intent). `stored`, as the run left it, says up to which instant it got."""
    customers = {key: Customer(key) for key in {record.key.decode() for record in records if record.key}}
    horizon = max((Customer(name, dict(sections)).identity.latest for name, sections in stored.items()), default=0)
    around = Surroundings(workspace, Renderer(workspace, NoLinks()), partition, partitions, 0, Pace())
    outcome = apply_batch(Batch(records, [], horizon), customers, around)
    made = {name: compared(customer.sections()) for name, customer in outcome.customers.items()}
    messages = [decode_message(r.value) for r in outcome.records if r.topic.startswith("outbound-")]
    return made, {message.intent: message.message_class for message in messages}


def compared(sections: Mapping[str, msgspec.Raw]) -> dict[str, bytes]:
    """Those that must be equal; an empty one is as good as none."""
    found = {name: bytes(unpack(sections[name])) for name in COMPARED if name in sections}
    return {name: value for name, value in found.items() if value not in (b"\x80", b"\x90")}


def differences(made: Mapping[str, Mapping[str, bytes]], stored: Mapping[str, Mapping[str, bytes]]) -> list[str]:
    """Customers and sections that differ."""
    found = [
        f"only {where}: {name}"
        for where, names in (("replayed", made.keys() - stored.keys()), ("stored", stored.keys() - made.keys()))
        for name in sorted(names)
    ]
    for name in sorted(made.keys() & stored.keys()):
        found += [
            f"{name}: section {section} differs" for section in COMPARED if made[name].get(section, b"") != stored[name].get(section, b"")
        ]
    return found
