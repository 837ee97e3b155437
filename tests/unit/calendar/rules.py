"""Texts of rules of every kind that schedules know."""

from hypothesis import strategies as st

NAMES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


def _some(values: st.SearchStrategy[str], most: int = 3) -> st.SearchStrategy[str]:
    return st.lists(values, min_size=1, max_size=most, unique=True).map(",".join)


def _number(least: int, most: int) -> st.SearchStrategy[str]:
    return st.integers(least, most).filter(bool).map(str)


@st.composite
def rule_texts(draw: st.DrawFn, *, ends: bool = True) -> str:
    """Without what dateutil reads in its own way.

    Numbers beside plain weekdays in one BYDAY: it takes only what is both, RFC 5545 what is either. Positions in a week: it
    counts them from the start on in the first week, in all other periods from the first day.
    """
    frequency = draw(st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]))
    parts = [f"FREQ={frequency}"]
    if draw(st.booleans()):
        parts.append(f"INTERVAL={draw(st.integers(1, 5) | st.integers(1, 40))}")
    months = draw(st.booleans())
    if months:
        parts.append(f"BYMONTH={draw(_some(_number(1, 12), 5))}")
    if frequency != "WEEKLY" and draw(st.booleans()):
        parts.append(f"BYMONTHDAY={draw(_some(_number(-31, 31), 6))}")
    if draw(st.booleans()):
        numbered = frequency in ("MONTHLY", "YEARLY") and draw(st.booleans())
        most = 5 if frequency == "MONTHLY" or months else 53
        weekday = st.sampled_from(NAMES)
        parts.append(f"BYDAY={draw(_some(st.builds(str.__add__, _number(-most, most), weekday) if numbered else weekday, 4))}")
    if frequency != "WEEKLY" and len(parts) > 1 and not parts[-1].startswith(("FREQ", "INTERVAL")) and draw(st.integers(0, 3)) == 0:
        parts.append(f"BYSETPOS={draw(_some(_number(-4, 4) | _number(-40, 40)))}")
    if draw(st.integers(0, 2)) == 0:
        parts.append(f"WKST={draw(st.sampled_from(NAMES))}")
    if ends and draw(st.integers(0, 2)) == 0:
        parts.append(f"COUNT={draw(st.integers(1, 30))}")
    return ";".join(draw(st.permutations(parts)))
