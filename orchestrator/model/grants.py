"""A limit that all partitions share: how much of it each may use."""

from collections.abc import Mapping


def grant(held: dict[int, int], most: int, want: int, partition: int, used: Mapping[int, int]) -> int:
    """How many of `most` a partition may use in all: `want` beyond what it has used, or what is left. `held`: by partition what was granted, or
    used without; noted there, together with what `used` says."""
    for other, number in used.items():
        held[other] = max(held.get(other, 0), number)
    missing = used.get(partition, 0) + want - held.get(partition, 0)
    held[partition] = held.get(partition, 0) + max(min(missing, most - sum(held.values())), 0)
    return held[partition]
