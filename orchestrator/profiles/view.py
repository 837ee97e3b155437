"""The name `customer` in expressions and texts."""

from orchestrator.expressions.local_time import read_instant
from orchestrator.expressions.scope import TimedView
from orchestrator.model.customer import Customer
from orchestrator.profiles.address import address_of
from orchestrator.profiles.computed import computed_value
from orchestrator.profiles.issues import as_data, open_cases
from orchestrator.profiles.zone import locale_of, zone_of
from orchestrator.workspace.workspace import Workspace


class CustomerView(TimedView):
    """Traits and computed traits by name, and `id email phone locale country timezone known context open_issues`."""

    __slots__ = ("_changes", "_customer", "_now", "_workspace")

    def __init__(self, customer: Customer, workspace: Workspace, now: int, changes: list[int] | None = None) -> None:
        self._customer = customer
        self._workspace = workspace
        self._now = now
        self._changes = changes

    def noting(self, changes: list[int]) -> "CustomerView":
        """The same view, for one scope: into `changes` go the instants at which what was read changes by time alone."""
        return CustomerView(self._customer, self._workspace, self._now, changes)

    def get(self, key: str) -> object:
        customer, workspace = self._customer, self._workspace
        match key:
            case "id":
                return customer.id
            case "email" | "phone":
                found = address_of(customer, "email" if key == "email" else "sms", workspace)
                return found.text if found is not None else None
            case "locale":
                return locale_of(customer, workspace)
            case "timezone":
                return zone_of(customer, workspace).key
            case "known":
                return customer.identity.user_id is not None
            case "context":
                return {name: stamped.value for name, stamped in customer.context.items()}
            case "open_issues":
                return [as_data(kind, case_key, case) for kind, case_key, case in open_cases(customer)]
        computed = workspace.profile.computed.get(key)
        if computed is not None:
            return computed_value(computed, customer.computed.get(key), self._now, self._changes)
        return self._trait(key)

    def _trait(self, key: str) -> object:
        held = self._customer.traits.get(key)
        declared = self._workspace.profile.traits.get(key)
        if held is None or held.value is None:
            return declared.default if declared is not None else None
        if declared is not None and declared.keep is not None and held.at + declared.keep <= self._now:
            return declared.default
        if declared is not None and declared.type == "instant":
            return read_instant(held.value, zone_of(self._customer, self._workspace))
        return held.value
