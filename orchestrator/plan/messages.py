"""Messages whose text changes, and how many are sent in which."""

from collections.abc import Mapping
from dataclasses import dataclass

from orchestrator.plan.people import People
from orchestrator.plan.pinned import keepers, keeps_its_text
from orchestrator.plan.written import differences, read_tree
from orchestrator.workspace.workspace import Workspace

MESSAGES = "templates/messages/"


@dataclass(frozen=True, slots=True)
class MessageChange:
    """`waiting`: messages of this name that are due or held; of these `cancelled` are never sent, `pinned` keep the text they have, and the
    others will use the new one. `keep`: people in journeys that send it, wherever they stand, who go on with the text they began with."""

    name: str
    changes: tuple[str, ...]
    waiting: int
    cancelled: int = 0
    pinned: int = 0
    keep: int = 0

    @property
    def removed(self) -> bool:
        """It is not there any more."""
        return self.changes == ("removed",)


def message_changes(
    before: tuple[Workspace | None, Mapping[str, bytes]], after: tuple[Workspace, Mapping[str, bytes]], people: People,
    cancelled: Mapping[str, int],
) -> list[MessageChange]:  # fmt: skip
    """By name. `cancelled`: message to how many of it are never sent."""
    (was_in_force, old), (workspace, new) = before, after
    keep = keepers(was_in_force, workspace, people)
    found: list[MessageChange] = []
    for name in sorted(_names(old) | _names(new)):
        was, will_be = read_tree(old, MESSAGES, name), read_tree(new, MESSAGES, name)
        if was == will_be:
            continue
        changes = ("added",) if not was else ("removed",) if not will_be else tuple(differences(was, will_be))
        pinned = sum(
            number for one, number in people.unsent.items()
            if one.message == name and keeps_its_text(was_in_force, workspace, one.journey, one.version)
        )  # fmt: skip
        waiting, gone = people.waiting(name), cancelled.get(name, 0)
        found.append(MessageChange(name, changes, waiting, gone, min(pinned, waiting - gone), keep[name]))
    return found


def _names(files: Mapping[str, bytes]) -> set[str]:
    return {path.rsplit("/", 1)[-1].removesuffix(".yaml") for path in files if path.startswith(MESSAGES) and path.endswith(".yaml")}
