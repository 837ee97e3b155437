"""What an undisturbed run would have made of the same input: the whole log through the engine in memory, in one go."""

from pathlib import Path

from orchestrator.content.check import check_message
from orchestrator.contracts.message import decode_message
from orchestrator.contracts.topics import INPUT_TOPICS, OUTBOUND_TOPICS
from orchestrator.embedded.versions import Versions
from orchestrator.engine.inputs import InputRecord
from orchestrator.state.sqlite_database import SqliteDatabase
from orchestrator.state.value import decode_sections
from orchestrator.workspace.load import load_files
from tests.chaos.undisturbed import compared, undisturbed


def replayed(folder: Path) -> tuple[dict[str, dict[str, bytes]], dict[str, str], dict[str, dict[str, bytes]], set[str]]:
    """(profiles of the replay, class by intent, profiles as stored, intents published), sections as bytes."""
    database = SqliteDatabase(folder, read_only=True)
    version = Versions.read_last(database)
    assert version is not None
    workspace = load_files(version[1], {}, check_message).workspace
    assert workspace is not None
    topics = {name: number for number, name in database.read("SELECT id,name FROM topic")}
    partitions = database.read("SELECT partitions FROM setup")[0][0]
    stored: dict[str, dict[str, bytes]] = {}
    made: dict[str, dict[str, bytes]] = {}
    intents: dict[str, str] = {}
    for p in range(partitions):
        cursors = dict(database.read("SELECT src,pos FROM cursor WHERE p=?", (p,)))
        records = []
        for topic in INPUT_TOPICS:
            rows = database.read(
                "SELECT off,at,key,value FROM log WHERE topic=? AND p=? AND off<=? ORDER BY off",
                (topics.get(topic, -1), p, cursors.get(topic, 0)),
            )
            records += [InputRecord(topic, p, off, at, key, value) for off, at, key, value in rows]
        records.sort(key=lambda one: one.offset)
        profiles = database.read("SELECT id,v FROM profile WHERE p=?", (p,))
        held = {name: decode_sections(value) for name, value in profiles if not name.startswith("\x00")}
        stored.update({name: compared(sections) for name, sections in held.items()})
        some, others = undisturbed(workspace, p, partitions, records, held)
        made.update(some)
        intents.update(others)
    published = intents_published(database)
    database.close()
    return made, intents, stored, published


def intents_published(database: SqliteDatabase) -> set[str]:
    """Of every message that stands on the log for senders."""
    topics = {name: number for number, name in database.read("SELECT id,name FROM topic")}
    found = set()
    for topic in OUTBOUND_TOPICS:
        rows = database.read("SELECT value FROM log WHERE topic=?", (topics.get(topic, -1),))
        found |= {decode_message(value).intent for (value,) in rows}
    return found
