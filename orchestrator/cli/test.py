"""`concierge test`: the journeys' tests on a virtual clock."""

from pathlib import Path
from xml.sax.saxutils import quoteattr

import click

from orchestrator.cli.context import FINDINGS, Invocation
from orchestrator.journey_tests.run import TestResult, run_test
from orchestrator.runtime.clock import SystemClock
from orchestrator.workspace.finding import Findings, format_text
from orchestrator.workspace.load import Loaded
from orchestrator.workspace.shape import Reading
from orchestrator.workspace.test_file import JourneyTest, read_tests


def tests_of(loaded: Loaded) -> tuple[list[JourneyTest], Findings]:
    """All tests of a workspace without errors, and what is wrong with their files."""
    findings = Findings()
    found: list[JourneyTest] = []
    assert loaded.workspace is not None
    for file, node in loaded.tests.items():
        found += read_tests(node, file.rsplit("/", 1)[1].removesuffix(".test.yaml"), loaded.workspace, Reading(file, findings))
    return found, findings


@click.command()
@click.argument("paths", nargs=-1)
@click.option("-k", "text", metavar="TEXT", help="Only tests whose journey or name has this in it.")
@click.option("--junit", type=click.Path(dir_okay=False), help="Write JUnit XML here.")
@click.pass_obj
def test(call: Invocation, paths: tuple[str, ...], text: str | None, junit: str | None) -> None:
    """Run *.test.yaml with the production engine: virtual clock, nothing leaves.

    Sends and skips are exhaustive: an unexpected one fails the test. Exit 1 when a test fails.
    """
    loaded = call.load_good()
    tests, findings = tests_of(loaded)
    if findings.errors:
        click.echo(format_text(sorted(findings.all), loaded.files), err=True)
        raise SystemExit(FINDINGS)
    chosen = [
        t
        for t in tests
        if (not paths or any(t.file.startswith(path.rstrip("/")) for path in paths)) and (not text or text in t.name or text in t.journey)
    ]
    clock = SystemClock()
    results: list[tuple[TestResult, float]] = []
    assert loaded.workspace is not None
    for one in chosen:
        started = clock.monotonic()
        results.append((run_test(loaded.workspace, one), clock.monotonic() - started))
    failed = sum(not result.passed for result, _seconds in results)
    if junit:
        Path(junit).write_text(junit_xml(results), "utf-8")
    if call.as_json:
        call.print_json({
            "tests": [{"journey": r.test.journey, "test": r.test.name, "passed": r.passed, "difference": list(r.difference), "seconds": round(s, 4)} for r, s in results],
            "passed": len(results) - failed, "failed": failed,
        })  # fmt: skip
    else:
        _print(call, results)
        click.echo(f"{len(results) - failed} passed, {failed} failed")
    if failed:
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
