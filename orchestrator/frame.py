"""One customer at one instant, as rules and texts see them: the scope of every expression is built here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from orchestrator.expressions.scope import Facts, Scope, View
from orchestrator.model.customer import Customer
from orchestrator.workspace.workspace import Workspace


@dataclass(slots=True)
class Frame:
    """`now` is milliseconds since 1970, `instant` the same as a datetime; `view` is the name `customer` in expressions."""

    customer: Customer
    workspace: Workspace
    now: int
    instant: datetime
    view: View
    facts: Facts
    zone: ZoneInfo
    locale: str
    changes: list[int] = field(default_factory=list)

    def scope(self, names: Mapping[str, object]) -> Scope:
        """A scope with `customer`, `now` and the given names."""
        return Scope(
            names={"customer": self.view, "now": self.instant, **names},
            facts=self.facts,
            now=self.instant,
            zone=self.zone,
            locale=self.locale,
            currency=self.workspace.currency,
        )
