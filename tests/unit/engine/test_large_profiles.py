"""A profile that grows beyond what can be stored costs the input that would make it so, and nothing else."""

import pytest

from orchestrator.engine import applying, customer_turns
from orchestrator.state.value import ProfileTooLarge, encode_sections
from orchestrator.workspace.workspace import Workspace
from tests.worlds import T0, Engine


def test_a_profile_that_grows_too_large_costs_its_inputs_only(example: Workspace) -> None:
    engine = Engine(example)
    engine.apply([engine.identify("ada", T0, first_name="Ada"), engine.identify("ben", T0, first_name="Ben")])
    large = [f"{n:05d}" + "x" * 200 for n in range(900)]
    records = [engine.identify("ada", T0 + n, packages=large, first_name=f"Ada {n}") for n in (1, 2)]
    outcome = engine.apply([*records, engine.identify("ben", T0 + 3, first_name="Benno")])
    assert outcome.dead_letters == []  # each fits; stored values may hold 256 KB
    more = [one * 2 for one in large]
    outcome = engine.apply([engine.identify("ada", T0 + 9, packages=more), engine.identify("ben", T0 + 9, first_name="Ben")])
    assert [letter.reason.value for letter in outcome.dead_letters] == ["too_large"] or [
        letter.reason.value for letter in outcome.dead_letters
    ] == ["engine_error"]
    assert engine.customers["ada"].traits["first_name"].value == "Ada 2"
    assert engine.customers["ben"].traits["first_name"].value == "Ben"


def test_a_profile_of_many_events_is_given_up_not_the_partition(example: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    real = encode_sections

    def small(sections: dict[str, object]) -> bytes:
        value = real(sections)  # type: ignore[arg-type]  # raw sections
        if len(value) > 700:
            raise ProfileTooLarge("a profile of too many bytes")
        return value

    for module in (customer_turns, applying):
        monkeypatch.setattr(module, "encode_sections", small)
    engine = Engine(example)
    engine.apply([engine.identify("ada", T0, first_name="Ada")])
    outcome = engine.apply([engine.identify("ada", T0 + 1, packages=["x" * 900]), engine.identify("ben", T0 + 1, first_name="Ben")])
    assert [(letter.reason.value, letter.error) for letter in outcome.dead_letters] == [
        ("engine_error", "ProfileTooLarge: a profile of too many bytes")
    ]
    assert set(outcome.profiles) == {"ada", "ben"}
    assert "packages" not in engine.customers["ada"].traits
