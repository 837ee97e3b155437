"""Which events can move people into an audience or out of it: what a timeline of a journey entered by it is drawn from."""

from orchestrator.expressions.calls import MESSAGES
from orchestrator.workspace.workspace import Workspace


def audience_events(workspace: Workspace, name: str | None) -> list[str]:
    """Events its condition looks back at, and those of the computed traits it reads; of the audiences it asks for too."""
    found: dict[str, None] = {}
    asked, seen = [name], {name}
    while asked:
        audience = workspace.audiences.get(asked.pop() or "")
        if audience is None:
            continue
        when = audience.when
        traits = [workspace.profile.computed.get(path[1]) for path in sorted(when.paths) if len(path) > 1 and path[0] == "customer"]
        events = [need.event for need in when.needs if need.event != MESSAGES] + [e for trait in traits if trait for e in trait.events]
        found |= dict.fromkeys(sorted(events))
        asked += sorted(when.audiences - seen)
        seen |= when.audiences
    return list(found)
