"""Claims in Redis: guards and claims are read, the one rule of all stores is asked, and what it grants is written in one script
only where nothing has changed since it was read. So the last check and the claim are one step, and the rule is written once."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import cast

from orchestrator.contracts.claim import Claim, ClaimRequest, ClaimResult, ClaimState, Granted, RefusedByGuard, Settlement, Taken
from orchestrator.contracts.guard import GuardRefusal
from orchestrator.contracts.reason import Reason
from orchestrator.state import redis_keys as keys
from orchestrator.state.claiming import answer, confirmed, settled
from orchestrator.state.redis_connection import RedisConnection
from orchestrator.state.redis_keys import PartitionKeys
from orchestrator.state.redis_scripts import CLAIM, REPLACE

TRIES = 50
"""Rounds in which guards or claims may change under a request before something is plainly wrong."""
REMEMBERED, KEPT_WRITTEN, PEOPLE, TEXTS = 30 * 86_400, 400 * 86_400, 20, 50
"""Seconds for which webhooks find an intent's owner, and an inbound text the person; people and intents kept for an address."""


def encode_claim(claim: Claim, *, numbered: bool = True) -> bytes:
    """Text, so that the script can add the number it gives."""
    return "\x1f".join(
        (claim.state, claim.sender, str(claim.at), str(claim.attempt), claim.provider_id or "", str(claim.sequence) if numbered else "")
    ).encode()


def decode_claim(value: bytes) -> Claim:
    state, sender, at, attempt, provider, sequence = value.decode().split("\x1f")
    return Claim(cast("ClaimState", state), sender, int(at), int(attempt), provider or None, int(sequence))


