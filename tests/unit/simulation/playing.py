"""Simulations of small workspaces, from lines as people write them."""

import json
from collections.abc import Mapping, Sequence

from orchestrator.simulation.recorded import read_recorded
from orchestrator.simulation.report import Report, as_json
from orchestrator.simulation.shard import Played
from orchestrator.simulation.side_by_side import Versions, parts_of_recorded, simulate
from tests.one_journey import files

T0 = 1_772_445_600_000
"""2026-03-02T10:00:00Z, a Monday."""
DAY = 86_400_000


def event(who: str, at: str, name: str, /, **properties: object) -> bytes:
    """A track event on 2 March 2026, or `03T10:00` of another day."""
    when = f"2026-03-{at if 'T' in at else '02T' + at}:00Z"
    return json.dumps({"type": "track", "userId": who, "event": name, "timestamp": when, "properties": properties}).encode()


def identify(who: str, /, **traits: object) -> bytes:
    return json.dumps({"type": "identify", "userId": who, "timestamp": "2026-03-02T00:00:00Z", "traits": traits}).encode()


def play(
    lines: Sequence[bytes],
    journeys: Mapping[str, str],
    before: Mapping[str, str] | None = None,
    days: int = 30,
    messages: Mapping[str, str] | None = None,
    **more: str,
) -> Played:
    """`before`: the journeys to compare with; `messages` maps names to texts; `more` replaces files of config by name."""
    versions = Versions(files(journeys, messages, **more), None if before is None else files(before, messages, **more), {})
    recorded = read_recorded(enumerate(lines, 1), T0)
    return simulate(parts_of_recorded(recorded, recorded.end + 1 + days * DAY), versions, 1)


def report(result: Played, prices: Mapping[str, Mapping[str, float]] | None = None) -> dict[str, object]:
    """As JSON."""
    return as_json(
        Report("concierge simulate", T0, T0 + 30 * DAY, result, prices or {}, {"email": 500.0, "sms": 100.0, "whatsapp": 60.0}, (), "v1")
    )
