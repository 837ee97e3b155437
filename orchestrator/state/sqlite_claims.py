"""Claims in SQLite, inside a transaction of the writer thread: a few statements for many messages, whatever their number."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from orchestrator.contracts.claim import Claim, ClaimRequest, ClaimResult, Granted, Settlement
from orchestrator.state.claiming import answer, confirmed, settled
from orchestrator.state.sqlite_database import ROWS, in_rows

SCRIPT = """
CREATE TABLE IF NOT EXISTS claim(id TEXT PRIMARY KEY, state TEXT NOT NULL, sender TEXT NOT NULL, at INTEGER NOT NULL, attempt INTEGER NOT NULL,
  provider TEXT, seq INTEGER NOT NULL, customer TEXT NOT NULL, address TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS claim_address ON claim(address, seq);
CREATE TABLE IF NOT EXISTS address(hash TEXT PRIMARY KEY, kind TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sequence(n INTEGER NOT NULL) STRICT;
INSERT INTO sequence SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM sequence);
"""

KNOWN = 50
"""Claims of an address that are looked at."""


def next_sequence(connection: sqlite3.Connection, count: int = 1) -> int:
    """The last of `count` new numbers that order claims and commits of this store."""
    return int(connection.execute("UPDATE sequence SET n=n+? RETURNING n", (count,)).fetchone()[0])


def standing_claims(connection: sqlite3.Connection, intents: Sequence[str]) -> dict[str, Claim]:
    """Those of the intents that were claimed."""
    rows = _look(connection, "SELECT id,state,sender,at,attempt,provider,seq FROM claim WHERE id IN", (), intents)
    return {row[0]: Claim(*row[1:]) for row in rows}


def take_claims(connection: sqlite3.Connection, partition: int, requests: Sequence[ClaimRequest]) -> list[ClaimResult]:
    """Answer the requests in their order; the second of two for one intent finds the first's claim."""
    if not requests:
        return []
    sequence = next_sequence(connection, len(requests)) - len(requests)
    claims = standing_claims(connection, [request.intent for request in requests])
    guards: dict[str, bytes] = dict(
        _look(connection, "SELECT id,v FROM guard WHERE p=? AND id IN", (partition,), {r.customer for r in requests})
    )
    kinds: dict[str, str] = dict(_look(connection, "SELECT hash,kind FROM address WHERE hash IN", (), {r.address_hash for r in requests}))
    results: list[ClaimResult] = []
    granted: dict[str, tuple[ClaimRequest, Claim]] = {}
    for number, request in enumerate(requests, sequence + 1):
        asked = replace(request, question=replace(request.question, address_kind=kinds.get(request.address_hash)))
        result = answer(asked, claims.get(request.intent), guards.get(request.customer), number)
        if isinstance(result, Granted):
            claims[request.intent] = result.claim
            granted[request.intent] = (request, result.claim)
        results.append(result)
    _write(connection, [(request.customer, request.address_hash, intent, claim) for intent, (request, claim) in granted.items()])
    return results


def settle_claims(connection: sqlite3.Connection, settlements: Sequence[Settlement]) -> list[bool]:
    """Record outcomes in their order; False where the claim is not, or no longer, the sender's."""
    claims = standing_claims(connection, [settlement.intent for settlement in settlements])
    changed: set[str] = set()
    answers = []
    for settlement in settlements:
        after = settled(claims.get(settlement.intent), settlement)
        if after is not None:
            claims[settlement.intent] = after
            changed.add(settlement.intent)
        answers.append(after is not None)
    # these exist, so their customer and address stay what they are
    _write(connection, [("", "", intent, claims[intent]) for intent in sorted(changed)])
    return answers


def confirm_claims(connection: sqlite3.Connection, found: Mapping[str, str | None]) -> None:
    """Intents the provider says it has."""
    claims = standing_claims(connection, list(found))
    after = {intent: confirmed(claims.get(intent), provider_id) for intent, provider_id in found.items()}
    _write(connection, [("", "", intent, claim) for intent, claim in after.items() if claim is not None])


def known_ids(connection: sqlite3.Connection, address_hash: str) -> dict[str, str]:
    """A provider's ids of messages to this address, each with its intent; the latest."""
    sql = "SELECT provider,id FROM (SELECT provider,id FROM claim WHERE address=? ORDER BY seq DESC LIMIT ?) WHERE provider IS NOT NULL"
    return dict(connection.execute(sql, (address_hash, KNOWN)).fetchall())


def _write(connection: sqlite3.Connection, claims: Sequence[tuple[str, str, str, Claim]]) -> None:
    """(customer, address, intent, claim). Of a claim that exists, customer and address stay."""
    for start in range(0, len(claims), ROWS):
        part = claims[start : start + ROWS]
        connection.execute(
            f"INSERT INTO claim VALUES {in_rows(9, len(part))} ON CONFLICT DO UPDATE SET state=excluded.state, sender=excluded.sender, "
            "at=excluded.at, attempt=excluded.attempt, provider=excluded.provider, seq=excluded.seq",
            [
                value
                for customer, address, intent, claim in part
                for value in (
                    intent,
                    claim.state,
                    claim.sender,
                    claim.at,
                    claim.attempt,
                    claim.provider_id,
                    claim.sequence,
                    customer,
                    address,
                )
            ],
        )


def _look(connection: sqlite3.Connection, question: str, before: tuple[object, ...], keys: Sequence[str] | set[str]) -> Iterator[Any]:
    wanted = list(keys)
    for start in range(0, len(wanted), ROWS):
        part = wanted[start : start + ROWS]
        yield from connection.execute(f"{question} ({','.join('?' * len(part))})", [*before, *part])
