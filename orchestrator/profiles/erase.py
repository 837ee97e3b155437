"""Erasure: everything goes; the id stays erased until it is readmitted."""

from orchestrator.model.customer import Customer


def erase(customer: Customer) -> None:
    """Forget the person. What remains is that this id was erased."""
    customer.keep_only()
    customer.identity.erased = True
    customer.changed("ids")


def readmit(customer: Customer) -> None:
    """The only way back."""
    if customer.identity.erased:
        customer.identity.erased = False
        customer.changed("ids")
