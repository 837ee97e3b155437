"""Several nodes of Apache Kafka that make one cluster, each a broker and a voter: with three, any one may be killed."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.integration.running import free_port
from tests.services.kafka_server import KafkaServer


class KafkaCluster:
    """`addresses` are those of all nodes, host:port."""

    def __init__(self, folder: Path, nodes: int = 3, heap: str = "320m") -> None:
        controllers = [free_port() for _ in range(nodes)]
        self.nodes = [KafkaServer(folder / f"node{number}", heap, node=number, controllers=controllers) for number in range(1, nodes + 1)]
        self.addresses = [node.address for node in self.nodes]

    def node(self, number: int) -> KafkaServer:
        """As Kafka numbers them, from 1."""
        return self.nodes[number - 1]

    def format(self) -> None:
        """Make the folders ready, once."""
        with ThreadPoolExecutor() as pool:
            list(pool.map(KafkaServer.format, self.nodes))

    def start(self) -> None:
        """Returns when all listen."""
        for node in self.nodes:
            node.start(wait=False)
        for node in self.nodes:
            node.wait_until_it_listens()

    def kill(self) -> None:
        """kill -9, all of them."""
        for node in self.nodes:
            node.kill()

    def stop(self) -> None:
        """SIGTERM, one after the other: the last one has nobody to hand over to, and is killed after ten seconds."""
        for node in self.nodes:
            node.stop()
