"""Erasure: everything goes; the id stays erased until it is readmitted."""

from collections.abc import Sequence

from orchestrator.contracts.topics import CHANNELS
from orchestrator.model.customer import Customer
from orchestrator.model.sections import Statement
from orchestrator.profiles.address import address_hash, address_of
from orchestrator.workspace.workspace import Workspace


def erase(customer: Customer, workspace: Workspace) -> list[tuple[str, str]]:
    """Forget the person. What remains is that this id was erased. Returns (address hash, `erased`) to be noted for the addresses
    themselves: whoever has one of them under another id gets nothing but transactional there. Erasing again changes nothing."""
    found = {channel: address_of(customer, channel, workspace) for channel in CHANNELS}
    hashes = [(address_hash(workspace.name, channel, one.text), "erased") for channel, one in found.items() if one is not None]
    customer.keep_only()
    customer.identity.erased = True
    customer.changed("ids")
    return hashes


def granted_anew(customer: Customer, statements: Sequence[Statement], workspace: Workspace) -> list[tuple[str, str]]:
    """(address hash, `granted`) of the addresses for which one of these statements, now standing, gives consent: if they were an
    erased person's, they may be written to again."""
    granted = {one.channel for one in statements if one.state == "granted" and one in customer.consents.statements}
    if not granted:
        return []
    found = {channel: address_of(customer, channel, workspace) for channel in CHANNELS if granted & {"*", channel}}
    return [(address_hash(workspace.name, channel, one.text), "granted") for channel, one in found.items() if one is not None]


def readmit(customer: Customer) -> None:
    """The only way back."""
    if customer.identity.erased:
        customer.identity.erased = False
        customer.changed("ids")
