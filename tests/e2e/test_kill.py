"""The short form of the kill run; the long one is `make chaos`."""

from pathlib import Path

import pytest

from tests.chaos.kill import kill_run


@pytest.mark.timeout(180)
async def test_kill_9_loses_nothing_and_sends_nothing_twice(tmp_path: Path) -> None:
    ledger = await kill_run(tmp_path, 1200, 3, seed=11)
    assert ledger.faults == 3
    assert ledger.violations == []
    assert ledger.messages == 600
    assert ledger.state_equal
