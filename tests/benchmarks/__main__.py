"""python -m tests.benchmarks: prints a table and writes build/bench.json. ONLY=engine|render|embedded|distributed|journey_tests|simulator|memory|redis|flat|timers|broadcast|broadcast_distributed|waiting_runs|soak, EVENTS=, RUNS=."""

import json
import os
import platform
import sqlite3
import subprocess
from collections.abc import Callable
from pathlib import Path
from statistics import median

from tests.benchmarks import (
    broadcast,
    broadcast_distributed,
    distributed,
    embedded,
    engine,
    flat,
    memory,
    redis_store,
    simulator,
    soak,
    timers,
    waiting_runs,
)
from tests.services import kafka_server, redis_server

UNITS = {
    "_message_orchestrator": "µs",
    "_message_sender": "µs",
    "_message_kafka": "µs",
    "_message_redis": "µs",
    "_message_sink": "µs",
    "_us": "µs",
    "_per_s": "1/s",
    "_per_min": "1/min",
    "_events": "",
    "_messages": "",
    "_ms": "ms",
    "_mb": "MB",
    "_us_per_message": "µs",
    "_percent": "%",
}


def unit(name: str) -> str:
    return next(word for end, word in sorted(UNITS.items(), key=lambda one: -len(one[0])) if name.endswith(end))


def main() -> None:
    only, runs, number = os.environ.get("ONLY", ""), int(os.environ.get("RUNS", "3")), int(os.environ.get("EVENTS", "0"))
    parts: dict[str, Callable[[], dict[str, float]]] = {
        "engine": lambda: engine.measure(number or 20_000), "render": engine.render_costs, "embedded": lambda: embedded.measure(number or 10_000), "distributed": lambda: distributed.measure(number or 40_000),
        "journey_tests": engine.journey_tests, "simulator": lambda: simulator.measure(number or 16_000),
        "memory": lambda: memory.measure(number or 100_000), "redis": lambda: redis_store.measure(number or 20_000),
        "flat": flat.measure, "waiting_runs": waiting_runs.measure, "timers": lambda: timers.measure(number or 100_000), "broadcast": lambda: broadcast.measure(number or 50_000),
        "broadcast_distributed": lambda: broadcast_distributed.measure(number or 20_000), "soak": lambda: soak.measure(number or 1_000_000),
    }  # fmt: skip
    figures = []
    for part, measure in parts.items():
        if only and only != part:
            continue
        results = [measure() for _ in range(runs)]
        for name in results[0]:
            values = sorted(result[name] for result in results)
            figures.append(
                {
                    "name": name,
                    "value": round(median(values), 1),
                    "unit": unit(name),
                    "spread": [round(values[0], 1), round(values[-1], 1)],
                    "runs": runs,
                }
            )
            print(f"{name:<32} {median(values):>10.1f} {unit(name):<4} [{values[0]:.1f} - {values[-1]:.1f}] of {runs} runs", flush=True)
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False).stdout.strip()
    machine = {
        "cpus": os.cpu_count(), "python": platform.python_version(), "kafka": kafka_server.VERSION, "redis": redis_server.version(),
        "sqlite": sqlite3.sqlite_version,
    }  # fmt: skip
    Path("build").mkdir(exist_ok=True)
    Path("build/bench.json").write_text(json.dumps({"machine": machine, "commit": commit, "figures": figures}, indent=1) + "\n", "utf-8")
    print(f"machine: {machine}")


if __name__ == "__main__":
    main()
