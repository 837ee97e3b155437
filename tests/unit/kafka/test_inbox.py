"""Records of two topics come out in the order of arrival, whole instants at a time, and none before its instant is complete."""

from hypothesis import given
from hypothesis import strategies as st

from orchestrator.contracts.topics import CUSTOMER_EVENTS, DELIVERY_RECEIPTS
from orchestrator.engine.inputs import InputRecord
from orchestrator.kafka_inbox import LEAD, MARGIN, SILENCE, Inbox, Progress, Replay

TOPICS = (CUSTOMER_EVENTS, DELIVERY_RECEIPTS)


def record(topic: str, offset: int, at: int) -> InputRecord:
    return InputRecord(topic, 0, offset, at, b"k", b"{}")


def both(caught_up: bool, polled_at: int) -> dict[str, Progress]:
    return {topic: Progress(caught_up, polled_at) for topic in TOPICS}


def test_a_record_waits_until_its_instant_is_complete() -> None:
    inbox = Inbox(TOPICS)
    inbox.put(record(CUSTOMER_EVENTS, 0, 1000))
    assert not inbox.take(both(caught_up=True, polled_at=1001), 1000 + MARGIN - 1, 500).records
    assert [r.offset for r in inbox.take(both(caught_up=True, polled_at=1001), 1000 + MARGIN, 500).records] == [0]


def test_a_topic_that_is_behind_holds_back_the_other_and_the_timers() -> None:
    inbox = Inbox(TOPICS)
    inbox.put(record(CUSTOMER_EVENTS, 0, 1000))
    inbox.put(record(CUSTOMER_EVENTS, 1, 5000))
    inbox.put(record(DELIVERY_RECEIPTS, 0, 2000))
    reading = inbox.take({CUSTOMER_EVENTS: Progress(True, 9000), DELIVERY_RECEIPTS: Progress(False, 9000)}, 9000, 500)
    assert ([r.at for r in reading.records], reading.horizon) == ([1000], 1999)


def test_a_silent_broker_lets_no_timer_overtake_records() -> None:
    inbox = Inbox(TOPICS)
    assert inbox.take(both(caught_up=True, polled_at=1000), 60_000, 500).horizon == 1000 + SILENCE


def test_nobody_waits_as_long_as_two_clocks_differ() -> None:
    for progress in (both(caught_up=True, polled_at=1000), known(1000)):
        inbox = Inbox(TOPICS)
        inbox.put(record(CUSTOMER_EVENTS, 0, 1000 + LEAD))
        assert not inbox.take(progress, 1000, 500).records, "a little is only waited for"
        inbox.put(record(CUSTOMER_EVENTS, 1, 3_600_000))
        inbox.put(record(DELIVERY_RECEIPTS, 0, 3_500_000))
        reading = inbox.take(progress, 1000, 500)
        assert ([r.at for r in reading.records], reading.horizon) == ([1000 + LEAD, 3_500_000, 3_600_000], 3_600_000)
        assert inbox.take(progress, 2000, 500).horizon == 3_600_000, "it never goes back"


def test_ahead_or_not_what_has_not_been_fetched_is_waited_for() -> None:
    inbox = Inbox(TOPICS)
    inbox.put(record(CUSTOMER_EVENTS, 0, 3_600_000))
    assert not inbox.take({CUSTOMER_EVENTS: Progress(True, 1000), DELIVERY_RECEIPTS: Progress(False, 1000)}, 1000, 500).records


def known(at: int) -> dict[str, Progress]:
    return {topic: Progress(caught_up=True, polled_at=9000, known_at=at) for topic in TOPICS}


def test_with_copies_what_is_shown_says_nothing_of_what_has_arrived() -> None:
    inbox = Inbox(TOPICS)
    inbox.put(record(CUSTOMER_EVENTS, 0, 1000))
    assert not inbox.take(known(0), 9000, 500).records
    reading = inbox.take(known(1000 + MARGIN - 1), 9000, 500)
    assert (reading.records, reading.horizon) == ([], 999)
    assert [r.offset for r in inbox.take(known(1000 + MARGIN), 9000, 500).records] == [0]
    assert inbox.take(known(50), 9000, 500).horizon == 1000, "it never goes back"


def test_with_copies_a_busy_topic_says_itself_how_far_it_is() -> None:
    inbox = Inbox(TOPICS)
    for offset, at in enumerate((1000, 2000, 3000)):
        inbox.put(record(CUSTOMER_EVENTS, offset, at))
    mixed = {CUSTOMER_EVENTS: Progress(caught_up=False, polled_at=9000, known_at=500), DELIVERY_RECEIPTS: Progress(True, 9000, 8000)}
    assert inbox.take(mixed, 9000, 500).horizon == 2999


