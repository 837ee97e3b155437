"""`emit` brings an event that comes back like any other; `jump` goes round as often as it says, and no more."""

from tests.one_journey import errors, play

EMIT = """journey: try_it
class: service
entry: {event: Basket Changed, key: event.basket}
steps:
  - {id: tell, emit: {event: Upgrade Suggested, properties: {plan: "{{ entry.item }}", total: "{{ entry.total * 2 }}"}}}
  - {id: mail, send: hello, channels: [email]}
"""
HEARD = """journey: heard
class: service
entry: {event: Upgrade Suggested}
steps:
  - branch:
      - when: entry.total == 9.5 and entry.plan == 'fast'
        then: [{id: told, send: hello, channels: [sms]}]
"""
ONCE = "when: [{at: 0h, event: Basket Changed, with: {basket: b1, item: fast, total: 4.75}}]\n"


def test_an_emitted_event_enters_other_journeys_with_values_of_their_kind() -> None:
    test = (
        ONCE
        + "journeys: [try_it, heard]\nthen: {sends: [{journey: try_it, step: mail, channel: email}, {journey: heard, step: told, channel: sms, at: 0h}]}"
    )
    assert play(EMIT, test, also_heard=HEARD) == []


def test_an_emitted_event_ends_a_wait_of_another_run_and_a_missing_value_is_left_out() -> None:
    waits = """journey: heard
class: service
entry: {event: Basket Changed}
steps:
  - {id: wait, wait_until: {event: Upgrade Suggested, match: event.plan is not defined, timeout: 2d}, on_timeout: exit}
  - {id: told, send: hello, channels: [sms]}
"""
    test = """when: [{at: 0h, event: Basket Changed, with: {basket: b1, total: 1}}]
journeys: [try_it, heard]
then: {sends: [{step: mail}, {journey: heard, step: told, at: 0h}]}"""
    assert play(EMIT, test, also_heard=waits) == []


def test_journeys_that_answer_each_other_come_to_an_end() -> None:
    ping = "journey: try_it\nclass: service\nentry: {event: Ping, reentry: {on_repeat: parallel}}\nsteps:\n  - {id: tell, emit: Pong}\n  - {id: mail, send: hello, channels: [email]}\n"
    pong = "journey: pong\nclass: service\nentry: {event: Pong, reentry: {on_repeat: parallel}}\nsteps:\n  - {id: tell, emit: Ping}\n  - {id: text, send: hello, channels: [sms]}\n"
    # Ping 0 emits Pong 1, that Ping 2 … Ping 8 emits nothing any more: five mails and four texts
    test = "when: [{at: 0h, event: Ping}]\njourneys: [try_it, pong]\nthen: {counts: {sends: 9, entries: 5}}"
    assert play(ping, test, also_pong=pong) == []


def test_an_exits_then_may_emit_with_the_ending_event_in_scope() -> None:
    leaving = """journey: try_it
class: service
entry: {event: Basket Changed}
exit_on: [{event: Order Placed, then: [{id: tell, emit: {event: Upgrade Suggested, properties: {plan: "{{ event.order }}"}}}]}]
steps: [{id: rest, delay: 3d}]
"""
    heard = "journey: heard\nclass: service\nentry: {event: Upgrade Suggested, when: event.plan == 'o7'}\nsteps: [{id: told, send: hello, channels: [sms]}]\n"
    test = """when: [{at: 0h, event: Basket Changed, with: {basket: b1}}, {at: 1h, event: Order Placed, with: {order: o7}}]
journeys: [try_it, heard]
then: {sends: [{journey: heard, step: told, at: 1h}], ends: [{at: 1h, how: exit_on}, {at: 1h, how: end}]}"""
    assert play(leaving, test, also_heard=heard) == []


def test_what_lint_says_of_emit() -> None:
    def codes(step: str) -> list[tuple[str, str]]:
        return [(f.code, f.what) for f in errors(EMIT.replace(EMIT.splitlines()[4], f"  - {{id: tell, emit: {step}}}"))]

    assert codes("Message Sent") == [("J036", "'Message Sent' is reserved")]
    assert codes("{event: Basket Changed, properties: {basket: b1}}") == [("J036", "'Basket Changed' enters this journey")]
    assert codes("Upgrade Sugested")[0][0] == "E010"
    assert codes("{event: Upgrade Suggested, properties: {plam: x}}") == [("E004", "'Upgrade Suggested' has no 'plam'")]
    assert codes("{event: Upgrade Suggested, properties: {plan: '{{ entry.nothing }}'}}")[0][0] == "E004"
    assert codes("{properties: {plan: x}}")[0][0] == "Y012"


LOOP = """journey: try_it
class: service
entry: {event: Basket Changed, key: event.basket}
exit_on: [{event: Order Placed, same: basket}]
steps:
  - {id: remind, send: hello, channels: [email]}
  - {id: pause, delay: 1d}
  - {jump: remind, max: 2}
  - {id: last, send: hello, channels: [sms]}
"""


def test_a_loop_sends_once_more_than_it_goes_back() -> None:
    test = (
        ONCE
        + "then: {sends: [{at: 0h, step: remind}, {at: 1d, step: remind}, {at: 2d, step: remind}, {at: 3d, step: last}], ends: [{at: 3d, how: end}]}"
    )
    assert play(LOOP, test) == []


def test_a_loop_is_left_by_an_exit_like_any_step() -> None:
    test = """when: [{at: 0h, event: Basket Changed, with: {basket: b1}}, {at: 30h, event: Order Placed, with: {basket: b1}}]
then: {sends: [{at: 0h}, {at: 1d}], ends: [{at: 30h, how: exit_on}]}"""
    assert play(LOOP, test) == []


def test_a_jump_forward_skips_what_is_between() -> None:
    forward = LOOP.replace("  - {jump: remind, max: 2}\n", "").replace(
        "  - {id: pause, delay: 1d}\n", "  - branch: [{when: entry.total > 3, then: [{jump: last}]}]\n  - {id: pause, delay: 1d}\n"
    )
    assert play(forward, ONCE + "then: {sends: [{at: 0h, step: remind}, {at: 0h, step: last}]}") == []


def test_what_lint_says_of_jumps() -> None:
    def codes(old: str, new: str) -> list[str]:
        return [f.code for f in errors(LOOP.replace(old, new))]

    assert codes("", "") == []
    assert codes(", max: 2", "") == ["J020"]
    assert codes("delay: 1d", "update_profile: {increment: {score: 1}}") == ["J021"]
    assert codes("jump: remind", "jump: remnid") == ["J016"]
    nested = "  - branch: [{when: customer.known, then: [{id: inner, delay: 1d}]}]\n  - {jump: inner, max: 2}\n"
    assert codes("  - {jump: remind, max: 2}\n", nested) == ["J018"]
    assert codes("  - {id: last", "  - {jump: remind, max: 0}\n  - {id: last") == ["Y005"]


def test_a_step_after_an_endless_jump_is_never_reached() -> None:
    assert [
        f.code
        for f in errors(
            LOOP.replace("  - {id: pause, delay: 1d}\n  - {jump: remind, max: 2}\n", "  - {jump: last}\n  - {id: pause, delay: 1d}\n")
        )
    ] == ["J019"]
