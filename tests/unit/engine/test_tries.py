"""Only a provider that was asked uses up a try: what policy or an open breaker gives back does not."""

import pytest

from orchestrator.contracts.receipt import Receipt, encode_receipt
from orchestrator.contracts.topics import DELIVERY_RECEIPTS
from orchestrator.workspace.workspace import Workspace
from tests.one_journey import workspace
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


EXPIRING = """journey: try_it
class: service
entry: {event: Basket Changed}
steps:
  - {id: mail, send: hello, channels: [email], expires: 10m}
  - {id: rest, delay: 1h}
  - branch: [{when: steps.mail.sent, then: [{id: believed, emit: Pong}]}]
"""


def test_what_expires_between_two_tries_was_not_sent_for_whatever_the_run_asks_later() -> None:
    engine = Engine(workspace({"try_it": EXPIRING}))
    engine.apply([engine.identify("ada", T0, email="ada@example.com"), engine.event("ada", T0 + 1, "Basket Changed", basket="b1")])
    back = Receipt(
        id="r1", customer="ada", status="deferred", at=T0 + 2, channel="email", intent=engine.messages[-1].intent, reason="provider_down", retry_at=T0 + HOUR,
    )  # fmt: skip
    engine.apply([engine.record("ada", T0 + 2, encode_receipt(back), DELIVERY_RECEIPTS)])
    assert [one.reason for one in engine.apply([], until=T0 + HOUR // 2).decisions] == ["expired_while_held"]
    mail = engine.customers["ada"].copy().runs[0].steps["mail"]
    assert (mail.sent, mail.reason) == (False, "expired_while_held")
    assert engine.apply([], until=T0 + 2 * HOUR).counts["events_emitted", "try_it", ""] == 0