def test_an_instant_is_not_split_at_the_limit() -> None:
    inbox = Inbox(TOPICS)
    for offset, at in enumerate((10, 20, 20, 20, 30)):
        inbox.put(record(CUSTOMER_EVENTS, offset, at))
    first = inbox.take(both(caught_up=True, polled_at=1000), 1000, 3)
    assert ([r.at for r in first.records], first.horizon) == ([10], 19)
    second = inbox.take(both(caught_up=True, polled_at=1000), 1000, 3)
    assert ([r.at for r in second.records], second.horizon) == ([20, 20, 20], 29)


def test_one_instant_longer_than_the_limit_is_split_or_nothing_would_ever_move() -> None:
    inbox = Inbox(TOPICS)
    for offset in range(5):
        inbox.put(record(CUSTOMER_EVENTS, offset, 20))
    reading = inbox.take(both(caught_up=True, polled_at=1000), 1000, 3)
    assert (len(reading.records), reading.horizon) == (3, 20)


def test_what_is_fresh_does_not_come_with_what_is_replayed() -> None:
    inbox = Inbox(TOPICS)
    for offset, at in enumerate((10, 20, 30, 30, 40)):
        inbox.put(record(CUSTOMER_EVENTS, offset, at))
    inbox.put(record(DELIVERY_RECEIPTS, 0, 25))

    def is_fresh(one: InputRecord) -> bool:
        return one.topic == CUSTOMER_EVENTS and one.offset >= 2

    first = inbox.take(both(caught_up=True, polled_at=1000), 1000, 500, Replay(is_fresh, 0, 27))
    assert ([r.at for r in first.records], first.horizon) == ([10, 20, 25], 27)
    second = inbox.take(both(caught_up=True, polled_at=1000), 1000, 500, Replay(is_fresh, 27, 27))
    assert ([r.at for r in second.records], second.horizon) == ([30, 30, 40], 1000 - MARGIN)


def test_one_instant_of_fresh_and_replayed_moves_all_the_same() -> None:
    inbox = Inbox(TOPICS)
    for offset in range(3):
        inbox.put(record(CUSTOMER_EVENTS, offset, 20))
    first = inbox.take(both(caught_up=True, polled_at=1000), 1000, 500, Replay(lambda one: one.offset > 0, 0, 20))
    assert (list(first.records), first.horizon) == ([], 19), "the timers before it"
    assert len(inbox.take(both(caught_up=True, polled_at=1000), 1000, 500, Replay(lambda one: one.offset > 0, 19, 20)).records) == 3


def test_a_replay_ends_at_the_instant_that_had_been_reached() -> None:
    """Timers behind the last record had fired too: they come with nothing that is new."""
    inbox = Inbox(TOPICS)
    inbox.put(record(CUSTOMER_EVENTS, 0, 10))
    inbox.put(record(CUSTOMER_EVENTS, 1, 100))

    def take(through: int) -> tuple[list[int], int]:
        reading = inbox.take(both(caught_up=True, polled_at=1000), 1000, 500, Replay(lambda one: one.offset > 0, through, 50))
        return [r.at for r in reading.records], reading.horizon

    assert take(0) == ([10], 50)
    assert take(30) == ([], 50), "a full page of timers: the rest of them first"
    assert take(50) == ([100], 1000 - MARGIN)
    assert take(20) == ([], 50), "and with nothing new there either"


STEPS = st.lists(st.tuples(st.sampled_from(TOPICS), st.integers(0, 3)), max_size=60)


@given(STEPS, st.integers(1, 7), st.data())
def test_whatever_arrives_nothing_is_lost_and_time_never_goes_back(steps: list[tuple[str, int]], limit: int, data: st.DataObject) -> None:
    inbox, at, offsets = Inbox(TOPICS), 1_000, dict.fromkeys(TOPICS, 0)
    given_out: list[InputRecord] = []
    horizon = 0

    def take(now: int, caught_up: bool) -> None:
        nonlocal horizon
        reading = inbox.take(both(caught_up, now), now, limit)
        assert all(r.at <= reading.horizon for r in reading.records)
        if limit > 60:
            assert all(r.at > horizon for r in reading.records)
        given_out.extend(reading.records)
        horizon = reading.horizon

    for topic, step in steps:
        at += step
        inbox.put(record(topic, offsets[topic], at))
        offsets[topic] += 1
        if data.draw(st.booleans()):
            take(at, data.draw(st.booleans()))
    for _ in range(200):
        take(at + 10_000, caught_up=True)
    assert [r.at for r in given_out] == sorted(r.at for r in given_out)
    for topic in TOPICS:
        assert [r.offset for r in given_out if r.topic == topic] == list(range(offsets[topic]))
