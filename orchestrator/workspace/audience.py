"""An audience as the engine judges it: a named condition over a customer, true or false at every instant."""

from dataclasses import dataclass

from orchestrator.expressions.expression import Expression

EVERYONE = "everyone"
"""Built in: every customer is in it, so nothing can be called so."""

BY_AUDIENCE = "\0audience"
"""Stands among the events of an entry for a change of membership: what `entry` holds then."""


@dataclass(frozen=True, slots=True)
class Audience:
    """`when` reads `customer` and `now`, in forms whose next change by time can be computed."""

    name: str
    title: str
    when: Expression
