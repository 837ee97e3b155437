"""The numbers of a report, counted by hand."""

from orchestrator.simulation.busiest import rates_of
from orchestrator.simulation.report import Report, as_json
from orchestrator.simulation.words import words
from orchestrator.workspace.policies import ChannelLimit, Policies
from tests.one_journey import CONCIERGE
from tests.unit.simulation.playing import DAY, T0, event, identify, play, report

TRY = """journey: try_it
class: service
entry: {event: Basket Changed, key: event.basket, when: event.total > 0}
goal: {event: Order Placed, same: basket, within: 5d}
steps:
  - {id: first, send: hello, channels: [email, sms]}
  - {id: think, delay: 2h}
  - {id: second, send: hello, channels: [email]}
  - {id: long, delay: 10d}
"""
CARE = """journey: care
class: service
entry: {event: Ping}
steps:
  - {id: rest, delay: 3d}
  - {id: ask, send: hello, channels: [email]}
"""
LINES = [
    identify("ada", email="ada@example.com", timezone="Europe/London"),
    identify("ben", phone="+447400123456", timezone="Europe/London"),
    identify("cleo", email="cleo@example.com", timezone="Asia/Tokyo"),
    identify("dan", email="dan@example.com"),
    event("ada", "10:00", "Basket Changed", basket="b1", total=5),
    event("ben", "10:00", "Basket Changed", basket="b2", total=5),
    event("cleo", "10:30", "Basket Changed", basket="b3", total=5),
    event("dan", "10:30", "Basket Changed", basket="b4", total=0),
    event("ada", "11:00", "Ping"),
    event("cleo", "04T10:00", "Order Placed", basket="b3", order="o1"),
]


def test_every_number() -> None:
    found = report(play(LINES, {"try_it": TRY, "care": CARE}), {"email": {"default": 0.001}, "sms": {"GB": 0.04}})
    assert (found["customers"], found["events"]) == (4, 10)
    assert found["messages"] == {"number": 6, "steps": [
        {"journey": "care", "step": "ask", "message": "hello", "channel": "email", "number": 1},
        {"journey": "try_it", "step": "first", "message": "hello", "channel": "email", "number": 2},
        {"journey": "try_it", "step": "first", "message": "hello", "channel": "sms", "number": 1},
        {"journey": "try_it", "step": "second", "message": "hello", "channel": "email", "number": 2},
    ]}  # fmt: skip
    # ada at 10, 12 and (care, after three days) 11; cleo, nine hours ahead, at 19 and 21; ben's text at 10
    hours = {"email": {10: 1, 11: 1, 12: 1, 19: 1, 21: 1}, "sms": {10: 1}, "whatsapp": {}}
    assert found["hours"] == {channel: [some.get(hour, 0) for hour in range(24)] for channel, some in hours.items()}
    assert found["withheld"] == [
        {"effect": "D", "reason": "address_missing", "rule": None, "journey": "try_it", "step": "second", "number": 1},
        {"effect": "E", "reason": "entry_filter", "rule": None, "journey": "try_it", "step": None, "number": 1},
    ]
    assert found["runs"] == [
        {"journey": "care", "started": 1, "goals": 0, "under_way": 0, "ended": [{"how": "end", "label": None, "number": 1}]},
        {"journey": "try_it", "started": 3, "goals": 1, "under_way": 0,
         "ended": [{"how": "end", "label": None, "number": 2}, {"how": "goal", "label": None, "number": 1}]},
    ]  # fmt: skip
    assert found["overlaps"] == {"people": 1, "pairs": [{"journeys": ["care", "try_it"], "people": 1}]}
    assert found["people_by_messages"] == {"0": 1, "1": 1, "2": 1, "3": 1}
    assert found["most_in_a_day"] == {"messages": 2, "customer": "ada", "when": "2026-03-02"}
    assert found["most_in_a_week"] == {"messages": 3, "customer": "ada", "when": "2026-W10"}
    assert found["cost"] == {"total": 0.045, "complete": True, "lines": [
        {"channel": "email", "country": None, "parts": 5, "price": 0.001, "cost": 0.005},
        {"channel": "sms", "country": "GB", "parts": 1, "price": 0.04, "cost": 0.04},
    ]}  # fmt: skip
    assert found["busiest_minutes"] == [
        {"channel": "email", "at": "2026-03-02T10:00Z", "messages": 1, "rate_per_s": 500.0, "share": 0.0, "minutes_over": 0},
        {"channel": "sms", "at": "2026-03-02T10:00Z", "messages": 1, "rate_per_s": 100.0, "share": 0.0002, "minutes_over": 0},
    ]


