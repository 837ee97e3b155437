"""Where a character of a YAML text stands: held against what PyYAML itself makes of the file."""

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.workspace.finding import Findings
from orchestrator.workspace.yaml_reader import read_yaml

PLACES = [
    ("k: one two\n", "two", (1, 8)), ("k: 'it''s two'\n", "two", (1, 11)), ('k: "a\\tb two"\n', "two", (1, 10)), ('k: "\\u00e9 two"\n', "two", (1, 12)),
    ("k: one\n  two\n", "two", (2, 3)), ("k: 'one\n\n  two'\n", "two", (3, 3)), ('k: "one\\\n   two"\n', "two", (2, 4)),
    ("k: |\n  one\n  two\n", "two", (3, 3)), ("k: >-\n  one\n  two\n", "two", (3, 3)), ("k: >\n  one\n\n  two\n", "two", (4, 3)), ("a:\n  - {k: x, l: one two}\n", "two", (2, 19)),
]  # fmt: skip


@pytest.mark.parametrize(("text", "word", "place"), PLACES, ids=[p[0][:16] for p in PLACES])
def test_a_word_is_found_where_it_is_written(text: str, word: str, place: tuple[int, int]) -> None:
    node = read_yaml(text.encode(), "f.yaml", Findings())
    assert node is not None
    found = next(one for one in node.walk() if one.kind == "scalar" and word in one.text)
    assert found.place_of(found.text.index(word)) == place


@given(
    st.lists(st.sampled_from(["one", "two", "it's", "#", "\u00e9", "a: b", '"', "\\"]), min_size=1, max_size=8),
    st.sampled_from(["'", '"', "|", ">"]),
    st.integers(10, 40),
)
def test_the_mark_is_at_its_place_in_every_style(words: list[str], style: str, width: int) -> None:
    value = " ".join([*words, "MARK"])
    text = yaml.dump({"k": value}, default_style=style, width=width, allow_unicode=True)
    node = read_yaml(text.encode(), "f.yaml", Findings())
    assert node is not None
    (found,) = node.entries.values()
    assert found.text == value
    line, column = found.place_of(found.text.index("MARK"))
    assert text.split("\n")[line - 1][column - 1 :].startswith("MARK")
