"""`concierge emit`: events as JSON lines into a running gateway or Kafka."""

import asyncio
import contextlib
import gzip
import sys
import zlib
from base64 import b64encode
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

import aiohttp
import click
import msgspec

from orchestrator.cli.context import FINDINGS, UNREACHABLE, Invocation, Stop
from orchestrator.cli.emit_kafka import kafka_target
from orchestrator.cli.emit_target import Send
from orchestrator.contracts.event import EVENT_TYPES
from orchestrator.errors import ServiceUnavailable
from orchestrator.runtime.ids import RandomIds
from orchestrator.runtime.settings import DEFAULT_LISTEN

BATCH, MAX_BYTES = 100, 400_000
TRIES = 30


@click.command(short_help="Send events, from a file or standard input.")
@click.argument("file", default="-")
@click.option("--to", "target", metavar="URL", help=f"A gateway, http://…, or kafka://HOST:PORT/TOPIC. Default: http://{DEFAULT_LISTEN}")
@click.option("--rate", type=click.FloatRange(min=0.1), help="Events a second at most.")
@click.option("--write-key", default="demo", show_default=True, envvar="CONCIERGE_WRITE_KEY", help="The source's write key.")
@click.pass_obj
def emit(call: Invocation, file: str, target: str | None, rate: float | None, write_key: str) -> None:
    """Send events (JSON lines; FILE or - for standard input) and count what was accepted and refused, with line numbers.

    \b
    echo '{"type":"track","userId":"ada","event":"Visit Completed","properties":{…}}' | concierge emit
    """
    url = (target or f"http://{DEFAULT_LISTEN}").rstrip("/")
    if urlsplit(url).scheme not in ("http", "https", "kafka"):
        raise Stop(f"--to {url}: a gateway, http://…, or a topic, kafka://HOST:PORT/TOPIC")
    accepted, refused = asyncio.run(_emit(call, file, url, rate, write_key))
    if call.as_json:
        call.print_json({"accepted": accepted, "refused": [{"line": line, "reason": reason} for line, reason in refused]})
    else:
        for line, reason in refused[:50]:
            click.echo(f"line {line}: {reason}", err=True)
        if len(refused) > 50:
            click.echo(f"… and {len(refused) - 50} more", err=True)
        click.echo(f"{accepted} accepted, {len(refused)} refused")
    if refused:
        raise SystemExit(FINDINGS)


def numbered_lines(file: str) -> Iterator[tuple[int, bytes]]:
    """Lines of a file (`.gz` is unpacked) or of standard input (`-`) that have anything in them, numbered from 1. Raises Stop."""
    source: IO[bytes]
    if file == "-":
        source = sys.stdin.buffer
    else:
        path = Path(file)
        if not path.is_file():
            raise Stop(f"no file {file}")
        source = gzip.open(path) if path.suffix == ".gz" else path.open("rb")  # type: ignore[assignment]  # noqa: SIM115  (both read bytes; closed by the `with` below)
    try:
        with source:
            for number, line in enumerate(source, 1):
                if line.strip():
                    yield number, line
    except (OSError, EOFError, zlib.error) as error:
        raise Stop(f"{file} cannot be read to its end: {getattr(error, 'strerror', None) or 'it is not what gzip has written'}") from error


async def _emit(call: Invocation, file: str, url: str, rate: float | None, write_key: str) -> tuple[int, list[tuple[int, str]]]:
    accepted = 0
    refused: list[tuple[int, str]] = []
    loop = asyncio.get_running_loop()
    started, sent = loop.time(), 0
    target = kafka_target(call, url) if url.startswith("kafka:") else _gateway(url, write_key)
    async with target as send:
        with call.progress("sending", "events") as progress:
            task = progress.add_task("", total=None)
            for batch, bad in _batches(file, 10 if rate and rate < BATCH else BATCH):
                refused += bad
                if not batch:
                    continue
                try:
                    rejected = await send([event for _line, event in batch])
                except (Stop, ServiceUnavailable) as stop:
                    so_far = f"; {accepted} accepted before: go on from line {batch[0][0]}" if accepted else ""
                    raise Stop(f"{stop}{so_far}", stop.exit_code if isinstance(stop, Stop) else UNREACHABLE) from stop
                refused += [(batch[index][0], reason) for index, reason in rejected]
                accepted += len(batch) - len(rejected)
                sent += len(batch)
                progress.update(task, completed=sent)
                if rate is not None:
                    await asyncio.sleep(max(started + sent / rate - loop.time(), 0))
    return accepted, sorted(refused)


