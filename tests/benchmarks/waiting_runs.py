"""Does an event cost more for a customer who stands in a hundred waiting runs that it does not concern?"""

import time

from orchestrator.runtime.serving import spare_collector
from orchestrator.state.stored_customer import customer_of
from orchestrator.state.value import encode_sections
from tests.one_journey import workspace
from tests.worlds import T0, Engine

PEOPLE, TRIES = 50, 6
JOURNEY = """journey: try_it
class: service
entry: {event: Basket Changed, key: event.basket}
steps:
  - {id: rest, delay: 300d}
  - {id: mail, send: hello, channels: [email]}
"""


def _per_event(runs: int) -> float:
    """Microseconds of CPU for an event that concerns none of so many runs, from the bytes that are stored to those that will be; the best of
    some tries."""
    engine, people = Engine(workspace({"try_it": JOURNEY})), [f"p{n}" for n in range(PEOPLE)]
    engine.apply([engine.identify(who, T0, email="a@example.com") for who in people], until=T0)
    for run in range(runs):
        at = T0 + 1000 + run
        engine.apply([engine.event(who, at, "Basket Changed", basket=f"b{run}") for who in people], until=at)
    assert all(len(engine.customers[who].runs) == runs for who in people)
    stored = {who: encode_sections(engine.customers[who].sections()) for who in people}
    best = float("inf")
    for at in range(T0 + 10_000, T0 + 10_000 + TRIES):
        records = [engine.event(who, at, "Ping", n=1) for who in people]
        started = time.process_time()
        engine.customers = {who: customer_of(who, value) for who, value in stored.items()}
        engine.apply(records, until=at)
        best = min(best, time.process_time() - started)
    return best / PEOPLE * 1e6


def measure() -> dict[str, float]:
    """Microseconds of CPU of one event beside no, one and a hundred waiting runs of its customer."""
    spare_collector()
    return {f"waiting_runs_{runs}_event_cpu_us": _per_event(runs) for runs in (0, 1, 100)}
