"""The simulator: made-up customers of the worked example for thirty days, in two processes side by side."""

import os
import time
from pathlib import Path

from orchestrator.simulation.crowd import Crowd
from orchestrator.simulation.side_by_side import Versions, parts_of_crowd, simulate
from orchestrator.workspace.file_names import read_files
from tests.worlds import T0

ROOT = Path(__file__).parents[2]
DAYS = 30


def measure(customers: int) -> dict[str, float]:
    """One event a week each, their messages rendered; starting the processes and making the people up included."""
    versions = Versions(read_files(ROOT), None, {})
    before, started = os.times(), time.perf_counter()
    result = simulate(parts_of_crowd(Crowd(customers, DAYS, 1, T0)), versions, 2)
    seconds, after = time.perf_counter() - started, os.times()
    cpu = (after.user + after.system + after.children_user + after.children_system) - (
        before.user + before.system + before.children_user + before.children_system
    )
    days = customers * DAYS
    return {
        "simulator_customer_days_per_min": days / seconds * 60,
        "simulator_customer_day_cpu_us": cpu / days * 1_000_000,
        "simulator_events": float(result.tally.events),
        "simulator_messages": float(sum(result.tally.messages.values())),
    }
