"""However inputs are cut into batches, the same offers go out, and the cap holds."""

from itertools import groupby

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import examples
from tests.one_journey import workspace
from tests.unit.offers.shop import OFFER, SERVICE
from tests.worlds import DAY, HOUR, T0, Engine

TWO = (
    "offers:\n"
    + OFFER.replace("max: 1, per: 30d", "max: 2, per: 1d")
    + OFFER.replace("offer: twice", "offer: gold\n    priority: 90\n    when: customer.tier == 'gold'")
)
PLACE = workspace(
    {
        "try_it": SERVICE.replace("[email]", "[email, sms]").replace(
            "entry: {event: Ping}", "entry: {event: Ping, reentry: {on_repeat: parallel}}"
        )
    },
    offers=TWO,
)
SAME_INSTANT = 0
happenings = st.tuples(
    st.sampled_from([SAME_INSTANT, 1, HOUR, DAY - 1, DAY, DAY + 1, 2 * DAY, 30 * DAY, 31 * DAY]),
    st.sampled_from(["Ping", "Ping", "gold", "tin", "Pong"]),
)
Story = list[tuple[int, str]]


def played(story: Story, cuts: set[int]) -> Engine:
    engine = Engine(PLACE)
    engine.apply([engine.identify("ada", T0 - DAY, email="ada@example.com", phone="+447911123456")])
    consent = engine.customers["ada"].consents
    assert consent.statements == [], "the topic can be left, and nobody has"
    batches: list[list[tuple[int, str]]] = [[]]
    for number, (_at, some) in enumerate(groupby(sorted(story), key=lambda one: one[0])):
        if number in cuts:
            batches.append([])
        batches[-1] += some
    for batch in batches:
        engine.apply([
            engine.identify("ada", T0 + at, tier=what) if what in ("gold", "tin") else engine.event("ada", T0 + at, what, n=at)
            for at, what in batch
        ])  # fmt: skip
    return engine


@settings(max_examples=examples(200))
@given(st.lists(happenings, min_size=1, max_size=20), st.sets(st.integers(1, 8), max_size=4))
def test_batches_make_no_difference_and_the_cap_holds(story: Story, cuts: set[int]) -> None:
    whole, cut = played(story, set()), played(story, cuts)
    assert cut.messages == whole.messages
    assert cut.customers["ada"].sections() == whole.customers["ada"].sections()
    for name, most, per in (("twice", 2, DAY), ("gold", 1, 30 * DAY)):
        at = [message.committed_at for message in whole.messages if message.offer is not None and message.offer.name == name]
        assert all(sum(one - per < other <= one for other in at) <= most for one in at)
    # and nobody goes without who could have had one: the plain offer is for everybody
    plain = [message for message in whole.messages if message.offer is None]
    for message in plain:
        before = [
            other.committed_at for other in whole.messages
            if other.offer is not None and other.offer.name == "twice" and message.committed_at - DAY < other.committed_at <= message.committed_at
        ]  # fmt: skip
        assert len(before) >= 2
