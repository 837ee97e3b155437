"""Apply the workspace on save: when lint and the journey tests pass it is in force, otherwise the old version stays and says why."""

import asyncio
import logging
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass

from orchestrator.cli.context import Invocation, Stop
from orchestrator.cli.plan import files_to_apply, in_force, plan_of, without_exit_runs
from orchestrator.cli.saves import Saves, Stamp, stamp_of
from orchestrator.cli.test import run_tests, session_of
from orchestrator.content.check import check_message
from orchestrator.embedded.reader import StoreReader
from orchestrator.embedded.runtime import EmbeddedRuntime
from orchestrator.errors import ConfigurationError, ServiceUnavailable
from orchestrator.plan.people import where_people_stand
from orchestrator.workspace.earlier import own
from orchestrator.workspace.finding import Findings, format_text
from orchestrator.workspace.load import Loaded, load_files

EVERY = 0.5
"""Seconds between two looks at the files."""
AGAIN = 5.0
"""Seconds until the next look after trouble that does not come from what is written in the files."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Verdict:
    """What was read, what stands in its way (empty when nothing), and the files to apply."""

    loaded: Loaded
    refused: str
    files: Mapping[str, bytes]


async def watch(call: Invocation, runtime: EmbeddedRuntime) -> None:
    """Until cancelled, whatever happens meanwhile."""
    watching = Watching(call, runtime)
    while True:
        fine = await watching.look()
        await asyncio.sleep(EVERY if fine else AGAIN)


class Watching:
    """Of one workspace, for a runtime that is under way."""

    def __init__(self, call: Invocation, runtime: EmbeddedRuntime) -> None:
        self._call = call
        self._runtime = runtime
        self._saves = Saves()
        self._refused = False
        self._passed = ""
        self._trouble = ""

    async def look(self) -> bool:
        """Judge what was saved. Whether that went without trouble."""
        try:
            stamp = await asyncio.to_thread(stamp_of, self._call.root)
            if self._saves.whole(stamp):
                await self.judge(stamp)
                self._trouble = ""
        except (Stop, ConfigurationError, ServiceUnavailable, OSError, sqlite3.Error) as error:
            if self._is_new(error):
                self._call.console.print(f"not applied: {error}; the watching goes on", markup=False)
        except Exception as error:  # noqa: BLE001  (nobody awaits this task: whatever ends it would end the watching without a word)
            if self._is_new(error):
                _log.exception("nothing was applied; the watching goes on")
        else:
            return True
        self._saves.forget()
        return False

    def _is_new(self, error: Exception) -> bool:
        """Trouble that lasts is said once."""
        before, self._trouble = self._trouble, repr(error)
        return self._trouble != before

    async def judge(self, stamp: Stamp) -> None:
        """Apply the files as this stamp has them, or say what stands in the way. Raises Stop, ConfigurationError, ServiceUnavailable."""
        # reading and testing take a moment: the engine goes on meanwhile
        verdict = await asyncio.to_thread(self._read, stamp)
        if verdict is None:
            return
        workspace, active = verdict.loaded.workspace, self._runtime.active.workspace.version
        now_in_force = workspace is not None and workspace.version == active
        if verdict.refused or workspace is None:
            heading = "not applied, the old version stays in force"
            if now_in_force:  # as `up` found them in an empty data folder
                heading = f"version {active[:8]} is in force, but its tests fail"
            self._call.console.print(f"{heading}:\n{verdict.refused}", markup=False)
        elif not now_in_force:
            await self._apply(verdict)
        elif self._refused:
            self._call.console.print(f"the files are version {active[:8]} again, which is in force")
        self._refused = bool(verdict.refused)
        if workspace is not None and not verdict.refused:
            self._passed = workspace.version

    async def _apply(self, verdict: _Verdict) -> None:
        workspace, files = verdict.loaded.workspace, verdict.files
        assert workspace is not None
        version = workspace.version
        if len(own(files)) < len(files):
            read = await asyncio.to_thread(load_files, files, self._call.environment, check_message, tests=False)
            workspace = read.workspace or workspace
        await self._runtime.apply(workspace, files)
        self._call.console.print(f"applied version {version[:8]}")

    def _read(self, stamp: Stamp) -> _Verdict | None:
        """None where the files went on changing while they were read: they are judged when they are whole."""
        loaded = self._call.load()
        if stamp_of(self._call.root) != stamp:
            return None
        version = None if loaded.workspace is None else loaded.workspace.version
        if version == self._passed == self._runtime.active.workspace.version:
            return _Verdict(loaded, "", loaded.files)  # taken back to what is in force: that has been judged
        refused = refusal(self._call, loaded)
        return _Verdict(loaded, refused, loaded.files) if refused else self._stranded(loaded)

    def _stranded(self, loaded: Loaded) -> _Verdict:
        """Refused as a plan refuses it: people would lose the step they stand in."""
        call = self._call
        reader = StoreReader(self._runtime.place.folder)
        try:
            before, people = in_force(call, reader), where_people_stand(reader.customers())
        finally:
            reader.close()
        made = without_exit_runs(plan_of(call, before, loaded, people, exit_runs=False))
        refused = "\n".join(f"{one.code}  {one.what}\n  fix: {one.fix}" for one in made.refused)
        return _Verdict(loaded, refused, files_to_apply(before, loaded, people))


def refusal(call: Invocation, loaded: Loaded) -> str:
    """What lint or the tests have against the files; empty when nothing."""
    if loaded.workspace is None:
        return format_text([finding for finding in loaded.findings if finding.severity == "error"], loaded.files)
    rows = run_tests(session_of(call, loaded), loaded.tests, loaded.source_tests, None, Findings())
    failed = [row for row in rows if row.difference]
    return "\n".join(f"FAIL  {row.subject}: {row.name}\n  " + "\n  ".join(row.difference) for row in failed)
