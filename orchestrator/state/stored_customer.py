"""A customer as the store has them."""

from orchestrator.model.customer import Customer
from orchestrator.state.value import UnknownFormat, decode_sections


def customer_of(key: str, value: bytes | None) -> Customer:
    """New where there is no value. One whose bytes cannot be read is marked so, and the others go on. Raises UnknownFormat."""
    try:
        return Customer(key, None if value is None else decode_sections(value))
    except UnknownFormat:
        raise  # not this customer is damaged: the program is too old for all of them
    except ValueError as error:
        return Customer(key, damage=f"the stored profile is damaged: {error}")
