"""Commands in this process, on a small workspace."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

from click.testing import CliRunner, Result

from orchestrator.cli.main import main
from orchestrator.content.check import check_message
from orchestrator.embedded.versions import Versions
from orchestrator.model.customer import Customer
from orchestrator.partition_state import PARTITION_STATE
from orchestrator.runtime.clock import SettableClock
from orchestrator.state.sqlite_database import SqliteDatabase
from orchestrator.state.sqlite_log import SqliteLog
from orchestrator.state.sqlite_store import SqliteStore
from orchestrator.state.store import Commit
from orchestrator.state.value import encode_sections
from orchestrator.workspace.load import load_workspace
from tests.one_journey import files

JOURNEY = """journey: try_it
class: service
entry: {event: Basket Changed, key: event.basket}
steps:
  - {id: think, delay: 2h}
  - {id: remind, send: hello, channels: [email]}
"""
TEST = """journey: try_it
tests:
  - test: a reminder two hours later
    given: {customer: {first_name: Ada}}
    when: [{at: 0h, event: Basket Changed, with: {basket: b1}}]
    then: {sends: [{at: 2h, step: remind, channel: email}]}
  - test: nobody comes in
    when: [{at: 0h, event: Ping}]
    then: {}
"""


def write(root: Path, content: Mapping[str, bytes]) -> None:
    for name, value in content.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(value)


def small(root: Path, journey: str = JOURNEY, messages: Mapping[str, str] | None = None, test: str = TEST) -> Path:
    """The folder of a workspace with one journey and its tests."""
    write(root, {**files({"try_it": journey}, messages), "config/journeys/try_it.test.yaml": test.encode()})
    return root


def run(root: Path, *arguments: str, given: str | None = None, width: int = 160) -> Result:
    """A command in the workspace at `root`; whatever it raises but a way to end is raised."""
    done = CliRunner().invoke(main, ["--workspace", str(root), *arguments], input=given, env={"COLUMNS": str(width)})
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done


def store(folder: Path, people: Mapping[str, Customer], applied: Path | None = None) -> Path:
    """A data folder with these people, and the workspace at `applied` in force."""
    folder.mkdir()
    database = SqliteDatabase(folder)
    database.setup("CREATE TABLE setup(partitions INTEGER NOT NULL); INSERT INTO setup VALUES (1);")
    clock = SettableClock(1)
    kept, versions = SqliteStore(database, SqliteLog(database, clock, 1), "s1"), Versions(database)

    async def fill() -> None:
        owned = await kept.take_over(0, "a" * 16)
        profiles = {name: encode_sections(one.sections()) for name, one in people.items()} | {PARTITION_STATE: b"state"}
        await kept.commit(0, "a" * 16, owned.version, Commit(profiles=dict(profiles)))
        if applied is not None:
            loaded = load_workspace(applied, {}, check_message)
            assert loaded.workspace is not None, loaded.findings
            await versions.apply(loaded.workspace.version, loaded.files, clock.now())

    asyncio.run(fill())
    database.close()
    return folder
