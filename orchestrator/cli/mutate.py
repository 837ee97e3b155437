"""`concierge test --mutate`: a change that no test notices is a test that is missing."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial

import click

from orchestrator.cli.context import FINDINGS, Invocation
from orchestrator.journey_tests.mutate import mutants
from orchestrator.journey_tests.session import Session
from orchestrator.source_tests.mutate import mutants as source_mutants
from orchestrator.source_tests.run import run_source_test
from orchestrator.workspace.source import Source
from orchestrator.workspace.source_test_shapes import SourceTestFile
from orchestrator.workspace.test_file import TestFile

Change = tuple[str, str, Callable[[], bool]]
"""The journey or source, what is changed, and whether all of its tests still pass then."""


def show_unnoticed(
    call: Invocation, session: Session, journeys: Sequence[TestFile], sources: Sequence[SourceTestFile], text: str | None
) -> None:
    """Make every change and print what only these tests do not notice. Exits with 1 where there is some. They pass without a change."""
    todo = list(_changes(session, *_chosen(journeys, sources, text)))
    survivors: list[tuple[str, str]] = []
    with call.progress("changing") as progress:
        task = progress.add_task("", total=len(todo))
        for subject, what, passes in todo:
            if passes():
                survivors.append((subject, what))
            progress.advance(task)
    if call.as_json:
        call.print_json({"changes": len(todo), "unnoticed": [{"journey": journey, "change": what} for journey, what in survivors]})
    else:
        for journey, what in survivors:
            click.echo(f"unnoticed  {journey}  {what}")
        click.echo(f"{len(todo)} changes, {len(survivors)} that no test notices")
    if survivors:
        raise SystemExit(FINDINGS)


def _chosen(
    journeys: Sequence[TestFile], sources: Sequence[SourceTestFile], text: str | None
) -> tuple[list[TestFile], list[SourceTestFile]]:
    """With those tests alone whose journey, source or name has `text` in it."""
    word = text or ""
    files = [replace(file, tests=tuple(test for test in file.tests if word in test.name or word in test.journey)) for file in journeys]
    others = [replace(file, tests=tuple(test for test in file.tests if word in test.name or word in test.source)) for file in sources]
    return [file for file in files if file.tests], [file for file in others if file.tests]


def _changes(session: Session, journeys: Sequence[TestFile], sources: Sequence[SourceTestFile]) -> Iterator[Change]:
    for file in journeys:
        for what, changed in mutants(session.workspace, file.journey):
            yield file.journey, what, partial(session.passes, changed, file)
    for source in sources:
        for what, mapping in source_mutants(session.workspace.sources[source.source]):
            yield source.source, what, partial(_mapping_passes, session, mapping, source)


def _mapping_passes(session: Session, changed: Source, file: SourceTestFile) -> bool:
    return not any(run_source_test(session.workspace, changed, test) for test in file.tests)
