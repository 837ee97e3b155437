"""`concierge simulate`: what the journeys would do, to made-up customers or with recorded events."""

import os
import shlex
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import click
import msgspec

from orchestrator.cli.context import FINDINGS, Invocation, Stop
from orchestrator.cli.demo import timed
from orchestrator.cli.emit import numbered_lines
from orchestrator.cli.price_lists import price_lists
from orchestrator.content.check import check_message
from orchestrator.partition_shared import shares
from orchestrator.runtime.clock import SystemClock
from orchestrator.simulation.against import NoSuchVersion, files_at
from orchestrator.simulation.busiest import rates_of
from orchestrator.simulation.crowd import DAY, EVENTS_PER_WEEK, Crowd
from orchestrator.simulation.recorded import Recorded, read_recorded
from orchestrator.simulation.report import Report, as_json
from orchestrator.simulation.side_by_side import Versions, parts_of_crowd, parts_of_recorded
from orchestrator.simulation.side_by_side import simulate as simulate_all
from orchestrator.simulation.words import words
from orchestrator.workspace.file_names import read_files
from orchestrator.workspace.finding import format_text
from orchestrator.workspace.load import load_files
from orchestrator.workspace.workspace import Workspace

CUSTOMERS, DAYS, SEED = 1_000, 30, 1


