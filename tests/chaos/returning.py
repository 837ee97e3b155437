"""Customers who come back again and again, all at once, so that events and receipts of one person are under way together."""

import asyncio
import random

from tests.chaos.stage import Stage


async def returning(stage: Stage, customers: int) -> None:
    """Until cancelled. Each waits for the answer to one event, then a moment, before the next."""
    async with asyncio.TaskGroup() as group:
        for number in range(customers):
            group.create_task(_comes_back(stage, number))


async def _comes_back(stage: Stage, number: int) -> None:
    rng = random.Random(number)
    who, visit = f"z{number}", 0
    traits = {"first_name": "Z", "email": f"{who}@example.com", "phone": f"+4479120{number:05d}"}
    body: dict[str, object] = {"type": "identify", "traits": traits}
    while True:
        await stage.send([{**body, "userId": who, "messageId": f"{who}-{visit}"}])
        stage.others.add(f"{who}-{visit}")
        await asyncio.sleep(rng.uniform(0.2, 0.6))
        visit += 1
        body = _order(visit) if visit % 2 else {"type": "track", "event": "Product Viewed", "properties": {"product": "p"}}


def _order(visit: int) -> dict[str, object]:
    properties = {"order_id": f"o{visit}", "package": "x", "price": 1.5, "installed_on": "2027-01-01"}
    return {"type": "track", "event": "Order Placed", "properties": properties}
