"""Erasure: everything goes; the id stays erased until it is readmitted."""

from orchestrator.contracts.topics import CHANNELS
from orchestrator.model.customer import Customer
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


def readmit(customer: Customer) -> None:
    """The only way back."""
    if customer.identity.erased:
        customer.identity.erased = False
        customer.changed("ids")
