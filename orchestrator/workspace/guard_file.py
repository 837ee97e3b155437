"""`guard`, of the policies or of a journey: levels may be lower than those above them, never higher."""

from collections.abc import Callable
from typing import cast

from orchestrator.workspace.guard import BUILT_IN, MEASURES, WINDOWS, Guard, Measure, Window
from orchestrator.workspace.shape import Key, Mapped, Percent, Reading, Shaped

_LEVELS = Mapped({window: Key(Percent(), text=f"of what was sent in the last {window}") for window in WINDOWS}, what="levels")
GUARD = Mapped({measure: Key(_LEVELS) for measure in MEASURES}, what="a guard")


def read_guard(given: object, above: Guard, code: str, whose: Callable[[float], str], reading: Reading) -> Guard:
    """What is written. `above` are levels it may not exceed, beside the built-in ones; `code` says that it does, `whose` names the level."""
    found: dict[tuple[Measure, Window], float] = {}
    if not isinstance(given, Shaped):
        return found
    for measure in MEASURES:
        levels = given.get(measure)
        if not isinstance(levels, Shaped):
            continue
        for window in (one for one in WINDOWS if one in levels):
            share, most = cast("float", levels.get(window)), min(BUILT_IN[measure, window].share, above.get((measure, window), 1.0))
            if share > most:
                why = "a mailbox provider that has lost its trust takes weeks to give it back"
                reading.bad(
                    levels.at(window),
                    code,
                    f"{measure} of {share * 100:g}% in {window} are more than {whose(most)}",
                    why,
                    f"{most * 100:g}% or less, or remove it",
                )
            found[measure, window] = share
    return found
