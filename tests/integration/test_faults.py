"""The fault runs in short: `make chaos` has the long ones. Each is judged against an undisturbed run of the same log."""

from pathlib import Path

import pytest

from tests.chaos.fault_run import fault_run
from tests.chaos.faults import RUNS
from tests.chaos.mutants import MUTANTS, ROOT, Mutant
from tests.conftest import wanted
from tests.services import kafka_server, redis_server


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", ["R1-kill", "R2-zombie", "R5-broker", "R7-redis", "R7-restored", "R8-poison"])
async def test_nothing_is_lost_or_repeated(name: str, tmp_path: Path) -> None:
    wanted(kafka_server.why_not() or redis_server.why_not())
    ledger = await fault_run(name, tmp_path, RUNS[name].short, seed=7)
    assert ledger.violations == []
    assert ledger.faults > 0
    assert ledger.state_equal


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda one: one.name)
def test_every_safeguard_can_still_be_taken_out(mutant: Mutant) -> None:
    """`python -m tests.chaos.mutants` does it, and has the run notice."""
    assert (ROOT / mutant.file).read_text("utf-8").count(mutant.old) == 1
    assert mutant.run in RUNS
