"""A batch of records is published whole, in order, before it counts as done; what is counted survives only what is published."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from orchestrator.active import ActiveVersion
from orchestrator.contracts.dead_letter import DeadLetterReason
from orchestrator.contracts.record import Record
from orchestrator.errors import ConfigurationError, ServiceUnavailable, TooManyDeadLetters
from orchestrator.journey_tests.world import NoLinks
from orchestrator.source_agent import RUN, SourceAgent, SourceBatch, SourcesChanged
from orchestrator.sources.source_record import SourceRecord
from orchestrator.workspace.workspace import Workspace

CASE = b'{"op": "c", "source": {"table": "cases"}, "after": {"case_no": "F", "customer_no": 4711, "status": "open", "priority": "low"}}'


class Log:
    """What was published; `away`: so many publications fail. Answers what is asked of Kafka, too."""

    def __init__(self, dead_partitions: int = 2) -> None:
        self.records: list[Record] = []
        self.away = 0
        self.dead_partitions = dead_partitions

    async def publish(self, records: Sequence[Record]) -> None:
        if self.away:
            self.away -= 1
            raise ServiceUnavailable("away")
        self.records += records

    async def partitions(self, topics: Sequence[str]) -> Mapping[str, int]:
        return {topic: self.dead_partitions for topic in topics if topic.endswith("-dlq") and self.dead_partitions}

    async def last(self, topic: str, partition: int) -> Record | None:
        assert topic == "p-crm.public.changes-dlq"
        found = [record for record in self.records if record.topic.endswith("-dlq") and record.partition == partition]
        return found[-1] if found else None


def agent_on(log: Log, workspace: Workspace, limit: int = 0) -> tuple[SourceAgent, ActiveVersion, list[SourceBatch]]:
    active, seen = ActiveVersion(workspace, NoLinks()), list[SourceBatch]()
    return SourceAgent(workspace.sources["crm"], "p-", active, log, log, seen.append, limit), active, seen


def records(*values: bytes, start: int = 0, partition: int = 0) -> list[SourceRecord]:
    return [SourceRecord("crm.public.changes", partition, start + n, 1_772_445_600_000, None, value) for n, value in enumerate(values)]


async def test_events_and_dead_letters_of_a_batch_stand_in_its_order(example: Workspace) -> None:
    log = Log()
    agent, _active, seen = agent_on(log, example)
    await agent.begin()
    await agent.take(records(CASE, b"{", CASE, partition=3))
    assert [(one.topic, one.key) for one in log.records] == [
        ("customer-events", b"4711"), ("crm.public.changes-dlq", None), ("customer-events", b"4711")
    ]  # fmt: skip
    assert log.records[1].partition == 1, "3 of the topic's partitions, folded into 2 of the dead letters'"
    assert seen == [SourceBatch("crm", "crm.public.changes", 2, 0, {DeadLetterReason.NOT_JSON: 1})]


async def test_what_was_not_acknowledged_is_not_counted_and_is_the_same_when_it_comes_again(example: Workspace) -> None:
    log = Log()
    agent, _active, seen = agent_on(log, example, limit=2)
    await agent.begin()
    log.away = 1
    with pytest.raises(ServiceUnavailable):
        await agent.take(records(b"{", b"{"))
    assert seen == []
    await agent.take(records(b"{", b"{"))
    first = list(log.records)
    again = Log()
    other, _active, _seen = agent_on(again, example, limit=2)
    await other.begin()
    await other.take(records(b"{", b"{"))
    assert again.records == first
    assert [dict(one.headers)[RUN] for one in first] == [b"1", b"2"]


async def test_a_good_record_begins_the_count_anew_and_so_do_other_partitions(example: Workspace) -> None:
    log = Log()
    agent, _active, _seen = agent_on(log, example, limit=2)
    await agent.begin()
    await agent.take(records(b"{", b"{", CASE, b"{", b"{") + records(b"{", partition=1))
    with pytest.raises(TooManyDeadLetters, match=r"the last 3 records .* partition 0 .* offset 5"):
        await agent.take(records(b"{", start=5))


async def test_the_next_owner_counts_on_from_the_last_dead_letter(example: Workspace) -> None:
    log = Log()
    first, _active, _seen = agent_on(log, example, limit=3)
    await first.begin()
    await first.take(records(b"{", b"{"))
    next_owner, _active, _seen = agent_on(log, example, limit=3)
    await next_owner.begin()
    with pytest.raises(TooManyDeadLetters, match="the last 4 records"):
        await next_owner.take(records(b"{", b"{", start=2))
    first.assigned()
    await first.take(records(b"{", b"{", b"{", start=7))  # records between were good: the count begins anew
    assert dict(log.records[-1].headers)[RUN] == b"3"


async def test_a_version_that_maps_otherwise_is_taken_up_and_one_that_reads_elsewhere_needs_another_app(example: Workspace) -> None:
    log = Log()
    agent, active, _seen = agent_on(log, example)
    await agent.begin()
    lenient = replace(example.sources["crm"], otherwise="ignore", rules=())
    active.take_up(replace(example, version="2", sources={"crm": lenient}))
    await agent.take(records(CASE))
    assert log.records == []
    active.take_up(replace(example, version="3", sources={}))
    with pytest.raises(SourcesChanged):
        await agent.take(records(CASE))


async def test_there_is_somewhere_to_keep_dead_letters_before_the_first_record(example: Workspace) -> None:
    agent, _active, _seen = agent_on(Log(dead_partitions=0), example)
    with pytest.raises(ConfigurationError, match=r"no topic p-crm.public.changes-dlq .*`concierge topics create`"):
        await agent.begin()
