"""What the clock of a zone shows minute by minute around a change: the slow answer that the quick ones are held against."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

MINUTE = 60_000
BEFORE, AFTER = 8 * 1440, 20 * 1440
"""Minutes a timeline reaches to either side of the change."""

CHANGES = {
    "Berlin forward": ("Europe/Berlin", "2026-03-29T01:00"),
    "Berlin back": ("Europe/Berlin", "2026-10-25T01:00"),
    "New York forward": ("America/New_York", "2026-03-08T07:00"),
    "New York back": ("America/New_York", "2026-11-01T06:00"),
    "Lord Howe back by half an hour": ("Australia/Lord_Howe", "2026-04-04T15:00"),
    "Lord Howe forward by half an hour": ("Australia/Lord_Howe", "2026-10-03T15:30"),
    "Apia without 30 December": ("Pacific/Apia", "2011-12-30T10:00"),
    "Havana without midnight": ("America/Havana", "2026-03-08T05:00"),
    "Havana with two midnights": ("America/Havana", "2026-11-01T05:00"),
    "Cairo without midnight": ("Africa/Cairo", "2026-04-23T22:00"),
    "Cairo back over midnight": ("Africa/Cairo", "2026-10-29T21:00"),
    "Sao Paulo back over midnight": ("America/Sao_Paulo", "2018-02-18T02:00"),
    "St Johns back over midnight from 00:01": ("America/St_Johns", "2006-10-29T02:31"),
    "Kolkata, which has none": ("Asia/Kolkata", "2028-02-29T00:00"),
}


def ms(text: str, zone: str = "UTC", fold: int = 0) -> int:
    """The instant of a local time that exists."""
    local = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold)
    return int(local.timestamp() * 1000)


def shown(instant: int, zone: str) -> str:
    """What the clock shows, to the minute, with its offset."""
    return datetime.fromtimestamp(instant / 1000, ZoneInfo(zone)).isoformat(timespec="minutes")


@dataclass(frozen=True)
class Timeline:
    zone: ZoneInfo
    first: int
    """The instant of minute 0."""
    walls: list[datetime]
    places: dict[datetime, tuple[int, int]]
    """A local time's first and last minute."""
    gaps: list[tuple[datetime, datetime, int]]

    def first_shown(self, local: datetime) -> int | None:
        return self._instant(local, 0)

    def last_shown(self, local: datetime) -> int | None:
        return self._instant(local, 1)

    def _instant(self, local: datetime, which: int) -> int | None:
        """None outside of the timeline."""
        if local in self.places:
            return self.first + self.places[local][which] * MINUTE
        return next((self.first + place * MINUTE for before, after, place in self.gaps if before < local < after), None)

    def dates(self) -> list[date]:
        """All there are on the calendar, also those the clock leaves out."""
        first, last = min(self.walls).date(), max(self.walls).date()
        return [first + timedelta(days=number) for number in range((last - first).days + 1)]

    def wall(self, instant: int) -> datetime:
        return self.walls[(instant - self.first) // MINUTE]


@lru_cache
def timeline(change: str, zone_name: str | None = None) -> Timeline:
    """Around a change; of another zone at the same instants, where one is named."""
    zone = ZoneInfo(zone_name or CHANGES[change][0])
    start = datetime.fromisoformat(CHANGES[change][1]).replace(tzinfo=UTC) - timedelta(minutes=BEFORE)
    walls = [(start + timedelta(minutes=number)).astimezone(zone).replace(tzinfo=None, fold=0) for number in range(BEFORE + AFTER)]
    places: dict[datetime, tuple[int, int]] = {}
    for number, wall in enumerate(walls):
        places[wall] = (places.get(wall, (number, 0))[0], number)
    gaps = [(one, other, number) for number, (one, other) in enumerate(pairwise(walls), 1) if other - one > timedelta(minutes=1)]
    return Timeline(zone, int(start.timestamp() * 1000), walls, places, gaps)


def now_of(change: str, minutes: int) -> int:
    """The instant so many minutes after a change."""
    return ms(CHANGES[change][1]) + minutes * MINUTE


changes = st.sampled_from(sorted(CHANGES))
minutes = st.integers(-3 * 1440, 4 * 1440) | st.integers(-180, 180)
"""Around a change."""
times = st.builds(time, st.integers(0, 23), st.sampled_from([0, 1, 15, 29, 30, 31, 45, 59])) | st.builds(
    time, st.integers(0, 3), st.integers(0, 59)
)
weekdays = st.frozensets(st.integers(0, 6), max_size=4)
