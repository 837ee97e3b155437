"""Linking an anonymous id to a user. Across partitions a merge is messages, never a second writer:

the user's partition asks the anonymous id's for its profile (Handover); that one, in one commit, empties it, leaves a
signpost and sends the content (Absorb); the user's partition merges it. Ids are deterministic: a repeat does nothing.
"""

import msgspec
import zstandard

from orchestrator.contracts.command import Absorb, Command, Forwarded, Handover, Unlink
from orchestrator.model.customer import Customer
from orchestrator.model.event import CustomerEvent
from orchestrator.model.packed import unpack
from orchestrator.profiles.merge import Merged, absorb
from orchestrator.workspace.workspace import Workspace

_encoder = msgspec.msgpack.Encoder()
_sections = msgspec.msgpack.Decoder(dict[str, msgspec.Raw])
LARGEST = 1024 * 1024
"""Bytes of sections after unpacking: well above what a profile may be."""
REFUSALS = 20
"""Refused merges that are remembered, newest."""


def link(customer: Customer, event: CustomerEvent, workspace: Workspace, kept_out: list[str]) -> tuple[Command, ...]:
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
        kept_out.append("merge_refused")
        _refused(customer, other, event.arrival)
        return ()
    identity.anonymous.append(other)
    customer.changed("ids")
    return (Handover(anonymous=other, user=customer.id, id=f"{other}>{customer.id}@{event.arrival}", at=event.arrival),)


def _refused(customer: Customer, other: str, at: int) -> None:
    refused = customer.identity.refused
    refused.pop(other, None)
    refused[other] = at
    for oldest in list(refused)[: len(refused) - REFUSALS]:
        del refused[oldest]
    customer.changed("ids")


def give_away(customer: Customer, command: Handover) -> tuple[Command, ...]:
    """The anonymous side: hand over what there is and leave a signpost. A known user is never given away."""
    identity = customer.identity
    if identity.erased:
        return ()
    if identity.user_id is not None:
        return (_unlink(command.user, command),)
    profile = zstandard.ZstdCompressor(level=1).compress(
        _encoder.encode({name: unpack(section) for name, section in customer.sections().items()})
    )
    customer.keep_only()
    customer.identity.moved, customer.identity.moved_at = command.user, command.at
    customer.changed("ids")
    return (Absorb(user=command.user, anonymous=command.anonymous, id=command.id, at=command.at, profile=profile),)


def link_again(customer: Customer, command: Handover) -> tuple[Command, ...]:
    """At the signpost: the device is another user's from now on, and the past stays with the first. Whoever linked it last has
    it; the other is told, so that a link made anew is asked for again."""
    identity = customer.identity
    assert identity.moved is not None
    if command.user == identity.moved:
        return ()
    if command.at < identity.moved_at:
        return (_unlink(command.user, command),)
    before = identity.moved
    identity.moved, identity.moved_at = command.user, command.at
    customer.changed("ids")
    return (_unlink(before, command),)


def _unlink(user: str, command: Handover) -> Unlink:
    return Unlink(user=user, anonymous=command.anonymous, id=command.id, at=command.at)


def unlinked(customer: Customer, command: Unlink) -> None:
    """The user's side: the device is somebody else's."""
    if command.anonymous in customer.identity.anonymous:
        customer.identity.anonymous.remove(command.anonymous)
        customer.changed("ids")


def absorb_command(customer: Customer, command: Absorb, workspace: Workspace) -> list[Merged]:
    """The user's side: merge it; returns runs that met a run of the same journey and key. `absorbing` remembers what was merged,
    so that a repeat does nothing. Raises ValueError for damaged bytes."""
    if command.id in customer.identity.absorbing or customer.identity.erased:
        return []
    try:
        sections = _sections.decode(zstandard.ZstdDecompressor().decompress(command.profile, max_output_size=LARGEST))
    except (zstandard.ZstdError, msgspec.DecodeError) as error:
        raise ValueError(f"the profile handed over from {command.anonymous} is damaged: {error}") from error
    merged = absorb(customer, Customer(command.anonymous, sections), workspace)
    customer.identity.absorbing.append(command.id)
    if command.anonymous not in customer.identity.anonymous:
        customer.identity.anonymous.append(command.anonymous)
    customer.changed("ids")
    return merged


def forward(user: str, value: bytes, at: int) -> Forwarded:
    """A late event of an absorbed id, for the user it belongs to now; it keeps its first arrival."""
    return Forwarded(customer=user, event=value, at=at)
