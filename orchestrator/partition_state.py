"""What a partition remembers beside its customers: pace, how many stand in each journey, and how far a new version has been
made known to the people in flight."""

import msgspec

from orchestrator.policies.pace import Pace

PARTITION_STATE = "\x00pace"
"""The profile id under which it is kept; no customer's id can begin so."""


class PartitionState(msgspec.Struct, omit_defaults=True):
    """Part of the partition's commits. `version` is the workspace version that everybody who waits for time has been looked
    at under; while that is under way, `sweep` is the last (due, customer) looked at. `running` counts runs by journey.

    `entrances` are those that all customers, also those who wait for nothing, have been looked at for; while that is under way,
    `everybody` is the store's place among them. `scheduled`: since when (ms) which version of a journey's schedule counts."""

    pace: Pace = msgspec.field(default_factory=Pace)
    version: str = ""
    sweep: tuple[int, str] | None = None
    entrances: str = ""
    everybody: str | None = None
    scheduled: dict[str, tuple[str, int]] = {}
    running: dict[str, int] = {}
    unreadable: int = 0
    """Records in a row that became dead letters."""

    def count(self, journey: str, by: int) -> None:
        """Runs started (positive) or ended."""
        left = self.running.get(journey, 0) + by
        if left > 0:
            self.running[journey] = left
        else:
            self.running.pop(journey, None)


_decoder = msgspec.msgpack.Decoder(PartitionState)
_encoder = msgspec.msgpack.Encoder(order="deterministic")


def decode_partition_state(value: bytes | None) -> PartitionState:
    """Raises msgspec.DecodeError."""
    return PartitionState() if value is None else _decoder.decode(value)


def encode_partition_state(state: PartitionState) -> bytes:
    return _encoder.encode(state)
