"""What is meant by a zone or a country that is in no list."""

from collections.abc import Mapping
from functools import lru_cache
from zoneinfo import available_timezones

from babel import Locale

from orchestrator.expressions.country_zones import countries
from orchestrator.expressions.problems import nearest

_SHORT: Mapping[str, str] = {
    "BST": "Europe/London", "IST": "Asia/Kolkata", "CEST": "Europe/Berlin", "EEST": "Europe/Helsinki", "WEST": "Europe/Lisbon", "MSK": "Europe/Moscow",
    "EDT": "America/New_York", "CST": "America/Chicago", "CDT": "America/Chicago", "MDT": "America/Denver", "PST": "America/Los_Angeles",
    "PDT": "America/Los_Angeles", "JST": "Asia/Tokyo", "AEST": "Australia/Sydney", "AEDT": "Australia/Sydney", "NZST": "Pacific/Auckland",
}  # fmt: skip
"""Abbreviations that are no zones, and the zone most people mean."""
_OTHERS = {"UK": "GB", "EL": "GR", "EN": "GB", "ENGLAND": "GB", "SCOTLAND": "GB", "WALES": "GB", "GREAT BRITAIN": "GB", "USA": "US"}


def nearest_zone(text: str, others: tuple[str, ...] = ()) -> str:
    """By its abbreviation, its city, or a near name; `others` are allowed beside the zones."""
    written = text.strip().replace(" ", "_")
    found = _SHORT.get(written.upper()) or _cities().get(written.casefold().rpartition("/")[2])
    if found is not None:
        return f"did you mean '{found}'?"
    fix = nearest(written, [*others, *available_timezones()]) if len(written) > 3 and "+" not in written else nearest(written, others)
    if fix.startswith("did you mean"):
        return fix
    return "".join(f"{one}, " for one in others) + ("or " if others else "") + "a zone of the IANA list, such as Europe/London"


def nearest_country(text: str) -> str:
    """By its name or case; two letters are never two other letters."""
    found = _OTHERS.get(text.strip().upper()) or _names().get(text.strip().casefold())
    return f"did you mean '{found}'?" if found is not None else "two letters of ISO 3166-1, such as GB or DE"


@lru_cache(maxsize=1)
def _cities() -> dict[str, str]:
    """The last part of a zone's name to the zone; of several the one that is no alias of old."""
    found: dict[str, str] = {}
    for zone in sorted(available_timezones(), reverse=True):
        area, _slash, city = zone.rpartition("/")
        if area and not area.startswith(("Etc", "SystemV", "US", "posix", "right")):
            found[city.casefold()] = zone
    return found


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    """English names and codes of countries, in small letters."""
    known = countries()
    named = {str(name).casefold(): code for code, name in Locale("en").territories.items() if code in known}
    return {**named, **{code.casefold(): code for code in known}}
