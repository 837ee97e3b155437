"""A customer's timezone and locale."""

from functools import lru_cache
from zoneinfo import ZoneInfo

import phonenumbers
from phonenumbers import timezone as phone_timezone

from orchestrator.expressions.country_zones import first_zone
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
    address = read_phone(text, region)
    if address is None:
        return ""
    zones = phone_timezone.time_zones_for_number(phonenumbers.parse(address.text, None))
    return zones[0] if len(zones) == 1 and zones[0] != "Etc/Unknown" else ""


def locale_of(customer: Customer, workspace: Workspace) -> str:
    """The trait, else the workspace's default."""
    held = customer.traits.get("locale")
    return held.value if held is not None and isinstance(held.value, str) else workspace.locale
