"""One partition in memory: a log that is read once, a version in force, a loop that is driven until nothing is left to do."""

from collections.abc import Sequence

from orchestrator.content.render import Renderer
from orchestrator.contracts.record import Record
from orchestrator.engine.inputs import InputRecord
from orchestrator.journey_tests.world import NoLinks
from orchestrator.partition_loop import PartitionLoop, Reading
from orchestrator.runtime.clock import SettableClock
from orchestrator.workspace.workspace import Workspace


class Source:
    """A log that is read once; time goes on."""

    def __init__(self, records: list[InputRecord], clock: SettableClock) -> None:
        self.records, self.clock = records, clock

    async def read(self, cursors: dict[str, int], limit: int) -> Reading:
        part, self.records = self.records[:limit], self.records[limit:]
        return Reading(part, part[-1].at if self.records else self.clock.now())

    async def expected_store(self) -> None: ...

    async def begin(self, owned: object) -> None: ...

    async def is_ours(self) -> bool:
        return True

    def cursor_behind(self, record: InputRecord) -> int:
        return record.offset

    def marked(self, outgoing: Sequence[Record], caused_by: object) -> Sequence[Record]:
        return outgoing

    async def publish(self, records: object) -> None: ...

    async def acknowledge(self, cursors: dict[str, int], through: int) -> None: ...

    async def wait(self, seconds: float) -> None: ...


class Version:
    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace

    @property
    def stamp(self) -> str:
        return self.workspace.version

    @property
    def renderer(self) -> Renderer:
        return Renderer(self.workspace, NoLinks())


async def drain(loop: PartitionLoop) -> None:
    while await loop.step():
        pass
