"""Which locale a person gets: theirs by taking subtags off the right, then the workspace's default."""

from collections.abc import Iterable, Mapping


def chain(locale: str, default: str) -> list[str]:
    """`fr-CA`, `fr`, then the default."""
    parts = locale.split("-")
    found = ["-".join(parts[:count]) for count in range(len(parts), 0, -1)]
    return list(dict.fromkeys([*found, default]))


def pick_locale(locale: str, available: Iterable[str], default: str) -> str | None:
    """The first of the chain that there is."""
    there = set(available)
    return next((one for one in chain(locale, default) if one in there), None)


def localised(value: object, locale: str, default: str) -> object:
    """A mapping whose keys are locales is read in the message's; all else as it is."""
    if not isinstance(value, Mapping):
        return value
    keys = set(value)
    if (
        keys
        and all(isinstance(key, str) and 2 <= len(key.split("-")[0]) <= 3 and key.split("-")[0].islower() for key in keys)
        and keys & {default, locale.split("-", maxsplit=1)[0]}
    ):
        found = pick_locale(locale, keys, default)
        return None if found is None else value[found]
    return {key: localised(item, locale, default) for key, item in value.items()}
