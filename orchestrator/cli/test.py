"""`concierge test`: the tests of journeys, on a virtual clock, and of mappings."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from xml.sax.saxutils import escape, quoteattr

import click

from orchestrator.cli.context import FINDINGS, Invocation, Stop
from orchestrator.cli.files_out import OutFile, write_file
from orchestrator.cli.mutate import show_unnoticed
from orchestrator.content.check import check_message
from orchestrator.contracts.topics import CHANNELS
from orchestrator.journey_tests.session import Session
from orchestrator.journey_tests.versions import Versions
from orchestrator.runtime.clock import SystemClock
from orchestrator.source_tests.run import cover, run_source_test
from orchestrator.workspace.as_live import as_live
from orchestrator.workspace.finding import Findings, format_text
from orchestrator.workspace.load import Loaded
from orchestrator.workspace.source_test_shapes import SourceTestFile
from orchestrator.workspace.test_file import TestFile


@dataclass(frozen=True, slots=True)
class Row:
    """One test that was run: what it is about, where it stands, what it found."""

    kind: Literal["journey", "source"]
    subject: str
    name: str
    file: str
    line: int
    difference: tuple[str, ...]
    seconds: float


def session_of(call: Invocation, loaded: Loaded) -> Session:
    """For the tests of a workspace without errors."""
    assert loaded.workspace is not None
    versions = Versions(
        loaded.files, call.environment, check_message, lambda name: (call.root / name).read_bytes(), _providers(call), live=True
    )
    return Session(as_live(loaded.workspace), versions, SystemClock())


def _providers(call: Invocation) -> dict[str, list[str]]:
    """Their names alone: a test needs no secrets."""
    tables = call.settings().tables
    return {
        channel: [str(one.get("name") or one.get("provider")) for one in tables.get(channel, []) if isinstance(one, dict)]
        for channel in CHANNELS
    }


def run_tests(
    session: Session, journeys: Sequence[TestFile], sources: Sequence[SourceTestFile], text: str | None, findings: Findings
) -> list[Row]:
    """Those whose journey, source or name has `text` in it; without one, what no test reaches is noted too."""
    results = session.run(list(journeys), text)
    rows = [Row("journey", r.test.journey, r.test.name, r.test.file, r.test.line, r.difference, seconds) for r, seconds in results]
    for file in sources:
        for test in file.tests:
            if text is None or text in test.name or text in test.source:
                started = session.clock.monotonic()
                difference = run_source_test(session.workspace, session.workspace.sources[file.source], test)
                rows.append(Row("source", test.source, test.name, test.file, test.line, difference, session.clock.monotonic() - started))
    if text is None:
        session.cover(list(journeys), results, findings)
        cover(session.workspace, sources, findings)
    return rows


@click.command()
@click.argument("paths", nargs=-1)
@click.option("-k", "text", metavar="TEXT", help="Only tests whose journey, source or name has this in it.")
@click.option("--junit", metavar="FILE", type=OutFile(), help="Write JUnit XML here.")
@click.option(
    "--mutate", "mutated", is_flag=True, help="Change delays, conditions and targets one by one; list the changes no test notices."
)
@click.pass_obj
def test(call: Invocation, paths: tuple[str, ...], text: str | None, junit: Path | None, mutated: bool) -> None:
    """Run *.test.yaml with the production engine: virtual clock, nothing leaves.

    Sends and skips are exhaustive: an unexpected one fails the test. Properties hold in every test and in the explored
    timelines. Tests of config/sources put a record through its mapping; the events are exhaustive as well. Steps, paths,
    timeouts and rules that no test reaches are named (T002). Exit 1 when a test fails, or with --mutate a change is unnoticed.
    """
    loaded = call.load_good()
    findings = Findings()
    session = session_of(call, loaded)
    wanted = call.chosen(paths, loaded)
    journeys = [file for file in loaded.tests if file.file in wanted or file.file.replace(".test.yaml", ".yaml") in wanted]
    sources = [file for file in loaded.source_tests if file.file in wanted or file.file.replace(".test.yaml", ".yaml") in wanted]
    if not journeys and not sources:
        raise Stop(f"no tests at {', '.join(paths)}" if paths else "no tests here; `concierge init test NAME` writes some to start from")
    rows = run_tests(session, journeys, sources, text, findings)
    if not rows:
        raise Stop(f"no test has {text!r} in its name" if text else "no tests in these files")
    failed = sum(bool(row.difference) for row in rows)
    if junit:
        write_file(junit, junit_xml(rows))
    if mutated and not failed:
        show_unnoticed(call, session, journeys, sources, text)
        return
    if call.as_json:
        call.print_json({
            "tests": [
                {"kind": r.kind, "journey": r.subject, "test": r.name, "passed": not r.difference, "difference": list(r.difference), "seconds": round(r.seconds, 4)}
                for r in rows
            ],
            "passed": len(rows) - failed, "failed": failed,
            "unreached": [{"file": f.file, "line": f.line, "code": f.code, "what": f.what} for f in findings.all],
        })  # fmt: skip
    else:
        _print(call, rows)
        if findings.all and not call.quiet:
            click.echo(format_text(sorted(findings.all), loaded.files))
        click.echo(f"{len(rows) - failed} passed, {failed} failed")
    if mutated:
        click.echo("nothing was changed: what tests notice can be told only when they pass as it is", err=True)
    if failed:
        raise SystemExit(FINDINGS)


def _print(call: Invocation, rows: list[Row]) -> None:
    for row in rows:
        if not row.difference:
            if not call.quiet:
                click.echo(f"ok    {row.subject}: {row.name}")
            continue
        click.echo(f"FAIL  {row.subject}: {row.name}  ({row.file}:{row.line})")
        for line in row.difference:
            click.echo(f"  {line}")


_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that no XML document may hold. Source: XML 1.0, 2.2."""


def junit_xml(rows: list[Row]) -> str:
    """JUnit's XML, as CI servers read it."""
    cases = []
    for row in rows:
        subject = f"source.{row.subject}" if row.kind == "source" else row.subject
        head = f'<testcase classname={quoteattr(subject)} name={quoteattr(row.name)} time="{row.seconds:.4f}"'
        body = (
            f'><failure type="difference" message={quoteattr(row.difference[0])}>{escape(chr(10).join(row.difference))}</failure></testcase>'
            if row.difference
            else "/>"
        )
        cases.append(head + body)
    failures = sum(bool(row.difference) for row in rows)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<testsuite name="concierge" tests="{len(rows)}" failures="{failures}" errors="0" skipped="0" '
        f'time="{sum(row.seconds for row in rows):.4f}">\n'
        + _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", "\n".join(cases))
        + "\n</testsuite>\n"
    )
