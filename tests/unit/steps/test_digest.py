"""`digest`: what comes while the window is open goes on as one run; nothing is lost, nothing counted twice."""

from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.contracts.message import EmailContent
from tests.examples import examples
from tests.one_journey import errors, play, workspace
from tests.worlds import T0, Engine

DIGEST = """journey: try_it
class: service
entry: {event: Basket Changed}
steps:
  - {id: gather, digest: {window: 1h}}
  - {id: mail, send: listing, channels: [email]}
"""
LISTING = {
    "listing": "{{ digest.count }} things: {% for one in digest.items %}{{ one.item }} {% endfor %}first {{ digest.first.item }}, last {{ digest.last.item }}"
}


def basket(at: str, item: str, name: str = "b1", more: str = "") -> str:
    return f"{{at: {at}, event: Basket Changed{more}, with: {{basket: {name}, item: {item}}}}}"


def test_repeated_entry_events_join_the_window_and_start_nothing() -> None:
    test = f"""when: [{basket("0h", "pen")}, {basket("30m", "ink")}, {basket("59m", "pad")}]
then: {{sends: [{{at: 1h, contains: ["3 things: pen ink pad first pen, last pad"]}}], ends: [{{at: 1h, how: end}}]}}"""
    assert play(DIGEST, test, LISTING) == []


def test_an_event_at_the_closing_instant_is_in_and_the_next_opens_another() -> None:
    test = f"""when: [{basket("0h", "pen")}, {basket("1h", "ink")}, {basket("61m", "pad")}]
then: {{sends: [{{at: 1h, contains: [2 things]}}, {{at: 121m, contains: [1 things]}}]}}"""
    assert play(DIGEST, test, LISTING) == []


def test_items_are_in_order_of_their_timestamps_and_equal_ones_are_two() -> None:
    test = f"""when: [{basket("0h", "pen")}, {basket("20m", "ink", more=", timestamp: -1h")}, {basket("30m", "ink", more=", timestamp: -1h")}]
then: {{sends: [{{at: 1h, contains: ["3 things: ink ink pen"]}}]}}"""
    assert play(DIGEST, test, LISTING) == []


def test_a_duplicate_message_id_is_no_item() -> None:
    test = f"""when: [{basket("0h", "pen", more=", id: m1")}, {basket("20m", "ink", more=", id: m1")}]
then: {{sends: [{{at: 1h, contains: [1 things]}}]}}"""
    assert play(DIGEST, test, LISTING) == []


def test_the_window_closes_at_once_when_it_is_full() -> None:
    test = f"""when: [{basket("0h", "pen")}, {basket("5m", "ink")}, {basket("6m", "pad")}]
then: {{sends: [{{at: 5m, contains: [2 things]}}, {{at: 66m, contains: [1 things]}}]}}"""
    assert play(DIGEST.replace("window: 1h", "window: 1h, max: 2"), test, LISTING) == []


KEYED = DIGEST.replace("entry: {event: Basket Changed}", "entry: {event: Basket Changed, key: event.item}").replace(
    "window: 1h", "window: 1h, key: entry.basket"
)


def test_runs_with_the_same_digest_key_end_in_the_first_one() -> None:
    test = f"""when: [{basket("0h", "pen")}, {basket("10m", "ink")}, {basket("20m", "nib", "b2")}]
then:
  sends: [{{at: 1h, key: pen, contains: ["2 things: pen ink"]}}, {{at: 80m, key: nib, contains: [1 things]}}]
  ends: [{{at: 10m, key: ink, how: digested}}, {{at: 1h, key: pen, how: end}}, {{at: 80m, key: nib, how: end}}]"""
    assert play(KEYED, test, LISTING) == []


def test_a_repeat_whose_digest_key_differs_starts_nothing() -> None:
    journey = DIGEST.replace("window: 1h", "window: 1h, key: entry.basket")
    test = f"""when: [{basket("0h", "pen")}, {basket("10m", "ink", "b2")}]
then: {{sends: [{{at: 1h, contains: [1 things]}}], skips: [{{at: 10m, reason: already_running}}]}}"""
    assert play(journey, test, LISTING) == []


