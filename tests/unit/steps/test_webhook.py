"""`webhook`: a call leaves as a record, its answer decides where the run goes; nothing is called in tests."""

import json
import re
from dataclasses import replace

import pytest

from orchestrator.contracts.call import OutboundCall, decode_call
from orchestrator.contracts.topics import DELIVERY_RECEIPTS, OUTBOUND_CALLS
from orchestrator.engine.batch import Outcome
from orchestrator.observation import Observation
from orchestrator.runtime.metrics import Metrics
from tests.one_journey import CONCIERGE, errors, play, workspace
from tests.worlds import T0, Engine

HOSTS = CONCIERGE + 'webhooks: {hosts: [api.example.com, "*.partner.example:8443"]}\n'
JOURNEY = """journey: try_it
class: service
entry: {event: Basket Changed, key: event.basket}
exit_on: [{event: Order Placed, same: basket}]
steps:
  - id: score
    webhook:
      url: "https://api.example.com/churn/{{ customer.id }}?item={{ entry.item }}"
      headers: {X-Basket: "{{ entry.basket }}"}
      body: {total: "{{ entry.total * 2 }}", note: "for {{ entry.item }}"}
      save: {risk: response.body.risk, kind: "response.headers['x-kind']"}
    on_error: sorry
  - branch: [{when: steps.score.response.risk == 'high', then: [{id: offer, send: offer, channels: [email]}, {exit: true}]}]
  - {id: mail, send: hello, channels: [email]}
  - exit: true
  - {id: sorry, send: sorry, channels: [sms]}
"""
JOURNEY = JOURNEY.replace("  - exit: true\n  - {id: sorry", "  - {exit: done}\n  - {id: sorry")
MESSAGES = {"offer": "risk {{ steps.score.response.risk | default('?') }}", "sorry": "ok {{ steps.score.ok | default('?') }}"}
ENTER = "when: [{at: 0h, event: Basket Changed, with: {basket: b1, item: a/b & c, total: 4.5}}]\n"


def test_the_answer_decides_where_the_run_goes() -> None:
    high = "given: {webhooks: {score: {body: {risk: high}}}}\n" + ENTER + "then: {sends: [{step: offer, contains: [risk high]}]}"
    assert play(JOURNEY, high, MESSAGES, concierge=HOSTS) == []
    assert play(JOURNEY, ENTER + "then: {sends: [{step: mail}], ends: [{how: exit, label: done}]}", MESSAGES, concierge=HOSTS) == []


@pytest.mark.parametrize("given", ["given: {webhooks: {score: {status: 500}}}\n", "given: {webhooks: {score: {status: 302}}}\n"])
def test_anything_but_2xx_is_an_error(given: str) -> None:
    assert play(JOURNEY, given + ENTER + "then: {sends: [{step: sorry, contains: [ok false]}]}", MESSAGES, concierge=HOSTS) == []


def test_a_service_that_is_away_is_an_error_and_exit_there_is_an_ending_of_its_own() -> None:
    journey = JOURNEY.replace("on_error: sorry", "on_error: exit").replace(
        "  - {exit: done}\n  - {id: sorry, send: sorry, channels: [sms]}\n", ""
    )
    for how in ("down", "timeout", "rejected"):
        test = f"when: [{{at: 0h, fail: {{webhook: score, how: {how}, for: 1h}}}}, {{at: 0h, event: Basket Changed, with: {{basket: b1, item: x, total: 1}}}}, {{at: 1h, event: Basket Changed, with: {{basket: b2, item: x, total: 1}}}}]\n"
        assert (
            play(
                journey,
                test + "then: {sends: [{key: b2}], ends: [{at: 0h, how: webhook_failed}, {at: 1h, how: end}]}",
                MESSAGES,
                concierge=HOSTS,
            )
            == []
        )


def test_without_a_value_in_the_url_nobody_is_called() -> None:
    test = "when: [{at: 0h, event: Basket Changed, with: {basket: b1, total: 1}}]\nthen: {sends: [{step: sorry}]}"
    assert play(JOURNEY, test, MESSAGES, concierge=HOSTS) == []


def engine() -> Engine:
    found = Engine(workspace({"try_it": JOURNEY}, MESSAGES, concierge=HOSTS))
    found.apply([found.identify("ada", T0, email="a@example.com", phone="+447911123456")], until=T0)
    return found


def calls(outcome: Outcome) -> list[OutboundCall]:
    return [decode_call(record.value) for record in outcome.records if record.topic == OUTBOUND_CALLS]


