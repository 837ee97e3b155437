"""`loop` inside a loop of a text: which turn it is."""

import pytest

from tests.one_journey import errors, loaded, play

JOURNEY = """journey: try_it
class: service
entry: {event: Ping}
steps: [{id: s, send: list, channels: [email]}]
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{ item }}{% if not loop.last %}, {% endif %}", "a, b, c."),
        ("{% if loop.first %}of {{ loop.length }}{% endif %} {{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}", "of 3 1032 2121 3210."),
    ],
)  # fmt: skip
def test_what_a_loop_knows_of_its_turn(text: str, expected: str) -> None:
    message = {"list": f"{{% for item in ['a', 'b', 'c'] %}}{text}{{% endfor %}}."}
    assert play(JOURNEY, f'when: [{{at: 0h, event: Ping}}]\nthen: {{sends: [{{contains: ["{expected}"]}}]}}', message) == []
    assert errors(JOURNEY, message) == []


def test_what_it_does_not_know_is_said() -> None:
    message = {"list": "{% for item in ['a'] %}{{ loop.lst }}{{ loop.previtem }}{% endfor %}"}
    found = [one for one in loaded({"try_it": JOURNEY}, message).findings if one.file == "templates/messages/list.yaml"]
    assert {(one.code, one.what) for one in found} == {("E004", "loop has no 'lst'"), ("E004", "loop has no 'previtem'")}
    assert any("last" in one.fix for one in found)
