"""Places in a queue that everybody shares: so many in any stretch of so much time, first come first served."""


def take_slot(slots: list[int], at: int, per: int, most: int, *, only_now: bool) -> int | None:
    """The instant at which whoever asks at `at` (ms) may pass, noted in `slots` (in order; those that still matter are kept): at most
    `most` in any `per` milliseconds. `only_now`: None, and nothing noted, where that is later than now."""
    last = max(at, slots[-1]) if slots else at
    slot = max(last, slots[-most] + per) if len(slots) >= most else last
    if only_now and slot > last:
        return None
    slots.append(slot)
    del slots[:-most]
    return slot
