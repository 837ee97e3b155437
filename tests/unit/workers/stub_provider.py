"""A provider on this machine that behaves as badly as it is told to, and messages for it."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Callable

from aiohttp import web

from orchestrator.contracts.claim import Claim, Claims
from orchestrator.contracts.message import OutboundMessage, SenderAddress, TextContent
from orchestrator.contracts.topics import MessageClass, lane_of
from orchestrator.runtime.clock import SystemClock
from workers.delivery import Delivery
from workers.lookup import LookUps
from workers.provider_pool import ProviderPool
from workers.resolver import Resolver
from workers.transport import Transport


def message(number: int, message_class: MessageClass = "marketing") -> OutboundMessage:
    return OutboundMessage(
        intent=f"{number:032x}", partition=0, customer=f"c{number}", channel="sms", lane=lane_of(message_class), message_class=message_class,
        to=f"+4479110{number:05d}", sender=SenderAddress(address="TARN"), content=TextContent(body="hello", segments=1), journey="j", step="s", message="m",
        rules=("open_service_issue",),
    )  # fmt: skip


class Watch:
    def __init__(self) -> None:
        self.statuses: Counter[str] = Counter()
        self.found: Counter[str] = Counter()
        """What became of messages in doubt."""

    def called(self, channel: str, provider: str, outcome: str, seconds: float) -> None:
        pass

    def ended(self, message: OutboundMessage, provider: str, status: str, now: int) -> None:
        self.statuses[status] += 1

    def resolved(self, message: OutboundMessage, by: str) -> None:
        self.found[by] += 1

    def unconfirmed(self, message: OutboundMessage, reason: str) -> None:
        self.found[reason] += 1


def address_hash(message: OutboundMessage) -> str:
    return message.to


def delivery_of(
    claims: Claims, transport: Transport, pool: ProviderPool, sender: str = "one", watch: Watch | None = None,
    is_dead: Callable[[Claim], bool] = lambda _claim: True,
) -> Delivery:  # fmt: skip
    """As a worker puts it together, on the real clock."""
    clock = SystemClock()
    resolver = Resolver(claims, LookUps(claims, transport.ask, clock), pool, address_hash)
    return Delivery(claims, transport, pool, resolver, clock, sender, watch or Watch(), address_hash, is_dead, lambda: 0.5)


class Stub:
    """Twilio, as badly behaved as it is told to be."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        self.bodies: defaultdict[str, list[str]] = defaultdict(list)
        self.act: Callable[[web.Request], str] = lambda _request: "ok"
        self.url = ""

    async def answer(self, request: web.Request) -> web.StreamResponse:
        form = await request.post()
        self.calls[str(form["To"])] += 1
        self.bodies[str(form["To"])].append(str(form["Body"]))
        match self.act(request):
            case "ok":
                return web.json_response({"sid": f"SM{sum(self.calls.values())}", "status": "queued"}, status=201)
            case "drop":
                assert request.transport is not None
                request.transport.abort()
                return web.Response()
            case "hang":
                await asyncio.sleep(30)
                return web.Response()
            case "redirect":
                return web.Response(status=302, headers={"Location": "/elsewhere"})
            case "garbage":
                return web.Response(status=201, body=b"\xff\x00 not json")
            case "huge":
                return web.Response(status=201, body=b"[" * 1_000_000)
            case status:
                return web.json_response({"code": 20429 if status == "429" else 20500, "message": "m"}, status=int(status))
