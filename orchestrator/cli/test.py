"""`concierge test`: the journeys' tests on a virtual clock."""

from pathlib import Path
from xml.sax.saxutils import quoteattr

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from orchestrator.cli.context import FINDINGS, Invocation, Stop
from orchestrator.content.check import check_message
from orchestrator.journey_tests.mutate import mutants
from orchestrator.journey_tests.run import TestResult
from orchestrator.journey_tests.session import Session
from orchestrator.journey_tests.versions import Versions
from orchestrator.runtime.clock import SystemClock
from orchestrator.workspace.finding import Findings, format_text
from orchestrator.workspace.load import Loaded
from orchestrator.workspace.test_file import TestFile


def session_of(call: Invocation, loaded: Loaded) -> Session:
    """For the tests of a workspace without errors."""
    assert loaded.workspace is not None
    versions = Versions(loaded.files, call.environment, check_message, lambda name: (call.root / name).read_bytes())
    return Session(loaded.workspace, versions, SystemClock())


@click.command()
@click.argument("paths", nargs=-1)
@click.option("-k", "text", metavar="TEXT", help="Only tests whose journey or name has this in it.")
@click.option("--junit", type=click.Path(dir_okay=False), help="Write JUnit XML here.")
@click.option(
    "--mutate", "mutated", is_flag=True, help="Change delays, conditions and targets one by one; list the changes no test notices."
)
@click.pass_obj
def test(call: Invocation, paths: tuple[str, ...], text: str | None, junit: str | None, mutated: bool) -> None:
    """Run *.test.yaml with the production engine: virtual clock, nothing leaves.

    Sends and skips are exhaustive: an unexpected one fails the test. Properties hold in every test and in the explored
    timelines. Steps, paths and timeouts that no test reaches are named (T002). Exit 1 when a test fails.
    """
    loaded = call.load_good()
    findings = Findings()
    session = session_of(call, loaded)
    wanted = call.chosen(paths, loaded)
    chosen = [file for file in loaded.tests if file.file in wanted or file.file.replace(".test.yaml", ".yaml") in wanted]
    if not chosen:
        raise Stop(f"no tests at {', '.join(paths)}" if paths else "no tests here; `concierge init test JOURNEY` writes some to start from")
    if mutated:
        _mutate(call, session, chosen)
        return
    results = session.run(chosen, text)
    if not results:
        raise Stop(f"no test has {text!r} in its name" if text else "no tests in these files")
    if text is None:
        session.cover(chosen, results, findings)
    failed = sum(not result.passed for result, _seconds in results)
    if junit:
        Path(junit).write_text(junit_xml(results), "utf-8")
    if call.as_json:
        call.print_json({
            "tests": [{"journey": r.test.journey, "test": r.test.name, "passed": r.passed, "difference": list(r.difference), "seconds": round(s, 4)} for r, s in results],
            "passed": len(results) - failed, "failed": failed,
            "unreached": [{"file": f.file, "line": f.line, "code": f.code, "what": f.what} for f in findings.all],
        })  # fmt: skip
    else:
        _print(call, results)
        if findings.all and not call.quiet:
            click.echo(format_text(sorted(findings.all), loaded.files))
        click.echo(f"{len(results) - failed} passed, {failed} failed")
    if failed:
        raise SystemExit(FINDINGS)


def _mutate(call: Invocation, session: Session, files: list[TestFile]) -> None:
    """A change that no test notices is a test that is missing."""
    todo = [(file, what, changed) for file in files for what, changed in mutants(session.workspace, file.journey)]
    survivors: list[tuple[str, str]] = []
    columns = (TextColumn("changing"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=call.console, transient=True, disable=not call.console.is_terminal) as progress:
        task = progress.add_task("", total=len(todo))
        for file, what, changed in todo:
            if session.passes(changed, file):
                survivors.append((file.journey, what))
            progress.advance(task)
    if call.as_json:
        call.print_json({"changes": len(todo), "unnoticed": [{"journey": journey, "change": what} for journey, what in survivors]})
    else:
        for journey, what in survivors:
            click.echo(f"unnoticed  {journey}  {what}")
        click.echo(f"{len(todo)} changes, {len(survivors)} that no test notices")
    if survivors:
        raise SystemExit(FINDINGS)


def _print(call: Invocation, results: list[tuple[TestResult, float]]) -> None:
    for result, _seconds in results:
        if result.passed:
            if not call.quiet:
                click.echo(f"ok    {result.test.journey}: {result.test.name}")
            continue
        click.echo(f"FAIL  {result.test.journey}: {result.test.name}  ({result.test.file}:{result.test.line})")
        for line in result.difference:
            click.echo(f"  {line}")


def junit_xml(results: list[tuple[TestResult, float]]) -> str:
    """JUnit's XML, as CI servers read it."""
    cases = []
    for result, seconds in results:
        head = f'<testcase classname={quoteattr(result.test.journey)} name={quoteattr(result.test.name)} time="{seconds:.4f}"'
        body = (
            f"><failure message={quoteattr(result.difference[0])}>{quoteattr(chr(10).join(result.difference))[1:-1]}</failure></testcase>"
            if result.difference
            else "/>"
        )
        cases.append(head + body)
    failures = sum(not result.passed for result, _seconds in results)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<testsuite name="concierge" tests="{len(results)}" failures="{failures}">\n'
        + "\n".join(cases)
        + "\n</testsuite>\n"
    )
