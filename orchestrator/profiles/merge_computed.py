"""Computed traits of two profiles become those of all events of both."""

from collections.abc import Mapping

from orchestrator.model.customer import Customer
from orchestrator.model.sections import Computed
from orchestrator.profiles.computed import combined, join
from orchestrator.workspace.profile import ComputedTrait


def merge_computed(user: Customer, other: Customer, traits: Mapping[str, ComputedTrait]) -> None:
    """Change `user`'s. A trait that is declared no more stays as it is on one side."""
    for name, theirs in other.computed.items():
        mine, trait = user.computed.get(name), traits.get(name)
        if mine is None or trait is None:
            user.computed.setdefault(name, theirs)
            continue
        _merge(trait, mine, theirs)
    user.changed("comp")


def _merge(trait: ComputedTrait, mine: Computed, theirs: Computed) -> None:
    join(trait.kind, mine, theirs.points, theirs.days)
    if theirs.value is None:
        return
    if mine.value is None:
        mine.value, mine.at = theirs.value, theirs.at
    elif trait.kind in ("last", "first"):
        if theirs.at > mine.at if trait.kind == "last" else theirs.at < mine.at:
            mine.value, mine.at = theirs.value, theirs.at
    else:
        mine.value = combined(trait.kind, mine.value, theirs.value)
