"""Which locale a person gets: theirs by taking subtags off the right, then the workspace's default."""

import re
from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache

_LOCALE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]+)*")


@lru_cache(maxsize=4096)
def chain(locale: str, default: str) -> tuple[str, ...]:
    """`fr-CA`, `fr`, then the default."""
    parts = locale.split("-")
    found = ["-".join(parts[:count]) for count in range(len(parts), 0, -1)]
    return tuple(dict.fromkeys([*found, default]))


def pick_locale(locale: str, available: Iterable[str], default: str) -> str | None:
    """The first of the chain that there is."""
    there = set(available)
    return next((one for one in chain(locale, default) if one in there), None)


def localised(value: object, locale: str, default: str, known: Collection[str]) -> object:
    """A mapping whose keys are locales, one of the `known` ones among them, is read in the message's; all else as it is."""
    if not isinstance(value, Mapping):
        return value
    keys = set(value)
    if keys & set(known) and all(isinstance(key, str) and _LOCALE.fullmatch(key) for key in keys):
        found = pick_locale(locale, keys, default)
        return None if found is None else value[found]
    return {key: localised(item, locale, default, known) for key, item in value.items()}
