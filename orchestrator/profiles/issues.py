"""Open cases. Per kind and key the event with the greatest timestamp decides, so late, repeated and reordered events cannot
open a case again; a close is remembered before its open comes."""

from datetime import UTC, datetime

from orchestrator.expressions.values import canonical_text
from orchestrator.frame import Frame
from orchestrator.model.customer import Customer
from orchestrator.model.event import CustomerEvent
from orchestrator.model.sections import Case
from orchestrator.workspace.profile import IssueKind

REMEMBERED = 400 * 86_400_000
"""How long, in milliseconds, a closed case is remembered."""


def apply_issues(customer: Customer, event: CustomerEvent, frame: Frame, names: dict[str, object], kept_out: list[str]) -> None:
    """Open and close cases by one event. Without a key it is the case `-`, and counted."""
    for kind in frame.workspace.profile.issues:
        opens = any(ref in kind.opens for ref in event.refs)
        if not opens and not any(ref in kind.closes for ref in event.refs):
            continue
        if opens and kind.when is not None and not kind.when.true(frame.scope(names)):
            continue
        key = canonical_text(kind.key.evaluate(frame.scope(names))).strip()
        if not key:
            key = "-"
            kept_out.append("issue_key_missing")
        _apply(customer, kind, key, event, opens=opens)


def _apply(customer: Customer, kind: IssueKind, key: str, event: CustomerEvent, *, opens: bool) -> None:
    cases = customer.issues.setdefault(kind.name, {})
    held = cases.get(key)
    if held is not None and event.timestamp < held.at:
        return
    opened_at = held.opened_at if held is not None and held.open else event.timestamp
    cases[key] = Case(opens, event.timestamp, event.name, opened_at, event.arrival)
    for old in [k for k, case in cases.items() if not case.open and case.at < event.arrival - REMEMBERED]:
        del cases[old]
    customer.changed("issues")


def open_cases(customer: Customer, kind: str | None = None) -> list[tuple[str, str, Case]]:
    """(kind, key, case) of open ones, oldest first."""
    found = [
        (name, key, case)
        for name, cases in customer.issues.items()
        if kind is None or name == kind
        for key, case in cases.items()
        if case.open
    ]
    return sorted(found, key=lambda one: (one[2].opened_at, one[0], one[1]))


def as_data(kind: str, key: str, case: Case) -> dict[str, object]:
    """An open case as expressions read it."""
    return {"kind": kind, "id": key, "opened_at": datetime.fromtimestamp(case.opened_at / 1000, UTC), "event": case.event}
