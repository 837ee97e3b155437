"""The same event twice: a messageId seen within the window is a repeat."""

import hashlib

from orchestrator.model.customer import Customer
from orchestrator.model.event import CustomerEvent
from orchestrator.model.seen_ids import MARK, add, forget_until, seen_at, take_back


def is_repeat(customer: Customer, event: CustomerEvent, window: int, now: int) -> bool:
    """True for a repeat; else the messageId is remembered. One that was seen exactly `window` milliseconds ago does not count any more."""
    if event.message_id is None:
        return False
    mark = hashlib.blake2b(event.message_id.encode("utf-8", "surrogatepass"), digest_size=MARK).digest()
    if next(seen_at(customer.seen, mark, now - window), None) is not None:
        return True
    forget_until(customer.seen, now - window)
    add(customer.seen, mark, now)
    customer.changed("seen")
    return False


def forget(customer: Customer, event: CustomerEvent, now: int) -> None:
    """Take back what `is_repeat` has just remembered: the event was set aside, and may come again."""
    if event.message_id is not None:
        take_back(customer.seen, now)
        customer.changed("seen")
