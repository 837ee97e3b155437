"""`given`: the customers of a test before it begins."""

from collections.abc import Mapping
from dataclasses import replace

from orchestrator.expressions.durations import read_duration
from orchestrator.journey_tests.world import World
from orchestrator.model.customer import Customer
from orchestrator.model.event import CustomerEvent
from orchestrator.model.sections import Case, Stamped, Statement
from orchestrator.profiles.consent_state import add_statement
from orchestrator.profiles.past import keep_event

LONG_AGO = 400 * 86_400_000
ADDRESSES = {"email": "{0}@example.com", "phone": "+4479110000{1:02d}"}


def offset(text: object) -> int:
    """Milliseconds of `30h`, `-3d`, `0h`. Raises ValueError."""
    written = str(text)
    if written.lstrip("-+")[:-1] in ("0", "") and written[-1:] in "hmsd0":
        return 0
    found = read_duration(written, signed=True)
    if found is None:
        raise ValueError(f"`{written}` is not a duration from the start, such as 30h or -3d")
    return found


def prepare(world: World, given: Mapping[str, object]) -> None:
    """Make the customers. Raises ValueError with a sentence."""
    named = given.get("customers")
    people = dict(named) if isinstance(named, Mapping) else {"customer": given.get("customer") or {}}
    for number, (name, traits) in enumerate(people.items()):
        world.customers[name] = _customer(world, name, traits if isinstance(traits, Mapping) else {}, number)
    only = next(iter(people)) if len(people) == 1 else None
    for one in _list(given, "consents"):
        customer = world.customers[str(one.get("customer") or only)]
        pairs = [(s.channel, s.topic) for s in customer.consents.statements]
        statement = Statement(
            str(one.get("channel", "*")), str(one.get("topic", "*")), str(one.get("state")), world.start - LONG_AGO + 1 + len(pairs)
        )
        add_statement(customer.consents, statement)
        customer.changed("consents")
    for one in _list(given, "issues"):
        customer = world.customers[str(one.get("customer") or only)]
        opened = world.start - 86_400_000
        customer.issues.setdefault(str(one.get("kind", "service")), {})[str(one.get("id", "-"))] = Case(
            True, opened, "given", opened, opened
        )
        customer.changed("issues")
    for one in _list(given, "history"):
        _past(world, world.customers[str(one.get("customer") or only)], one)
    windows = given.get("windows")
    if isinstance(windows, Mapping) and windows.get("whatsapp") == "open":
        for customer in world.customers.values():
            customer.identity.inbound["whatsapp"] = world.start
            customer.changed("ids")
    held_out = given.get("held_out")
    if isinstance(held_out, list) and held_out:
        journeys = {name: replace(journey, holdout=1.0) for name, journey in world.workspace.journeys.items()}
        world.workspace = replace(world.workspace, journeys=journeys)


def _list(given: Mapping[str, object], key: str) -> list[Mapping[str, object]]:
    found = given.get(key) or []
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []


def _customer(world: World, name: str, traits: Mapping[str, object], number: int) -> Customer:
    """Known, with an address on every channel, all topics granted, the workspace's locale and timezone."""
    customer = Customer(str(traits.get("id") or name))
    at = world.start - LONG_AGO
    customer.identity.user_id, customer.identity.first_seen = customer.id, at
    values: dict[str, object] = {"timezone": world.workspace.timezone.key}
    values |= {key: form.format(customer.id, number) for key, form in ADDRESSES.items()}
    values |= {key: value for key, value in traits.items() if key != "id"}
    for key, value in values.items():
        if value is not None:
            customer.traits[key] = Stamped(value, at)
    customer.consents.statements.append(Statement("*", "*", "granted", at))
    customer.changed("ids", "traits", "consents")
    return customer


def _past(world: World, customer: Customer, one: Mapping[str, object]) -> None:
    at = world.start + offset(one.get("at", "0h"))
    properties = one.get("with")
    event = CustomerEvent(
        name=str(one.get("event")),
        kind="track",
        customer=customer.id,
        timestamp=at,
        arrival=at,
        properties=dict(properties) if isinstance(properties, Mapping) else {},
    )
    customer.identity.sequence += 1
    customer.changed("ids")
    keep_event(customer, event, world.workspace, at)
