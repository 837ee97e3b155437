"""One event and the single view of its customer: identity, traits, consents, issues, computed traits, context, past."""

from collections.abc import Sequence
from typing import NamedTuple

from orchestrator.contracts.command import Command
from orchestrator.frame import Frame
from orchestrator.model.customer import Customer
from orchestrator.model.event import CustomerEvent
from orchestrator.model.sections import Statement
from orchestrator.profiles.computed import apply_computed
from orchestrator.profiles.consent import apply_do_not_contact, read_consents
from orchestrator.profiles.consent_state import add_statement
from orchestrator.profiles.context import apply_context
from orchestrator.profiles.erase import granted_anew
from orchestrator.profiles.event_view import ProfileEventView
from orchestrator.profiles.handover import link
from orchestrator.profiles.issues import apply_issues
from orchestrator.profiles.past import keep_event
from orchestrator.profiles.traits import apply_traits
from orchestrator.profiles.zone import note_phone_zone
from orchestrator.workspace.workspace import Workspace


class Applied(NamedTuple):
    """Commands to publish (hand-overs of anonymous profiles), and the reasons of what was kept out. With `refused` the event speaks of
    consent in a way that cannot be read: nothing of it was applied but what it revokes."""

    commands: tuple[Command, ...]
    kept_out: list[str]
    refused: str | None = None
    addresses: Sequence[tuple[str, str]] = ()
    """(address hash, kind) to be noted for the addresses themselves."""


def apply_event(customer: Customer, event: CustomerEvent, frame: Frame, workspace: Workspace, now: int) -> Applied:
    """In this order; each part touches only the sections it is about."""
    kept_out: list[str] = []
    names: dict[str, object] = {"event": ProfileEventView(event, frame)}
    spoken_of = not workspace.profile.spoken_of.isdisjoint(event.refs)
    statements: list[Statement] = []
    if spoken_of:
        statements, bad = read_consents(event, frame, names)
        if bad is not None:
            # it will be read again when it is mended; whoever said no is not to wait for that
            _state(customer, [statement for statement in statements if statement.state == "revoked"])
            return Applied((), kept_out, bad)
    commands = link(customer, event, workspace, kept_out)
    apply_traits(customer, event, workspace, kept_out)
    if event.kind == "identify":
        note_phone_zone(customer, workspace)
    if spoken_of:
        _state(customer, statements)
        apply_do_not_contact(customer, event, frame, names)
        apply_issues(customer, event, frame, names, kept_out)
        apply_computed(customer, event, frame, names, kept_out)
    apply_context(customer, event, frame, names)
    keep_event(customer, event, frame, workspace, now, kept_out)
    return Applied(commands, kept_out, addresses=granted_anew(customer, statements, workspace) if statements else ())


def _state(customer: Customer, statements: list[Statement]) -> None:
    for statement in statements:
        add_statement(customer.consents, statement)
        customer.changed("consents")
