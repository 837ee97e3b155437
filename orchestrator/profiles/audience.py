"""Is a customer in an audience now, when may time alone change the answer, and what does it rest on?"""

from datetime import UTC, datetime
from functools import partial

from orchestrator.expressions.calls_in import calls_in
from orchestrator.expressions.expression import compile_expression
from orchestrator.expressions.scope import Facts, Scope, View, next_change
from orchestrator.expressions.values import plain
from orchestrator.expressions.vocabulary import Vocabulary
from orchestrator.model.customer import Customer
from orchestrator.profiles.view import CustomerView
from orchestrator.profiles.zone import locale_of, zone_of
from orchestrator.workspace.audience import Audience
from orchestrator.workspace.workspace import Workspace

Answer = tuple[bool, int | None]
"""Whether the customer is in it; the instant (ms) at which that may next change by time alone, None for never."""
MASKED = "•••"
_PERSONAL = ("email", "phone", "whatsapp", "context")
_ANYTHING = Vocabulary({"customer": None, "now": None})


def membership(audience: Audience, customer: Customer, workspace: Workspace, now: int, facts: Facts) -> Answer:
    """Judge the audience's condition at `now` (ms)."""
    scope = _scope(customer, workspace, now, facts)
    return audience.when.true(scope), next_change(scope)


def values_read(audience: Audience, customer: Customer, workspace: Workspace, now: int, facts: Facts) -> dict[str, object]:
    """What its condition reads of the customer and what each function in it gives, by how they are written there. Personal values
    read `•••`, also where a function is told them."""
    scope = _scope(customer, workspace, now, facts)
    view = CustomerView(customer, workspace, now)
    fields = sorted({path[1] for path in audience.when.paths if len(path) > 1 and path[0] == "customer"})
    found: dict[str, object] = {f"customer.{name}": MASKED if _is_personal(name, workspace) else plain(view.get(name)) for name in fields}
    for text in calls_in(audience.when.text):
        call = compile_expression(text, _ANYTHING)
        told = any(_is_personal(path[1], workspace) for path in call.paths if len(path) > 1 and path[0] == "customer")
        found[text] = MASKED if told else _shown(call.evaluate(scope))
    return found


def _shown(value: object) -> object:
    """Of an event when it happened: its properties may be anything."""
    return plain(value.get("timestamp") if isinstance(value, View) else value)


def _is_personal(name: str, workspace: Workspace) -> bool:
    trait = workspace.profile.traits.get(name)
    return name in _PERSONAL if trait is None else trait.pii


def _scope(customer: Customer, workspace: Workspace, now: int, facts: Facts) -> Scope:
    changes: list[int] = []
    instant = datetime.fromtimestamp(now / 1000, UTC)
    return Scope(
        names={"customer": CustomerView(customer, workspace, now, changes), "now": instant}, facts=facts, now=instant,
        zone=partial(zone_of, customer, workspace), locale=locale_of(customer, workspace), currency=workspace.currency, changes=changes,
    )  # fmt: skip
