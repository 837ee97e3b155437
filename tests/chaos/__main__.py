"""python -m tests.chaos: the long fault runs. ONLY=, EVENTS=, SEED=, KILLS=; prints each run's ledger and writes build/chaos.json."""

import asyncio
import json
import os
import sys
import tempfile
from pathlib import Path

from tests.chaos.fault_run import fault_run
from tests.chaos.faults import RUNS
from tests.chaos.kill import kill_run
from tests.chaos.ledger import Ledger
from tests.chaos.size import Size

EMBEDDED = "E1-kill"


def main() -> int:
    seed, only = int(os.environ.get("SEED", "7")), os.environ.get("ONLY", "")
    names = [name for name in (EMBEDDED, *RUNS) if only.lower() in name.lower()]
    if not names:
        print(f"ONLY={only}: no such run; there are {', '.join((EMBEDDED, *RUNS))}", file=sys.stderr)
        return 2
    ledgers: list[Ledger] = []
    Path("build").mkdir(exist_ok=True)
    for name in names:
        print(f"{name}, seed {seed} …", file=sys.stderr, flush=True)
        with tempfile.TemporaryDirectory() as folder:
            ledgers.append(asyncio.run(_run(name, Path(folder), seed)))
        print(json.dumps(ledgers[-1].as_json(), indent=1), flush=True)
        Path("build/chaos.json").write_text(json.dumps({"runs": [one.as_json() for one in ledgers]}, indent=1) + "\n", "utf-8")
    return 1 if any(one.violations for one in ledgers) else 0


async def _run(name: str, folder: Path, seed: int) -> Ledger:
    if name == EMBEDDED:
        return await kill_run(folder, int(os.environ.get("EVENTS", "20000")), int(os.environ.get("KILLS", "20")), seed)
    size = RUNS[name].long
    return await fault_run(
        name, folder, Size(int(os.environ.get("EVENTS", size.events)), int(os.environ.get("KILLS", size.times)), size.rate), seed
    )


if __name__ == "__main__":
    sys.exit(main())
