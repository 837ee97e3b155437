"""Apply the workspace on save: when lint and the journey tests pass it is in force, otherwise the old version stays and says why."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

from orchestrator.cli.context import Invocation
from orchestrator.cli.plan import files_to_apply, in_force, plan_of
from orchestrator.cli.test import run_tests, session_of
from orchestrator.content.check import check_message
from orchestrator.embedded.reader import StoreReader
from orchestrator.embedded.runtime import EmbeddedRuntime
from orchestrator.plan.people import where_people_stand
from orchestrator.workspace.earlier import own
from orchestrator.workspace.finding import Findings, format_text
from orchestrator.workspace.load import Loaded, load_files

EVERY = 0.5


def _stamp(root: Path) -> tuple[tuple[str, int, int], ...]:
    files = [path for folder in ("config", "templates") for path in (root / folder).rglob("*") if path.is_file()]
    return tuple(sorted((str(path), path.stat().st_mtime_ns, path.stat().st_size) for path in files))


async def watch(call: Invocation, runtime: EmbeddedRuntime) -> None:
    """Until cancelled."""
    seen: tuple[tuple[str, int, int], ...] = ()
    while True:
        stamp = _stamp(call.root)
        if stamp != seen:
            seen = stamp
            await _apply(call, runtime)
        await asyncio.sleep(EVERY)


async def _apply(call: Invocation, runtime: EmbeddedRuntime) -> None:
    # reading and testing take a moment: the engine goes on meanwhile
    loaded, refused, files = await asyncio.to_thread(_judge, call)
    if refused or loaded.workspace is None:
        call.console.print(f"not applied, the old version stays in force:\n{refused}", markup=False)
        return
    if loaded.workspace.version == runtime.active.workspace.version:
        return
    workspace = loaded.workspace
    if len(own(files)) < len(files):
        workspace = (await asyncio.to_thread(load_files, files, call.environment, check_message, tests=False)).workspace or workspace
    await runtime.apply(workspace, files)
    call.console.print(f"applied version {loaded.workspace.version[:8]}")


def _judge(call: Invocation) -> tuple[Loaded, str, Mapping[str, bytes]]:
    """The workspace, what stands in its way, and the files to apply."""
    loaded = call.load()
    refused = refusal(call, loaded)
    return (loaded, refused, loaded.files) if refused else (loaded, *_stranded(call, loaded))


def _stranded(call: Invocation, loaded: Loaded) -> tuple[str, Mapping[str, bytes]]:
    """What a plan refuses, people would lose the step they stand in: empty when nothing; and the files to apply."""
    reader = StoreReader(call.data(None))
    try:
        before, people = in_force(call, reader), where_people_stand(reader.customers())
    finally:
        reader.close()
    made, files = plan_of(call, before, loaded, people, exit_runs=False), files_to_apply(before, loaded, people)
    return "\n".join(f"{one.code}  {one.what}\n  fix: {one.fix}" for one in made.refused), files


def refusal(call: Invocation, loaded: Loaded) -> str:
    """What lint or the tests have against the files; empty when nothing."""
    if loaded.workspace is None:
        return format_text([finding for finding in loaded.findings if finding.severity == "error"], loaded.files)
    rows = run_tests(session_of(call, loaded), loaded.tests, loaded.source_tests, None, Findings())
    failed = [row for row in rows if row.difference]
    return "\n".join(f"FAIL  {row.subject}: {row.name}\n  " + "\n  ".join(row.difference) for row in failed)
