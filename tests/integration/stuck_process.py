"""One process of the role `orchestrator` whose store hangs: `python -m tests.integration.stuck_process KAFKA PREFIX PARTITIONS`.

It ends as the role does. Its watch runs a hundred times faster than the world.
"""

import asyncio
import sys
from collections.abc import Sequence

from orchestrator.active import ActiveVersion
from orchestrator.cli.context import invocation
from orchestrator.cli.role import run_role
from orchestrator.content.check import check_message
from orchestrator.customer_stream import CustomerStream
from orchestrator.journey_tests.world import NoLinks
from orchestrator.runtime.clock import SystemClock
from orchestrator.runtime.ids import RandomIds
from orchestrator.runtime.kafka_address import KafkaAddress
from orchestrator.runtime.metrics import Metrics
from orchestrator.runtime.settings import Settings
from orchestrator.source_reader import SourceReader
from orchestrator.state.memory_store import MemoryStore
from orchestrator.state.store import Commit
from orchestrator.workspace.load import load_workspace
from tests.conftest import ROOT
from tests.worlds import without_holdout


class FastWatch(SystemClock):
    """The time is right; what is measured by the watch takes `times` as long."""

    def __init__(self, times: int = 100) -> None:
        self._times = times

    def monotonic(self) -> float:
        return super().monotonic() * self._times


class HangingStore(MemoryStore):
    """Answers all, but not this one `call`."""

    def __init__(self, call: str) -> None:
        super().__init__("s1")
        self.call = call

    async def load(self, partition: int, customers: Sequence[str]) -> dict[str, bytes]:
        await self._hang("load")
        return await super().load(partition, customers)

    async def commit(self, partition: int, token: str, expected: int, commit: Commit) -> int:
        await self._hang("commit")
        return await super().commit(partition, token, expected, commit)

    async def _hang(self, call: str) -> None:
        if call == self.call:
            await asyncio.Event().wait()


async def work(address: KafkaAddress, stop: asyncio.Event) -> None:
    workspace = load_workspace(ROOT, {}, check_message).workspace
    assert workspace is not None
    active, store = ActiveVersion(without_holdout(workspace), NoLinks()), HangingStore("commit")

    def stream() -> CustomerStream:
        return CustomerStream(address, store, "s1", active, FastWatch(), RandomIds(), lambda _outcome, _p, _s: None)

    await SourceReader(address, active, SystemClock(), Metrics(), customer_stream=stream).run(stop)


if __name__ == "__main__":
    kafka, prefix, partitions = sys.argv[1:]

    async def role(_settings: Settings, stop: asyncio.Event) -> None:
        await work(KafkaAddress({"bootstrap_servers": kafka}, prefix, int(partitions)), stop)

    run_role(invocation(str(ROOT), as_json=False, quiet=False), role)
