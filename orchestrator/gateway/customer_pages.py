"""What customers do on our pages becomes receipts: one click to leave a topic, statements of consent by topic and channel."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from urllib.parse import parse_qs

from aiohttp import web

from orchestrator.contracts.link_token import Signer
from orchestrator.contracts.receipt import Receipt
from orchestrator.contracts.topics import CHANNELS
from orchestrator.gateway import pages
from orchestrator.gateway.problem import problem
from orchestrator.gateway.publisher import Directory, Person
from orchestrator.gateway.request_body import read_body
from orchestrator.runtime.clock import Clock

MAX_FORM = 64 * 1024
Publish = Callable[[Sequence[Receipt]], Awaitable[web.Response | None]]
"""None when the receipts are durable, else the answer to give."""


class CustomerPages:
    """Pages behind signed links."""

    def __init__(self, publish: Publish, directory: Directory, signer: Signer, clock: Clock) -> None:
        self._publish = publish
        self._directory = directory
        self._signer = signer
        self._clock = clock

    async def unsubscribe(self, request: web.Request) -> web.Response:
        """GET asks, POST does (RFC 8058)."""
        token = self._signer.read(request.match_info["token"])
        if token is None:
            return pages.not_ours()
        person = await self._directory.person(token.customer)
        if request.method != "POST":
            return pages.unsubscribe_page(person, token)
        now = self._clock.now()
        receipt = Receipt(
            id=f"un:{token.customer}:{token.channel}:{token.topic}:{now // 60_000}", customer=token.customer, status="unsubscribed", at=now,
            channel=token.channel, topic=token.topic or None,
        )  # fmt: skip
        return await self._publish([receipt]) or pages.unsubscribed_page(person, token, f"../preferences/{request.match_info['token']}")

    async def preferences(self, request: web.Request) -> web.Response:
        """Topics by channel; POST saves them as statements of consent."""
        token = self._signer.read(request.match_info["token"])
        if token is None:
            return pages.not_ours()
        person = await self._directory.person(token.customer)
        if request.method != "POST":
            return pages.preferences_page(person, token, saved=False)
        body = await read_body(request, MAX_FORM)
        if isinstance(body, web.Response):
            return body
        try:
            form = parse_qs(body.decode("utf-8"), keep_blank_values=True, max_num_fields=2000)
        except ValueError as error:
            return problem(400, "Not a form", str(error))
        now = self._clock.now()
        made = _everything(token.customer, now) if form.get("do") == ["stop"] else _chosen(token.customer, person, form, now)
        return await self._publish(made) or pages.preferences_page(_after(person, made, now), token, saved=True)


def _everything(customer: str, now: int) -> list[Receipt]:
    """Every topic on every channel, also topics that come later."""
    return [
        Receipt(id=f"pref:{customer}:*:{channel}:{now}", customer=customer, status="unsubscribed", at=now, channel=channel, topic="*", consent="revoked")
        for channel in CHANNELS
    ]  # fmt: skip


def _chosen(customer: str, person: Person, form: dict[str, list[str]], now: int) -> list[Receipt]:
    """What differs from how it is."""
    found: list[Receipt] = []
    for one in person.choices:
        for channel in CHANNELS:
            wanted = f"{one.topic}:{channel}" in form
            if one.granted[channel] != wanted:
                found.append(Receipt(
                    id=f"pref:{customer}:{one.topic}:{channel}:{now}", customer=customer, status="unsubscribed", at=now, channel=channel, topic=one.topic,
                    consent="granted" if wanted else "revoked",
                ))  # fmt: skip
    return found


def _after(person: Person, made: Sequence[Receipt], now: int) -> Person:
    """As it will be once the receipts are applied."""
    said = {(one.topic, one.channel): one.consent == "granted" for one in made}
    choices = []
    for choice in person.choices:
        found = {channel: said.get((choice.topic, channel), said.get(("*", channel))) for channel in CHANNELS}
        told = {channel: granted for channel, granted in found.items() if granted is not None}
        choices.append(replace(choice, granted={**choice.granted, **told}, since={**choice.since, **dict.fromkeys(told, now)}))
    return replace(person, choices=choices)
