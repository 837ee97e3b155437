"""Made-up customers: the same numbers make the same people, whoever asks and how many there are."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from orchestrator.content.check import check_message
from orchestrator.ingest.decode import decode
from orchestrator.model.event import CustomerEvent
from orchestrator.profiles.address import address_of
from orchestrator.profiles.zone import zone_of
from orchestrator.simulation.compared import compared_values
from orchestrator.simulation.crowd import Crowd
from orchestrator.simulation.made_up import MadeUp, Person
from orchestrator.simulation.shard import Part, play_shard
from orchestrator.simulation.side_by_side import Versions, parts_of_crowd, simulate
from orchestrator.state.stored_customer import customer_of
from orchestrator.workspace.file_names import read_files
from orchestrator.workspace.load import load_files
from orchestrator.workspace.workspace import Workspace
from tests.one_journey import workspace as small
from tests.unit.simulation.playing import DAY, T0

ROOT = Path(__file__).parents[3]
MIDNIGHT = T0 - 10 * 3_600_000
CROWD = Crowd(400, 30, 7, MIDNIGHT)


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    return dict(read_files(ROOT))


def _loaded(files: dict[str, bytes]) -> Workspace:
    found = load_files(files, {}, check_message, tests=False).workspace
    assert found is not None
    return found


@pytest.fixture(scope="module")
def workspace(files: dict[str, bytes]) -> Workspace:
    return _loaded(files)


@pytest.fixture(scope="module")
def people(workspace: Workspace) -> list[Person]:
    made = MadeUp(workspace, CROWD)
    return [made.person(number) for number in range(1, CROWD.customers + 1)]


def test_a_person_is_made_from_seed_and_number_alone(workspace: Workspace, people: list[Person]) -> None:
    assert MadeUp(workspace, replace(CROWD, customers=1_000_000)).person(7) == people[6]
    other = MadeUp(workspace, replace(CROWD, seed=8)).person(7)
    assert (other.profile, other.events) != (people[6].profile, other.events)
    assert [at for at, _value in other.events] != [at for at, _value in people[6].events]
    assert people[5].events != people[6].events


def test_one_trait_more_leaves_the_events_as_they_are(workspace: Workspace, people: list[Person]) -> None:
    traits = {**workspace.profile.traits, "aaa": replace(workspace.profile.traits["plan"], name="aaa")}
    changed = replace(workspace, profile=replace(workspace.profile, traits=traits))
    other = MadeUp(changed, CROWD).person(7)
    assert other.events == people[6].events
    assert other.profile != people[6].profile


def test_events_are_as_declared_in_order_and_within_the_time(workspace: Workspace, people: list[Person]) -> None:
    names = set()
    for person in people:
        assert list(person.events) == sorted(person.events, key=lambda event: event[0])
        for at, value in person.events:
            assert CROWD.start <= at < CROWD.until
            event = decode(value, at, workspace)
            assert isinstance(event, CustomerEvent), event
            assert event.timestamp == at
            assert event.customer == person.id
            names.add(event.name)
    assert names == set(workspace.events)


def test_there_are_about_as_many_as_asked_for_by_day_more_than_by_night(workspace: Workspace, people: list[Person]) -> None:
    hours = [0] * 24
    for person in people:
        zone = zone_of(customer_of(person.id, person.profile), workspace)
        for at, _value in person.events:
            hours[datetime.fromtimestamp(at / 1000, UTC).astimezone(zone).hour] += 1
    weeks = CROWD.customers * CROWD.days / 7
    assert 0.9 < sum(hours) / weeks < 1.1
    assert sum(hours[9:21]) > 5 * sum(hours[0:6])
    busy = MadeUp(workspace, replace(CROWD, events_per_week=10))
    assert 9 < sum(len(busy.person(number).events) for number in range(1, 101)) / (100 * 30 / 7) < 11
    assert MadeUp(workspace, replace(CROWD, events_per_week=0)).person(1).events == ()


def test_people_differ_in_everything_that_rules_look_at(workspace: Workspace, people: list[Person]) -> None:
    customers = [customer_of(person.id, person.profile) for person in people]
    traits = {name: {str(one.traits[name].value) for one in customers if name in one.traits} for name in workspace.profile.traits}
    assert traits["plan"] == {"slow", "fast", "tv"}
    assert {"GB", "DE"} <= traits["country"]
    assert {"en", "de"} <= traits["locale"]
    assert {"Europe/London", "Europe/Berlin"} <= traits["timezone"]
    assert {int(months) >= 24 for months in traits["tenure_months"]} == {True, False}
    reachable = {tuple(address_of(one, channel, workspace) is not None for channel in ("email", "sms")) for one in customers}
    assert reachable == {(True, True), (True, False), (False, True), (False, False)}
    statements = {(s.channel, s.topic, s.state) for one in customers for s in one.consents.statements}
    assert ("sms", "offers", "granted") in statements
    assert ("sms", "offers", "revoked") in statements
    assert ("email", "visits", "revoked") in statements
    addresses = [address.text for one in customers if (address := address_of(one, "sms", workspace)) is not None]
    assert len(set(addresses)) == len(addresses)


def test_one_thing_leads_to_another_about_the_same_visit(workspace: Workspace, people: list[Person]) -> None:
    visits, answered = set(), 0
    for person in people:
        for _at, value in person.events:
            event = msgspec.json.decode(value)
            if event["event"] == "Visit Completed":
                assert event["properties"]["visit_id"] not in visits, "every visit is a new one"
                visits.add(event["properties"]["visit_id"])
            elif event["event"] == "Survey Answered":
                answered += event["properties"]["visit_id"] in visits
    assert answered > 10


def test_values_that_conditions_ask_for_come_up() -> None:
    journey = """journey: try_it