@contextlib.asynccontextmanager
async def _gateway(url: str, write_key: str) -> AsyncIterator[Send]:
    headers = {"Authorization": "Basic " + b64encode(f"{write_key}:".encode()).decode()}
    async with aiohttp.ClientSession(headers=headers, timeout=aiohttp.ClientTimeout(total=60)) as session:
        yield lambda events: _post(session, url, events)


def _batches(file: str, size: int) -> Iterator[tuple[list[tuple[int, object]], list[tuple[int, str]]]]:
    batch: list[tuple[int, object]] = []
    bad: list[tuple[int, str]] = []
    held = 0
    ids = RandomIds()
    for number, line in numbered_lines(file):
        try:
            event = msgspec.json.decode(line)
        except UnicodeDecodeError:
            bad.append((number, "not UTF-8"))
            continue
        except (msgspec.DecodeError, RecursionError) as error:
            bad.append((number, f"not JSON: {error}"))
            continue
        if not isinstance(event, dict) or event.get("type") not in EVENT_TYPES:
            bad.append((number, f"`type` must be one of {', '.join(EVENT_TYPES)}"))
            continue
        # with an id of its own an event that is sent again, its answer unheard, is one event
        event.setdefault("messageId", ids.message_id())
        batch.append((number, event))
        held += len(line)
        if len(batch) == size or held > MAX_BYTES:
            yield batch, bad
            batch, bad, held = [], [], 0
    yield batch, bad


async def _post(session: aiohttp.ClientSession, url: str, events: list[object]) -> list[tuple[int, str]]:
    """(index, reason) of refused ones. Waits while the gateway says 429 or 503; asks again where no answer was heard."""
    body = msgspec.json.encode({"batch": events})
    for attempt in range(TRIES):
        try:
            async with session.post(f"{url}/v1/batch", data=body, headers={"Content-Type": "application/json"}) as response:
                answer = await response.read()
                if response.status == 200:
                    return [(one["index"], one["reason"]) for one in msgspec.json.decode(answer).get("rejected", [])]
                if response.status not in (429, 503):
                    raise Stop(f"{url} answered {response.status}: {_words(answer)}{_KEY if response.status == 401 else ''}")
                wait = _seconds(response.headers.get("Retry-After", ""))
        except aiohttp.ClientConnectorError as error:
            raise Stop(
                f"cannot reach {url}: {error.strerror or error}; is `concierge up` running? --to names another address", UNREACHABLE
            ) from error
        except aiohttp.InvalidURL as error:
            raise Stop(f"--to {url}: no address; for example http://{DEFAULT_LISTEN}") from error
        except (aiohttp.ClientError, TimeoutError):
            wait = 1.0
        await asyncio.sleep(min(wait, 10.0))
        if attempt == TRIES - 1:
            break
    raise Stop(f"{url} took nothing for {TRIES} tries: too much is waiting there", UNREACHABLE)


_KEY = "; here the key is --write-key or CONCIERGE_WRITE_KEY"


def _words(answer: bytes) -> str:
    """Of a problem (RFC 9457) its detail; anything else as it came."""
    try:
        found = msgspec.json.decode(answer)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        found = None
    told = (found.get("detail") or found.get("title")) if isinstance(found, dict) else None
    return told if isinstance(told, str) else answer.decode("utf-8", "replace")[:300]


def _seconds(text: str) -> float:
    """Of Retry-After; a date, which our gateway never says, is a second."""
    return float(text) if text.isascii() and text.isdigit() else 1.0
