"""An item of `when` names one time and one thing that happens; nothing in it is dropped."""

import pytest

from tests.unit.journey_tests.test_expectations import said

GIVEN = "given: {customers: {ada: {}, ben: {}}}, "


@pytest.mark.parametrize(
    ("item", "codes"),
    [
        ("at: 0h, event: Ping, pause: true", ["Y012"]),
        ("at: 0h, receipt: {step: tell, status: read}, reply: {channel: sms, text: x}", ["Y012"]),
        ("at: 0h", ["Y012"]),
        ("at: 0h, local: 2026-03-02T09:00, event: Ping", ["Y012"]),
        ("event: Ping", ["Y012"]),
        ("pause: true", ["Y012"]),
        ("at: 0h, pause: false", ["Y005"]),
        ("at: 0h, resume: false", ["Y005"]),
        ("at: 0h, erase: false", ["Y005"]),
        ("at: 0h, erase: yes", ["Y008"]),
        ("at: 1h, event: Ping, repeat: 2, every: -5m", ["Y014"]),
        ("at: 1h, event: Ping, every: 5m", ["Y012"]),
        ("at: 0h, pause: true, with: {n: 1}", ["Y002"]),
        ("at: 0h, event: Ping, previous: v1", ["Y002"]),
        ("at: 0h, receipt: {step: tell, status: read}, timestamp: 0h", ["Y002"]),
        ("at: 0h, fail: {channel: sms, how: down}, customer: ada", ["Y002"]),
    ],
)
def test_what_would_be_dropped_is_said(item: str, codes: list[str]) -> None:
    assert said(f"{GIVEN}when: [{{{item}}}], then: {{sends: []}}") == codes


@pytest.mark.parametrize(
    "item",
    [
        "at: 1h, event: Ping, repeat: 2, every: 0s", "at: 1h, event: Ping, repeat: 2, every: 5m", "at: 1h, event: Ping, repeat: 2",
        "local: 2026-03-02T09:00, event: Ping, with: {n: 1}, type: track, id: m1, timestamp: 0h, customer: ada",
        "at: 0h, event: Ping, anonymous: v1", "at: 0h, identify: ada, anonymous: v1, with: {tier: gold}", "at: 0h, alias: ada, previous: v1",
        "at: 0h, pause: true", "at: 0h, resume: true", "at: 0h, erase: true, customer: ada", "at: 0h, reply: {channel: sms, text: x}, customer: '*'",
        "at: 0h, stats: {within: 1h, sends: 3}",
    ],
)  # fmt: skip
def test_what_is_whole_raises_nothing(item: str) -> None:
    assert said(f"{GIVEN}when: [{{{item}}}], then: {{sends: []}}") == []
