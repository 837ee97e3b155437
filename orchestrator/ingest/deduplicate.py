"""The same event twice: a messageId seen within the window is a repeat."""

import hashlib

from orchestrator.model.customer import Customer
from orchestrator.model.event import CustomerEvent

DAY = 86_400_000
WIDTH = 8


def is_repeat(customer: Customer, event: CustomerEvent, window: int, now: int) -> bool:
    """True for a repeat; else the messageId is remembered. Kept as 8-byte hashes by UTC day."""
    if event.message_id is None:
        return False
    mark = hashlib.blake2b(event.message_id.encode("utf-8", "surrogatepass"), digest_size=WIDTH).digest()
    days = customer.seen.days
    today = now // DAY
    oldest = (now - window) // DAY
    for day, marks in days.items():
        if day >= oldest and _holds(marks, mark):
            return True
    for day in [day for day in days if day < oldest]:
        del days[day]
    days[today] = days.get(today, b"") + mark
    customer.changed("seen")
    return False


def forget(customer: Customer, event: CustomerEvent, now: int) -> None:
    """Take back what `is_repeat` has just remembered: the event was set aside, and may come again."""
    if event.message_id is not None:
        days = customer.seen.days
        days[now // DAY] = days[now // DAY][:-WIDTH]
        customer.changed("seen")


def _holds(marks: bytes, mark: bytes) -> bool:
    at = marks.find(mark)
    while at != -1:
        if at % WIDTH == 0:
            return True
        at = marks.find(mark, at + 1)
    return False
