"""What a partition gets of what all share, between two tries of a batch."""

import asyncio
from collections import defaultdict

import msgspec

from orchestrator.engine.shared import Shared
from orchestrator.model.queue import Slot, SlotRequest
from orchestrator.partition_state import PARTITION_STATE, decode_partition_state
from orchestrator.policies.pace import Lease, Pace
from orchestrator.state.store import Store
from orchestrator.workspace.editions import shares_a_queue
from orchestrator.workspace.workspace import Workspace

UNSPENT = 50
"""A lease is a fiftieth of a limit divided by the partitions: what lies unspent with all of them at the end is at most 2 %."""
_decoder = msgspec.msgpack.Decoder(Pace)


def shares(workspace: Workspace) -> bool:
    """Whether any journey has a limit, or a throttle of everybody's runs, also in a version that some go on in."""
    return any(
        journey.limits.messages is not None or journey.limits.entries is not None or shares_a_queue(journey)
        for journey in (*workspace.journeys.values(), *workspace.earlier.values())
    )  # fmt: skip


def copy_of(pace: Pace) -> Pace:
    """One that changes by itself."""
    return _decoder.decode(msgspec.msgpack.encode(pace))


async def get_shared(store: Store, shared: Shared, before: Pace, answers: dict[str, Slot | None], partition: int, partitions: int) -> bool:
    """Ask the store for what a batch would have needed: leases go into `before`, places in queues into `answers`. False where there is
    nothing to be had; that is noted in the partition's state as it is. Raises what the store raises."""
    got = False
    others = await _others(store, partition, partitions) if shared.places else {}
    for name, want in sorted(shared.places.items()):
        lease = before.leases.get(name)
        if lease is None or lease.day != want.day:
            lease = before.leases[name] = Lease(want.day)
        missing, left = len(want.askers), max(lease.got - lease.used, 0)
        used = {other: held.used for other, leases in others.items() if (held := leases.get(name)) is not None and held.day == want.day}
        wanted = max(missing, want.most // (UNSPENT * partitions))
        lease.got = await store.grant(f"{name}/{want.day}", want.most, wanted, partition, {**used, partition: lease.used})
        if lease.got - lease.used < missing:
            lease.full_at = want.most
            shared.pace.leases[name].full_at = want.most
        got = got or lease.got - lease.used > left
    queues: defaultdict[str, list[tuple[int, int, str, SlotRequest]]] = defaultdict(list)
    for asker, (name, one) in shared.slots.items():
        queues[name].append((one.at, one.place, asker, one))
    for name, asking in sorted(queues.items()):
        asking.sort(key=lambda item: item[:3])
        slots = await store.take_slots(name, [one for *_order, one in asking])
        answers.update({asker: slot for (_at, _place, asker, _one), slot in zip(asking, slots, strict=True)})
    return got or bool(queues)


async def _others(store: Store, partition: int, partitions: int) -> dict[int, dict[str, Lease]]:
    """What the other partitions had used of every limit with their last commit, also before it was one."""
    others = [other for other in range(partitions) if other != partition]
    states = await asyncio.gather(*(store.load(other, [PARTITION_STATE]) for other in others))
    return {other: decode_partition_state(found.get(PARTITION_STATE)).pace.leases for other, found in zip(others, states, strict=True)}
