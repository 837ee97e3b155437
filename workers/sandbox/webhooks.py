"""Webhooks back, signed as SendGrid and Twilio sign theirs, tried again while the gateway is away."""

import asyncio
import contextlib
from base64 import b64encode
from collections.abc import Callable, Mapping
from hashlib import sha1
from hmac import new as hmac
from typing import Literal
from urllib.parse import urlencode

import aiohttp
import msgspec
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

BATCH = 200
GATHER = 0.2
MOST_WAITING = 100_000
TRIES = 600


class Webhooks:
    """`base` is the gateway's address; empty sends none. Nothing here blocks a send."""

    def __init__(self, base: str, key: ec.EllipticCurvePrivateKey, auth_token: str, clock: Callable[[], int]) -> None:
        self.base = base
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
        if self.base:
            with contextlib.suppress(asyncio.QueueFull):
                self._events.put_nowait(event)

    def form(self, url: str, fields: dict[str, str]) -> None:
        """A Twilio status callback or inbound message."""
        if self.base and url:
            with contextlib.suppress(asyncio.QueueFull):
                self._forms.put_nowait((url, fields))

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
            await self._post(f"{self.base}/webhooks/sendgrid", body, headers)

    async def _send_forms(self) -> None:
        while True:
            url, fields = await self._forms.get()
            headers = {
                "Content-Type": "application/x-www-form-urlencoded",
                "X-Twilio-Signature": twilio_signature(url, fields, self._token),
                "User-Agent": "TwilioProxy/1.1",
            }
            await self._post(url, urlencode(fields).encode(), headers)

    async def _post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Literal[True] | None:
        assert self._session is not None
        for attempt in range(TRIES):
            with contextlib.suppress(aiohttp.ClientError, asyncio.TimeoutError, OSError):
                async with self._session.post(url, data=body, headers=headers) as response:
                    if response.status < 300:
                        return True
                    if 400 <= response.status < 500 and response.status != 429:
                        return None
            await asyncio.sleep(min(0.1 * 2**attempt, 1.0))
        return None


def twilio_signature(url: str, fields: Mapping[str, str], token: str) -> str:
    """HMAC-SHA1 of the URL and the sorted parameters, as Twilio documents it."""
    text = url + "".join(name + fields[name] for name in sorted(fields))
    return b64encode(hmac(token.encode(), text.encode(), sha1).digest()).decode()
