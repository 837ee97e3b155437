"""Only a provider that was asked uses up a try: what policy or an open breaker gives back does not."""

import pytest

from orchestrator.contracts.receipt import Receipt, encode_receipt
from orchestrator.contracts.topics import DELIVERY_RECEIPTS
from orchestrator.workspace.workspace import Workspace
from tests.worlds import HOUR, T0, Engine

ORDER = {"order_id": "o1", "package": "Fast", "price": 9.9, "installed_on": "2026-04-01"}


@pytest.mark.parametrize(("tried", "failures"), [(True, 3), (False, 0)])
def test_what_counts_as_a_try(example: Workspace, tried: bool, failures: int) -> None:
    engine = Engine(example)
    engine.apply([engine.identify("ada", T0, email="ada@example.com"), engine.event("ada", T0 + 1, "Order Placed", **ORDER)])
    for number in range(1, 4):
        message = engine.messages[-1]
        assert message.attempt == number
        at = T0 + number * HOUR
        back = Receipt(
            id=f"r{number}", customer="ada", status="deferred", at=at, channel="email", intent=message.intent, attempt=message.attempt,
            reason="provider_down", retry_at=at + 1, tried=tried,
        )  # fmt: skip
        engine.apply([engine.record("ada", at, encode_receipt(back), DELIVERY_RECEIPTS)], until=at + 10)
    assert (engine.messages[-1].attempt, engine.messages[-1].failures) == (4, failures)