class RedisClaims:
    """The senders' side of the store. `life` is how many seconds a claim is remembered."""

    def __init__(self, connection: RedisConnection, store_id: str, partitions: int, life: int) -> None:
        self._connection = connection
        self._id = store_id.encode()
        self._partitions = partitions
        self._life = life

    async def claim(self, partition: int, requests: list[ClaimRequest]) -> list[ClaimResult]:
        """In the order of the requests; of two for one intent the second finds the first's claim."""
        results: dict[int, ClaimResult] = {}
        open_ = dict(enumerate(requests))
        kinds = await self.suppressed(sorted({request.address_hash for request in requests}))
        for _ in range(TRIES):
            if not open_:
                return [results[number] for number in range(len(requests))]
            results |= await self._round(partition, open_, kinds)
            open_ = {number: request for number, request in open_.items() if number not in results}
        raise RuntimeError(f"claims of partition {partition} change faster than they can be read")

    async def _round(self, partition: int, requests: Mapping[int, ClaimRequest], kinds: Mapping[str, str]) -> dict[int, ClaimResult]:
        k = PartitionKeys(partition, self._partitions)
        names = [key for request in requests.values() for key in (k.guard(request.customer), k.claim(request.intent))]
        store, values = await self._connection.commands([("HGET", k.meta, "store"), ("MGET", *names)])
        results: dict[int, ClaimResult] = {}
        wanted: list[tuple[int, ClaimRequest, Claim, bytes, bytes]] = []
        seen: set[str] = set()
        for place, (number, request) in enumerate(requests.items()):
            guard, standing = values[2 * place], values[2 * place + 1]
            if request.intent in seen:
                continue  # the next round sees what became of the first
            seen.add(request.intent)
            asked = replace(request, question=replace(request.question, address_kind=kinds.get(request.address_hash)))
            result = answer(asked, decode_claim(standing) if standing else None, guard, 0)
            if store != self._id and isinstance(result, Granted) and request.question.message_class != "transactional":
                # an absent guard is all clear only in the store it was written to
                result = RefusedByGuard(GuardRefusal(Reason.STATE_REBUILDING, hold=True))
            if isinstance(result, Granted):
                wanted.append((number, request, result.claim, guard or b"", standing or b""))
            else:
                results[number] = result
        if wanted:
            names = [key for _n, request, _c, _g, _s in wanted for key in (k.guard(request.customer), k.claim(request.intent))]
            parts = [part for _n, _r, claim, guard, standing in wanted for part in (guard, standing, encode_claim(claim, numbered=False))]
            numbers = await self._connection.script(CLAIM, [k.meta, *names], [self._id if store == self._id else b"", self._life, *parts])
            if numbers != [-1]:
                for (number, _request, claim, _guard, _standing), sequence in zip(wanted, numbers, strict=True):
                    if sequence:
                        results[number] = Granted(replace(claim, sequence=int(sequence)))
            await self._found(partition, wanted, results)
        return results

    async def _found(
        self, partition: int, wanted: Sequence[tuple[int, ClaimRequest, Claim, bytes, bytes]], results: dict[int, ClaimResult]
    ) -> None:
        """A lost reply: what stands there is the very claim we asked for. Then the indexes that webhooks ask."""
        k = PartitionKeys(partition, self._partitions)
        missing = [one for one in wanted if one[0] not in results]
        if missing:
            standing = await self._connection.command("MGET", *(k.claim(request.intent) for _n, request, _c, _g, _s in missing))
            for (number, _request, claim, _guard, before), value in zip(missing, standing, strict=True):
                if value and value != before and value.startswith(encode_claim(claim, numbered=False)):
                    results[number] = Granted(decode_claim(value))
        calls: list[tuple[object, ...]] = []
        for number, request, claim, _guard, _standing in wanted:
            if number in results:
                calls.append(
                    (
                        "SET",
                        keys.owner(request.intent),
                        f"{partition} {request.customer}".encode("utf-8", "surrogateescape"),
                        "EX",
                        REMEMBERED,
                    )
                )
                if request.question.channel != "email":
                    place, texts = keys.written_to(request.address_hash), keys.texts(request.address_hash)
                    calls += [
                        ("ZADD", place, claim.at, request.customer.encode("utf-8", "surrogateescape")), ("ZREMRANGEBYRANK", place, 0, -PEOPLE - 1),
                        ("EXPIRE", place, KEPT_WRITTEN), ("ZADD", texts, claim.at, request.intent.encode()), ("ZREMRANGEBYRANK", texts, 0, -TEXTS - 1),
                        ("EXPIRE", texts, self._life),
                    ]  # fmt: skip
        if calls:
            await self._connection.commands(calls)

    async def settle(self, partition: int, settlements: list[Settlement]) -> list[bool]:
        """In their order; False where the claim is not, or no longer, the sender's."""
        done: list[bool] = []
        for group in _apart(settlements):
            done += await self._settle(partition, group)
        return done

    async def _settle(self, partition: int, settlements: Sequence[Settlement]) -> list[bool]:
        """Different intents."""
        k = PartitionKeys(partition, self._partitions)
        results: dict[int, bool] = {}
        for _ in range(TRIES):
            left = [number for number in range(len(settlements)) if number not in results]
            if not left:
                return [results[number] for number in range(len(settlements))]
            values = await self._connection.command("MGET", *(k.claim(settlements[number].intent) for number in left))
            changes: list[tuple[int, bytes, bytes]] = []
            for number, value in zip(left, values, strict=True):
                after = settled(decode_claim(value) if value else None, settlements[number])
                if after is None:
                    results[number] = False
                elif encode_claim(after) == value:
                    results[number] = True
                else:
                    changes.append((number, value, encode_claim(after)))
            if changes:
                answers = await self._connection.script(
                    REPLACE,
                    [k.claim(settlements[number].intent) for number, _v, _a in changes],
                    [part for _n, value, after in changes for part in (value, after)],
                )
                results |= {number: True for (number, _v, _a), ok in zip(changes, answers, strict=True) if ok}
        raise RuntimeError(f"claims of partition {partition} change faster than they can be settled")

    async def claims(self, partition: int, intents: Sequence[str]) -> dict[str, Claim]:
        if not intents:
            return {}
        k = PartitionKeys(partition, self._partitions)
        values = await self._connection.command("MGET", *(k.claim(intent) for intent in intents))
        return {intent: decode_claim(value) for intent, value in zip(intents, values, strict=True) if value}

    async def suppressed(self, hashes: Sequence[str]) -> dict[str, str]:
        if not hashes:
            return {}
        values = await self._connection.commands([("GET", keys.suppressed(one)) for one in hashes])
        return {one: value.decode() for one, value in zip(hashes, values, strict=True) if value}

    async def owners(self, intents: Sequence[str]) -> dict[str, str]:
        """Customers by intent, of those that were claimed in the last 30 days."""
        return {intent: customer for intent, (_partition, customer) in (await self._placed(intents)).items()}

    async def _placed(self, intents: Sequence[str]) -> dict[str, tuple[int, str]]:
        """(partition, customer) of the intents that were claimed in the last 30 days."""
        if not intents:
            return {}
        values = await self._connection.commands([("GET", keys.owner(intent)) for intent in intents])
        found: dict[str, tuple[int, str]] = {}
        for intent, value in zip(intents, values, strict=True):
            if value:
                partition, _blank, customer = value.decode("utf-8", "surrogateescape").partition(" ")
                found[intent] = (int(partition), customer)
        return found

    async def written_to(self, address_hash: str) -> list[str]:
        """Customers we have written to at an address, the latest first."""
        found = await self._connection.command("ZREVRANGE", keys.written_to(address_hash), 0, PEOPLE)
        return [one.decode("utf-8", "surrogateescape") for one in found]

    async def confirm(self, found: Mapping[str, str | None]) -> None:
        """A provider's own word that it has these intents (and its id for them): proof, whatever their sender heard."""
        for intent, (partition, _customer) in (await self._placed(list(found))).items():
            k = PartitionKeys(partition, self._partitions)
            for _ in range(TRIES):
                value = await self._connection.command("GET", k.claim(intent))
                after = confirmed(decode_claim(value) if value else None, found[intent])
                if after is None:
                    break
                if (await self._connection.script(REPLACE, [k.claim(intent)], [value, encode_claim(after)])) == [1]:
                    break

    async def known(self, partition: int, address_hash: str) -> dict[str, str]:  # noqa: ARG002  (the protocol's signature)
        intents = [one.decode() for one in await self._connection.command("ZREVRANGE", keys.texts(address_hash), 0, TEXTS)]
        by_partition: dict[int, list[str]] = {}
        for intent, (owned_by, _customer) in (await self._placed(intents)).items():
            by_partition.setdefault(owned_by, []).append(intent)
        found: dict[str, str] = {}
        for owned_by, ones in by_partition.items():
            claims = await self.claims(owned_by, ones)
            found |= {claim.provider_id: intent for intent, claim in claims.items() if claim.provider_id is not None}
        return found


def _apart(settlements: Sequence[Settlement]) -> list[list[Settlement]]:
    """In groups without two of one intent, in order."""
    groups: list[list[Settlement]] = []
    for one in settlements:
        if not groups or any(one.intent == other.intent for other in groups[-1]):
            groups.append([])
        groups[-1].append(one)
    return groups


__all__ = ["RedisClaims", "Taken", "decode_claim", "encode_claim"]
