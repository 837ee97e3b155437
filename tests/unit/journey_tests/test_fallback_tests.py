"""What `concierge test` knows of `fallback`: ways no test goes, changes no test notices, and providers that never say that they delivered."""

from collections import Counter

import pytest

from orchestrator.content.check import check_message
from orchestrator.journey_tests.mutate import mutants
from orchestrator.journey_tests.session import Session
from orchestrator.journey_tests.versions import Versions
from orchestrator.runtime.clock import SystemClock
from orchestrator.workspace.finding import Findings
from orchestrator.workspace.shape import Reading
from orchestrator.workspace.test_file import read_tests
from orchestrator.workspace.yaml_reader import read_yaml
from tests.one_journey import files, play, workspace
from tests.unit.steps.fallen import BASKET, EXPIRED, UNSEEN, fail, journey, receipt

SENT = f"{{test: sent, when: [{BASKET}, {receipt('1h', 'opened')}], then: {{sends: [{{at: 0h, channel: email}}]}}}}"
FAILED = f"{{test: failed, when: [{fail('rejected')}, {BASKET}], then: {{sends: [{{at: 0h, channel: sms}}], skips: [{{reason: provider_rejected}}]}}}}"
NOT_SEEN = (
    f"{{test: unseen, when: [{BASKET}], then: {{sends: [{{at: 0h}}, {{at: 4h, channel: sms}}], skips: [{{at: 4h, reason: unseen}}]}}}}"
)


def judged(text: str, *tests: str) -> tuple[list[str], list[str]]:
    """What T002 says, and which changes go unnoticed."""
    space, findings = workspace({"try_it": text}), Findings()
    node = read_yaml(f"journey: try_it\ntests:\n{''.join(f'  - {one}' + chr(10) for one in tests)}".encode(), "try_it.test.yaml", findings)
    assert node is not None
    file = read_tests(node, "try_it", space, Reading("try_it.test.yaml", findings))
    one = Session(space, Versions(files({"try_it": text}), {}, check_message, lambda _name: b""), SystemClock())
    results = one.run([file])
    assert Counter(line for result, _seconds in results for line in result.difference) == Counter()
    one.cover([file], results, findings)
    said = [f.what.removeprefix("no test reaches ") for f in findings.all if f.code == "T002"]
    return said, [what for what, changed in mutants(space, "try_it") if one.passes(changed, file)]


def test_each_word_that_is_written_is_a_way() -> None:
    assert judged(UNSEEN, SENT) == (
        ["'mail': fallback when undeliverable", "'mail': fallback when unseen"],
        ["mail: fallback: none", "mail: fallback after 5h", "mail: fallback without undeliverable", "mail: fallback without unseen"],
    )
    assert judged(UNSEEN, SENT, FAILED) == (["'mail': fallback when unseen"], ["mail: fallback after 5h", "mail: fallback without unseen"])
    assert judged(UNSEEN, SENT, FAILED, NOT_SEEN) == ([], [])


def test_what_happens_by_itself_needs_no_test() -> None:
    assert judged(journey(), SENT) == ([], [])


def test_expired_says_nothing_more_where_unseen_is_asked_for() -> None:
    assert judged(journey("{on: [unseen, expired], after: 4h}"), SENT, NOT_SEEN) == ([], [])


@pytest.mark.parametrize(("how", "reason"), [("timeout", "outcome_unknown"), ("queued", "unseen")])
def test_a_provider_that_never_says_it_delivered(how: str, reason: str) -> None:
    """`expired`: nobody knows, or no sender has taken it up."""
    said = "{at: 0h, reason: outcome_unknown}, " if reason == "outcome_unknown" else ""
    test = f"when: [{fail(how)}, {BASKET}]\nthen: {{sends: [{{at: 4h, channel: sms, reason: fell_back}}], skips: [{said}{{at: 4h, channel: email, reason: unseen}}]}}"
    assert play(EXPIRED, test) == []
    late = f"when: [{fail(how, more=', for: 3h')}, {BASKET}]\nthen: {{sends: [{{at: 3h, channel: email}}]}}"
    if how == "queued":
        assert play(EXPIRED, late) == []
