"""Made-up customers: who they are, where they live, how they can be reached and what they have agreed to."""

from random import Random

import phonenumbers
from babel import Locale
from babel.core import get_global

from orchestrator.contracts.topics import CHANNELS
from orchestrator.expressions.country_zones import zones_of_country
from orchestrator.model.customer import Customer
from orchestrator.model.sections import Stamped, Statement
from orchestrator.simulation.compared import Compared
from orchestrator.simulation.crowd import DAY
from orchestrator.simulation.made_up_values import FIRST_NAMES, make_value
from orchestrator.workspace.workspace import Workspace

AT_HOME = 0.85
"""Share of people who live in the workspace's country; the others in the countries of its languages."""
WITH_EMAIL, WITH_PHONE, WITH_TRAIT = 0.95, 0.85, 0.9
SAID_YES, SAID_NO, LEFT = 0.6, 0.05, 0.08
"""Of a topic that needs a yes: who gave it, who refused. Of one that does not: who left it."""
BEFORE = 200 * DAY


class MadeUpPeople:
    """Of one workspace. `when` is the instant of the start, in milliseconds."""

    def __init__(self, workspace: Workspace, compared: Compared, when: int) -> None:
        self._workspace = workspace
        self._compared = compared
        self._at = when - BEFORE
        abroad = [country for locale in workspace.locales if (country := _country_of(locale)) not in (None, workspace.country)]
        self._abroad = tuple(dict.fromkeys(str(country) for country in abroad))
        self._locale_at = {country: locale for locale in reversed(workspace.locales) if (country := _country_of(locale)) is not None}
        self._phones = {country: _example(country) for country in (workspace.country, *self._abroad)}

    def make(self, rng: Random, name: str, number: int) -> Customer:
        """The customer as they are before anything happens."""
        workspace, at = self._workspace, self._at
        customer = Customer(name)
        customer.identity.user_id, customer.identity.first_seen = name, at
        country = workspace.country if not self._abroad or rng.random() < AT_HOME else rng.choice(self._abroad)
        for trait, value in self._known(rng, name, number, country).items():
            customer.traits[trait] = Stamped(value, at)
        for topic in workspace.policies.topics.values():
            for channel in CHANNELS:
                drawn = rng.random()
                if topic.consent.get(channel, "opt_in") == "opt_in":
                    state = "granted" if drawn < SAID_YES else "revoked" if drawn < SAID_YES + SAID_NO else None
                else:
                    state = "revoked" if drawn < LEFT else None
                if state is not None:
                    customer.consents.statements.append(Statement(channel, topic.name, state, at))
        customer.changed("ids", "traits", "consents")
        return customer

    def _known(self, rng: Random, name: str, number: int, country: str) -> dict[str, object]:
        workspace = self._workspace
        zones = zones_of_country(country) or (workspace.timezone.key,)
        zone = zones[0] if len(zones) == 1 or rng.random() < 0.5 else rng.choice(zones)
        found: dict[str, object] = {}
        if rng.random() < WITH_EMAIL:
            found["email"] = f"{name}@example.com"
        if rng.random() < WITH_PHONE:
            found["phone"] = f"{self._phones[country]}{number % 1_000_000:06d}"
        for trait in workspace.profile.traits.values():
            match trait.type:
                case "country":
                    found[trait.name] = country
                case "timezone":
                    found[trait.name] = zone
                case "locale":
                    found[trait.name] = (
                        self._locale_at.get(country, workspace.locale) if rng.random() < 0.8 else rng.choice(workspace.locales)
                    )
                case "email" | "phone":
                    if trait.type in found:
                        found[trait.name] = found[trait.type]
                case _ if rng.random() < WITH_TRAIT:
                    found[trait.name] = self._value(rng, trait.name, trait.type, trait.of)
        return found

    def _value(self, rng: Random, name: str, kind: str, of: tuple[object, ...]) -> object:
        if kind == "choice" and of:
            return rng.choice(of)
        if name == "first_name":
            return rng.choice(FIRST_NAMES)
        return make_value(rng, name, kind, self._at, self._compared.get(name, ()))


def _country_of(locale: str) -> str | None:
    """Where most people who read it live."""
    found = Locale.parse(locale, sep="-")
    if found.territory is not None:
        return str(found.territory)
    likely = get_global("likely_subtags").get(found.language)
    return None if likely is None else str(likely).rpartition("_")[2]


def _example(country: str) -> str:
    """A mobile number there, without its last six digits."""
    number = phonenumbers.example_number_for_type(country, phonenumbers.PhoneNumberType.MOBILE)
    if number is None:
        return "+447400"
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)[:-6]
