"""However an input is cut into batches, the same comes of it."""

from itertools import groupby

from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.engine.inputs import InputRecord
from orchestrator.workspace.workspace import Workspace
from tests.examples import examples
from tests.worlds import DAY, HOUR, T0, Engine

PEOPLE = ("ada", "ben")
happenings = st.tuples(
    st.sampled_from(PEOPLE),
    st.sampled_from([0, 0, 1, 2, HOUR, 24 * HOUR, 25 * HOUR, 3 * DAY, 15 * DAY]),
    st.sampled_from(["identify", "order", "visit", "reopened", "answered", "fault", "cleared", "offers", "yes", "no", "fax", "page"]),
    st.sampled_from([1, 2, float("nan"), "3", None]),
)


def record(engine: Engine, who: str, at: int, kind: str, value: object) -> InputRecord:
    visit = {"visit_id": f"v{value}", "technician": "Bob", "visited_at": "2026-03-02T09:00:00Z", "score": value}
    choice = {"channel": "email", "topic": "offers"}
    match kind:
        case "identify":
            return engine.identify(who, at, email=f"{who}@example.com", phone="+447911123456", line_speed=value)
        case "order":
            return engine.event(who, at, "Order Placed", order_id=f"o{value}", package="Fast", price=9.9, installed_on="2026-04-01")
        case "visit":
            return engine.event(who, at, "Visit Completed", **visit)
        case "reopened":
            return engine.event(who, at, "Visit Reopened", **visit)
        case "answered":
            return engine.event(who, at, "Survey Answered", **visit)
        case "fault" | "cleared":
            return engine.event(who, at, "Fault Reported" if kind == "fault" else "Fault Cleared", case_id=f"c{value}")
        case "offers":
            return engine.event(who, at, "Offers Published", offer_id=f"f{value}", package="TV", price=5.0, valid_until="2026-05-01")
        case "yes" | "no":
            return engine.event(who, at, "Preferences Saved", choices=[{**choice, "on": kind == "yes"}])
        case "fax":  # no channel: a dead letter when it is applied, where others are one when they are decoded
            return engine.event(who, at, "Preferences Saved", choices=[{**choice, "channel": "fax", "on": True}])
        case _:
            return engine.event(who, at, "Product Viewed", product=value)


def outcome_of(example: Workspace, story: list[tuple[str, int, str, object]], cuts: set[int]) -> object:
    """Everything that came of it: profiles, timers, what was published, in the order of each customer and topic."""
    engine = Engine(example)
    instants = [list(some) for _at, some in groupby(sorted(story, key=lambda one: one[1]), key=lambda one: one[1])]
    batches: list[list[InputRecord]] = [[]]
    for number, some in enumerate(instants):
        if number in cuts:
            batches.append([])
        batches[-1] += [record(engine, who, T0 + at, kind, value) for who, at, kind, value in some]
    published: dict[tuple[bytes | None, str], list[bytes]] = {}
    letters: list[tuple[int, str]] = []
    for number, batch in enumerate(batches):
        last = number == len(batches) - 1
        outcome = engine.apply(batch, until=T0 + 30 * DAY if last else None)
        letters += [(letter.offset, letter.error) for letter in outcome.dead_letters]
        for one in outcome.records:
            published.setdefault((one.key, one.topic), []).append(one.value)
    profiles = {name: {section: bytes(raw) for section, raw in one.sections().items()} for name, one in engine.customers.items()}
    return profiles, engine.due, published, sorted(letters)


def test_batches_make_no_difference(example: Workspace) -> None:
    @settings(max_examples=examples(150))
    @given(st.lists(happenings, min_size=1, max_size=40), st.sets(st.integers(1, 8), max_size=4))
    def whatever_the_cuts(story: list[tuple[str, int, str, object]], cuts: set[int]) -> None:
        assert outcome_of(example, story, cuts) == outcome_of(example, story, set())

    whatever_the_cuts()
