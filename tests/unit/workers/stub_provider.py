"""A provider on this machine that behaves as badly as it is told to, and messages for it."""

import asyncio
from collections import Counter
from collections.abc import Callable

from aiohttp import web

from orchestrator.contracts.message import OutboundMessage, SenderAddress, TextContent
from orchestrator.contracts.topics import MessageClass, lane_of


def message(number: int, message_class: MessageClass = "marketing") -> OutboundMessage:
    return OutboundMessage(
        intent=f"{number:032x}", partition=0, customer=f"c{number}", channel="sms", lane=lane_of(message_class), message_class=message_class,
        to=f"+4479110{number:05d}", sender=SenderAddress(address="TARN"), content=TextContent(body="hello", segments=1), journey="j", step="s", message="m",
        rules=("open_service_issue",),
    )  # fmt: skip


class Watch:
    def __init__(self) -> None:
        self.statuses: Counter[str] = Counter()

    def called(self, channel: str, provider: str, outcome: str, seconds: float) -> None:
        pass

    def ended(self, message: OutboundMessage, provider: str, status: str, now: int) -> None:
        self.statuses[status] += 1


class Stub:
    """Twilio, as badly behaved as it is told to be."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        self.act: Callable[[web.Request], str] = lambda _request: "ok"
        self.url = ""

    async def answer(self, request: web.Request) -> web.StreamResponse:
        form = await request.post()
        self.calls[str(form["To"])] += 1
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
