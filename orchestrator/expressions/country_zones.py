"""The zones of a country in the tz database's zone.tab."""

from functools import lru_cache
from importlib import resources


@lru_cache(maxsize=1)
def _table() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for line in resources.files("tzdata").joinpath("zoneinfo", "zone.tab").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            country, _place, zone, *_ = line.split("\t")
            found[country] = (*found.get(country, ()), zone)
    return found


def first_zone(country: str) -> str | None:
    """None for a code the database does not know."""
    return next(iter(zones_of_country(country)), None)


def zones_of_country(country: str) -> tuple[str, ...]:
    """Empty for a code the database does not know."""
    return _table().get(country, ())


def countries() -> frozenset[str]:
    """ISO 3166-1 alpha-2 codes that have a zone."""
    return frozenset(_table())
