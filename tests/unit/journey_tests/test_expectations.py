"""What a test may expect beside sends and skips: values, shares of arms, what a plan says."""

import pytest

from orchestrator.workspace.finding import Findings
from orchestrator.workspace.shape import Reading
from orchestrator.workspace.test_file import read_tests
from orchestrator.workspace.yaml_reader import read_yaml
from tests.one_journey import play, workspace

DIGEST = """journey: try_it
class: service
entry: {event: Basket Changed}
steps:
  - {id: gather, digest: {window: 1h}}
  - {id: tell, send: hello, channels: [email], with: {basket: "{{ digest.first.basket }}"}}
"""
TWO = "when: [{at: 0h, event: Basket Changed, with: {basket: b1, total: 5}}, {at: 10m, event: Basket Changed, with: {basket: b2}}]\n"


def told(values: str) -> list[str]:
    skips = "skips: [{reason: already_running}]" if "skips" in values else ""
    return play(DIGEST, TWO + f"then: {{sends: [{{at: 1h, values: {values}}}]{skips}}}")


def test_values_are_what_the_message_could_read() -> None:
    right = "{digest.count: 2, digest.last.basket: b2, entry.total: 5, customer.email: customer@example.com, vars.basket: b1, message.step: tell, customer.tier: null}"
    assert told(right) == []
    assert told("{digest.items | length: 2}") == []
    assert "digest.count 3, it was 2" in told("{digest.count: 3}")[0]
    assert "customer.tier 'gold', it was missing" in told("{customer.tier: gold}")[0]


def test_values_of_first_and_includes_too() -> None:
    for then in ("first: [{values: {digest.count: %d}}], counts: {sends: 1}", "includes: {sends: [{values: {digest.count: %d}}]}"):
        assert play(DIGEST, TWO + f"then: {{{then % 2}}}") == []
        assert play(DIGEST, TWO + f"then: {{{then % 1}}}") != []


def test_values_are_those_of_the_commit() -> None:
    """A trait that changes later is not looked at."""
    journey = DIGEST.replace("  - {id: gather, digest: {window: 1h}}\n", "").replace(', with: {basket: "{{ digest.first.basket }}"}', "")
    changes = "when: [{at: 0h, event: Basket Changed, with: {basket: b1}}, {at: 1h, identify: customer, with: {tier: gold}}]\n"
    assert play(journey, changes + "then: {sends: [{values: {customer.tier: null}}], customer: {tier: gold}}") == []


SPLIT = """journey: try_it
class: service
entry: {event: Ping}
steps:
  - {id: tone, split: {short: 20, long: 80}, sticky: STICKY}
  - {id: tell, send: hello, channels: [email]}
"""
MANY = "given: {population: 1000}\nwhen: [{at: 0h, event: Ping, customer: '*'}]\n"


def test_the_shares_of_arms() -> None:
    journey = SPLIT.replace("STICKY", "customer")
    assert (
        play(journey, MANY + "then: {first: [], counts: {sends: 1000}, arms: {short: {between: [17%, 23%]}, long: {between: [77%, 83%]}}}")
        == []
    )
    [wrong] = play(journey, MANY + "then: {first: [], counts: {sends: 1000}, arms: {short: {between: [77%, 83%]}}}")
    assert wrong.startswith("arms.short: ")
    assert wrong.endswith("% of 1000, expected 77% to 83%")


def test_nobody_takes_two_arms_unless_runs_draw() -> None:
    again = MANY + "then: {first: [], arms: {short: {between: [0%, 100%]}}}\n"
    again = again.replace("customer: '*'}", "customer: '*', repeat: 2, every: 1h}")
    assert play(SPLIT.replace("STICKY", "customer"), again) == []
    assert play(SPLIT.replace("STICKY", "run"), MANY + "then: {first: [], arms: {short: {between: [17%, 23%]}}}") == [], (
        "each person's run by itself"
    )
    found = play(SPLIT.replace("STICKY", "run"), again)
    assert "took 'short' and another arm" in found[0]


