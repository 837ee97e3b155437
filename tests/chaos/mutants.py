"""python -m tests.chaos.mutants: every safeguard taken out once, and the fault run that must notice. ONLY=part of a name, SEED=.

A copy of what git knows is changed, never the tree itself. Exit code 1 when a run stays green.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
LONGEST = 900


@dataclass(frozen=True, slots=True)
class Mutant:
    """`old` stands once in `file`."""

    name: str
    run: str
    file: str
    old: str
    new: str
    size: Mapping[str, str]
    also: tuple[tuple[str, str, str], ...] = ()
    """File, old and new of a second safeguard, where either of the two is enough."""


MUTANTS = (
    Mutant(
        "claims are not looked at", "R1-kill", "orchestrator/state/claiming.py",
        "if standing is not None and not _may_be_tried(request, standing):", "if False:", {"EVENTS": "4000", "KILLS": "8"},
    ),
    Mutant(
        "a predecessor's outbox is left", "R1-kill", "orchestrator/partition_loop.py",
        "for entry, records in owned.outbox:", "for entry, records in owned.outbox[:0]:", {"EVENTS": "12000", "KILLS": "30"},
    ),
    Mutant(
        "anybody commits", "R2-zombie", "orchestrator/state/redis_scripts.py",
        "if m[1] ~= ARGV[1] or m[2] ~= ARGV[2] then return {0, m[1] or '', m[2] or ''} end", "", {"EVENTS": "6000", "KILLS": "2"},
    ),
    Mutant(
        "a dead coordinator is asked for without a pause", "R5-three", "workers/kafka_broker.py",
        "        ask_without_haste(made, self._now)\n", "", {"EVENTS": "4000", "KILLS": "1"},
    ),
    Mutant(
        "the store's cursors are not asked", "R7-behind", "orchestrator/kafka_source.py",
        "                self._replay_until[topic] = before\n", "                at = before\n", {"EVENTS": "4000", "KILLS": "2"},
    ),
    Mutant(
        "what was published before is not marked", "R7-behind", "workers/delivery.py",
        "        if not again:\n            return set()\n", "        return set()\n", {"EVENTS": "6000", "KILLS": "4"},
    ),
    Mutant(
        "no claims follow from the log", "R7-wiped", "orchestrator/rebuild/rebuild.py",
        "            written += await self._store.write_claims(one.partition, [(lost.intent, lost.customer, lost.claim) for lost in claims])\n", "", {"EVENTS": "3000", "KILLS": "1"},
    ),
    Mutant(
        "bad records are dropped", "R8-poison", "orchestrator/pipeline.py",
        "    outcome.records.extend(letter.record() for letter in outcome.dead_letters)\n", "", {"EVENTS": "2000", "KILLS": "1"},
    ),
    Mutant(
        "an answer nobody heard is taken for a no, and no webhook proves it", "R10-provider", "workers/transport.py",
        '            return Unknown(f"{type(error).__name__}: {error}"[:200])', "            return NotProcessed(type(error).__name__, str(error)[:200])", {"EVENTS": "2000", "KILLS": "1"},
        (("orchestrator/gateway/webhooks_api.py", "        if proofs:\n            await self._directory.confirm(proofs)", "        if not proofs:\n            await self._directory.confirm(proofs)"),),
    ),
)  # fmt: skip


def mutate(mutant: Mutant, folder: Path) -> None:
    """A copy of the tree with the safeguard gone. Raises AssertionError where it is not found."""
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    for name in filter(None, names):
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, target)
    for file, old, new in ((mutant.file, mutant.old, mutant.new), *mutant.also):
        path = folder / file
        text = path.read_text("utf-8")
        assert text.count(old) == 1, f"{mutant.name}: {file} has its text {text.count(old)} times"
        path.write_text(text.replace(old, new), "utf-8")


def noticed(mutant: Mutant, seed: str) -> list[str]:
    """The violations its run found; a stage that no longer stands is one."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        mutate(mutant, folder)
        environment = {**os.environ, **mutant.size, "ONLY": mutant.run, "SEED": seed, "PYTHONPATH": str(folder)}
        try:
            done = subprocess.run(
                [sys.executable, "-m", "tests.chaos"], cwd=folder, env=environment, capture_output=True, text=True, timeout=LONGEST, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return [f"it never came to rest ({LONGEST} s)"]
        ledger = folder / "build" / "chaos.json"
        if not ledger.is_file():
            return [done.stderr.strip().splitlines()[-1] if done.stderr.strip() else f"exit code {done.returncode}"]
        return list(json.loads(ledger.read_text("utf-8"))["runs"][0]["violations"])


def main() -> int:
    seed, only = os.environ.get("SEED", "7"), os.environ.get("ONLY", "").lower()
    unnoticed = 0
    for mutant in MUTANTS:
        if only not in mutant.name.lower() and only not in mutant.run.lower():
            continue
        found = noticed(mutant, seed)
        unnoticed += not found
        print(f"{'red  ' if found else 'GREEN'} {mutant.run}: {mutant.name}: {found[0] if found else 'nobody noticed'}", flush=True)
    return 1 if unnoticed else 0


if __name__ == "__main__":
    sys.exit(main())
