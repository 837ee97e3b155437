"""Apply the workspace on save: when lint passes it is in force, otherwise the old version stays and the errors are printed."""

import asyncio
from pathlib import Path

from orchestrator.cli.context import Invocation
from orchestrator.embedded.runtime import EmbeddedRuntime
from orchestrator.workspace.finding import format_text

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
    loaded = call.load()
    if loaded.workspace is None:
        errors = [finding for finding in loaded.findings if finding.severity == "error"]
        call.console.print(f"not applied, the old version stays in force:\n{format_text(errors, loaded.files)}", markup=False)
        return
    if loaded.workspace.version == runtime.active.workspace.version:
        return
    await runtime.apply(loaded.workspace, loaded.files)
    call.console.print(f"applied version {loaded.workspace.version[:8]}")
