"""What an undisturbed run would have made of the same input: the whole log through the engine in memory, in one go."""

from collections.abc import Mapping
from pathlib import Path

from orchestrator.content.check import check_message
from orchestrator.content.render import Renderer
from orchestrator.contracts.message import decode_message
from orchestrator.contracts.topics import INPUT_TOPICS, OUTBOUND_TOPICS
from orchestrator.embedded.versions import Versions
from orchestrator.engine.batch import Batch
from orchestrator.engine.inputs import InputRecord
from orchestrator.engine.turn import Surroundings
from orchestrator.journey_tests.world import NoLinks
from orchestrator.model.customer import Customer
from orchestrator.pipeline import apply_batch
from orchestrator.policies.pace import Pace
from orchestrator.state.sqlite_database import SqliteDatabase
from orchestrator.state.value import decode_sections
from orchestrator.workspace.load import load_files

COMPARED = ("traits", "ctx", "consents", "issues", "comp", "past", "runs", "entries", "msgs", "hist")


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
        customers = {key: Customer(key) for key in {record.key.decode() for record in records if record.key}}
        profiles = database.read("SELECT id,v FROM profile WHERE p=?", (p,))
        stored.update({name: _sections(decode_sections(value)) for name, value in profiles if not name.startswith("\x00")})
        horizon = max(
            (Customer(name, decode_sections(value)).identity.latest for name, value in profiles if not name.startswith("\x00")), default=0
        )
        around = Surroundings(workspace, Renderer(workspace, NoLinks()), p, partitions, 0, Pace())
        outcome = apply_batch(Batch(records, [], horizon), customers, around)
        made.update({name: _sections(customer.sections()) for name, customer in outcome.customers.items()})
        messages = [decode_message(r.value) for r in outcome.records if r.topic.startswith("outbound-")]
        intents.update({message.intent: message.message_class for message in messages})
    published = set()
    for topic in OUTBOUND_TOPICS:
        published |= {
            decode_message(value).intent for (value,) in database.read("SELECT value FROM log WHERE topic=?", (topics.get(topic, -1),))
        }
    database.close()
    return made, intents, stored, published


def _sections(sections: Mapping[str, object]) -> dict[str, bytes]:
    return {name: bytes(value) for name, value in sections.items() if name in COMPARED and bytes(value) not in (b"\x80", b"\x90")}  # type: ignore[call-overload]  # raw bytes


def differences(made: dict[str, dict[str, bytes]], stored: dict[str, dict[str, bytes]]) -> list[str]:
    """Customers and sections that differ. Sealed history is compared by what is left of it."""
    found = [
        f"only {where}: {name}"
        for where, names in (("replayed", made.keys() - stored.keys()), ("stored", stored.keys() - made.keys()))
        for name in sorted(names)
    ]
    for name in sorted(made.keys() & stored.keys()):
        for section in COMPARED:
            if section == "hist":
                continue
            if made[name].get(section, b"") != stored[name].get(section, b""):
                found.append(f"{name}: section {section} differs")
    return found
