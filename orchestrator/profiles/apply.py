"""One event and the single view of its customer: identity, traits, consents, issues, computed traits, context, past."""

from typing import NamedTuple

from orchestrator.contracts.command import Command
from orchestrator.frame import Frame
from orchestrator.model.customer import Customer
from orchestrator.model.event import CustomerEvent
from orchestrator.profiles.computed import apply_computed
from orchestrator.profiles.consent import apply_consents, apply_do_not_contact
from orchestrator.profiles.context import apply_context
from orchestrator.profiles.event_view import ProfileEventView
from orchestrator.profiles.handover import link
from orchestrator.profiles.issues import apply_issues
from orchestrator.profiles.past import keep_event
from orchestrator.profiles.traits import apply_traits
from orchestrator.profiles.zone import note_phone_zone
from orchestrator.workspace.workspace import Workspace


class Applied(NamedTuple):
    """Commands to publish (hand-overs of anonymous profiles), and the reasons of what was kept out."""

    commands: tuple[Command, ...]
    refused: list[str]


def apply_event(customer: Customer, event: CustomerEvent, frame: Frame, workspace: Workspace, now: int) -> Applied:
    """In this order; each part touches only the sections it is about."""
    refused: list[str] = []
    commands = link(customer, event, workspace, refused)
    apply_traits(customer, event, workspace, refused)
    if event.kind == "identify":
        note_phone_zone(customer, workspace)
    names: dict[str, object] = {"event": ProfileEventView(event)}
    if not workspace.profile.spoken_of.isdisjoint(event.refs):
        apply_consents(customer, event, frame, names, refused)
        apply_do_not_contact(customer, event, frame, names)
        apply_issues(customer, event, frame, names)
        apply_computed(customer, event, frame, names)
    apply_context(customer, event, frame, names)
    keep_event(customer, event, workspace, now)
    return Applied(commands, refused)
