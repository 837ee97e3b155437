"""Goals that still count when their runs are over, or for those who are held out: kept as long as they may, not for ever."""

from tests.one_journey import workspace
from tests.worlds import DAY, T0, Engine

JOURNEY = """journey: try_it
class: service
entry: {event: Basket Changed}
goal: {event: Order Placed, within: 10d}
holdout: HOLDOUT
steps: [{id: mail, send: hello, channels: [email]}]
"""


def entered_daily(holdout: str, days: int) -> Engine:
    made = Engine(workspace({"try_it": JOURNEY.replace("HOLDOUT", holdout)}))
    made.apply([made.identify("ada", T0, email="a@example.com")], until=T0)
    for day in range(days):
        made.apply([made.event("ada", T0 + day * DAY, "Basket Changed", basket="b")], until=T0 + day * DAY)
    return made


def test_those_whose_time_is_over_are_forgotten_though_nobody_ever_orders() -> None:
    for holdout in ("0%", "100%"):
        made = entered_daily(holdout, 40)
        watched = made.customers["ada"].entries.watches
        assert len(watched) == 12, holdout
        assert min(one.until for one in watched) == T0 + 38 * DAY, "what was in time may be a day late"


def test_each_counts_once_after_its_run() -> None:
    made = entered_daily("0%", 3)
    outcome = made.apply([made.event("ada", T0 + 2 * DAY + 1, "Order Placed")], until=T0 + 2 * DAY + 1)
    assert sum(n for (what, *_), n in outcome.counts.items() if what == "goals") == 3
    assert made.customers["ada"].entries.watches == []


def test_an_event_nobody_listens_for_leaves_them_alone() -> None:
    made = entered_daily("0%", 3)
    made.apply([made.event("ada", T0 + 30 * DAY, "Ping")], until=T0 + 30 * DAY)
    assert len(made.customers["ada"].entries.watches) == 3
    made.apply([made.event("ada", T0 + 30 * DAY + 1, "Order Placed")], until=T0 + 30 * DAY + 1)
    assert made.customers["ada"].entries.watches == []