class: service
entry: {event: Upgrade Suggested, when: "event.plan == 'gold' and event.total >= 40"}
steps: [{id: first, send: hello, channels: [email]}]
"""
    space = small({"try_it": journey})
    assert compared_values(space)["plan"] == ("gold",)
    made = MadeUp(space, Crowd(100, 30, 1, MIDNIGHT))
    events = [msgspec.json.decode(value) for number in range(1, 101) for _at, value in made.person(number).events]
    told = [
        (e["properties"].get("plan") == "gold", e["properties"].get("total", 0) >= 40) for e in events if e["event"] == "Upgrade Suggested"
    ]
    assert set(told) == {(True, True), (True, False), (False, True), (False, False)}


def test_the_same_seed_gives_the_same_report_in_one_process_or_two(files: dict[str, bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orchestrator.simulation.side_by_side.SMALL", 60)
    parts = parts_of_crowd(Crowd(70, 20, 3, MIDNIGHT))
    assert len(parts) == 16
    # before, it waited longer before it asked again
    journey = files["config/journeys/visit_survey.yaml"].decode()
    before = {**files, "config/journeys/visit_survey.yaml": journey.replace("timeout: 24h", "timeout: 48h").encode()}
    versions = Versions(files, before, {})
    done: list[int] = []
    one = simulate(parts, versions, 1, lambda: done.append(1))
    assert one.difference is not None
    whole = play_shard(Part(0, 1, parts[0].start, parts[0].until, crowd=parts[0].crowd), *(_loaded(some) for some in (files, before)))
    assert (one.difference, one.before) == (whole.difference, whole.before)
    assert one.difference.people > 3
    assert len(done) == 16
    assert one.tally.customers == 70
    assert one.tally.events > 100
    assert sum(one.tally.messages.values()) > 50
    assert simulate(parts, versions, 2) == one
    assert simulate(parts_of_crowd(Crowd(70, 20, 4, MIDNIGHT)), versions, 1).tally != one.tally


def test_the_number_of_shards_follows_from_the_people_alone() -> None:
    assert [len(parts_of_crowd(replace(CROWD, customers=number))) for number in (1, 2_000, 2_001, 320_000, 320_001, 1_000_000)] == [
        1,
        1,
        16,
        16,
        17,
        50,
    ]


def test_what_is_not_asked_for_does_not_happen(workspace: Workspace) -> None:
    quiet = Crowd(50, 1000, 1, MIDNIGHT, events_per_week=0)
    played = play_shard(Part(0, 1, quiet.start, quiet.until, crowd=quiet), workspace)
    assert (played.tally.events, dict(played.tally.messages), dict(played.tally.started)) == (0, {}, {})
    assert played.tally.people == {0: 50}
    assert played.tally.customers * (quiet.until - quiet.start) // DAY == 50_000
