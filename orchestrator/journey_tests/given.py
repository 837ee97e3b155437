"""`given`: the customers of a test before it begins."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from orchestrator.contracts.topics import CHANNELS
from orchestrator.engine.customer_frame import frame_for
from orchestrator.engine.turn import Surroundings
from orchestrator.expressions.declared_value import fit
from orchestrator.ingest.properties import check_properties
from orchestrator.journey_tests.world import World
from orchestrator.model.customer import Customer
from orchestrator.model.event import CustomerEvent
from orchestrator.model.sections import Case, Stamped, Statement
from orchestrator.profiles.consent_state import add_statement
from orchestrator.profiles.past import keep_event
from orchestrator.workspace.step import SplitStep, WebhookStep
from orchestrator.workspace.test_shapes import MOST_PEOPLE
from orchestrator.workspace.test_times import from_start
from orchestrator.workspace.test_traits import BUILT_IN

LONG_AGO = 400 * 86_400_000
_AT = re.compile(r"\{\{\s*at\('([^']+)'\)\s*\}\}")
ADDRESSES = {"email": "{0}@example.com", "phone": "+4479110{1:05d}"}


def offset(text: object) -> int:
    """Milliseconds of `30h`, `-3d`, `0h`. Raises ValueError."""
    found = from_start(str(text))
    if found is None:
        raise ValueError(f"`{text}` is not a duration from the start, such as 30h or -3d")
    return found


def filled(world: World, value: object) -> object:
    """`{{ at('36h') }}` is an instant from the start."""
    if isinstance(value, str):
        return _AT.sub(lambda found: instant_text(world.start + offset(found[1])), value)
    if isinstance(value, Mapping):
        return {key: filled(world, item) for key, item in value.items()}
    return [filled(world, item) for item in value] if isinstance(value, list) else value


def instant_text(at: int) -> str:
    """Of milliseconds, as an event states it."""
    return datetime.fromtimestamp(at / 1000, UTC).isoformat().replace("+00:00", "Z")


def prepare(world: World, given: Mapping[str, object]) -> None:
    """Make the customers. Raises ValueError with a sentence."""
    population = given.get("population")
    named = given.get("customers")
    if population is not None:
        if not isinstance(population, int) or not 0 < population <= MOST_PEOPLE:
            raise ValueError(f"given.population is a number up to {MOST_PEOPLE}")
        traits = given.get("customer")
        people: dict[str, object] = {f"p{number}": traits or {} for number in range(1, population + 1)}
        world.held_out = None
    else:
        people = dict(named) if isinstance(named, Mapping) else {"customer": given.get("customer") or {}}
    for number, (name, traits) in enumerate(people.items()):
        made = _customer(world, name, traits if isinstance(traits, Mapping) else {}, number)
        world.customers[made.id] = made
    only = next(iter(world.customers)) if len(people) == 1 else None
    for one in _list(given, "consents"):
        for customer in _those(world, one, only):
            _consent(world, customer, one)
    for one in _list(given, "issues"):
        for customer in _those(world, one, only):
            opened = world.start - 86_400_000
            kind = customer.issues.setdefault(str(one.get("kind", "service")), {})
            kind[str(one.get("id", "-"))] = Case(True, opened, "given", opened, opened)
            customer.changed("issues")
    for one in _list(given, "history"):
        for customer in _those(world, one, only):
            _past(world, customer, one)
    windows = given.get("windows")
    if isinstance(windows, Mapping) and windows.get("whatsapp") == "open":
        for customer in world.customers.values():
            customer.identity.inbound["whatsapp"] = world.start
            customer.changed("ids")
    held_out = given.get("held_out")
    if isinstance(held_out, list):
        world.held_out = frozenset(str(name) for name in held_out)
        unknown = world.held_out - world.customers.keys()
        if unknown:
            raise ValueError(f"given.held_out: no customer {', '.join(sorted(unknown))}")

    _services(world, given.get("webhooks"))
    arms = given.get("arms")
    if isinstance(arms, Mapping):
        world.arms = {str(step): str(arm) for step, arm in arms.items()}
        _known_arms(world)


def _services(world: World, given: object) -> None:
    """What the services of webhooks answer. Raises ValueError for a step that is no webhook."""
    if not isinstance(given, Mapping):
        return
    calls = {step.node for one in world.workspace.journeys.values() for step in one.every_step if isinstance(step, WebhookStep)}
    for step, answer in given.items():
        if step not in calls:
            raise ValueError(f"given.webhooks: no webhook '{step}'; there are: {', '.join(sorted(calls)) or 'none'}")
        if not isinstance(answer, Mapping) or not answer.keys() <= {"status", "headers", "body"}:
            raise ValueError(f"given.webhooks.{step}: {{status: 200, headers: {{…}}, body: {{…}}}}")
    world.services.answers = {str(step): answer for step, answer in given.items()}


def _known_arms(world: World) -> None:
    """Raises ValueError for a step that is no split of the journeys, or an arm that it does not have."""
    splits = {
        name: step for journey in world.workspace.journeys.values() for name, step in journey.steps.items() if isinstance(step, SplitStep)
    }
    for step, arm in (world.arms or {}).items():
        if step not in splits:
            raise ValueError(f"given.arms: no split '{step}'; there are: {', '.join(splits) or 'none'}")
        if arm not in (one.name for one in splits[step].arms):
            raise ValueError(f"given.arms: '{step}' has no arm '{arm}'; it has {', '.join(one.name for one in splits[step].arms)}")


def _those(world: World, one: Mapping[str, object], only: str | None) -> list[Customer]:
    """Whom an item is about; without a name everybody, where there are several."""
    name = one.get("customer") or only or "*"
    if name == "*":
        return list(world.customers.values())
    if name not in world.customers:
        raise ValueError(f"no customer '{name}'; there are {', '.join(world.customers)}")
    return [world.customers[str(name)]]


def _consent(world: World, customer: Customer, one: Mapping[str, object]) -> None:
    """`none` takes back what the default grants."""
    channel, topic, state = str(one.get("channel", "*")), str(one.get("topic", "*")), str(one.get("state"))
    if state not in ("granted", "revoked", "pending", "none"):
        raise ValueError(f"consents: state {state!r} is none of granted, revoked, pending, none")
    statements = customer.consents.statements
    if state == "none":
        everywhere = any(s.channel == "*" and s.topic == "*" and s.state == "granted" for s in statements)
        if everywhere:
            # what was granted for all is granted for each but this one
            customer.consents.statements = [s for s in statements if not (s.channel == "*" and s.topic == "*")] + [
                Statement(c, t, "granted", world.start - LONG_AGO)
                for c in CHANNELS for t in world.workspace.policies.topics if not (channel in ("*", c) and topic in ("*", t))
            ]  # fmt: skip
        else:
            customer.consents.statements = [s for s in statements if not (channel in ("*", s.channel) and topic in ("*", s.topic))]
    else:
        add_statement(customer.consents, Statement(channel, topic, state, world.start - LONG_AGO + 1 + len(statements)))
    customer.changed("consents")


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
            customer.traits[key] = Stamped(_kept(world, key, value), at)
    customer.consents.statements.append(Statement("*", "*", "granted", at))
    customer.changed("ids", "traits", "consents")
    return customer


def _kept(world: World, name: str, value: object) -> object:
    """As the profile keeps a trait that is stated so."""
    trait = world.workspace.profile.traits.get(name)
    found = fit(value, trait.type, trait.of) if trait is not None else fit(value, BUILT_IN.get(name, ""))
    return value if found is None else found


def _past(world: World, customer: Customer, one: Mapping[str, object]) -> None:
    at = world.start + offset(one.get("at", "0h"))
    event = CustomerEvent(
        name=str(one.get("event")),
        kind="track",
        customer=customer.id,
        timestamp=at,
        arrival=at,
        properties=_properties(world, str(one.get("event")), one.get("with")),
    )
    customer.identity.sequence += 1
    customer.changed("ids")
    frame = frame_for(customer, Surroundings(world.workspace, world.renderer, 0, 1, at, world.pace), at)
    keep_event(customer, event, frame, world.workspace, at, [])


def _properties(world: World, event: str, given: object) -> dict[str, object]:
    """As the event's declaration reads them; those that may not be missing may be left out of the past."""
    declared = {name: replace(one, required=False) for name, one in world.workspace.events.get(event, {}).items()}
    read = filled(world, given)
    found = check_properties(dict(read) if isinstance(read, Mapping) else {}, declared, event)
    if isinstance(found, str):
        raise ValueError(f"given.history: {found}")  # noqa: TRY004  (said of a test, not of this call)
    return found