@click.command(short_help="What the journeys would do, to made-up customers or with recorded events.")
@click.option(
    "--events",
    "files",
    metavar="FILE",
    multiple=True,
    help="Recorded events as JSON lines, as `concierge emit` reads them; - for standard input. May be given several times.",
)
@click.option("--customers", metavar="N", type=click.IntRange(1, 10_000_000), help=f"So many made-up customers.  [default: {CUSTOMERS}]")
@click.option(
    "--days",
    metavar="N",
    type=click.IntRange(1, 3650),
    help=f"For so many days; with --events so many after the last event.  [default: {DAYS}]",
)
@click.option("--seed", metavar="S", type=int, help=f"Other numbers make other customers; the same make the same.  [default: {SEED}]")
@click.option(
    "--events-per-week",
    metavar="X",
    type=click.FloatRange(0, 1000),
    help=f"Of one made-up customer, on average.  [default: {EVENTS_PER_WEEK:g}]",
)
@click.option(
    "--start", metavar="DATE", type=click.DateTime(["%Y-%m-%d"]), help="The first day (UTC) of made-up customers.  [default: today]"
)
@click.option("--against", metavar="GIT_REF", help="Also play the workspace as it was there, and say what changes for whom.")
@click.option(
    "--processes", metavar="N", type=click.IntRange(1, 256), help="Side by side; the report does not depend on it.  [default: one a core]"
)
@click.pass_obj
def simulate(
    call: Invocation, files: tuple[str, ...], customers: int | None, days: int | None, seed: int | None, events_per_week: float | None,
    start: datetime | None, against: str | None, processes: int | None,
) -> None:  # fmt: skip
    """Play the workspace with the production engine on a virtual clock: who gets what when, what is held or not sent and why, which
    journeys overlap, what it costs, how busy the busiest minute is. Nothing leaves, nothing is stored.

    \b
    concierge simulate                                   a thousand made-up customers, thirty days
    concierge simulate --customers 50000 --seed 2        more of them, others
    concierge simulate --against main                    what my changes change, and for whom
    concierge simulate --events june.jsonl --against v3  the same with what really happened

    Every message is delivered at once; nobody opens, clicks or answers; webhooks answer 200 with {}. Journeys in draft play along.
    """
    if files and (customers, seed, events_per_week, start) != (None, None, None, None):
        raise click.UsageError("--events are what happened: --customers, --seed, --events-per-week and --start make something up")
    now_files, workspace = _load(call, call.root, "the workspace has {}")
    prices, rates = price_lists(call.settings().tables)
    before = None if against is None else _before(call, against)
    versions = Versions(now_files, None if before is None else before[0], call.environment)
    alone = shares(workspace) or (before is not None and shares(before[1]))
    midnight = start.replace(tzinfo=UTC) if start is not None else datetime.fromtimestamp(SystemClock().now() // DAY * DAY / 1000, UTC)
    now = int(midnight.timestamp() * 1000)
    crowd = Crowd(
        customers or CUSTOMERS,
        days or DAYS,
        SEED if seed is None else seed,
        now,
        EVENTS_PER_WEEK if events_per_week is None else events_per_week,
    )
    history = _history(call, files, now) if files else None
    if history is None:
        parts = parts_of_crowd(crowd, alone=alone)
    else:
        parts = parts_of_recorded(history.recorded, history.recorded.end + 1 + (days or DAYS) * DAY, alone=alone)
    began = SystemClock().monotonic()
    with call.progress("simulating", "parts") as progress:
        task = progress.add_task("", total=len(parts))
        result = simulate_all(parts, versions, processes or _cores(), lambda: progress.advance(task))
    report = Report(
        again=_again(files, crowd, days or DAYS, against), start=parts[0].start, until=parts[0].until, result=result,
        prices=prices, rates=rates_of(workspace.policies, rates),
        refused=_refused(history, result.dead), against=against or "",
    )  # fmt: skip
    if call.as_json:
        call.print_json(as_json(report))
    else:
        click.echo("\n".join(words(report)))
    if not call.quiet:
        seconds = SystemClock().monotonic() - began
        click.echo(f"{report.customer_days:,} customer-days in {seconds:.1f} s", err=True)


@dataclass(frozen=True, slots=True)
class _History:
    """Lines of several files are numbered on and on; `ends` has the last number of each file."""

    recorded: Recorded
    ends: Mapping[str, int]

    def place(self, number: int) -> str:
        """Of a line, as people look for it."""
        before = 0
        for file, end in self.ends.items():
            if number <= end:
                return f"line {number - before}" if len(self.ends) == 1 else f"{file} line {number - before}"
            before = end
        return f"line {number}"


def _history(call: Invocation, files: Sequence[str], now: int) -> _History:
    """Raises Stop where nothing is left to play."""
    ends: dict[str, int] = {}

    def lines() -> Iterator[tuple[int, bytes]]:
        before = 0
        for file in dict.fromkeys(files):
            last = before
            for number, line in numbered_lines(file):
                last = before + number
                yield last, _timed(line, now)
            before = ends[file] = last

    with call.progress("reading", "events") as progress:
        recorded = read_recorded(progress.track(lines(), total=None), now)
    history = _History(recorded, ends)
    if not recorded.lines:
        why = f": {history.place(recorded.refused[0][0])}: {recorded.refused[0][1]}" if recorded.refused else ""
        raise Stop(f"no event to play in {', '.join(files)}{why}", FINDINGS)
    return history


def _timed(line: bytes, now: int) -> bytes:
    """The demo's files tell times as `@-3600000`, so many milliseconds before now."""
    if b'"@' not in line:
        return line
    try:
        event = msgspec.json.decode(line)
        return msgspec.json.encode(timed(event, now)) if isinstance(event, dict) else line
    except (msgspec.DecodeError, UnicodeDecodeError, UnicodeEncodeError, RecursionError, OverflowError, ValueError):
        return line


def _refused(history: _History | None, dead: Sequence[tuple[int, str, str]]) -> list[tuple[str, str]]:
    if history is None:
        return [(f"made-up event {number}", f"{reason}: {error}") for number, reason, error in dead]
    found = [*history.recorded.refused, *((number, f"{reason}: {error}") for number, reason, error in dead)]
    return [(history.place(number), why) for number, why in sorted(found)]


def _before(call: Invocation, ref: str) -> tuple[Mapping[str, bytes], Workspace]:
    """Raises Stop for what git does not have, and for a version with errors."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            files_at(call.root, ref, Path(folder))
        except NoSuchVersion as error:
            raise Stop(f"--against: {error}") from error
        return _load(call, Path(folder), f"--against {ref}: this program finds {{}} there")


def _load(call: Invocation, root: Path, says: str) -> tuple[Mapping[str, bytes], Workspace]:
    """Files and workspace; its tests may lag behind, they are not what is played. Raises Stop with all errors."""
    loaded = load_files(read_files(root), call.environment, check_message, tests=False)
    if loaded.workspace is None:
        errors = [finding for finding in loaded.findings if finding.severity == "error"]
        number = f"{len(errors)} error{'s' if len(errors) != 1 else ''}"
        raise Stop(says.replace("{}", number) + ":\n" + format_text(errors, loaded.files), FINDINGS)
    return loaded.files, loaded.workspace


def _again(files: Sequence[str], crowd: Crowd, days: int, against: str | None) -> str:
    made = [
        "--customers",
        str(crowd.customers),
        "--days",
        str(days),
        "--seed",
        str(crowd.seed),
        "--start",
        datetime.fromtimestamp(crowd.start / 1000, UTC).strftime("%Y-%m-%d"),
    ]
    if crowd.events_per_week != EVENTS_PER_WEEK:
        made += ["--events-per-week", f"{crowd.events_per_week:g}"]
    told = [part for file in files for part in ("--events", file)] + ["--days", str(days)]
    return shlex.join(["concierge", "simulate", *(told if files else made), *(["--against", against] if against else [])])


def _cores() -> int:
    """Those this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
