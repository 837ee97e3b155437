"""What expressions met that is missing or does not go together is counted by its place; the result stands."""

from tests.one_journey import workspace
from tests.worlds import T0, Engine

JOURNEY = """journey: try_it
class: service
entry:
  event: Basket Changed
  when: event.basket != 'x'
steps:
  - id: mark
    update_profile: {set: {score: "{{ entry.total + 1 }}"}}
  - branch:
      - when: entry.total >= 80 and customer.size > 3
        then: [{exit: rich}]
  - {id: mail, send: hello, channels: [email]}
"""
HELLO = """message: hello
class: service
topic: news
content:
  en: {subject: Hello, preheader: x, body: "You have {% if entry.total > 3 %}more{% endif %} {{ entry.item | default('nothing') }}"}
"""


def warned(**properties: object) -> dict[tuple[str, ...], int]:
    made = Engine(workspace({"try_it": JOURNEY}, {"hello": HELLO}))
    made.apply([made.identify("ada", T0, email="a@example.com")], until=T0)
    outcome = made.apply([made.event("ada", T0 + 1, "Basket Changed", basket="b", **properties)])
    assert [message.step for message in made.messages] == ["mail"]
    return {labels[1:]: number for labels, number in outcome.counts.items() if labels[0] == "expression_warnings"}


def test_each_place_is_counted() -> None:
    found = warned()
    journey, message = "config/journeys/try_it.yaml", "templates/messages/hello.yaml"
    assert set(found) == {(journey, "8"), (journey, "10"), (message, "en")}
    assert found[journey, "8"] == 1
    assert found[journey, "10"] == 1, "what `and` does not reach is not asked"


def test_nothing_is_said_where_all_is_there() -> None:
    assert warned(total=5) == {}