def figures(outcome: Outcome) -> dict[str, float]:
    """What /metrics says of answers."""
    observation = Observation(Metrics())
    observation.batch(outcome, 0, 0.0)
    found = re.findall(r'^concierge_call_answers_total\{outcome="(\w+)"\} (.+)$', observation.metrics.text().decode(), re.MULTILINE)
    return {outcome: float(number) for outcome, number in found}


def answer(call: OutboundCall, at: int, **more: object) -> bytes:
    body = {"v": 1, "id": call.id, "customer": call.customer, "journey": call.journey, "key": call.key, "number": call.number, "step": call.step, "visit": call.visit, "ok": True, "status": 200, "attempts": 1, "at": at, "body": {}, "type": "call_answer", **more}  # fmt: skip
    return json.dumps(body).encode()


def test_what_is_called_is_what_was_written_with_values_encoded() -> None:
    made = engine()
    [call] = calls(made.apply([made.event("ada", T0 + 1000, "Basket Changed", basket="b1", item="a/b & c", total=4.5)], until=T0 + 1000))
    assert call.url == "https://api.example.com/churn/ada?item=a%2Fb%20%26%20c"
    assert (call.method, call.headers, call.timeout, call.retries, call.secret) == ("POST", {"X-Basket": "b1"}, 5_000, 3, None)
    assert call.body is not None
    assert json.loads(bytes(call.body)) == {"total": 9, "note": "for a/b & c"}


@pytest.mark.parametrize(
    ("written", "called"),
    [
        ("{{ entry.item | urlencode }}", "a%2Fb%20%26%20c"),
        ("{{ entry.basket ~ '/' ~ entry.item | urlencode }}", "b1%2Fa%252Fb%2520%2526%2520c"),
        ("{{ entry.item if entry.item else entry.basket | urlencode }}", "a%2Fb%20%26%20c"),
    ],
)
def test_every_value_in_the_url_is_encoded_whatever_a_part_of_it_went_through(written: str, called: str) -> None:
    journey = JOURNEY.replace("{{ customer.id }}?item={{ entry.item }}", written)
    one = Engine(workspace({"try_it": journey}, MESSAGES, concierge=HOSTS))
    outcome = one.apply([one.event("ada", T0, "Basket Changed", basket="b1", item="a/b & c", total=1)])
    assert [call.url for call in calls(outcome)] == [f"https://api.example.com/churn/{called}"]


def test_the_first_answer_counts_and_no_other() -> None:
    made = engine()
    [call] = calls(made.apply([made.event("ada", T0 + 1000, "Basket Changed", basket="b1", item="x", total=1)], until=T0 + 1000))
    for number, risk in enumerate(("high", "low", "high")):
        at = T0 + 2000 + number
        made.apply([made.record("ada", at, answer(call, at, body={"risk": risk}), DELIVERY_RECEIPTS)], until=at)
    assert [m.step for m in made.messages] == ["offer"]


def test_an_answer_after_the_run_has_ended_or_of_another_visit_does_nothing() -> None:
    made = engine()
    [call] = calls(made.apply([made.event("ada", T0 + 1000, "Basket Changed", basket="b1", item="x", total=1)], until=T0 + 1000))
    other = answer(call, T0 + 1500, visit=2)
    made.apply([made.record("ada", T0 + 1500, other, DELIVERY_RECEIPTS)], until=T0 + 1500)
    assert [run.state for run in made.customers["ada"].runs] == ["call"]
    made.apply([made.event("ada", T0 + 2000, "Order Placed", basket="b1")], until=T0 + 2000)
    made.apply([made.record("ada", T0 + 3000, answer(call, T0 + 3000), DELIVERY_RECEIPTS)], until=T0 + 3000)
    late = made.apply([made.record("ada", T0 + 4000, answer(call, T0 + 4000), DELIVERY_RECEIPTS)], until=T0 + 4000)
    assert made.messages == []
    assert made.customers["ada"].runs == []
    assert figures(late) == {"unasked": 1.0}


def test_more_than_a_run_can_keep_is_an_error_and_nothing_of_it_is_kept() -> None:
    made = engine()
    [call] = calls(made.apply([made.event("ada", T0 + 1000, "Basket Changed", basket="b1", item="x", total=1)], until=T0 + 1000))
    large = made.record("ada", T0 + 2000, answer(call, T0 + 2000, body={"risk": "x" * 16_400}), DELIVERY_RECEIPTS)
    outcome = made.apply([large], until=T0 + 2000)
    assert [m.step for m in made.messages] == ["sorry"]
    assert figures(outcome) == {"too_much": 1.0}


