"""Journeys that a test names are there, and run in it."""

import pytest

from orchestrator.content.check import check_message
from orchestrator.workspace.finding import Finding
from orchestrator.workspace.load import load_files
from tests.one_journey import files

SEND = """journey: try_it
class: service
tags: [spring]
entry: {event: Ping}
steps:
  - {id: tell, send: hello, channels: [email]}
"""
OTHER = SEND.replace("try_it", "other")


def found(test: str, beside: str = "", other: str = OTHER) -> list[Finding]:
    """What lint says of the test file of `try_it`; beside it there is the journey `other`."""
    written = files({"try_it": SEND, "other": other})
    written["config/journeys/try_it.test.yaml"] = f"journey: try_it\ntests: [{{test: one, {test}}}]\n{beside}\n".encode()
    return [one for one in load_files(written, {}, check_message).findings if one.file == "config/journeys/try_it.test.yaml"]


@pytest.mark.parametrize(
    ("test", "code", "fix"),
    [
        ("journeys: [try_itt], when: [], then: {}", "J007", "did you mean 'try_it'?"),
        ("journeys: [], when: [], then: {}", "Y004", "add one"),
        ("when: [{at: 0h, stats: {journey: otherr, within: 1h, sends: 1}}], then: {}", "J007", "did you mean 'other'?"),
        ("when: [{at: 0h, stats: {journey: other, within: 1h, sends: 1}}], then: {}", "T005", "`journeys`"),
        ("when: [], then: {sends: [{journey: otherr}]}", "J007", "did you mean 'other'?"),
        ("when: [], then: {sends: [{journey: other}]}", "T005", "`journeys`"),
        ("when: [], then: {includes: {skips: [{journey: otherr, reason: expired}]}}", "J007", "did you mean 'other'?"),
        ("when: [], then: {paused: [try_itt]}", "J007", "did you mean 'try_it'?"),
        ("when: [], then: {paused: [other]}", "T005", "`journeys`"),
    ],
)
def test_of_a_test(test: str, code: str, fix: str) -> None:
    [finding] = found(test)
    assert finding.code == code
    assert fix in finding.fix


PROPERTY = "properties: [{property: p, at_most: 1, of: {%s}, per: 1h}, {property: q, never: {%s}, while: open_issues()}]"


@pytest.mark.parametrize("selector", ["journeys: [otherr]", "messages: [helo]", "topics: [newz]", "tags: [sprin]"])
def test_of_a_property(selector: str) -> None:
    two = found("when: [], then: {}", PROPERTY % (selector, selector))
    assert [one.code for one in two] == ["P002", "P002"]
    assert all("did you mean" in one.fix for one in two)


def test_of_a_file() -> None:
    assert [one.code for one in found("when: [], then: {}", "journeys: [try_it, otherr]")] == ["J007"]
    right = "journeys: [try_it, other]\n" + PROPERTY % ("journeys: [other], tags: [spring]", "messages: [hello], topics: [news]")
    assert found("when: [{at: 0h, stats: {journey: other, within: 1h}}], then: {sends: [{journey: other}], paused: [other]}", right) == []


def test_a_journey_that_cannot_be_read_is_there() -> None:
    broken = OTHER.replace("send:", "sendd:")
    beside = "journeys: [try_it, other]\n" + PROPERTY % ("journeys: [other], tags: [summer]", "messages: [hello]")
    assert found("when: [], then: {sends: [{journey: other}]}", beside, broken) == []