BEFORE = """journey: try_it
class: service
entry: {event: Ping}
steps:
  - {id: rest, delay: 2d}
  - {id: more, delay: 1d}
  - {id: tell, send: hello, channels: [email]}
"""
APPLY = "given: {population: 3}\nwhen: [{at: 0h, event: Ping, customer: '*'}, {at: 1d, apply: fixtures/next.yaml}]\n"
GONE = BEFORE.replace("  - {id: rest, delay: 2d}\n", "")
SENT = "then: {first: [], counts: {sends: SENDS}"


@pytest.mark.parametrize(
    ("then", "plan", "sends"),
    [
        (GONE.replace("steps:", "in_flight: {removed: {rest: more}}\nsteps:"), "{moved: {more: 3}, refused: []}", 3),
        (GONE.replace("steps:", "in_flight: {removed: {rest: exit}}\nsteps:"), "{moved: {exit: 3}}", 0),
        (BEFORE.replace("steps:", "in_flight: exit\nsteps:"), "{moved: {exit: 3}}", 0),
        (BEFORE.replace("id: rest", "id: pause, was: [rest]"), "{moved: {}}", 3),
        (GONE, "{refused: [J040]}", 3),
    ],
    ids=["to a step", "to the exit", "everybody leaves", "renamed", "refused"],
)
def test_what_a_plan_says_of_an_apply(then: str, plan: str, sends: int) -> None:
    """What is refused is not applied: everybody goes on in the text before."""
    base = SENT.replace("SENDS", str(sends))
    assert play(BEFORE, APPLY + base + f", plan: {plan}}}", then=then) == []
    [wrong, *_more] = play(BEFORE, APPLY + base + ", plan: {moved: {tell: 3}, refused: [J047]}}", then=then)
    assert wrong.startswith("plan.")


def test_what_is_refused_and_not_expected_fails() -> None:
    found = play(BEFORE, APPLY + SENT.replace("SENDS", "3") + "}", then=GONE)
    assert found[0] == "plan.refused: expected nothing, got J040"
    assert "step 'rest' is gone, 3 people stand in it" in found[1]


@pytest.mark.parametrize(
    ("then", "code"),
    [
        ("sends: [{values: {digest.cuont: 2}}]", "E004"), ("sends: [{values: {digst.count: 2}}]", "E003"), ("includes: {sends: [{values: {'1 +': 2}}]}", "E001"),
        ("arms: {shrt: {between: [1%, 2%]}}", "T001"), ("arms: {short: {between: [1%]}}", "Y004"), ("held_out: {between: [1%, 2%], about: 3%}", "Y002"), ("plan: {moved: {x: -1}}", "Y005"),
    ],
)  # fmt: skip
def test_what_cannot_be_expected_is_said_by_lint(then: str, code: str) -> None:
    assert said(f"when: [], then: {{{then}}}") == [code]


def said(text: str, beside: str = "") -> list[str]:
    """Codes of what lint says of one test; `beside` are further lines of its file."""
    return of_file(f"tests: [{{test: one, {text}}}]\n{beside}")


def of_file(text: str) -> list[str]:
    """Codes of what lint says of a test file with these keys."""
    findings = Findings()
    space = workspace({"try_it": SPLIT.replace("STICKY", "customer")})
    node = read_yaml(f"journey: try_it\n{text}\n".encode(), "t.test.yaml", findings)
    assert node is not None
    read_tests(node, "try_it", space, Reading("t.test.yaml", findings))
    return [one.code for one in findings.all]


