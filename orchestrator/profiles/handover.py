"""Linking an anonymous id to a user. Across partitions a merge is messages, never a second writer:

the user's partition asks the anonymous id's for its profile (Handover); that one, in one commit, empties it, leaves a
signpost and sends the content (Absorb); the user's partition merges it. Ids are deterministic: a repeat does nothing.
"""

import msgspec

from orchestrator.contracts.command import Absorb, Command, Forwarded, Handover
from orchestrator.model.customer import Customer
from orchestrator.model.event import CustomerEvent
from orchestrator.profiles.merge import absorb
from orchestrator.workspace.workspace import Workspace

_encoder = msgspec.msgpack.Encoder()
_sections = msgspec.msgpack.Decoder(dict[str, msgspec.Raw])


def link(customer: Customer, event: CustomerEvent, workspace: Workspace, refused: list[str]) -> tuple[Command, ...]:
    """Note who this is; where the event links an anonymous id (or a previous one) to a user, ask for its profile."""
    identity = customer.identity
    if identity.first_seen == 0:
        identity.first_seen = event.arrival
        customer.changed("ids")
    if event.user_id is None:
        return ()
    if identity.user_id is None:
        identity.user_id = event.user_id
        customer.changed("ids")
    if event.kind not in ("identify", "alias"):
        return ()
    other = event.previous_id if event.kind == "alias" else event.anonymous_id
    if other is None or other == customer.id or other in identity.anonymous:
        return ()
    if len(identity.anonymous) >= workspace.profile.ids_per_customer:
        refused.append("merge_refused")
        return ()
    identity.anonymous.append(other)
    customer.changed("ids")
    return (Handover(anonymous=other, user=customer.id, id=f"{other}>{customer.id}", at=event.arrival),)


def give_away(customer: Customer, command: Handover) -> tuple[Command, ...]:
    """The anonymous side: hand over what there is and leave a signpost. A known user is never given away."""
    identity = customer.identity
    if identity.user_id is not None or identity.moved is not None or identity.erased:
        return ()
    profile = _encoder.encode(customer.sections())
    customer.keep_only()
    customer.identity.moved = command.user
    customer.changed("ids")
    return (Absorb(user=command.user, anonymous=command.anonymous, id=command.id, at=command.at, profile=profile),)


def absorb_command(customer: Customer, command: Absorb, workspace: Workspace) -> None:
    """The user's side. `absorbing` remembers what was merged, so that a repeat does nothing."""
    if command.id in customer.identity.absorbing or customer.identity.erased:
        return
    absorb(customer, Customer(command.anonymous, _sections.decode(command.profile)), workspace)
    customer.identity.absorbing.append(command.id)
    if command.anonymous not in customer.identity.anonymous:
        customer.identity.anonymous.append(command.anonymous)
    customer.changed("ids")


def forward(user: str, value: bytes, at: int) -> Forwarded:
    """A late event of an absorbed id, for the user it belongs to now; it keeps its first arrival."""
    return Forwarded(customer=user, event=value, at=at)
