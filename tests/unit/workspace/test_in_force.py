"""A version that is in force was checked when it was applied: a program whose lint has become stricter goes on with it."""

import pytest

from orchestrator.content.check import check_message
from orchestrator.workspace.load import load_files, load_in_force
from tests.one_journey import CONCIERGE, MESSAGE, files

JOURNEY = "journey: try_it\nclass: service\nentry: {event: Ping}\nsteps: [{id: s, send: hello, channels: [email]}]\n"
GIVEN = files({"try_it": JOURNEY})
LATER = {
    "a text": ("templates/messages/hello.yaml", MESSAGE.format(name="hello", text="{{ entry.gone }}")),
    "a link": ("templates/messages/hello.yaml", MESSAGE.format(name="hello", text="[x](http://elsewhere.test)")),
    "a test": ("config/journeys/try_it.test.yaml", "journey: try_it\ntests: [{test: one, wen: []}]\n"),
}


@pytest.mark.parametrize("what", LATER)
def test_what_lint_says_of_texts_and_tests_stops_nobody(what: str) -> None:
    file, text = LATER[what]
    given = {**GIVEN, file: text.encode()}
    assert load_files(given, {}, check_message).workspace is None, "it could not be applied now"
    found = load_in_force(given, {}).workspace
    assert found is not None
    assert found.messages.keys() == {"hello"}
    assert found.journeys.keys() == {"try_it"}


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("config/journeys/try_it.yaml", JOURNEY.replace("event: Ping", "event: Ping, when: event.gone == 1")),
        ("config/concierge.yaml", CONCIERGE + "links: 7\n"),
    ],
)
def test_what_cannot_be_compiled_is_refused_all_the_same(file: str, text: str) -> None:
    """A rule that is left out in silence would let through what it forbids."""
    assert load_in_force({**GIVEN, file: text.encode()}, {}).workspace is None