@pytest.mark.parametrize(
    ("then", "code"),
    [
        ("ends: [{how: gone}]", "T001"), ("ends: [{how: goal}]", "T005"), ("ends: [{how: digested}]", "T005"), ("ends: [{how: exit_on}]", "T005"),
        ("ends: [{how: restarted}]", "T005"), ("includes: {ends: [{how: webhook_failed}]}", "T005"), ("ends: [{label: paid}]", "T005"),
        ("first: [{step: tone}]", "T005"), ("includes: {sends: [{step: tell, channel: sms}]}", "T005"), ("sends: [{step: tell, variant: b}]", "T005"),
        ("sends: [{customer: ada}]", "T001"), ("includes: {skips: [{customer: ada, reason: expired}]}", "T001"),
    ],
)  # fmt: skip
def test_what_no_run_of_the_journey_can_do(then: str, code: str) -> None:
    assert said(f"when: [], then: {{{then}}}") == [code]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("when: [{at: 0h, receipt: {step: tell, status: read, humn: false}}]", "Y002"), ("when: [{at: 0h, reply: {channel: sms, text: STOP, txt: STOP}}]", "Y002"),
        ("when: [{at: 0h, fail: {chanel: sms, how: down}}]", "Y002"), ("when: [{at: 0h, fail: {lookup: one, how: down}}]", "Y002"),
        ("when: [{at: 0h, unsubscribe: {step: tell, how: page}}]", "Y002"), ("given: {consents: [{chanel: sms, state: revoked}]}, when: []", "Y002"),
        ("given: {issues: [{kindd: service}]}, when: []", "Y002"), ("given: {history: [{event: Ping, whith: {n: 1}}]}, when: []", "Y002"),
        ("given: {windows: {whatsap: open}}, when: []", "Y002"), ("given: {windows: {whatsapp: opened}}, when: []", "Y005"),
        ("given: {consents: {channel: sms, state: revoked}}, when: []", "Y004"), ("given: {consents: [{channel: sms, state: revokd}]}, when: []", "Y005"),
        ("given: {webhooks: [{step: hook, body: {}}]}, when: []", "Y004"), ("given: {webhooks: {hook: {stauts: 200}}}, when: []", "Y002 T001"),
        ("given: {arms: [short]}, when: []", "Y004"), ("given: {held_out: ada}, when: []", "Y004"), ("given: {population: many}, when: []", "Y004"),
        ("given: {history: [{event: Ping, at: 3}]}, when: []", "Y014"), ("given: {templates: {whatsapp: waiting}}, when: []", "Y005"),
        ("given: {consents: [{topic: newz, state: revoked}]}, when: []", "P002"), ("given: {issues: [{kind: servis}]}, when: []", "T001"),
        ("given: {arms: {tel: short}}, when: []", "T001"), ("given: {webhooks: {tell: {status: 500}}}, when: []", "T001"),
        ("when: [{at: 0h, receipt: {step: tel, status: read}}]", "T001"), ("when: [{at: 0h, receipt: {step: tell, status: red}}]", "Y005"),
        ("when: [{at: 0h, unsubscribe: {step: tel}}]", "T001"), ("when: [{at: 0h, event: Ping, type: trak}]", "Y005"),
        ("when: [{at: 0h, event: Ping, every: soon, repeat: 2}]", "Y014"), ("when: [{at: 0h, event: Ping, repeat: 0}]", "Y005"),
        ("when: [{at: 0h, pause: 1}]", "Y008"), ("when: [{at: 0h, fail: {channel: sms, how: down, for: 1.5h}}]", "Y014"),
        ("when: [{at: 0h, customer: ada, event: Ping}]", "T001"),
        ("given: {customers: {ada: {}}}, when: [{at: 0h, customer: ben, event: Ping}]", "T001"),
    ],
)  # fmt: skip
def test_what_nothing_would_read(text: str, code: str) -> None:
    assert " ".join(said(f"{text}, then: {{sends: []}}")) == code


@pytest.mark.parametrize("text", [
    "given: {customers: {ada: {}, ben: {}}}, when: [{at: 0h, customer: ben, event: Ping}, {at: 0h, customer: '*', event: Ping}], then: {sends: [{customer: ada}]}",
    "given: {population: 3}, when: [{at: 0h, customer: p3, event: Ping}], then: {sends: [{customer: p3}]}",
    "when: [{at: 0h, customer: v1, anonymous: v1, event: Ping}], then: {sends: [{customer: v1}]}",
    "given: {customer: {id: ada}}, when: [{at: 0h, event: Ping}], then: {sends: [{customer: ada, variant: null}], ends: [{how: end, label: null}]}",
])  # fmt: skip
def test_what_is_right_raises_nothing(text: str) -> None:
    assert said(text) == []
