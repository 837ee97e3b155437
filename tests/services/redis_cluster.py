"""A real Redis Cluster for tests: masters that share all slots, which are moved between them, killed and replaced."""

import socket
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from orchestrator.state.redis_keys import SLOTS, slot_of
from tests.integration.running import free_port
from tests.services.redis_server import RedisServer

BUS = 10_000


def _port() -> int:
    """One whose neighbour ten thousand above, where nodes talk to one another, is free too."""
    for _ in range(1_000):
        port = free_port()
        if port + BUS <= 65_535 and _is_free(port + BUS):
            return port
    raise RuntimeError("no two free ports for a node")


def _is_free(port: int) -> bool:
    with socket.socket() as one:
        try:
            one.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


class RedisCluster:
    """`replicas`: masters that have one (0 or all)."""

    def __init__(self, folder: Path, masters: int = 3, *, replicas: bool = False) -> None:
        count = masters * (2 if replicas else 1)
        self.masters = masters
        self._shares = [(n, n + masters) for n in range(masters)]
        self.nodes = [RedisServer(folder / f"node{n}", cluster=True, port=_port()) for n in range(count)]
        self.url = self.nodes[0].url

    def start(self) -> None:
        """Returns when every node knows who holds what."""
        for node in self.nodes:
            node.start()
        first = self.nodes[0]
        for number, node in enumerate(self.nodes):
            node.cli("CLUSTER", "SET-CONFIG-EPOCH", str(number + 1))
            if node is not first:
                node.cli("CLUSTER", "MEET", "127.0.0.1", str(first.port))
        for number in range(self.masters):
            start, end = number * SLOTS // self.masters, (number + 1) * SLOTS // self.masters - 1
            self.nodes[number].cli("CLUSTER", "ADDSLOTSRANGE", str(start), str(end))
        self._until(lambda node: f"cluster_known_nodes:{len(self.nodes)}" in node.cli("CLUSTER", "INFO"), "meet")
        for number, replica in enumerate(self.nodes[self.masters :]):
            replica.cli("CLUSTER", "REPLICATE", self.id_of(number))
        self._until(lambda node: "cluster_state:ok" in node.cli("CLUSTER", "INFO"), "agree")
        if self.nodes[self.masters :]:
            self._until(self._copied, "copy")

    def _copied(self, node: RedisServer) -> bool:
        return node in self.nodes[: self.masters] or "master_link_status:up" in node.cli("INFO", "replication")

    def id_of(self, number: int) -> str:
        return self.nodes[number].cli("CLUSTER", "MYID").strip()

    def move(self, slot: int, source: int, target: int, pause: float = 0.0) -> int:
        """Move a slot while it is used, key by key; returns how many keys. `pause`: seconds between two of them."""
        giving, taking = self.nodes[source], self.nodes[target]
        taking.cli("CLUSTER", "SETSLOT", str(slot), "IMPORTING", self.id_of(source))
        giving.cli("CLUSTER", "SETSLOT", str(slot), "MIGRATING", self.id_of(target))
        moved = 0
        while keys := giving.cli("CLUSTER", "GETKEYSINSLOT", str(slot), "20").split():
            for key in keys:
                answer = giving.cli("MIGRATE", "127.0.0.1", str(taking.port), key, "0", "5000")
                assert answer.strip() in ("OK", "NOKEY"), answer
                moved += 1
                time.sleep(pause)
        for node in (taking, giving, *self.nodes[: self.masters]):
            node.cli("CLUSTER", "SETSLOT", str(slot), "NODE", self.id_of(target))
        return moved

    def share_of(self, key: bytes) -> int:
        """The share a key is in; moves of slots aside."""
        return slot_of(key) * self.masters // SLOTS

    def holder(self, share: int) -> RedisServer:
        """The master of a share of the slots, as it is after failovers."""
        return self.nodes[self._shares[share][0]]

    def spare(self, share: int) -> RedisServer:
        """Its replica."""
        return self.nodes[self._shares[share][1]]

    def cut_off(self, share: int) -> None:
        """The replica of a share gets nothing of what is written from now on, and has all that was before: else it may still hold what
        another test has wiped. (Frozen alone it would read it later, from its socket.)"""
        written = self._offset(self.holder(share))
        self._until(lambda node: self._offset(node) >= written, "catch up", [self.spare(share)])
        self.spare(share).freeze()
        self.holder(share).cli("CLIENT", "KILL", "TYPE", "replica")

    def fail_over(self, share: int) -> int:
        """kill -9 of the share's master; its replica, cut off or not, is elected; the dead one comes back as the replica. Returns
        when all know; how many bytes of what was written are lost."""
        dead, heir = self.holder(share), self.spare(share)
        written = self._offset(dead)
        dead.kill()
        heir.thaw()
        self._until(lambda node: node.cli("ROLE").startswith("master"), "elect a replica", [heir])
        lost = written - self._offset(heir)
        dead.start()
        self._shares[share] = (self._shares[share][1], self._shares[share][0])
        self._until(lambda node: "master_link_status:up" in node.cli("INFO", "replication"), "copy", [dead])
        return lost

    def _offset(self, node: RedisServer) -> int:
        """How much was written, in bytes of the replication stream."""
        lines = node.cli("INFO", "replication").splitlines()
        return int(next(line for line in lines if line.startswith("master_repl_offset:")).partition(":")[2])

    def wipe(self) -> None:
        for share in range(self.masters):
            self.holder(share).wipe()

    def stop(self) -> None:
        for node in self.nodes:
            node.thaw()
            node.stop()

    def kill(self) -> None:
        """kill -9 of all."""
        for node in self.nodes:
            node.kill()

    def _until(self, true: Callable[[RedisServer], bool], what: str, nodes: Sequence[RedisServer] = ()) -> None:
        until = time.monotonic() + 30
        while not all(true(node) for node in nodes or self.nodes):
            if time.monotonic() > until:
                raise RuntimeError(f"the nodes of the cluster do not {what}")
            time.sleep(0.05)
