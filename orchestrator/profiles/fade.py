"""What time takes away from a profile: cases nobody has spoken of for too long, traits that were not refreshed."""

from collections.abc import Iterator

from orchestrator.model.customer import Customer
from orchestrator.workspace.workspace import Workspace


def fade(customer: Customer, workspace: Workspace, until: int) -> None:
    """Close and remove what is over at `until` (milliseconds)."""
    profile = workspace.profile
    for kind, longest in profile.stale_issues.items():
        for case in customer.issues.get(kind, {}).values():
            if case.open and case.at + longest <= until:
                case.open, case.stale = False, True
                customer.changed("issues")
    for name, longest in profile.kept_traits.items():
        held = customer.traits.get(name)
        if held is not None and held.at + longest <= until:
            del customer.traits[name]
            customer.changed("traits")
            if name == "phone":
                customer.identity.phone_zone = ("", "", "")
                customer.changed("ids")


def next_fade(customer: Customer, workspace: Workspace) -> int | None:
    """When time next takes something away; None when nothing waits for it."""
    return min(_instants(customer, workspace), default=None)


def _instants(customer: Customer, workspace: Workspace) -> Iterator[int]:
    for kind, longest in workspace.profile.stale_issues.items():
        for case in customer.issues.get(kind, {}).values():
            if case.open:
                yield case.at + longest
    for name, longest in workspace.profile.kept_traits.items():
        held = customer.traits.get(name)
        if held is not None:
            yield held.at + longest
