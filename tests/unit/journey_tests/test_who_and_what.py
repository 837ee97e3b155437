"""Who is there in a test, the forms of what it expects, and the names of tests."""

import pytest

from tests.one_journey import play
from tests.unit.journey_tests.test_expectations import of_file, said

SEND = """journey: try_it
class: service
entry: {event: Ping}
steps:
  - {id: tell, send: hello, channels: [email]}
"""
ALL = "when: [{at: 0h, customer: '*', event: Ping}]\n"


@pytest.mark.parametrize("people", ["customer: {tier: gold}, customers: {ada: {}}", "population: 3, customers: {ada: {}}"])
def test_people_are_named_in_one_way(people: str) -> None:
    assert said(f"given: {{{people}}}, when: [], then: {{}}") == ["Y012"]
    assert said("when: [], then: {}", f"given: {{{people}}}") == ["Y012"]


@pytest.mark.parametrize(
    ("of_the_file", "of_the_test", "sends"),
    [
        ("customers: {ada: {}, ben: {}}", "customer: {tier: gold}", "[{customer: customer, values: {customer.tier: gold}}]"),
        ("customers: {ada: {}, ben: {}}", "population: 1", "[{customer: p1}]"),
        ("customer: {tier: gold}", "customers: {ada: {}}", "[{customer: ada, values: {customer.tier: null}}]"),
        ("population: 3", "customers: {ada: {}}", "[{customer: ada}]"),
        (
            "customer: {tier: gold}",
            "population: 2",
            "[{customer: p1, values: {customer.tier: gold}}, {customer: p2, values: {customer.tier: gold}}]",
        ),
        ("population: 1", "customer: {tier: gold}", "[{customer: p1, values: {customer.tier: gold}}]"),
        ("customers: {ada: {}}", "issues: []", "[{customer: ada}]"),
    ],
)
def test_people_of_a_test_are_there_instead_of_those_of_its_file(of_the_file: str, of_the_test: str, sends: str) -> None:
    assert play(SEND, f"given: {{{of_the_test}}}\n{ALL}then: {{sends: {sends}}}", beside=f"given: {{{of_the_file}}}\n") == []


@pytest.mark.parametrize(
    ("then", "code"),
    [
        ("counts: {snds: 1}", "Y002"),
        ("counts: {sends: many}", "Y004"),
        ("counts: [sends]", "Y004"),
        ("includes: {snds: [{step: tell}]}", "Y002"),
        ("sends: {step: tell}", "Y004"),
        ("sends: [tell]", "Y004"),
        ("first: tell", "Y004"),
        ("paused: try_it", "Y004"),
        ("paused: [nope]", "J007"),
        ("facts: equall", "Y005"),
        ("customer: gold", "Y004"),
    ],
)
def test_what_is_expected_in_no_form_that_is_looked_at(then: str, code: str) -> None:
    assert said(f"when: [], then: {{{then}}}") == [code]


def test_what_is_expected_as_it_should_be() -> None:
    then = (
        "sends: null, holds: [], includes: {ends: []}, counts: {sends: 0, goals: 0}, facts: equal, customer: {tier: null}, paused: [try_it]"
    )
    assert said(f"when: [], then: {{{then}}}") == []


EMPTY = "{test: %s, when: [], then: {}}"


@pytest.mark.parametrize(("names", "codes"), [((), ["Y004"]), (("one", "two"), []), (("one", "two", "one"), ["J013"])])
def test_a_file_has_tests_and_each_its_own_name(names: tuple[str, ...], codes: list[str]) -> None:
    assert of_file(f"tests: [{', '.join(EMPTY % name for name in names)}]") == codes


@pytest.mark.parametrize("given", ["arms: {tel: short}", "webhooks: {tel: {status: 500}}"])
def test_steps_that_a_file_gives_are_there_also_where_a_test_gives_more(given: str) -> None:
    for own in ("", "given: {customer: {tier: gold}}, "):
        assert said(f"{own}when: [], then: {{}}", f"given: {{{given}}}") == ["T001"]
