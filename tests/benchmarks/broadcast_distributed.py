"""A broadcast through all of the distributed runtime: a journey with a schedule is applied while everybody is there, its time comes, and the
mails go out at the channel's pace; how long the orders of others take to their provider before, while and after."""

import asyncio
import shutil
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from orchestrator.runtime.clock import SystemClock
from orchestrator.workspace.load import load_workspace
from tests.benchmarks.broadcast import MESSAGE, quantile
from tests.benchmarks.distributed import Measured, order, with_people
from tests.benchmarks.engine import ROOT

OTHERS, ORDERS_PER_S, RATE, WARM, QUIET, PEOPLE_PER_S = 1_000, 50, 1_000, 2.0, 10.0, 5_000
"""Those who place orders; orders a second; mails a second that the channel takes; seconds until all
processes have begun; seconds of orders alone; people an orchestrator surely walks past in a second."""
ZONE = ZoneInfo("Europe/London")
JOURNEY = """journey: news
class: service
entry: {{schedule: {{once: "{at}", audience: readers}}}}
steps: [{{id: letter, send: news, channels: [email]}}]
"""
TEST = """journey: news
tests: [{test: nobody, when: [{at: 0h, event: Order Placed, with: {order_id: A1, package: x, price: 1.5, installed_on: 2027-01-01}}], then: {}}]
"""
_clock = SystemClock()


@dataclass(slots=True)
class Orders:
    """Published at their rate; `at`: order to when (Unix time in seconds) it was."""

    stage: Measured
    at: dict[str, float] = field(default_factory=dict)
    ended: bool = False

    async def run(self) -> None:
        started = _clock.monotonic()
        while not self.ended:
            number = len(self.at)
            self.at[f"o{number}"] = _clock.now() / 1000
            await self.stage.publisher.publish([order(number, OTHERS)])
            await asyncio.sleep(max(started + (number + 1) / ORDERS_PER_S - _clock.monotonic(), 0))


@dataclass(frozen=True, slots=True)
class Taken:
    """What the provider took: order to instants, address to the instants of its letters."""

    orders: dict[str, list[float]]
    letters: dict[str, list[float]]


def taken(notes: Path) -> Taken:
    orders: dict[str, list[float]] = {}
    letters: dict[str, list[float]] = {}
    for line in notes.read_text().splitlines():
        at, address, subject = line.split("\t")
        name, kept = (subject.rsplit(" ", 1)[1], orders) if subject.startswith("Your order ") else (address, letters)
        kept.setdefault(name, []).append(float(at))
    return Taken(orders, letters)


def make_brand(folder: Path) -> None:
    for name in ("config", "templates"):
        shutil.copytree(ROOT / name, folder / name)
    with (folder / "config/policies.yaml").open("a") as file:
        file.write(f"limits: {{channels: {{email: {{rate: {RATE}/s}}}}}}\n")


def add_broadcast(folder: Path, at: int) -> None:
    """To everybody with an address, at that instant (milliseconds)."""
    local = datetime.fromtimestamp(at / 1000, UTC).astimezone(ZONE)
    (folder / "config/journeys/news.yaml").write_text(JOURNEY.format(at=local.strftime("%Y-%m-%dT%H:%M")))
    (folder / "config/journeys/news.test.yaml").write_text(TEST)
    (folder / "templates/messages/news.yaml").write_text(MESSAGE)
    (folder / "config/audiences.yaml").write_text("audiences: {readers: {when: customer.first_name == 'K'}}\n")


async def _run(number: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        brand = Path(folder) / "brand"
        make_brand(brand)
        assert load_workspace(brand, {}).workspace is not None
        async with with_people(number, brand) as stage:
            orders = Orders(stage)
            running = asyncio.create_task(orders.run())
            begun = _clock.now() / 1000 + WARM
            await asyncio.sleep(WARM + QUIET)
            # a whole minute, far enough away for everybody to be walked past
            due = (_clock.now() + 30_000 + number * 1000 // PEOPLE_PER_S) // 60_000 * 60_000 + 60_000
            add_broadcast(brand, due)
            applying = _clock.now() / 1000
            await asyncio.to_thread(stage.apply)
            applied = _clock.now() / 1000
            before, cpu = await stage.sent(), dict[str, float]()
            while _clock.now() < due:
                cpu, before = stage.cpu(), await stage.sent()
                await asyncio.sleep(0.2)
            while await stage.sent() < before + number and _clock.now() < due + 600_000:
                await asyncio.sleep(0.5)
            while len(taken(stage.taken).letters) < number and _clock.now() < due + 600_000:
                await asyncio.sleep(0.5)
            ended, spent = _clock.now() / 1000, {name: after - cpu[name] for name, after in stage.cpu().items()}
            await asyncio.sleep(5)  # somebody might get a second one
            orders.ended = True
            await running
            await asyncio.sleep(3)
            rss = stage.rss()
            found = taken(stage.taken)
    letters = _checked(number, found, orders.at)
    walking, leaving = (applied, due / 1000), (due / 1000, ended)
    phases = {"before": (begun, applying), "walk": walking, "meanwhile": leaving}
    return {
        "broadcast_distributed_messages_per_s": number / (max(letters) - due / 1000), "broadcast_distributed_first_message_ms": (min(letters) - due / 1000) * 1000,
        "broadcast_distributed_most_in_a_second_messages": max(Counter(map(int, letters)).values()),
        **{f"broadcast_distributed_order_{name}_{at}_ms": quantile([found.orders[one][0] - then for one, then in orders.at.items() if start <= then < end], share) * 1000
           for name, (start, end) in phases.items() for at, share in (("p50", 0.5), ("p99", 0.99), ("max", 1.0))},
        "broadcast_distributed_cpu_us": sum(spent.values()) / number * 1e6,
        **{f"broadcast_distributed_{name}_rss_mb": value for name, value in rss.items()},
    }  # fmt: skip


def _checked(number: int, found: Taken, orders: dict[str, float]) -> list[float]:
    """When each letter was taken. Raises AssertionError unless everybody got exactly one, and every order exactly one mail."""
    wrong = {
        n: len(found.letters.get(f"k{n}@example.com", ())) for n in range(number) if len(found.letters.get(f"k{n}@example.com", ())) != 1
    }
    assert not wrong, f"{len(wrong)} people got none, or more than one: {list(wrong.items())[:3]}"
    assert len(found.letters) == number, "somebody who was not meant"
    odd = [name for name in orders if len(found.orders.get(name, ())) != 1]
    assert not odd, f"{len(odd)} orders without their one mail: {odd[:3]}"
    return [at for [at] in found.letters.values()]


def measure(number: int = 20_000) -> dict[str, float]:
    """So many customers get one mail each at one instant, through Kafka, Redis, an orchestrator, a sender and a provider sink, while others
    place fifty orders a second, timed from their publication to the provider. Fails where anybody gets none or two."""
    return asyncio.run(_run(number))
