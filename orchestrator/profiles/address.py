"""Addresses: where a person can be reached on a channel, as the provider wants it written."""

import hashlib
from dataclasses import dataclass
from functools import lru_cache

import phonenumbers

from orchestrator.contracts.topics import Channel
from orchestrator.model.customer import Customer
from orchestrator.workspace.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Address:
    """`country` is ISO 3166-1 alpha-2, for phone numbers."""

    text: str
    country: str | None = None


def address_of(customer: Customer, channel: Channel, workspace: Workspace) -> Address | None:
    """None where there is no address or it does not parse."""
    name = {"email": "email", "sms": "phone", "whatsapp": "phone"}[channel]
    held = customer.traits.get("whatsapp") if channel == "whatsapp" else None
    if held is None or held.value is None:
        held = customer.traits.get(name)
    if held is None or not isinstance(held.value, str):
        return None
    if channel == "email":
        return read_email(held.value)
    country = customer.traits.get("country")
    return read_phone(held.value, country.value if country is not None and isinstance(country.value, str) else workspace.country)


@lru_cache(maxsize=16384)
def read_email(text: str) -> Address | None:
    """Trimmed, domain in lower case, exactly one `@`, nothing that could end a header."""
    text = text.strip()
    local, at, domain = text.partition("@")
    if not at or not local or "." not in domain or "@" in domain or len(text) > 254 or any(c.isspace() or c in '<>(),;:\\"' for c in text):
        return None
    return Address(f"{local}@{domain.lower()}")


@lru_cache(maxsize=16384)
def read_phone(text: str, region: str) -> Address | None:
    """E.164 (ITU-T). Extensions are refused: a text message has no way to dial them."""
    if len(text) > 40 or any(c in "xX" for c in text) or "ext" in text.lower():
        return None
    try:
        number = phonenumbers.parse(text.removeprefix("whatsapp:"), region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return Address(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164), phonenumbers.region_code_for_number(number))


@lru_cache(maxsize=16384)
def address_hash(workspace: str, channel: Channel, text: str) -> str:
    """What stands for an address where the address itself may not: 24 hex digits, salted with the workspace. A number has one for texts
    and one for WhatsApp: a landline may be reached by neither, a mobile that is not on WhatsApp still by text."""
    kind = {"email": "email", "sms": "phone", "whatsapp": "whatsapp"}[channel]
    return hashlib.sha256(f"{workspace}|{kind}|{text.lower()}".encode("utf-8", "surrogatepass")).hexdigest()[:24]
