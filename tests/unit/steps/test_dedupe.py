"""`dedupe`: the same message not twice within it, whichever journey sends it; a try more is no duplicate of itself."""

from tests.one_journey import errors, play

JOURNEY = """journey: try_it
class: service
entry: {event: Basket Changed, key: event.basket}
steps:
  - {id: mail, send: hello, channels: [email], dedupe: 2d}
"""


def baskets(*times: str) -> str:
    return (
        "when: ["
        + ", ".join(f"{{at: {at}, event: Basket Changed, with: {{basket: b{n}, item: x{n % 2}}}}}" for n, at in enumerate(times, 1))
        + "]\n"
    )


def test_not_again_within_it_and_again_exactly_that_long_after() -> None:
    test = (
        baskets("0h", "47h", "48h", "49h")
        + "then: {sends: [{at: 0h}, {at: 48h}], skips: [{at: 47h, reason: duplicate_message}, {at: 49h, reason: duplicate_message}]}"
    )
    assert play(JOURNEY, test) == []


def test_each_value_of_its_key_by_itself() -> None:
    keyed = JOURNEY.replace("dedupe: 2d", "dedupe: {within: 2d, key: entry.item}")
    test = (
        baskets("0h", "1h", "2h", "3h")
        + "then: {sends: [{key: b1}, {key: b2}], skips: [{at: 2h, reason: duplicate_message}, {at: 3h, reason: duplicate_message}]}"
    )
    assert play(keyed, test) == []


def test_other_journeys_that_send_it_count_and_other_messages_do_not() -> None:
    other = "journey: other\nclass: service\nentry: {event: Ping}\nsteps:\n  - {id: text, send: hello, channels: [sms]}\n  - {id: more, send: bye, channels: [sms]}\n"
    test = """when: [{at: 0h, event: Ping}, {at: 1h, event: Basket Changed, with: {basket: b1}}]
journeys: [try_it, other]
then: {sends: [{journey: other, step: text}, {journey: other, step: more}], skips: [{at: 1h, reason: duplicate_message}]}"""
    assert play(JOURNEY, test, {"bye": "Bye"}, also_other=other) == []


def test_a_message_that_is_tried_again_is_sent() -> None:
    test = "when: [{at: 0h, fail: {channel: email, how: rate_limited, for: 90s}}, {at: 0h, event: Basket Changed, with: {basket: b1}}]\nthen: {sends: [{at: 90s}]}"
    assert play(JOURNEY, test) == []


def test_what_lint_says_of_dedupe() -> None:
    def codes(dedupe: str) -> list[str]:
        return [f.code for f in errors(JOURNEY.replace("2d", dedupe))]

    assert codes("{within: 3d, key: entry.item}") == []
    assert codes("twice") == ["Y014"]
    assert codes("{key: entry.item}") == ["Y012"]
    assert codes("{within: 3d, key: entry.colour}") == ["E004"]
