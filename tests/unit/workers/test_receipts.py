"""What a sender reports."""

import msgspec

from tests.unit.workers.stub_provider import message
from workers.outcome import ChannelDown, NotProcessed, Outcome
from workers.receipts import receipt_of


def test_while_nobody_can_send_no_message_runs_out_of_tries() -> None:
    late = msgspec.structs.replace(message(1), attempt=40, failures=39)
    nobody = NotProcessed("circuit_open", "", 10_000, asked=False)
    outcomes: list[tuple[Outcome, str]] = [
        (nobody, "deferred"), (ChannelDown("401", ""), "deferred"), (NotProcessed("503", ""), "failed"),
    ]  # fmt: skip
    for outcome, status in outcomes:
        assert receipt_of(late, outcome, "p", 0, lambda: 0.5).status == status
    assert receipt_of(late, nobody, "", 0, lambda: 0.5).retry_at == 10_000
