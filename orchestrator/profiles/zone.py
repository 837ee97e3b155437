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
        found = _zone_of_phone(phone.value, region or workspace.country)
        if found is not None:
            return found
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


@lru_cache(maxsize=16384)
def _zone_of_phone(text: str, region: str) -> ZoneInfo | None:
    address = read_phone(text, region)
    if address is None:
        return None
    zones = phone_timezone.time_zones_for_number(phonenumbers.parse(address.text, None))
    return _zone(zones[0]) if len(zones) == 1 and zones[0] != "Etc/Unknown" else None


def locale_of(customer: Customer, workspace: Workspace) -> str:
    """The trait, else the workspace's default."""
    held = customer.traits.get("locale")
    return held.value if held is not None and isinstance(held.value, str) else workspace.locale
