"""Making another version known to the people of a partition, page by page, across restarts and hand-overs."""

from orchestrator.engine.scheduled import in_force_since
from orchestrator.partition_state import PartitionState
from orchestrator.state.store import Store, Timer
from orchestrator.workspace.editions import asks_anew
from orchestrator.workspace.entrances import entrances
from orchestrator.workspace.workspace import Workspace

MOST_REVISITED = 200
FOREVER = 2**62


def begin_sweep(state: PartitionState, workspace: Workspace, stamp: str, now: int) -> None:
    """Another version is in force at `now` (milliseconds), or a pause began or ended. All who wait for time are looked at (whoever is in
    flight does, if only for the greatest age of a run), or simply all, where it lets people in by itself otherwise than the last; then
    those who wait first where they get new places in a queue: by time, which is the order of their places."""
    wanted = entrances(workspace)
    changed = wanted not in ("", state.entrances) or state.everybody is not None
    state.version, state.entrances = stamp, wanted
    state.everybody = "" if changed else None
    state.sweep = (-1, "") if not changed or asks_anew(workspace.journeys.values()) else None
    state.scheduled = in_force_since(state.scheduled, workspace, now)


async def next_page(state: PartitionState, store: Store, partition: int) -> list[str]:
    """The customers to be looked at next, which `state` then counts as told. Raises what the store raises."""
    if state.sweep is not None:
        due, customer = state.sweep
        page = await store.due(partition, FOREVER, MOST_REVISITED, Timer(customer, due))
        state.sweep = (page[-1].due, page[-1].customer) if len(page) == MOST_REVISITED else None
        return [timer.customer for timer in page]
    if state.everybody is not None:
        customers, state.everybody = await store.customers_of(partition, state.everybody, MOST_REVISITED)
        return customers
    return []
