"""A real Apache Kafka node (KRaft) for tests, alone or one of several: on free loopback ports, killed and started again with its data kept."""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.integration.running import free_port

VERSION = "4.1.0"
POM = f"""<project><modelVersion>4.0.0</modelVersion><groupId>concierge</groupId><artifactId>kafka-for-tests</artifactId><version>1</version>
<dependencies><dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>{VERSION}</version></dependency></dependencies>
</project>"""


def cache() -> Path:
    """Where jars are kept between runs: outside the tree."""
    return Path(os.environ.get("CONCIERGE_TEST_CACHE", Path.home() / ".cache" / "concierge-tests")) / f"kafka-{VERSION}"


def why_not() -> str | None:
    """Why Kafka cannot be started here; None when it can."""
    missing = [name for name in ("java", "mvn") if shutil.which(name) is None]
    if missing and not (missing == ["mvn"] and (cache() / "libs").is_dir()):
        return f"{' and '.join(missing)} not found: Kafka needs Java 17 or newer, and Maven fetches it"
    return None


def jars() -> Path:
    """The folder of Kafka's jars, fetched from Maven Central when they are not there yet."""
    libs = cache() / "libs"
    if not libs.is_dir():
        cache().mkdir(parents=True, exist_ok=True)
        (cache() / "pom.xml").write_text(POM)
        partial = cache() / f"libs.{os.getpid()}"
        subprocess.run(
            ["mvn", "-q", "-B", "dependency:copy-dependencies", f"-DoutputDirectory={partial}"], cwd=cache(), check=True, timeout=600
        )
        try:
            partial.rename(libs)
        except OSError:  # another run was faster
            shutil.rmtree(partial)
    return libs


class KafkaServer:
    """One node with its own folder, broker and controller. `address` is host:port."""

    def __init__(self, folder: Path, heap: str = "512m", *, node: int = 1, controllers: Sequence[int] = ()) -> None:
        """`controllers`: ports of the quorum's controllers, node 1 first; empty for a node that is alone. With several of them
        topics have a copy on each, and a write is acknowledged by all but one at least."""
        self._folder = folder
        self._heap = heap
        self.node = node
        self._controllers = list(controllers) or [free_port()]
        self.port = free_port()
        self.address = f"127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    def _java(self, *arguments: str) -> list[str]:
        return ["java", f"-Xmx{self._heap}", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", f"{jars()}/*", *arguments]

    def format(self, listeners: Mapping[str, int] | None = None, extra: str = "", users: Sequence[str] = ()) -> None:
        """Make its folder ready, once. `listeners`: more of them, port by security protocol; `extra`: more lines of server.properties;
        `users`: as Kafka's own format command takes them, `SCRAM-SHA-256=[name=…,password=…]`."""
        self._folder.mkdir(parents=True, exist_ok=True)
        more = "".join(f",{protocol}://127.0.0.1:{port}" for protocol, port in (listeners or {}).items())
        kinds = "".join(f",{protocol}:{protocol}" for protocol in listeners or {})
        voters = ",".join(f"{number}@127.0.0.1:{port}" for number, port in enumerate(self._controllers, 1))
        controller, copies = self._controllers[self.node - 1], len(self._controllers)
        in_sync = max(copies - 1, 1)
        (self._folder / "server.properties").write_text(
            f"process.roles=broker,controller\nnode.id={self.node}\ncontroller.quorum.voters={voters}\n"
            f"listeners=PLAINTEXT://{self.address},CONTROLLER://127.0.0.1:{controller}{more}\nadvertised.listeners=PLAINTEXT://{self.address}{more}\n"
            f"controller.listener.names=CONTROLLER\nlistener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT{kinds}\n"
            f"log.dirs={self._folder / 'data'}\noffsets.topic.replication.factor={copies}\noffsets.topic.num.partitions=4\n"
            f"default.replication.factor={copies}\nmin.insync.replicas={in_sync}\n"
            f"transaction.state.log.replication.factor={copies}\ntransaction.state.log.min.isr={in_sync}\n"
            f"share.coordinator.state.topic.replication.factor={copies}\nshare.coordinator.state.topic.min.isr={in_sync}\n"
            f"group.initial.rebalance.delay.ms=0\nauto.create.topics.enable=false\nlog.cleaner.dedupe.buffer.size=20000000\n{extra}"
        )
        scram = [one for user in users for one in ("--add-scram", user)]
        subprocess.run(
            self._java("kafka.tools.StorageTool", "format", "-t", "MkU3OEVBNTcwNTJENDM2Qg", "-c", str(self._folder / "server.properties"), *scram),
            check=True, capture_output=True, timeout=60,
        )  # fmt: skip

    def start(self, *, wait: bool = True) -> None:
        """Returns when it listens. One of several listens once most of them are there: then `wait_until_it_listens` comes later."""
        log = (self._folder / "server.log").open("ab")
        self._process = subprocess.Popen(self._java("kafka.Kafka", str(self._folder / "server.properties")), stdout=log, stderr=log)
        log.close()
        if wait:
            self.wait_until_it_listens()

    def wait_until_it_listens(self) -> None:
        assert self._process is not None
        until = time.monotonic() + 60
        while time.monotonic() < until:
            if self._process.poll() is not None:
                break
            with socket.socket() as one:
                if one.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.1)
        raise RuntimeError(f"Kafka did not start; see {self._folder / 'server.log'}")

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def kill(self) -> None:
        """kill -9."""
        self._signal(signal.SIGKILL)
        if self._process is not None:
            self._process.wait()

    def freeze(self) -> None:
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def stop(self) -> None:
        """SIGTERM, SIGKILL after ten seconds."""
        self._signal(signal.SIGTERM)
        if self._process is not None:
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self.kill()

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(number)
