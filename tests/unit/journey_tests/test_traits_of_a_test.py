"""Traits of a test are those the profile declares, with values that somebody can have."""

import pytest

from orchestrator.workspace.finding import Finding, Findings
from orchestrator.workspace.shape import Reading
from orchestrator.workspace.test_file import read_tests
from orchestrator.workspace.yaml_reader import read_yaml
from tests.one_journey import CONCIERGE, PROFILE, play, workspace

SEND = """journey: try_it
class: service
entry: {event: Ping}
steps:
  - {id: tell, send: hello, channels: [email]}
"""
MORE = (
    PROFILE
    + "  plan: {type: choice, of: [fast, slow]}\n  since: {type: date}\n  given_name: {type: text, from: traits.firstName}\n"
    + "  tags: {type: list}\n  page: {type: text, from: context.page}\ncomputed:\n  pings: {count: Ping}\n"
)


def found(text: str, concierge: str = CONCIERGE) -> list[Finding]:
    findings = Findings()
    node = read_yaml(f"journey: try_it\n{text}\n".encode(), "t.test.yaml", findings)
    assert node is not None, findings.all
    read_tests(node, "try_it", workspace({"try_it": SEND}, profile=MORE, concierge=concierge), Reading("t.test.yaml", findings))
    return findings.all


def one(text: str) -> str:
    return f"tests: [{{test: one, {text}}}]"


@pytest.mark.parametrize(
    ("traits", "code", "fix"),
    [
        ("teir: gold", "E004", "did you mean 'tier'?"),
        ("timezone: Europe/Lodon", "Y013", "did you mean 'Europe/London'?"),
        ("country: UK", "Y013", "did you mean"),
        ("locale: xx-YY", "Y013", "BCP 47"),
        ("score: abc", "Y004", "integer"),
        ("score: 1.5", "Y004", "integer"),
        ("first_name: [Ada]", "Y004", "text"),
        ("tier: true", "Y004", "text"),
        ("plan: fats", "Y005", "did you mean 'fast'?"),
        ("since: soon", "Y015", "2026-03-02"),
        ("since: \"{{ at('1d') }}\"", "Y015", "2026-03-02"),
        ("tags: x", "Y004", "list"),
        ("pings: 3", "E004", "history"),
    ],
)
def test_given_traits(traits: str, code: str, fix: str) -> None:
    for text in (
        one(f"given: {{customer: {{{traits}}}}}, when: [], then: {{}}"),
        one(f"given: {{customers: {{ada: {{{traits}}}}}}}, when: [], then: {{}}"),
    ):
        [finding] = found(text)
        assert finding.code == code
        assert fix in finding.fix
    assert [one.code for one in found(f"given: {{customer: {{{traits}}}}}\n" + one("when: [], then: {}"))] == [code]


@pytest.mark.parametrize(
    ("traits", "code"),
    [
        ("teir: gold", "E004"), ("score: abc", "Y004"), ("timezone: Europe/Lodon", "Y013"), ("given_name: Ada", "E004"), ("firstName: [Ada]", "Y004"),
        ("page: start", "E004"), ("plan: fats", "Y005"), ("pings: 3", "E004"),
    ],
)  # fmt: skip
def test_traits_that_are_stated(traits: str, code: str) -> None:
    assert [one.code for one in found(one(f"when: [{{at: 0h, identify: customer, with: {{{traits}}}}}], then: {{}}"))] == [code]


def test_fields_at_the_end() -> None:
    assert [one.code for one in found(one("when: [], then: {customer: {teir: null}}"))] == ["E004"]
    assert found(one("when: [], then: {customer: {tier: null, pings: 0, known: true, email: customer@example.com}}")) == []


@pytest.mark.parametrize("text", [
    "given: {customer: {id: ada, tier: null, score: 3, size: '4.5', email: a@example.com, timezone: Europe/London, country: gb, locale: de_AT, plan: fast, tags: [a]}}",
    "given: {customers: {ada: {since: 2026-03-02, given_name: Ada, page: start, first_name: 7}}}",
    "when: [{at: 0h, identify: customer, with: {firstName: Ada, since: \"{{ at('1d') }}\", phone: '+447911000000', tier: null}}]",
])  # fmt: skip
def test_what_is_right_raises_nothing(text: str) -> None:
    assert found(one(f"{text}, then: {{}}")) == []


def test_where_events_are_not_strict_anything_may_be_stated() -> None:
    assert found(one("when: [{at: 0h, identify: customer, with: {teir: gold}}], then: {}"), CONCIERGE + "events: {strict: false}\n") == []


def test_a_given_trait_is_kept_as_if_it_had_been_stated() -> None:
    given = "given: {customer: {locale: de_AT, country: gb, score: '7'}}\nwhen: [{at: 0h, event: Ping}]\n"
    assert play(SEND, given + "then: {sends: [{}], customer: {score: 7, country: GB}}") == []
