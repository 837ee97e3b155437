"""`throttle` with `scope: journey`: everybody's runs, in the order they came."""

import pytest

from tests.one_journey import errors, play, workspace
from tests.unit.policies.test_limits import Partitions
from tests.worlds import T0

THROTTLE = """journey: try_it
class: service
entry: {event: Basket Changed, key: event.basket}
steps:
  - {id: gently, throttle: {max: 2, per: 1h, scope: journey}}
  - {id: mail, send: hello, channels: [email]}
"""
PEOPLE = "given: {customers: {ada: {}, ben: {}, cleo: {}}}\n"


def baskets(*who: tuple[str, str]) -> str:
    items = ", ".join(
        f"{{at: {at}, customer: {name}, event: Basket Changed, with: {{basket: b{n}}}}}" for n, (name, at) in enumerate(who, 1)
    )
    return f"{PEOPLE}when: [{items}]\n"


def test_all_customers_queue_together_first_come_first_served() -> None:
    test = baskets(("ada", "0h"), ("ben", "10m"), ("cleo", "20m"), ("ada", "30m"), ("ben", "40m")) + (
        "then: {sends: [{at: 0h, key: b1}, {at: 10m, key: b2}, {at: 1h, key: b3, customer: cleo}, {at: 70m, key: b4, customer: ada}, {at: 2h, key: b5}]}"
    )
    assert play(THROTTLE, test) == []


def test_a_journey_without_it_lets_each_customer_have_their_own() -> None:
    test = baskets(("ada", "0h"), ("ben", "10m"), ("cleo", "20m")) + "then: {sends: [{at: 0h}, {at: 10m}, {at: 20m}]}"
    assert play(THROTTLE.replace(", scope: journey", ", scope: customer"), test) == []


def test_over_may_be_another_way_and_takes_no_place() -> None:
    journey = THROTTLE.replace("scope: journey", "scope: journey, over: exit")
    test = baskets(("ada", "0h"), ("ben", "10m"), ("cleo", "20m"), ("cleo", "61m"), ("ada", "65m")) + (
        "then: {sends: [{key: b1}, {key: b2}, {at: 61m, key: b4}], ends: [{how: end}, {how: end}, {at: 20m, how: exit}, {how: end}, {at: 65m, how: exit}]}"
    )
    assert play(journey, test) == []


def test_who_is_kept_from_its_turn_by_a_pause_queues_again() -> None:
    test = baskets(("ada", "0h"), ("ben", "0h"), ("cleo", "1m"), ("ada", "2m"), ("ben", "3m"), ("cleo", "4m")).replace(
        "]\n", ", {at: 30m, pause: true}, {at: 10h, resume: true}]\n"
    ) + "then: {sends: [{at: 0h}, {at: 0h}, {at: 10h}, {at: 10h}, {at: 11h}, {at: 11h}]}"  # fmt: skip
    assert play(THROTTLE, test) == []


def test_j034_a_key_makes_no_sense() -> None:
    (found,) = [f for f in errors(THROTTLE.replace("scope: journey", "scope: journey, key: entry.item")) if f.severity == "error"]
    assert (found.code, found.line) == ("J034", 5)


@pytest.mark.parametrize("partitions", [1, 3])
async def test_partitions_share_it_and_no_hour_has_more(partitions: int) -> None:
    many = Partitions(workspace({"try_it": THROTTLE.replace("max: 2", "max: 4")}), partitions)
    await many.begin()
    await many.people(18, T0)
    for minute in range(1, 60 * 6):
        await many.run(T0 + minute * 60_000)
    assert [many.decided["allowed", hour] for hour in range(6)] == [4, 4, 4, 4, 2, 0]
