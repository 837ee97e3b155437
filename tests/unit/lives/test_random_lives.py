"""Random journeys, versions, pauses, events, merges, receipts: no run is lost or stuck, nothing goes twice, the engine never breaks, nothing
is left in the end, and how the inputs fall into batches changes nothing."""

import json
from collections import Counter
from random import Random

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from orchestrator.content.check import check_message
from orchestrator.engine.inputs import InputRecord
from orchestrator.partition_state import decode_partition_state
from orchestrator.state.stored_customer import customer_of
from orchestrator.workspace.load import load_files
from orchestrator.workspace.pauses import with_pauses
from orchestrator.workspace.workspace import Workspace
from tests.examples import examples
from tests.one_journey import CONCIERGE, PROFILE, files
from tests.unit.lives.life import MINUTE, Life, Partition
from tests.unit.lives.written import Author
from tests.worlds import DAY, HOUR, T0

AUDIENCES = "audiences:\n  hot: {title: Hot, when: customer.score > 2}\n  lately: {title: Lately, when: \"seen('Ping', within='1d')\"}\n"
TRAITS = PROFILE + "  vip: {type: boolean, keep: 2d}\n  due_on: {type: date}\n"
PAID = {"paid": "message: paid\nclass: transactional\ncontent: {en: {subject: Hi, preheader: x, body: Paid}}\n", "other": "Other"}


def loaded(journeys: dict[str, dict[str, object]], policies: str) -> Workspace | None:
    """None where lint refuses it."""
    texts = {name: json.dumps(journey) for name, journey in journeys.items()}
    given = files(
        texts, PAID, concierge=CONCIERGE + "webhooks: {hosts: [api.example.com]}\n", profile=TRAITS, audiences=AUDIENCES, policies=policies
    )
    return load_files(given, {}, check_message, tests=False).workspace


def versions(author: Author) -> list[Workspace]:
    """In the order they are applied; the last but one lets nobody in, and of the last nothing happens at all: a schedule has no end."""
    policies, journeys, found = author.policies(), dict[str, dict[str, object]](), list[Workspace]()
    for name in ("one", "two")[: author.random.choice((1, 2))]:
        for _ in range(9):
            drafted = {**journeys, name: author.journey(name)}
            if loaded(drafted, policies) is not None:
                journeys = drafted
                break
    for _ in range(author.random.choice((1, 2, 3))):
        workspace = loaded(journeys, policies)
        assert workspace is not None
        found.append(workspace)
        if journeys and author.random.random() < 0.4:
            found += [with_pauses(workspace, {author.random.choice(sorted(journeys)): "command"}), workspace]
        elif journeys:
            name = author.random.choice(sorted(journeys))
            edited = {**journeys, name: author.edited(journeys[name])}
            journeys = edited if loaded(edited, policies) is not None else journeys
    for status in ("draining", "draft"):
        last = loaded({name: {**journey, "status": status} for name, journey in journeys.items()}, policies)
        assert last is not None
        found.append(last)
    return found


def lived(random: Random) -> tuple[Life, Workspace]:
    """A life to its end, and the version it began with."""
    *spaces, gone = versions(Author(random))
    life = Life(Partition(spaces[0]), random)
    for who in ("ada", "ben", "x1", "x2"):
        zone = random.choice(("Europe/London", "America/New_York", "Pacific/Auckland"))
        life.event(
            T0,
            who,
            type="identify",
            traits={"email": f"{who}@example.com", "phone": "+447911123456", "timezone": zone, "score": random.choice((0, 3))},
        )
    for _ in range(random.randrange(4, 30)):
        at, who = T0 + random.randrange(0, random.choice((6 * HOUR, 4 * DAY)), 5 * MINUTE), random.choice(("ada", "ada", "ben", "x1", "x2"))
        match random.choice(("basket", "basket", "basket", "Ping", "Order Placed", "traits", "merge")):
            case "basket":
                life.event(at, who, type="track", event="Basket Changed", properties={"basket": random.choice(("b1", "b2")), "item": "pen"})
            case "traits":
                trait = random.choice(({"score": 5}, {"score": 0}, {"timezone": "Asia/Tokyo"}, {"due_on": "2026-03-04"}, {"vip": True}))
                life.event(at, who, type="identify", traits=trait)
            case "merge":
                life.event(at, random.choice(("ada", "ben")), type="identify", anonymousId=random.choice(("x1", "x2")), traits={})
            case name:
                life.event(at, who, type="track", event=name, properties={})
    switches = sorted(T0 + random.randrange(HOUR, 5 * DAY, 5 * MINUTE) for _ in spaces[1:-1])
    for at, workspace in zip([*switches, T0 + 20 * DAY], spaces[1:], strict=True):
        life.live(at)
        life.switch(workspace, at)
    life.live(T0 + 500 * DAY)
    life.switch(gone, T0 + 500 * DAY)
    return life, spaces[0]


def played_again(life: Life, first: Workspace, random: Random) -> Partition:
    """The same inputs in batches of other sizes."""
    again, waiting, horizon = Partition(first), list[InputRecord](), 0
    for at, records, workspace in life.cuts:
        if workspace is not None:
            if horizon:
                again.apply(waiting, horizon)
            waiting, horizon = [], 0
            again.switch(workspace, at)
            continue
        waiting, horizon = [*waiting, *records], at
        if random.random() < 0.3:
            again.apply(waiting, horizon)
            waiting, horizon = [], 0
    if horizon:
        again.apply(waiting, horizon)
    return again


@settings(max_examples=examples(6), deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(st.integers(0, 2**32))
def test_nothing_is_lost_stuck_or_doubled_and_batches_change_nothing(seed: int) -> None:
    life, first = lived(Random(seed))
    one = life.partition
    for customer in one.customers():
        left = (customer.runs, customer.messages.planned, customer.messages.falls_at, customer.resting)
        assert left == ([], [], None, None), customer.id
    assert [at for at in one.due.values() if at is not None] == []
    assert decode_partition_state(one.state).running == {}
    totals = Counter[str]()
    for labels, number in one.counts.items():
        totals[labels[0]] += number
    assert totals["runs_started"] == totals["runs_ended"]
    other = played_again(life, first, Random(seed))
    assert other.decisions == one.decisions
    assert other.endings == one.endings
    assert other.counts == one.counts
    for who, value in one.profiles.items():
        mine, theirs = (dict(customer_of(who, raw).sections()) for raw in (value, other.profiles[who]))
        mine.pop("hist", None), theirs.pop("hist", None)  # how much of it has been put aside when it is handed over is the batch's
        assert {name: bytes(raw) for name, raw in mine.items()} == {name: bytes(raw) for name, raw in theirs.items()}, who
