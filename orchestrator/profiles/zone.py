"""A customer's timezone and locale."""

from functools import lru_cache
from zoneinfo import ZoneInfo

import phonenumbers
from phonenumbers import timezone as phone_timezone

from orchestrator.expressions.country_zones import first_zone, zones_of_country
from orchestrator.model.customer import Customer
from orchestrator.profiles.address import read_phone
from orchestrator.workspace.workspace import Workspace


def zone_of(customer: Customer, workspace: Workspace) -> ZoneInfo:
    """The trait; the phone number's zone if it has exactly one; the country's first; the workspace's."""
    traits = customer.traits
    held = traits.get("timezone")
    if held is not None and isinstance(held.value, str):
        return _zone(held.value) or workspace.timezone
    country = traits.get("country")
    region = country.value if country is not None and isinstance(country.value, str) else None
    phone = traits.get("phone")
    if phone is not None and isinstance(phone.value, str):
        found = _phone_zone(customer, phone.value, region or workspace.country)
        if found:
            return _zone(found) or workspace.timezone
    if region is not None:
        name = first_zone(region)
        return (_zone(name) if name else None) or workspace.timezone
    return workspace.timezone


def zones_of(customer: Customer, workspace: Workspace) -> tuple[ZoneInfo, ...]:
    """All that this person may be in: the trait; else those of the phone number, else of the country, else of the workspace's country."""
    traits = customer.traits
    held, phone, country = (trait.value if trait is not None else None for trait in map(traits.get, ("timezone", "phone", "country")))
    if isinstance(held, str):
        return (_zone(held) or workspace.timezone,)
    region = country if isinstance(country, str) else None
    names = _zones_of_phone(phone, region or workspace.country) if isinstance(phone, str) else ()
    names = names or zones_of_country(region or workspace.country) or zones_of_country(workspace.country)
    return tuple(zone for name in names if (zone := _zone(name)) is not None) or (workspace.timezone,)


@lru_cache(maxsize=1024)
def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


def note_phone_zone(customer: Customer, workspace: Workspace) -> None:
    """Find the phone's timezone when the number is stated, not each time somebody asks for the time."""
    phone, country = customer.traits.get("phone"), customer.traits.get("country")
    if phone is not None and isinstance(phone.value, str):
        region = country.value if country is not None and isinstance(country.value, str) else workspace.country
        _phone_zone(customer, phone.value, region)
    elif customer.identity.phone_zone[0]:
        customer.identity.phone_zone = ("", "", "")
        customer.changed("ids")


def _phone_zone(customer: Customer, phone: str, region: str) -> str:
    known = customer.identity.phone_zone
    if known[:2] == (phone, region):
        return known[2]
    found = _zone_of_phone(phone, region)
    customer.identity.phone_zone = (phone, region, found)
    customer.changed("ids")
    return found


def _zone_of_phone(text: str, region: str) -> str:
    """The number's zone if it has exactly one, else empty."""
    zones = _zones_of_phone(text, region)
    return zones[0] if len(zones) == 1 else ""


@lru_cache(maxsize=4096)
def _zones_of_phone(text: str, region: str) -> tuple[str, ...]:
    address = read_phone(text, region)
    if address is None:
        return ()
    zones = phone_timezone.time_zones_for_number(phonenumbers.parse(address.text, None))
    return () if "Etc/Unknown" in zones else tuple(zones)


def locale_of(customer: Customer, workspace: Workspace) -> str:
    """The trait, else the workspace's default."""
    held = customer.traits.get("locale")
    return held.value if held is not None and isinstance(held.value, str) else workspace.locale
