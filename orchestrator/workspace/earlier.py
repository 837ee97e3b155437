"""Earlier versions of journeys that people may still go on in (`runs: continue`), and of messages they may still be sent (`content: pinned`).
They travel with the files that are applied, so that whoever takes these up has all that its people need."""

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import msgspec

from orchestrator.workspace.editions import EDITIONS, decode_editions, editions_after, encode_editions
from orchestrator.workspace.indexes import Asked, event_indexes
from orchestrator.workspace.journey import Journey
from orchestrator.workspace.workspace import Workspace

PREFIX = "\0earlier/"
"""Of the name under which one stands among the files; no file can be called so."""
BEFORE = "\0before"
"""The name under which stands which version of all messages was in force until then."""
Files = Mapping[str, bytes]


class Packed(msgspec.Struct, array_like=True):
    """`journeys`, name to version, as the files of one earlier version of the workspace (compressed) define them; `content` is the version
    of its messages, where somebody may still be sent these."""

    journeys: dict[str, str]
    files: bytes
    content: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whether somebody goes by a journey's version (name, version), or is still sent messages of a version of all messages."""

    journey: Callable[[str, str], bool]
    content: Callable[[str], bool]


_decoder = msgspec.msgpack.Decoder(Packed)


def own(files: Files) -> dict[str, bytes]:
    """Without earlier versions."""
    return {name: value for name, value in files.items() if not name.startswith("\0")}


def packed_in(files: Files) -> dict[str, Packed]:
    """By the version of the workspace."""
    return {name.removeprefix(PREFIX): _decoder.decode(value) for name, value in files.items() if name.startswith(PREFIX)}


def files_of(packed: Packed) -> dict[str, bytes]:
    """All of that version."""
    return msgspec.msgpack.decode(zlib.decompress(packed.files), type=dict[str, bytes])


def carried(before: tuple[Workspace, Files] | None, after: Workspace, files: Files, wanted: Wanted) -> dict[str, bytes]:
    """The files to apply after what is in force: with every version of a journey that says `continue` in which somebody may be, and of the
    messages that somebody may be sent who is `pinned` to them. `wanted` tells that of what was in force earlier; of what is in force
    now nobody can know."""
    found = dict(files)
    if before is None:
        return found
    workspace, held = before
    packed = packed_in(held)
    packed[workspace.version] = Packed({name: one.version for name, one in workspace.journeys.items()}, b"", workspace.content)
    goes_on = {name: one.version for name, one in after.journeys.items() if one.in_flight.runs == "continue"}
    kept = {
        version: {
            name: of for name, of in one.journeys.items()
            if goes_on.get(name) not in (None, of) and (version == workspace.version or wanted.journey(name, of))
        } for version, one in packed.items()
    }  # fmt: skip
    inside = [workspace.journey_at(name, of) for journeys in kept.values() for name, of in journeys.items()]
    pins = any(one is not None and one.in_flight.content == "pinned" for one in (*after.journeys.values(), *inside))
    contents = {"", after.content} if pins else {one.content for one in packed.values()}
    for version in sorted(packed, key=lambda one: one != workspace.version):
        one = packed[version]
        content = one.content if one.content not in contents and (version == workspace.version or wanted.content(one.content)) else ""
        contents.add(content)
        if kept[version] or content:
            whole = one.files or zlib.compress(msgspec.msgpack.encode(own(held)))
            found[PREFIX + version] = msgspec.msgpack.encode(Packed(kept[version], whole, content))
    if pins:
        again = workspace.version == after.version and BEFORE in held
        found[BEFORE] = held[BEFORE] if again else workspace.content.encode()
    editions = editions_after(decode_editions(held.get(EDITIONS)), workspace.journeys, after.journeys)
    if editions:
        found[EDITIONS] = encode_editions(editions)
    return found


def with_earlier(
    workspace: Workspace, earlier: Mapping[tuple[str, str], Journey], others: list[Workspace], *, pinned: bool = False
) -> Workspace:
    """The workspace with these versions of its journeys beside it, those of a journey that says `continue`; `others` are the workspaces they come
    from, and what their journeys and texts ask of the past is kept. `pinned`: somebody is still sent messages of theirs."""
    kept = {
        (name, version): journey for (name, version), journey in earlier.items()
        if name in workspace.journeys and workspace.journeys[name].in_flight.runs == "continue" and workspace.journeys[name].version != version
    }  # fmt: skip
    if not kept and not pinned:
        return replace(workspace, earlier={}) if workspace.earlier else workspace
    listeners = {event: set(names) for event, names in workspace.listeners.items()}
    for (name, _version), journey in kept.items():
        for event in event_indexes({name: journey})[1]:
            listeners.setdefault(event, set()).add(name)
    asked, deduped = Asked(workspace.history, workspace.counted), dict(workspace.deduped)
    for other in others:
        asked = asked.beside(Asked(other.history, other.counted))
        deduped |= {name: max(window, deduped.get(name, 0)) for name, window in other.deduped.items()}
    return overlaid(replace(
        workspace, keeps_context=workspace.keeps_context or any(other.keeps_context for other in others), earlier=kept, history=asked.history, counted=asked.counted, deduped=deduped, listeners={event: tuple(sorted(names)) for event, names in listeners.items()}
    ))  # fmt: skip


def overlaid(workspace: Workspace) -> Workspace:
    """Status, limits, guard and priority of a journey are those in force, for all runs of every version."""
    if not workspace.earlier:
        return workspace
    found = {}
    for (name, version), journey in workspace.earlier.items():
        now = workspace.journeys[name]
        found[name, version] = replace(
            journey, status=now.status, paused_by=now.paused_by, limits=now.limits, guard=now.guard, priority=now.priority
        )
    return replace(workspace, earlier=found)


def followed_by(before: Workspace, after: Workspace) -> Workspace:
    """`after` with what people who are inside now may need of `before`: for one process that has both."""
    earlier = {**before.earlier, **{(name, one.version): one for name, one in before.journeys.items()}}
    contents = {**before.earlier_messages, before.content: before.messages}
    contents.pop(after.content, None)
    again = before.version == after.version
    pinned = any(one.in_flight.content == "pinned" for one in after.journeys.values())
    return replace(
        with_earlier(after, earlier, [before], pinned=pinned),
        earlier_messages=contents,
        content_before=before.content_before if again else before.content,
        editions=editions_after(before.editions, before.journeys, after.journeys),
    )
