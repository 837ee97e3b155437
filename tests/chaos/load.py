"""What customers do in a fault run: every event has a messageId, as a client's library gives it."""

import random


def events(number: int, rng: random.Random, start: int = 0) -> list[dict[str, object]]:
    """Customers who place orders, have visits, report faults and look at products: four events each, from number `start` on."""
    return [{**_body(n, rng), "userId": f"k{n // 4}", "messageId": f"m{n}"} for n in range(start, start + number)]


def _body(n: int, rng: random.Random) -> dict[str, object]:
    match n % 4:
        case 0:
            return {
                "type": "identify",
                "traits": {"first_name": "K", "email": f"k{n // 4}@example.com", "phone": f"+447912{n // 4:06d}"},
            }
        case 1:
            return {
                "type": "track", "event": "Order Placed",
                "properties": {"order_id": f"o{n}", "package": "x", "price": 1.5, "installed_on": "2027-01-01"},
            }  # fmt: skip
        case 2:
            return {
                "type": "track", "event": "Visit Completed",
                "properties": {"visit_id": f"v{n}", "technician": "Bob", "visited_at": "2026-03-02T09:00:00Z"},
            }  # fmt: skip
        case _ if rng.random() < 0.5:
            return {"type": "track", "event": "Fault Reported", "properties": {"case_id": f"c{n}"}}
        case _:
            return {"type": "track", "event": "Product Viewed", "properties": {"product": "p"}}
