"""The topics of a deployment: what each is to be, what stands on the cluster, the difference."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kafka.admin import ConfigResource, KafkaAdminClient
from kafka.errors import KafkaError, TopicAlreadyExistsError

from orchestrator.contracts.topics import DECISIONS, INPUT_TOPICS, TOPICS, dead_letters
from orchestrator.errors import ConfigurationError, ServiceUnavailable
from orchestrator.runtime.kafka_address import KafkaAddress
from workers.kafka_repairs import ClosingSelector

DAY = 24 * 3_600_000
KEEP_INPUTS, KEEP_OUTBOUND, KEEP_DECISIONS = 14 * DAY, 7 * DAY, 400 * DAY
"""Retention in milliseconds. The inputs have to outlive the oldest snapshot one would rebuild from."""
LARGEST = 2_000_000
"""Bytes of a record: a message in every channel's text, or a bad record of 1 MB as a dead letter."""


NEEDED = ("message.timestamp.type", "cleanup.policy")
"""Settings without which results are wrong; the others are for ops to choose."""


@dataclass(frozen=True, slots=True)
class Topic:
    """`name` without the prefix. `settings` are those that correctness depends on, as Kafka spells them."""

    name: str
    settings: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TopicState:
    """`problem` is empty when all is well; `note` says what will pass, or is for ops to weigh."""

    name: str
    partitions: int
    problem: str = ""
    note: str = ""


def planned(sources: Sequence[str] = ()) -> list[Topic]:
    """All topics, in the order of the table of topics; for each backend's topic among `sources`, one that keeps its dead letters."""
    found = []
    for name in (*TOPICS, *(dead_letters(source) for source in sources)):
        settings = {"max.message.bytes": str(LARGEST), "cleanup.policy": "delete"}
        if name in INPUT_TOPICS:
            # the engine orders by arrival: what a backend's clock says must not decide it
            settings |= {"message.timestamp.type": "LogAppendTime", "retention.ms": str(KEEP_INPUTS)}
        else:
            settings["retention.ms"] = str(KEEP_DECISIONS if name == DECISIONS else KEEP_OUTBOUND)
        found.append(Topic(name, settings))
    return found


def create_topics(address: KafkaAddress, replicas: int, sources: Sequence[str] = ()) -> list[str]:
    """Those that were missing, made now; what stands is left alone. Raises ServiceUnavailable, ConfigurationError."""
    made: list[str] = []
    with _admin(address) as admin:
        present = set(admin.list_topics())
        extra = {"min.insync.replicas": str(max(replicas - 1, 1))}
        for topic in planned(sources):
            name = address.prefix + topic.name
            if name in present:
                continue
            wish = {"num_partitions": address.partitions, "replication_factor": replicas, "configs": {**topic.settings, **extra}}
            try:
                admin.create_topics({name: wish}, wait_for_metadata=True)
            except TopicAlreadyExistsError:  # somebody else was faster
                continue
            except KafkaError as error:
                raise ConfigurationError(
                    f"Kafka did not make topic {name}: {type(error).__name__}: {error}; made before: {made or 'none'}"
                ) from error
            made.append(name)
    return made


def check_topics(address: KafkaAddress, sources: Sequence[str] = ()) -> list[TopicState]:
    """Every topic as it stands. Raises ServiceUnavailable."""
    names = [address.prefix + topic.name for topic in planned(sources)]
    with _admin(address) as admin:
        present = sorted({one for one in admin.list_topics() if one in names})
        partitions = {one["name"]: one["partitions"] for one in admin.describe_topics(present)} if present else {}
        held = _settings(admin, present)
    return [_state(topic, address, partitions, held) for topic in planned(sources)]


def busy_groups(address: KafkaAddress, groups: Sequence[str]) -> set[str]:
    """Those of our consumer groups, named without the prefix, that have a member now. Raises ServiceUnavailable."""
    with _admin(address) as admin:
        found = {one["group_id"]: str(one["group_state"]) for one in admin.list_groups()}
    return {group for group in groups if found.get(address.prefix + group, "Empty") not in ("Empty", "Dead")}


def _state(
    topic: Topic, address: KafkaAddress, partitions: Mapping[str, Sequence[Mapping[str, Any]]], held: Mapping[str, Mapping[str, str]]
) -> TopicState:
    name = address.prefix + topic.name
    number = len(partitions.get(name, ()))
    if not number:
        return TopicState(name, 0, "missing: `concierge topics create` makes it")
    if number != address.partitions:
        return TopicState(
            name, number, f"{number} partitions, CONCIERGE_PARTITIONS says {address.partitions}: the number is fixed for a deployment"
        )
    here = held.get(name, {})
    wrong = [
        f"{key} is {here.get(key)}, needed is {topic.settings[key]}"
        for key in NEEDED
        if key in topic.settings and here.get(key) != topic.settings[key]
    ]
    if int(here.get("max.message.bytes", LARGEST)) < LARGEST:
        wrong.append(f"max.message.bytes is {here['max.message.bytes']}, needed is {LARGEST} at least")
    if here.get("unclean.leader.election.enable") == "true":
        wrong.append("unclean.leader.election.enable is true: a broker that was behind may lead, and what others had acknowledged is gone")
    lame, note = _copies(partitions[name], int(here.get("min.insync.replicas", 1)))
    return TopicState(name, number, "; ".join([*wrong, *lame]), note)


def _copies(partitions: Sequence[Mapping[str, Any]], needed: int) -> tuple[list[str], str]:
    """(what stops partitions from being written or makes them forget, what will pass). `needed`: copies that must acknowledge."""
    copies = min(len(one["replica_nodes"]) for one in partitions)
    in_step = min(len(one["isr_nodes"]) for one in partitions)
    stuck = sum(one["leader_id"] < 0 or len(one["isr_nodes"]) < needed for one in partitions)
    wrong = []
    if stuck:
        wrong.append(
            f"{stuck} of {len(partitions)} partitions cannot be written: {in_step} of {copies} copies in step, min.insync.replicas is {needed}; "
            "start the brokers that are away"
        )
    if copies > 2 and needed < 2:
        wrong.append(
            f"min.insync.replicas is {needed} with {copies} copies: a broker that dies alone takes acknowledged records with it; needed is 2"
        )
    return wrong, "" if stuck or in_step == copies else f"{in_step} of {copies} copies in step: a broker is away or behind"


def _settings(admin: Any, names: Sequence[str]) -> dict[str, dict[str, str]]:
    if not names:
        return {}
    found = admin.describe_configs([ConfigResource("TOPIC", name) for name in names], config_filter="all")
    return {name: {key: str(one["value"]) for key, one in held.items()} for name, held in next(iter(found.values())).items()}


@contextlib.contextmanager
def _admin(address: KafkaAddress) -> Iterator[Any]:
    try:
        client = KafkaAdminClient(**address.options, request_timeout_ms=10_000, bootstrap_timeout_ms=10_000, selector=ClosingSelector)
    except KafkaError as error:
        raise ServiceUnavailable(f"Kafka cannot be reached: {type(error).__name__}: {error}") from error
    try:
        yield client
    except KafkaError as error:
        raise ServiceUnavailable(f"Kafka: {type(error).__name__}: {error}") from error
    finally:
        client.close()