def test_in_a_loop_the_next_window_begins_empty() -> None:
    journey = DIGEST.replace("  - {id: mail", "  - {jump: gather, max: 1}\n  - {id: mail")
    test = f"""when: [{basket("0h", "pen")}, {basket("90m", "ink")}]
then: {{sends: [{{at: 2h, contains: ["1 things: ink"]}}]}}"""
    assert play(journey, test, LISTING) == []


def test_what_lint_says_of_digests() -> None:
    def codes(digest: str) -> list[str]:
        return [f.code for f in errors(DIGEST.replace("{window: 1h}", digest).replace("listing", "hello"))]

    assert codes("{window: 1h}") == []
    assert codes("{}") == ["Y012"]
    assert codes("{window: 1h, max: 501}") == ["Y005"]
    assert codes("{window: 1h, key: entry.colour}") == ["E004"]


def test_events_that_a_later_wait_keeps_out_are_hinted_at() -> None:
    later = DIGEST.replace("listing", "hello") + "  - {id: rest, delay: 2d}\n"
    assert [(f.code, f.line, f.what) for f in errors(later)] == [("J033", 5, "events that come while a run stands in 'rest' start nothing")]
    assert errors(later.replace("entry: {event: Basket Changed}", "entry: {event: Basket Changed, reentry: {on_repeat: parallel}}")) == []


@settings(max_examples=examples(40), deadline=None)
@given(st.lists(st.integers(0, 7_200), min_size=1, max_size=25), st.integers(1, 5), st.lists(st.integers(1, 4), min_size=1, max_size=6))
def test_every_event_is_in_exactly_one_digest_however_batches_fall(seconds: list[int], most: int, cuts: list[int]) -> None:
    space = workspace(
        {"try_it": DIGEST.replace("window: 1h", f"window: 17m, max: {most}")},
        {"listing": "{% for one in digest.items %}[{{ one.item }}]{% endfor %}"},
    )
    found: list[list[str]] = []
    for sizes in ([len(seconds)], cuts):
        engine = Engine(space)
        engine.apply([engine.identify("ada", T0, email="a@example.com")], until=T0)
        records = [engine.event("ada", T0 + 1000 * at, "Basket Changed", basket="b", item=f"i{n}") for n, at in enumerate(sorted(seconds))]
        while records:
            for size in sizes:
                part, records = records[:size], records[size:]
                if part:
                    engine.apply(part, until=part[-1].at)
        engine.apply([], until=T0 + 4 * 3_600_000)
        found.append([message.content.subject for message in engine.messages if isinstance(message.content, EmailContent)])
    # a window that is full closes when its instant is over: what comes at the very same instant has nowhere to go but another
    assert found[0] == found[1] or len(set(seconds)) < len(seconds)
    for texts in found:
        items = "".join(texts).replace("]", "").split("[")[1:]
        assert len(items) == len(set(items))
        assert all(text.count("[") <= most for text in texts)
        if len(set(seconds)) == len(seconds):
            assert sorted(items) == sorted(f"i{n}" for n in range(len(seconds)))


def test_a_window_that_closes_in_a_pause_stands_in_nobodys_way() -> None:
    """It closes at the resume; until then the person's other journeys and events go on."""
    other = "journey: other\nclass: service\nentry: {event: Ping}\nsteps:\n  - {id: told, send: hello, channels: [email]}\n"
    journey = "journey: try_it\nclass: service\nentry: {event: Basket Changed}\nsteps:\n  - {id: all, digest: {window: 1h}}\n  - {id: mail, send: hello, channels: [email]}\n"
    test = (
        "journeys: [try_it, other]\n"
        "when: [{at: 0h, event: Basket Changed, with: {basket: b1}}, {at: 30m, pause: true}, {at: 2h, event: Ping}, {at: 3h, resume: true}]\n"
        "then: {sends: [{at: 2h, journey: other}, {at: 3h, journey: try_it}]}"
    )
    assert play(journey, test, also_other=other) == []
