import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.content.segments import count_segments, fold


@pytest.mark.parametrize(
    ("text", "encoding", "count", "units"),
    [
        ("a" * 160, "gsm7", 1, 160), ("a" * 161, "gsm7", 2, 161), ("a" * 306, "gsm7", 2, 306), ("a" * 307, "gsm7", 3, 307),
        ("€" * 80, "gsm7", 1, 160), ("€" * 81, "gsm7", 2, 162), ("a" * 152 + "€" + "a" * 10, "gsm7", 2, 164),
        ("я" * 70, "ucs2", 1, 70), ("я" * 71, "ucs2", 2, 71), ("😀" * 35, "ucs2", 1, 70), ("😀" * 67, "ucs2", 3, 134), ("", "gsm7", 1, 0),
        ("Ää ñ ¿?", "gsm7", 1, 7), ("tab\t", "ucs2", 1, 4), ("^{}[]~|\\€\f", "gsm7", 1, 20), ("`", "ucs2", 1, 1), ("😀" * 66, "ucs2", 2, 132), ("👨‍👩‍👧‍👦", "ucs2", 1, 11), ("ç", "ucs2", 1, 1), ("Ç", "gsm7", 1, 1),
    ],
)  # fmt: skip
def test_parts(text: str, encoding: str, count: int, units: int) -> None:
    found = count_segments(text)
    assert (found.encoding, found.count, found.units) == (encoding, count, units)


def test_it_names_what_forces_ucs2() -> None:
    assert count_segments("“Hi” – you’ll ‘see’").forcing == "“”–’‘"
    assert count_segments(fold("“Hi” – you’ll ‘see’")).encoding == "gsm7"


@given(st.text(max_size=400))
def test_parts_hold_the_units(text: str) -> None:
    found = count_segments(text)
    part = 153 if found.encoding == "gsm7" else 67
    assert found.count == 1 or found.units <= found.count * part
    assert found.units > (found.count - 2) * (part - 1)
