"""`fallback`, whatever is reported in whatever order: never twice on one channel, never after success in time."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.contracts.receipt import Receipt, encode_receipt
from orchestrator.contracts.topics import DELIVERY_RECEIPTS, Channel
from orchestrator.engine.inputs import InputRecord
from orchestrator.state.value import encode_sections
from orchestrator.workspace.workspace import Workspace
from tests.examples import examples
from tests.one_journey import workspace
from tests.unit.steps.fallen import journey
from tests.worlds import HOUR, T0, Engine

CHANNELS: tuple[Channel, ...] = ("email", "sms")
THINGS = st.lists(
    st.tuples(
        st.sampled_from([1, HOUR, 2 * HOUR, 4 * HOUR - 1, 4 * HOUR, 4 * HOUR + 1, 6 * HOUR, 8 * HOUR, 12 * HOUR]),
        st.sampled_from(CHANNELS),
        st.sampled_from(["accepted", "delivered", "opened", "clicked", "bounced", "failed", "rejected", "unconfirmed", "deferred"]),
        st.booleans(),
    ),
    max_size=8,
)  # fmt: skip


def spaces() -> list[Workspace]:
    return [
        workspace({"try_it": journey(f"{{on: [{on}], after: 4h}}", more=", dedupe: 1h")})
        for on in ("undeliverable", "unseen", "expired", "undeliverable, unseen", "undeliverable, expired")
    ]


def records(engine: Engine, space: Workspace, things: list[tuple[int, Channel, str, bool]]) -> list[InputRecord]:
    """Intents are found by a run without reports: they are the same whenever a message is sent."""
    probe = Engine(space)
    probe.apply(begin(probe))
    intents = {}
    for channel in CHANNELS:
        one = Engine(workspace({"try_it": journey("none", channels=channel)}))
        one.apply(begin(one))
        intents[channel] = one.messages[0].intent
    assert intents["email"] == probe.messages[0].intent
    found = begin(engine)
    for number, (at, channel, status, human) in enumerate(sorted(things, key=lambda thing: thing[0])):
        body = Receipt(
            id=f"r{number}",
            customer="ada",
            status=status,  # type: ignore[arg-type]  # a status
            at=T0 + at,
            channel=channel,
            intent=intents[channel],
            human=human,
            provider_id="p1",
            retry_at=T0 + at + HOUR,
        )
        found.append(engine.record("ada", T0 + at, encode_receipt(body), DELIVERY_RECEIPTS))
    return found


def begin(engine: Engine) -> list[InputRecord]:
    return [
        engine.identify("ada", T0 - HOUR, email="ada@example.com", phone="+447911123456"),
        engine.event("ada", T0, "Basket Changed", basket="b1"),
    ]


@given(st.sampled_from(range(5)), THINGS, st.sets(st.integers(0, 12)))
@settings(max_examples=examples(150), deadline=None)
def test_never_twice_on_a_channel_never_after_success_in_time_and_batches_change_nothing(
    which: int, things: list[tuple[int, Channel, str, bool]], cuts: set[int]
) -> None:
    space = spaces()[which]
    engine, whole = Engine(space), Engine(space)
    inputs = records(engine, space, things)
    cut = [n for n in range(len(inputs) + 1) if n in (0, len(inputs)) or (n in cuts and inputs[n].at != inputs[n - 1].at)]
    for start, end in pairwise(cut):
        engine.apply(inputs[start:end], until=T0 + 40 * HOUR if end == len(inputs) else None)
    whole.apply(records(whole, space, things), until=T0 + 40 * HOUR)
    sends = [(one.channel, one.attempt, one.committed_at) for one in engine.messages]
    assert sends == [(one.channel, one.attempt, one.committed_at) for one in whole.messages]
    assert encode_sections(engine.customers["ada"].sections()) == encode_sections(whole.customers["ada"].sections())
    assert len({(channel, attempt) for channel, attempt, _at in sends}) == len(sends), "a try more has a number of its own"
    retried = {"deferred"} & {status for _at, _channel, status, _human in things}
    if not retried:
        assert len({channel for channel, _attempt, _at in sends}) == len(sends)
    fell = [at for channel, _attempt, at in sends if channel == "sms"]
    if fell and not retried:
        seen = [T0 + at for at, channel, status, human in things if channel == "email" and human and status in ("opened", "clicked")]
        arrived = [T0 + at for at, channel, status, _human in things if channel == "email" and status in ("opened", "clicked", "delivered")]
        waits_for_delivery = which in (0, 2, 4)
        assert not any(at < fell[0] for at in (arrived if waits_for_delivery else seen))
        assert fell[0] <= T0 + 4 * HOUR
