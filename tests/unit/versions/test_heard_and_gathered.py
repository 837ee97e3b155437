"""What a run has heard for a wait ahead of it, or gathers in a digest, when that step is edited."""

import pytest

from tests.unit.plan.stage import Stage
from tests.worlds import DAY, HOUR, T0

HEAD = "journey: try_it\nclass: service\nentry: {event: Basket Changed, key: event.basket}\nsteps:\n"
PING, PONG, ORDER = "{event: Ping, as: ping}", "{event: Pong, as: pong, then: exit}", "{event: Order Placed, as: order}"


def waiting(*alternatives: str) -> str:
    any_of = "".join(f"        - {one}\n" for one in alternatives)
    return f"{HEAD}  - {{id: rest, delay: 1d}}\n  - id: asked\n    wait_until:\n      timeout: 5d\n      any:\n{any_of}  - {{id: mail, send: hello, channels: [email]}}\n"


@pytest.mark.parametrize(("old", "new", "event", "ends", "stands"), [
    ((PING, PONG), (PONG, PING), "Ping", ["end"], {}),
    ((PING, PONG), (PONG, PING), "Pong", ["exit"], {}),
    ((PING, ORDER, PONG), (PING, ORDER), "Pong", [], {"asked": 1}),
    ((PING, PONG, ORDER), (PING, ORDER), "Order Placed", ["end"], {}),
    ((PING, PONG), (PING.replace("as:", "match: event.n == 1, as:"), PONG), "Ping", [], {"asked": 1}),
])  # fmt: skip
def test_an_event_heard_before_answers_the_wait_as_it_is_written_now(
    old: tuple[str, ...], new: tuple[str, ...], event: str, ends: list[str], stands: dict[str, int]
) -> None:
    made = Stage(waiting(*old))
    made.enter(T0, "ada")
    made.engine.apply([made.engine.event("ada", T0 + HOUR, event)], until=T0 + HOUR)
    made.switch(made.next(waiting(*new)))
    outcome = made.engine.apply([], until=T0 + DAY)
    assert [one.how for one in outcome.endings] == ends
    assert dict(made.standing()) == stands
    assert len(made.engine.messages) == ends.count("end")
    assert not any(label[0] == "engine_errors" for label in outcome.counts)


DIGEST = (
    HEAD.replace(", key: event.basket", "") + "  - {id: gather, digest: {window: 20h}}\n  - {id: mail, send: hello, channels: [email]}\n"
)


def test_a_digest_that_has_its_new_max_closes_and_a_plan_says_it() -> None:
    made = Stage(DIGEST)
    for hour in range(3):
        made.enter(T0 + hour * HOUR, "ada")
    after = made.next(DIGEST.replace("20h", "20h, max: 3"))
    [change] = made.plan(after).journeys[0].steps
    assert (change.retimed, change.first) == (1, made.at)
    made.switch(after)
    assert (len(made.engine.messages), dict(made.standing())) == (1, {})


def test_a_digest_gathers_by_its_new_key() -> None:
    made = Stage(DIGEST)
    made.enter(T0, "ada")
    made.switch(made.next(DIGEST.replace("20h", "20h, key: entry.basket")))
    made.enter(T0 + HOUR, "ada")
    [run] = made.engine.customers["ada"].runs
    assert run.digest is not None
    assert (run.digest.key, len(run.digest.items)) == ("b1", 2)


def test_a_digest_whose_window_ends_in_a_pause_closes_at_the_resume() -> None:
    made = Stage(DIGEST)
    made.enter(T0, "ada")
    made.switch(made.next(DIGEST.replace("class:", "status: paused\nclass:")))
    outcome = made.engine.apply([made.engine.event("ada", T0 + DAY, "Ping")], until=T0 + DAY)
    assert not any(label[0] == "engine_errors" for label in outcome.counts), "an overdue window must not go round for ever"
    made.at = T0 + DAY
    made.switch(made.next(DIGEST))
    assert (len(made.engine.messages), dict(made.standing())) == (1, {})
