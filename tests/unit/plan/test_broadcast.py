"""A plan says when nobody would enter by a broadcast, because its time is past."""

import pytest

from orchestrator.plan.people import where_people_stand
from orchestrator.plan.plan import make_plan
from orchestrator.plan.words import words
from tests.one_journey import files, workspace
from tests.worlds import DAY, HOUR, T0

NOBODY = "  entries    nobody: the time of `once` is past, and counts only from the apply on"


def journey(once: str, zone: str = "workspace", step: str = "s") -> dict[str, str]:
    entry = f'entry: {{schedule: {{once: "{once}", timezone: {zone}}}}}'
    return {"try_it": f"journey: try_it\nclass: service\n{entry}\nsteps: [{{id: {step}, send: hello, channels: [email]}}]\n"}


def says_so(before: dict[str, str] | None, after: dict[str, str], now: int = T0) -> bool:
    old = None if before is None else (workspace(before), files(before))
    return NOBODY in words(make_plan(old, (workspace(after), files(after)), where_people_stand([])), now)


@pytest.mark.parametrize(
    ("once", "zone", "now", "said"),
    [
        ("2026-03-02T09:59", "workspace", T0, True), ("2026-03-02T10:00", "workspace", T0, False), ("2026-03-02T10:30", "Europe/Berlin", T0, True),
        ("2026-03-02T09:59", "customer", T0, False), ("2026-03-02T09:59", "customer", T0 + 13 * HOUR, True),
    ],
)  # fmt: skip
def test_a_new_broadcast(once: str, zone: str, now: int, said: bool) -> None:
    assert says_so(None, journey(once, zone), now) == said
    assert says_so(journey("2026-03-01T09:00"), journey(once, zone), now) == said


def test_another_text_of_one_that_has_been_is_no_news() -> None:
    assert not says_so(journey("2026-03-02T09:00"), journey("2026-03-02T09:00", step="other"), T0 + DAY)
