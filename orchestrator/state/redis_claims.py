"""Claims in Redis: the one rule of all stores is asked with guard and claim as they are believed to be, and what it grants is written
in one script only where they are so; otherwise the script says what they are, and the rule is asked again. So the last check and the
claim are one step, the rule is written once, and a message that nothing stands in the way of takes one call."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from orchestrator.contracts.claim import Claim, ClaimRequest, ClaimResult, Granted, RefusedByGuard, Settlement
from orchestrator.contracts.guard import GuardRefusal
from orchestrator.contracts.reason import Reason
from orchestrator.state import redis_keys as keys
from orchestrator.state.claiming import answer, settled
from orchestrator.state.redis_claim import body_of, claim_body, decode_claim, settled_value
from orchestrator.state.redis_connection import NotReplicated, RedisConnection
from orchestrator.state.redis_keys import PartitionKeys, partition_keys
from orchestrator.state.redis_scripts import CLAIM, REPLACE
from orchestrator.state.redis_written import Written, note_written

TRIES = 50
"""Rounds in which guards or claims may change under a request before something is plainly wrong."""
MOST = 250
"""Messages of one script."""
REMEMBERED = 10_000
"""Claims taken here whose values are remembered until they are settled."""
T = TypeVar("T")


@dataclass(slots=True)
class _Open:
    """A request without its answer yet. `known`: guard and claim were read; before that it is guessed that there are none."""

    number: int
    request: ClaimRequest
    guard: bytes = b""
    standing: bytes = b""
    known: bool = False
    wanted: Granted | None = None
    body: bytes = b""


class RedisClaims:
    """The senders' side of the store. `life` is how many seconds a claim is remembered: as long do webhooks find whose it is."""

    def __init__(self, connection: RedisConnection, store_id: str, partitions: int, life: int) -> None:
        self.connection = connection
        self._id = store_id.encode()
        self._partitions = partitions
        self._life = life
        self._calls = 0
        self._taken: dict[str, bytes] = {}

    def _keys(self, partition: int) -> PartitionKeys:
        return partition_keys(partition, self._partitions)

    async def claim(self, partition: int, requests: list[ClaimRequest]) -> list[ClaimResult]:
        """In the order of the requests; of two for one intent the second finds the first's claim. What is granted is on the
        replicas that were asked for. Raises ServiceUnavailable, and then nothing of it must be sent."""
        kinds = await self.suppressed({request.address_hash for request in requests})
        results: list[ClaimResult | None] = [None] * len(requests)
        for part in _parts(list(enumerate(requests)), MOST):
            left = []
            for number, request in part:
                kind = kinds.get(request.address_hash)
                asked = request if kind is None else replace(request, question=replace(request.question, address_kind=kind))
                left.append(_Open(number, asked))
            await self._claim(partition, left, results)
        texts = [
            Written(r.intent, r.customer, r.address_hash, r.question.now)
            for r, result in zip(requests, results, strict=True)
            if r.question.channel != "email" and isinstance(result, Granted)
        ]
        if texts:  # once a batch, before anything is sent
            await note_written(self.connection, partition, texts, self._life)
        return [result for result in results if result is not None]

    async def _claim(self, partition: int, left: list[_Open], results: list[ClaimResult | None]) -> None:
        ours = True
        for _ in range(TRIES):
            if not left:
                return
            now, later = _firsts(left)
            asked = self._ask_rule(now, results, ours=ours)
            if asked:
                ours = await self._write(partition, asked, results, ours=ours)
            left = [one for one in (*asked, *later) if results[one.number] is None]
        raise RuntimeError(f"claims of partition {partition} change faster than they can be read")

    def _ask_rule(self, open_: Sequence[_Open], results: list[ClaimResult | None], *, ours: bool) -> list[_Open]:
        """Answers what needs no writing; the rest is to be written, or to be read first."""
        asked = []
        for one in open_:
            result = answer(one.request, decode_claim(one.standing) if one.standing else None, one.guard or None, 0)
            if not ours and isinstance(result, Granted):
                # an absent guard is all clear only in the store it was written to
                unknown = GuardRefusal(Reason.STATE_REBUILDING, hold=True)
                transactional = one.request.question.message_class == "transactional"
                no_offer = None if one.request.question.offer is None else unknown
                result = replace(result, no_offer=no_offer) if transactional else RefusedByGuard(unknown)
            if isinstance(result, Granted):
                self._calls += 1
                one.wanted, one.body = result, claim_body(result.claim, one.request.customer, self._calls)
            elif one.known:
                results[one.number] = result
                continue
            else:
                one.wanted, one.body = None, b""
            asked.append(one)
        return asked

    async def _write(self, partition: int, asked: Sequence[_Open], results: list[ClaimResult | None], *, ours: bool) -> bool:
        """Write what the rule grants. False where the partition is not of our store (it was wiped, or is another's)."""
        k = self._keys(partition)
        names = [k.meta]
        parts: list[bytes | int] = [self._id if ours else b"", self._life]
        for one in asked:
            names += (k.guard(one.request.customer), k.claim(one.request.intent))
            parts += (one.guard, one.standing, one.body)
        try:
            store, *answers = await self.connection.script(CLAIM, names, parts, safely=any(one.body for one in asked))
        except NotReplicated:
            await self._give_back(partition, asked)
            raise
        for one, found in zip(asked, answers, strict=True):
            if isinstance(found, bytes):
                self._grant(one, found + b"|" + one.body, results)
                continue
            one.guard, before, one.standing, one.known = found[0], one.standing, found[1], True
            if one.body and one.standing != before and one.standing and body_of(one.standing) == one.body:
                self._grant(one, one.standing, results)  # the answer to an earlier sending of this call was lost
        return bool(store == self._id)

    def _grant(self, one: _Open, value: bytes, results: list[ClaimResult | None]) -> None:
        granted = one.wanted
        assert granted is not None
        number = int(value[: value.index(b"|")])
        results[one.number] = replace(granted, claim=replace(granted.claim, sequence=number))
        if len(self._taken) >= REMEMBERED:
            del self._taken[next(iter(self._taken))]
        self._taken[one.request.intent] = value

    async def _give_back(self, partition: int, asked: Sequence[_Open]) -> None:
        """Claims that did not reach the replicas are not to be sent: nobody shall have to find out what became of them."""
        k = self._keys(partition)
        values = await self.connection.get_many([k.claim(one.request.intent) for one in asked])
        mine = [
            (one, value)
            for one, value in zip(asked, values, strict=True)
            if value and one.wanted and one.body and body_of(value) == one.body
        ]
        if mine:
            changes = [
                part
                for one, value in mine
                if one.wanted
                for part in (value, settled_value(value, replace(decode_claim(value), state="released")))
            ]
            await self.connection.script(REPLACE, [k.claim(one.request.intent) for one, _value in mine], changes)

    async def settle(self, partition: int, settlements: list[Settlement]) -> list[bool]:
        """In their order; False where the claim is not, or no longer, the sender's."""
        results: list[bool | None] = [None] * len(settlements)
        left = list(enumerate(settlements))
        while left:
            now: dict[str, tuple[int, Settlement]] = {}
            for number, one in left[:MOST]:
                if one.intent in now:
                    break
                now[one.intent] = (number, one)
            left = left[len(now) :]
            await self._settle(partition, list(now.values()), results)
        return [bool(result) for result in results]

    async def _settle(self, partition: int, left: list[tuple[int, Settlement]], results: list[bool | None]) -> None:
        """Different intents: first with the values they were claimed with here, where they were."""
        k = self._keys(partition)
        held = {one.intent: self._taken.pop(one.intent, b"") for _number, one in left}
        known: set[str] = set()
        for _ in range(TRIES):
            asked: list[tuple[int, Settlement, bytes]] = []
            for number, one in left:
                value = held[one.intent]
                after = settled(decode_claim(value) if value else None, one)
                new = settled_value(value, after) if after is not None else b""
                if one.intent in known and (not new or new == value):
                    results[number] = new == value != b""
                else:
                    asked.append((number, one, new))
            if not asked:
                return
            answers = await self.connection.script(
                REPLACE,
                [k.claim(one.intent) for _n, one, _new in asked],
                [part for _n, one, new in asked for part in (held[one.intent], new)],
            )
            left = []
            for (number, one, _new), found in zip(asked, answers, strict=True):
                if found == 1:
                    results[number] = True
                else:
                    held[one.intent] = found
                    known.add(one.intent)
                    left.append((number, one))
        raise RuntimeError(f"claims of partition {partition} change faster than they can be settled")

    async def claims(self, partition: int, intents: Sequence[str]) -> dict[str, Claim]:
        k = self._keys(partition)
        values = await self.connection.get_many([k.claim(intent) for intent in intents])
        return {intent: decode_claim(value) for intent, value in zip(intents, values, strict=True) if value}

    async def suppressed(self, hashes: Collection[str]) -> dict[str, str]:
        values = await self.connection.get_many([keys.suppressed(one) for one in hashes])
        return {one: value.decode() for one, value in zip(hashes, values, strict=True) if value}


def _parts(items: list[T], size: int) -> Iterator[list[T]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


def _firsts(open_: Sequence[_Open]) -> tuple[list[_Open], list[_Open]]:
    """The first of each intent, and those that must wait for it."""
    now: dict[str, _Open] = {}
    later = []
    for one in open_:
        if one.request.intent in now:
            later.append(one)
        else:
            now[one.request.intent] = one
    return list(now.values()), later
