"""The timeline that breaks a property is written so that it can be pasted into a test."""

from hypothesis import given
from hypothesis import strategies as st

from orchestrator.journey_tests.explore import Failure, as_lines
from orchestrator.workspace.finding import Findings
from orchestrator.workspace.yaml_reader import read_yaml

_texts = st.sampled_from(["k1", "{{ at('20d') }}", "no", "07", "a: b", "x, y", ""])
_empty: list[object] = [[], {}]
_values: st.SearchStrategy[object] = st.one_of(_texts, st.integers(-5, 99), st.booleans(), st.sampled_from(_empty))


@given(st.lists(st.dictionaries(st.sampled_from(["visit_id", "cancelled", "two words"]), _values, max_size=3), min_size=1, max_size=3))
def test_it_reads_as_what_happened(properties: list[dict[str, object]]) -> None:
    when: tuple[dict[str, object], ...] = tuple(
        {"at": f"{place + 1}d30m", "event": "Visit Completed", "with": one} for place, one in enumerate(properties)
    )
    lines = as_lines(Failure(1, "broken", when))
    assert lines[:2] == ["broken", "shortest timeline (of 1 tried):"]
    found = Findings()
    node = read_yaml("\n".join(["when:", *lines[2:]]).encode(), "f", found)
    assert (node is not None, found.all) == (True, [])
    assert node is not None
    assert node.data() == {"when": list(when)}