def test_an_answer_that_cannot_be_stored_is_an_error() -> None:
    for body in ('{"risk": "a\\u0000b"}', '{"risk": 123456789012345678901234567890}'):
        made = engine()
        [call] = calls(made.apply([made.event("ada", T0 + 1000, "Basket Changed", basket="b1", item="x", total=1)], until=T0 + 1000))
        value = answer(call, T0 + 2000, body="HERE").replace(b'"HERE"', body.encode())
        outcome = made.apply([made.record("ada", T0 + 2000, value, DELIVERY_RECEIPTS)], until=T0 + 2000)
        assert not outcome.dead_letters
        assert [m.step for m in made.messages] == ["sorry"]
        assert figures(outcome) == {"unfit": 1.0}


def test_an_applied_call_made_again_has_the_same_id_and_a_renamed_step_too() -> None:
    renamed = JOURNEY.replace("  - id: score\n", "  - id: churn\n    was: [score]\n").replace("steps.score", "steps.churn")
    ids = []
    for journey in (JOURNEY, JOURNEY, renamed):
        made = Engine(
            workspace(
                {"try_it": journey},
                {name: text.replace("steps.score", "steps.churn") if journey is renamed else text for name, text in MESSAGES.items()},
                concierge=HOSTS,
            )
        )
        made.apply([made.identify("ada", T0, email="a@example.com")], until=T0)
        ids += [
            one.id
            for one in calls(made.apply([made.event("ada", T0 + 1000, "Basket Changed", basket="b1", item="x", total=1)], until=T0 + 1000))
        ]
    assert len(ids) == 3
    assert len(set(ids)) == 1


EXIT_CALL = """journey: try_it
class: service
entry: {event: Basket Changed, key: event.basket}
exit_on:
  - event: Order Placed
    same: basket
    then:
      - {id: tell, webhook: {url: "https://api.example.com/orders/{{ event.order }}", method: PUT, body: {was: "{{ entry.total }}"}}}
      - {id: bye, send: hello, channels: [email]}
steps: [{id: w, delay: 3d}]
"""


def test_an_exit_calls_and_waits_for_no_answer() -> None:
    made = Engine(workspace({"try_it": EXIT_CALL}, concierge=HOSTS))
    made.apply([made.identify("ada", T0, email="a@example.com"), made.event("ada", T0, "Basket Changed", basket="b1", total=2)])
    outcome = made.apply([made.event("ada", T0 + 5, "Order Placed", basket="b1", order="o/1")])
    [call] = calls(outcome)
    assert (call.method, call.url, call.step) == ("PUT", "https://api.example.com/orders/o%2F1", "tell")
    assert [message.step for message in made.messages] == ["bye"]
    assert made.customers["ada"].runs == []
    late = made.apply([made.record("ada", T0 + 9, answer(call, T0 + 9, ok=False, why="timeout"), DELIVERY_RECEIPTS)])
    assert not late.dead_letters
    assert late.counts["calls_answered", "unasked"] == 1
    played = "when:\n  - {at: 0h, event: Basket Changed, with: {basket: b1}}\n  - {at: 1h, fail: {webhook: tell, how: down}}\n  - {at: 2h, event: Order Placed, with: {basket: b1, order: x}}\n"
    assert (
        play(
            EXIT_CALL,
            "given: {webhooks: {tell: {status: 500}}}\n" + played + "then: {sends: [{at: 2h, step: bye}], ends: [{at: 2h, how: exit_on}]}",
            concierge=HOSTS,
        )
        == []
    )


@pytest.mark.parametrize("key", ["save", "on_error"])
def test_what_would_need_the_answer_is_refused_in_an_exit(key: str) -> None:
    wrong = EXIT_CALL.replace("method: PUT", "method: PUT, save: {x: response.status}")
    if key == "on_error":
        wrong = EXIT_CALL.replace('{was: "{{ entry.total }}"}}}', '{was: "{{ entry.total }}"}}, on_error: exit}')
    assert [(f.code, f.line) for f in errors(wrong, concierge=HOSTS) if f.severity == "error"] == [("J010", 8)]


