"""`variants` of a message: contents laid over its own, per locale and key, with weights that add up to 100."""

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import cast

from orchestrator.workspace.content_file import content_of
from orchestrator.workspace.message import LocaleContent, Variant
from orchestrator.workspace.shape import Reading, Shaped


def read_variants(given: object, content: Mapping[str, LocaleContent], shaped: Shaped, reading: Reading) -> tuple[Variant, ...]:
    """M019 where weights or facts are wrong. `content` is the message's own; a variant's locales must be among its."""
    ones = [one for one in given if isinstance(one, Shaped)] if isinstance(given, list) else []
    if not ones:
        return ()
    found: list[Variant] = []
    for one in ones:
        name, weight = str(one.get("name", "")), cast("int", one.get("weight", 0))
        if any(name == other.name for other in found):
            reading.bad(one.at("name"), "M019", f"variant '{name}' stands twice", "results are told by it", "rename one")
        laid = dict(content)
        over = one.get("content", {})
        for locale, part in over.items() if isinstance(over, dict) else ():
            if not isinstance(part, Shaped):
                continue
            if locale not in content:
                reading.bad(
                    part.node,
                    "M019",
                    f"the message has no {locale}",
                    "a variant is laid over the message's own content",
                    "add it there first",
                )
                continue
            mine = _laid_over(content[locale], part)
            if set(mine.facts) != set(content[locale].facts):
                reading.bad(
                    part.at("facts"),
                    "M019",
                    f"other facts than the message's ({locale})",
                    "variants say the same in other words",
                    "remove `facts`",
                )
            laid[locale] = mine
        found.append(Variant(name, weight, laid))
    total = sum(variant.weight for variant in found)
    if total != 100:
        reading.bad(
            shaped.at("variants"), "M019", f"the weights add up to {total}", "everybody gets one of them", "make them add up to 100"
        )
    return tuple(found)


def _laid_over(base: LocaleContent, part: Shaped) -> LocaleContent:
    over = content_of(part)
    given = {one.name: getattr(over, one.name) for one in fields(LocaleContent) if one.name in part}
    return replace(base, **given)
