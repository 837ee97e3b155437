"""Which server holds a key: one server holds all, or a cluster's masters share 16,384 slots, learned from any of its nodes."""

import asyncio
import random
from collections.abc import Sequence
from typing import Any, Protocol

from redis.exceptions import RedisError

from orchestrator.state.redis_keys import SLOTS, slot_of
from orchestrator.state.redis_node import Node

LEARN_WITHIN = 1.0
"""Seconds a node has to say who holds what, before another is asked."""


class NotCovered(RedisError):  # noqa: N818  (says what is wrong)
    """Nobody is known to hold a slot; a failover may be under way."""


class Topology(Protocol):
    """Where keys are."""

    def slot(self, key: bytes) -> int:
        """The slot of a key; all keys of one call have the same."""
        ...

    def node(self, slot: int) -> Node:
        """Raises NotCovered."""
        ...

    def at(self, host: str, port: int) -> Node:
        """The node at an address that another node named."""
        ...

    def moved(self, slot: int, node: Node) -> None:
        """It has the slot now."""
        ...

    async def learn(self) -> None:
        """Ask again who holds what. Raises redis-py's errors when nobody answers."""
        ...

    def nodes(self) -> Sequence[Node]:
        """Those that hold keys."""
        ...

    async def close(self) -> None: ...


class SingleServer:
    """Everything on one server."""

    def __init__(self, url: str, timeout: float) -> None:
        self._node = Node(url, timeout)

    def slot(self, key: bytes) -> int:  # noqa: ARG002  (the protocol's signature)
        return 0

    def node(self, slot: int) -> Node:  # noqa: ARG002  (the protocol's signature)
        return self._node

    def at(self, host: str, port: int) -> Node:  # noqa: ARG002  (the protocol's signature)
        return self._node

    def moved(self, slot: int, node: Node) -> None:
        """There is no other."""

    async def learn(self) -> None:
        """Nothing to learn."""

    def nodes(self) -> Sequence[Node]:
        return [self._node]

    async def close(self) -> None:
        await self._node.close()


class Cluster:
    """The masters of a Redis Cluster. `url` names any of its nodes."""

    def __init__(self, url: str, timeout: float) -> None:
        self._url = url
        self._timeout = timeout
        self._seed = Node(url, timeout)
        self._nodes: dict[tuple[str, int], Node] = {}
        self._masters: list[Node | None] = [None] * SLOTS
        self._learning: asyncio.Task[None] | None = None

    def slot(self, key: bytes) -> int:
        return slot_of(key)

    def node(self, slot: int) -> Node:
        found = self._masters[slot]
        if found is None:
            raise NotCovered(f"slot {slot} is held by no node that is known")
        return found

    def at(self, host: str, port: int) -> Node:
        place = (host, port)
        if place not in self._nodes:
            self._nodes[place] = Node(self._url, self._timeout, host, port)
        return self._nodes[place]

    def moved(self, slot: int, node: Node) -> None:
        self._masters[slot] = node

    async def learn(self) -> None:
        """One asks for all who want to know."""
        if self._learning is None or self._learning.done():
            self._learning = asyncio.create_task(self._learn())
            self._learning.add_done_callback(lambda task: task.cancelled() or task.exception())
        await asyncio.shield(self._learning)

    async def _learn(self) -> None:
        known = list(self._nodes.values())
        random.shuffle(known)  # a node that is cut off from the others answers too, with what it believes
        problem: Exception = NotCovered(f"no node of the cluster at {self._seed.address} answers")
        for node in [*known, self._seed]:
            try:
                (ranges,) = await node.ask([("CLUSTER", "SLOTS")], LEARN_WITHIN)
                if isinstance(ranges, Exception):
                    raise ranges
            except (RedisError, OSError) as error:
                problem = error
                await node.drop()
            else:
                await self._take_up(ranges, node)
                return
        raise problem

    async def _take_up(self, ranges: list[list[Any]], teller: Node) -> None:
        self._masters = [None] * SLOTS
        named: set[Node] = set()
        for first, last, *holders in ranges:
            # an unnamed node is the one that was asked; replicas can be asked should their master be gone
            nodes = [self.at(holder[0].decode() if holder[0] else teller.host, int(holder[1])) for holder in holders]
            self._masters[first : last + 1] = [nodes[0]] * (last - first + 1)
            named.update(nodes)
        for place, node in list(self._nodes.items()):
            if node not in named:
                del self._nodes[place]
                await node.close()

    def nodes(self) -> Sequence[Node]:
        return list(dict.fromkeys(node for node in self._masters if node is not None))

    async def close(self) -> None:
        if self._learning is not None and not self._learning.done():
            self._learning.cancel()
        for node in (self._seed, *self._nodes.values()):
            await node.close()