def test_what_lint_says_of_webhooks() -> None:
    def codes(old: str, new: str) -> list[tuple[str, str]]:
        assert old in JOURNEY
        return [(f.code, f.what) for f in errors(JOURNEY.replace(old, new), MESSAGES, concierge=HOSTS)]

    url = "https://api.example.com/churn/{{ customer.id }}?item={{ entry.item }}"
    assert codes(url, "https://eu.partner.example:8443/x") == []
    assert codes(url, "https://eu.partner.example/x") == [("J037", "'eu.partner.example' is not listed")]
    for wrong in (
        "http://api.example.com/x",
        "https://{{ entry.item }}.example.com/x",
        "https://api.example.com{{ entry.item }}/x",
        "https://a@api.example.com/x",
        "{{ entry.item }}",
    ):
        assert codes(url, wrong)[0][0] == "J037", wrong
    assert codes("{{ customer.id }}", "{{ customer.first_name }}") == [("J038", "personal data leaves: first_name")]
    assert codes("for {{ entry.item }}", "{{ customer.email }}") == [("J038", "personal data leaves: email")]
    assert codes("      save:", "      pii: true\n      headers: {A: '{{ customer.email }}'}\n      save:")[0][0] == "Y003"
    assert codes('headers: {X-Basket: "{{ entry.basket }}"}', "pii: true\n      headers: {A: '{{ customer.email }}'}") == []
    assert codes("      save:", "      timeout: 31s\n      save:") == [("Y005", "31s is too long")]
    assert codes("      save:", "      timeout: 800ms\n      save:") == []
    assert codes("      save:", "      retries: 9\n      save:")[0][0] == "Y005"
    assert codes("      save:", "      method: FETCH\n      save:")[0][0] == "Y005"
    assert codes("risk: response.body.risk", "risk: customer.score")[0][0] == "E003"
    assert codes("on_error: sorry", "on_error: sory")[0][0] == "J016"
    assert [f.code for f in errors(JOURNEY, MESSAGES) if f.severity == "error"] == ["J037"]


def test_an_answer_of_a_run_that_was_paused_is_kept_for_the_resume() -> None:
    test = """given: {webhooks: {score: {body: {risk: high}}}}
when: [{at: 0h, event: Basket Changed, with: {basket: b1, item: x, total: 1}}]
then: {sends: [{step: offer}]}"""
    assert play(JOURNEY, test, MESSAGES, concierge=HOSTS) == []
    made = engine()
    [call] = calls(made.apply([made.event("ada", T0 + 1000, "Basket Changed", basket="b1", item="x", total=1)], until=T0 + 1000))

    live = made.workspace
    made.workspace = replace(live, journeys={"try_it": replace(live.journeys["try_it"], status="paused")})
    made.apply([made.record("ada", T0 + 2000, answer(call, T0 + 2000, body={"risk": "high"}), DELIVERY_RECEIPTS)], until=T0 + 2000)
    assert made.messages == []
    made.workspace = live
    made.apply([made.event("ada", T0 + 3000, "Ping")], until=T0 + 3000)
    assert [m.step for m in made.messages] == ["offer"]


def test_an_exit_may_call_and_waits_for_no_answer() -> None:
    then = '[{id: told, webhook: {url: "https://api.example.com/over/{{ event.order }}", body: {basket: "{{ entry.basket }}"}}}, {id: bye, send: hello, channels: [email]}]'
    text = JOURNEY.replace("same: basket}]", f"same: basket, then: {then}}}]")
    made = Engine(workspace({"try_it": text}, MESSAGES, concierge=HOSTS))
    made.apply([made.identify("ada", T0, email="a@example.com", phone="+447911123456")], until=T0)
    made.apply([made.event("ada", T0 + 1000, "Basket Changed", basket="b1", item="x", total=1)], until=T0 + 1000)
    [call] = calls(made.apply([made.event("ada", T0 + 2000, "Order Placed", basket="b1", order="o 7")], until=T0 + 2000))
    assert (call.step, call.url) == ("told", "https://api.example.com/over/o%207")
    assert call.body is not None
    assert json.loads(bytes(call.body)) == {"basket": "b1"}
    made.apply([made.record("ada", T0 + 3000, answer(call, T0 + 3000), DELIVERY_RECEIPTS)], until=T0 + 3000)
    assert [m.step for m in made.messages] == ["bye"]
    assert made.customers["ada"].runs == []
    for old, new in (
        ('"{{ entry.basket }}"}}},', '"{{ entry.basket }}"}, save: {a: response.status}}},'),
        ('"{{ entry.basket }}"}}},', '"{{ entry.basket }}"}}, on_error: exit},'),
    ):
        assert [f.code for f in errors(text.replace(old, new), MESSAGES, concierge=HOSTS)] == ["J010"], new


def test_an_exit_calls_nobody_without_a_value_in_the_url() -> None:
    then = '[{id: told, webhook: {url: "https://api.example.com/over/{{ event.order }}"}}]'
    made = Engine(workspace({"try_it": JOURNEY.replace("same: basket}]", f"same: basket, then: {then}}}]")}, MESSAGES, concierge=HOSTS))
    made.apply([made.identify("ada", T0, email="a@example.com", phone="+447911123456")], until=T0)
    made.apply([made.event("ada", T0 + 1000, "Basket Changed", basket="b1", item="x", total=1)], until=T0 + 1000)
    assert calls(made.apply([made.event("ada", T0 + 2000, "Order Placed", basket="b1")], until=T0 + 2000)) == []
