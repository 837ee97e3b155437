"""One fault run: open the stage, send events while harm is done, wait until nothing moves, judge."""

import asyncio
import random
import time
from pathlib import Path

from orchestrator.content.check import check_message
from orchestrator.workspace.load import load_workspace
from tests.chaos.faults import RUNS
from tests.chaos.judge import judge
from tests.chaos.ledger import Ledger
from tests.chaos.size import Size
from tests.chaos.stage import Stage
from tests.services.fleet import ROOT


async def fault_run(name: str, folder: Path, size: Size, seed: int) -> Ledger:
    """Raises AssertionError when the stage itself does not stand."""
    ledger = Ledger(name, seed)
    run = RUNS[name]
    stage = Stage(folder, ledger, brokers=run.brokers, cluster=run.cluster)
    rng = random.Random(seed)
    started = time.monotonic()
    try:
        await stage.open()
        harming = asyncio.create_task(run.harm(stage, rng, size))
        await asyncio.gather(stage.load(rng, size, harming), harming)
        quiet = time.monotonic()
        await stage.settle()
        ledger.recovery_s_max = time.monotonic() - quiet
        if not ledger.faults:
            ledger.violations.append("no fault was injected")
        workspace = load_workspace(ROOT, {}, check_message).workspace
        assert workspace is not None
        ids = {f"m{n}" for n in range(ledger.accepted)} | stage.others
        await judge(
            ledger, workspace, stage.address, stage.store.url, folder / "fleet" / "sandbox" / "sandbox.db", ids, cluster=run.cluster
        )
        ledger.seconds = round(time.monotonic() - started, 1)
    finally:
        await stage.close()
    return ledger
