"""A broadcast to very many people over the embedded store."""

from pathlib import Path

from tests.unit.entries.test_schedule_partition import broadcast


async def test_a_broadcast_to_twenty_thousand_lets_events_pass_and_leaves_by_the_pace(tmp_path: Path) -> None:
    await broadcast(20_000, tmp_path)
