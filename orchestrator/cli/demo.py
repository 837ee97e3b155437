"""The demo: sample customers and a few days of events from config/fixtures/demo play in, with a progress bar."""

import asyncio
import gzip
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from orchestrator.cli.context import Invocation, Stop
from orchestrator.contracts.record import Record
from orchestrator.contracts.topics import CALLERS, CHANNELS, CUSTOMER_EVENTS, LANES, OUTBOUND_CALLS, outbound
from orchestrator.embedded.runtime import EmbeddedRuntime
from orchestrator.embedded.source import GROUP
from orchestrator.gateway.publisher import Overloaded
from orchestrator.runtime.clock import SystemClock

CHUNK = 100
SETTLED = 60.0


def read_demo(folder: Path, now: int) -> list[Record]:
    """Events as records. Files hold JSON lines; `@` times (milliseconds before the end of the demo) become real ones."""
    records: list[Record] = []
    files = sorted(folder.glob("*.jsonl")) + sorted(folder.glob("*.jsonl.gz"))
    if not files:
        raise Stop(f"no demo here: {folder} has no .jsonl files")
    for path in files:
        text = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        for line in text.splitlines():
            if line.strip():
                event = timed(msgspec.json.decode(line), now)
                key = str(event.get("userId") or event.get("anonymousId"))
                records.append(Record(topic=CUSTOMER_EVENTS, key=key.encode(), value=msgspec.json.encode(event)))
    return records


def timed(value: object, now: int) -> dict[str, object]:
    """Texts `@-3600000` are instants relative to now."""

    def walk(one: object) -> object:
        if isinstance(one, str) and one.startswith("@") and one[1:].lstrip("-").isdigit():
            return datetime.fromtimestamp((now + int(one[1:])) / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        if isinstance(one, dict):
            return {key: walk(item) for key, item in one.items()}
        return [walk(item) for item in one] if isinstance(one, list) else one

    found = walk(value)
    assert isinstance(found, dict)
    return found


async def play_demo(call: Invocation, runtime: EmbeddedRuntime) -> None:
    """Once per data folder: a second start carries on where the first stopped."""
    records = read_demo(call.root / "config" / "fixtures" / "demo", SystemClock().now())
    done = runtime.log.position("demo", CUSTOMER_EVENTS, 0)
    if done >= len(records):
        call.console.print(f"the demo's {len(records):,} events have played in before")
        return
    with call.progress("playing in", "events") as progress:
        task = progress.add_task("", total=len(records), completed=done)
        for start in range(done, len(records), CHUNK):
            if runtime.failure is not None:
                return
            part = records[start : start + CHUNK]
            while True:
                try:
                    # the events and how far the demo has come are one transaction: a kill in between repeats nothing
                    await runtime.log.append_and_advance(part, [("demo", CUSTOMER_EVENTS, 0, start + len(part))])
                    break
                except Overloaded as error:
                    await asyncio.sleep(error.retry_after)
            progress.update(task, completed=start + len(part))
            while runtime.log.depth(GROUP, CUSTOMER_EVENTS) > 5 * CHUNK:  # noqa: ASYNC110  (the depth is a question, not an event)
                await asyncio.sleep(0.01)
    await _settled(runtime)


async def _settled(runtime: EmbeddedRuntime) -> None:
    """Until nothing waits but time."""
    for _ in range(int(SETTLED / 0.1)):
        waiting = runtime.log.depth(GROUP, CUSTOMER_EVENTS) + runtime.log.depth(CALLERS, OUTBOUND_CALLS)
        waiting += sum(runtime.log.depth(f"senders-{channel}", outbound(channel, lane)) for channel in CHANNELS for lane in LANES)
        if waiting == 0 or runtime.failure is not None:
            return
        await asyncio.sleep(0.1)
