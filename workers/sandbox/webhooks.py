"""Webhooks back, signed as SendGrid and Twilio sign theirs, tried again while the gateway is away."""

import asyncio
import contextlib
from base64 import b64encode
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from hashlib import sha1
from hmac import new as hmac
from urllib.parse import urlencode, urlsplit

import aiohttp
import msgspec
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

BATCH = 200
GATHER = 0.2
MOST_WAITING = 100_000
TRIES = 600
LONGEST_GAP = 1.0
"""Seconds between tries."""
LOOPBACK = frozenset(("localhost", "127.0.0.1", "::1"))


@dataclass(frozen=True, slots=True)
class WebhookTargets:
    """Where webhooks go; empty addresses get none. `hosts` may be named by status callbacks, besides loopback."""

    sendgrid: str
    inbound: str
    hosts: AbstractSet[str]

    def allow(self, url: str) -> bool:
        """May this address be called?"""
        try:
            parts = urlsplit(url)
            host = parts.hostname or ""
        except ValueError:
            return False
        return parts.scheme in ("http", "https") and (host in LOOPBACK or host in self.hosts)


def hosts_of(*urls: str) -> set[str]:
    """The hosts of addresses that are configured. Raises ValueError for what is no URL."""
    return {host for host in (urlsplit(url).hostname for url in urls) if host}


@dataclass(slots=True)
class Tally:
    """What became of webhooks: `given_up` after an answer that says no, or too many tries; `dropped` because too many waited;
    `not_allowed` because their address isn't."""

    sent: int = 0
    given_up: int = 0
    dropped: int = 0
    not_allowed: int = 0


class Webhooks:
    """Sends what is reported, in the background: nothing here blocks a send."""

    def __init__(self, targets: WebhookTargets, key: ec.EllipticCurvePrivateKey, auth_token: str, clock: Callable[[], int]) -> None:
        self.targets = targets
        self.tally = Tally()
        self._key = key
        self._token = auth_token
        self._clock = clock
        self._events: asyncio.Queue[dict[str, object]] = asyncio.Queue(MOST_WAITING)
        self._forms: asyncio.Queue[tuple[str, dict[str, str]]] = asyncio.Queue(MOST_WAITING)
        self._tasks: list[asyncio.Task[None]] = []
        self._session: aiohttp.ClientSession | None = None

    async def start(self) -> None:
        """Begin to send."""
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10))
        self._tasks = [asyncio.create_task(self._send_events()), *(asyncio.create_task(self._send_forms()) for _ in range(4))]

    async def close(self) -> None:
        """Stop; what waits is dropped, as when a provider's own retries run out."""
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task
        if self._session is not None:
            await self._session.close()

    def event(self, event: dict[str, object]) -> None:
        """A SendGrid event, for the next batch."""
        if not self.targets.sendgrid:
            return
        try:
            self._events.put_nowait(event)
        except asyncio.QueueFull:
            self.tally.dropped += 1

    def form(self, url: str, fields: dict[str, str]) -> None:
        """A Twilio status callback or inbound message. An empty address gets none."""
        if not url or not self.targets.inbound:
            return
        if not self.targets.allow(url):
            self.tally.not_allowed += 1
            return
        try:
            self._forms.put_nowait((url, fields))
        except asyncio.QueueFull:
            self.tally.dropped += 1

    @property
    def waiting(self) -> int:
        """Webhooks not delivered yet."""
        return self._events.qsize() + self._forms.qsize()

    async def _send_events(self) -> None:
        while True:
            batch = [await self._events.get()]
            await asyncio.sleep(GATHER)
            while len(batch) < BATCH and not self._events.empty():
                batch.append(self._events.get_nowait())
            body = msgspec.json.encode(batch) + b"\r\n"
            timestamp = str(self._clock() // 1000)
            signature = b64encode(self._key.sign(timestamp.encode() + body, ec.ECDSA(hashes.SHA256()))).decode()
            headers = {
                "Content-Type": "application/json", "X-Twilio-Email-Event-Webhook-Signature": signature,
                "X-Twilio-Email-Event-Webhook-Timestamp": timestamp, "User-Agent": "SendGrid Event API",
            }  # fmt: skip
            await self._post(self.targets.sendgrid, body, headers)

    async def _send_forms(self) -> None:
        while True:
            configured, fields = await self._forms.get()
            url = configured.partition("#")[0]  # the fragment holds Twilio's connection settings; it is neither sent nor signed
            headers = {
                "Content-Type": "application/x-www-form-urlencoded",
                "X-Twilio-Signature": twilio_signature(url, fields, self._token),
                "User-Agent": "TwilioProxy/1.1",
            }
            await self._post(url, urlencode(fields).encode(), headers)

    async def _post(self, url: str, body: bytes, headers: Mapping[str, str]) -> None:
        """Tried again with growing gaps while nobody answers, or with a failure of the server's."""
        assert self._session is not None
        for attempt in range(TRIES):
            with contextlib.suppress(aiohttp.ClientError, asyncio.TimeoutError, OSError, ValueError):
                async with self._session.post(url, data=body, headers=headers, allow_redirects=False) as response:
                    if response.status < 300:
                        self.tally.sent += 1
                        return
                    if response.status < 500 and response.status != 429:
                        break
            await asyncio.sleep(min(0.1 * 2 ** min(attempt, 10), LONGEST_GAP))
        self.tally.given_up += 1


def twilio_signature(url: str, fields: Mapping[str, str], token: str) -> str:
    """HMAC-SHA1 of the URL and the sorted parameters, as Twilio documents it."""
    text = url + "".join(name + fields[name] for name in sorted(fields))
    return b64encode(hmac(token.encode(), text.encode(), sha1).digest()).decode()