def test_runs_that_go_on_are_under_way_at_the_end() -> None:
    found = report(play(LINES, {"try_it": TRY, "care": CARE}, days=1))
    assert [(run["journey"], run["started"], run["under_way"]) for run in found["runs"]] == [("care", 1, 1), ("try_it", 3, 2)]  # type: ignore[attr-defined]  # JSON


def test_people_read_the_same() -> None:
    result = play(LINES, {"try_it": TRY, "care": CARE})
    told = list(
        words(
            Report(
                "concierge simulate --days 3",
                T0,
                T0 + 3 * DAY,
                result,
                {},
                {"email": 0.001, "sms": 1.0, "whatsapp": 1.0},
                [("line 3", "not JSON")],
            )
        )
    )
    text = "\n".join(told)
    assert told[0] == "4 customers, 3 days from 2026-03-02T10:00Z, 10 events"
    assert "1 event was not taken:" in told
    assert "  line 3: not JSON" in told
    assert "Messages: 6" in text
    assert "  1  care / ask       hello  email" in told
    assert "  10  ████████████████████████████████████████ 2" in told
    assert "  1  not sent       try_it / second  address_missing  There is no usable address for the channel" in told
    assert "  3  try_it  2 end, 1 goal, 0 under way  1 reached the goal" in told
    assert "  1  care + try_it" in told
    assert "  most in a week: 3, ada in 2026-W10" in told
    assert "Cost: unknown; concierge.toml has no `price` for a provider of email, sms" in text
    assert "  email: 1 at 2026-03-02T10:00Z, 1666.7% of 0.001 a second; 5 minutes with more than that" in told


def test_what_has_no_price_is_named() -> None:
    result = play(LINES, {"try_it": TRY})
    told = list(words(Report("", T0, T0 + DAY, result, {"email": {"GB": 0.5, "default": 1}}, {"email": 1, "sms": 1, "whatsapp": 1})))
    assert "\nCost: 4.00, without sms: some of it has no `price` in concierge.toml" in told
    cost = as_json(Report("", T0, T0 + DAY, result, {"email": {"default": 1}}, {"email": 1, "sms": 1, "whatsapp": 1}))["cost"]
    assert isinstance(cost, dict)
    assert (cost["total"], cost["complete"]) == (4.0, False)


def test_a_long_text_costs_each_of_its_segments() -> None:
    text = {"try_it": CARE.replace("care", "try_it").replace("[email]", "[sms]").replace("hello", "long_one")}
    lines = [LINES[1], event("ben", "10:00", "Ping")]
    result = play(lines, text, messages={"long_one": "word " * 40})
    assert result.tally.parts == {("sms", "GB"): 2}


def test_nothing_at_all_is_a_report_too() -> None:
    told = list(words(Report("", T0, T0 + DAY, play([identify("ada")], {"care": CARE}), {}, {"email": 1, "sms": 1, "whatsapp": 1})))
    assert "\nMessages: 0" in told
    assert "           0  ████████████████████████████████████████ 1" in told


def test_the_smaller_rate_counts() -> None:
    policies = Policies(limits={"email": ChannelLimit(20), "sms": ChannelLimit(5)})
    assert rates_of(policies, {"email": 10, "sms": 50}) == {"email": 10, "sms": 5, "whatsapp": 60.0}


def test_a_webhook_answers_200_with_nothing_and_a_draft_plays_along() -> None:
    journey = """journey: try_it
status: draft
class: service
entry: {event: Ping}
steps:
  - {id: score, webhook: {url: "https://api.example.com/x"}, on_error: exit}
  - branch:
      - when: steps.score.ok
        then: [{id: good, send: hello, channels: [email]}]
"""
    result = play(
        [identify("ada", email="ada@example.com"), event("ada", "10:00", "Ping")],
        {"try_it": journey},
        concierge=CONCIERGE + "webhooks: {hosts: [api.example.com]}\n",
    )
    assert result.tally.messages == {("try_it", "good", "hello", "email"): 1}
