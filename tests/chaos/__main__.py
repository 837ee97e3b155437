"""python -m tests.chaos: the long fault runs. EVENTS=, SEED=, KILLS=; prints each run's ledger and writes build/chaos.json."""

import asyncio
import json
import os
import sys
import tempfile
from pathlib import Path

from tests.chaos.kill import kill_run


def main() -> int:
    seed, number, kills = (int(os.environ.get(name, default)) for name, default in (("SEED", "7"), ("EVENTS", "20000"), ("KILLS", "20")))
    with tempfile.TemporaryDirectory() as folder:
        ledger = asyncio.run(kill_run(Path(folder), number, kills, seed))
    print(json.dumps(ledger.as_json(), indent=1))
    Path("build").mkdir(exist_ok=True)
    Path("build/chaos.json").write_text(json.dumps({"runs": [ledger.as_json()]}, indent=1) + "\n", "utf-8")
    return 1 if ledger.violations else 0


if __name__ == "__main__":
    sys.exit(main())
