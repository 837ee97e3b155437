"""Receipts over HTTP: webhooks of providers."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import ec

from orchestrator.contracts.receipt import Receipt, encode_receipt
from orchestrator.contracts.record import Record
from orchestrator.contracts.topics import DELIVERY_RECEIPTS, Channel, dead_letters
from orchestrator.errors import ServiceUnavailable
from orchestrator.gateway import sendgrid_webhook, twilio_webhook
from orchestrator.gateway.problem import problem
from orchestrator.gateway.publisher import Directory, Overloaded, Publisher
from orchestrator.gateway.request_body import read_body
from orchestrator.runtime.clock import Clock

MAX_BODY = 2 * 1024 * 1024
TWIML = '<?xml version="1.0" encoding="UTF-8"?><Response/>'


@dataclass(frozen=True, slots=True)
class WebhookSettings:
    """Keys and tokens webhooks are signed with; `public_url` is ours as the provider calls it."""

    sendgrid_keys: Sequence[ec.EllipticCurvePublicKey]
    twilio_tokens: Sequence[str]
    public_url: Callable[[], str]
    count: Callable[[str, str, str], None]


class WebhooksApi:
    """`count` is told provider, event and result of each."""

    def __init__(self, publisher: Publisher, directory: Directory, settings: WebhookSettings, clock: Clock) -> None:
        self._publisher = publisher
        self._directory = directory
        self._settings = settings
        self._clock = clock

    async def publish(self, receipts: Sequence[Receipt], lost: Sequence[bytes] = ()) -> web.Response | None:
        """Make them durable: None, or the answer to give instead. `lost` are webhooks about nobody we know."""
        records = [Record(topic=DELIVERY_RECEIPTS, key=receipt.customer.encode(), value=encode_receipt(receipt)) for receipt in receipts]
        records += [
            Record(topic=dead_letters(DELIVERY_RECEIPTS), key=None, value=value, headers=(("dlq-reason", b"no_customer"),))
            for value in lost
        ]
        if not records:
            return None
        try:
            await self._publisher.publish(records)
        except (Overloaded, ServiceUnavailable) as error:
            return problem(503, "Try again", str(error), headers={"Retry-After": "5"})
        return None

    async def sendgrid(self, request: web.Request) -> web.Response:
        """POST /webhooks/sendgrid."""
        body = await read_body(request, MAX_BODY)
        if isinstance(body, web.Response):
            return body
        refused = self._not_from_sendgrid(request, body)
        if refused is not None:
            return refused
        try:
            events = sendgrid_webhook.read_events(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            self._settings.count("sendgrid", "", "unreadable")
            return problem(400, "Not an array of events", str(error))
        proofs = {intent: sendgrid_webhook.provider_id_of(event) for event in events if (intent := sendgrid_webhook.intent_of(event))}
        owners = await self._directory.owners(list(proofs))
        await self._prove({intent: provider_id for intent, provider_id in proofs.items() if intent in owners})
        receipts: list[Receipt] = []
        lost: list[bytes] = []
        for event in events:
            kind = event.get("event")
            known = isinstance(kind, str) and kind in sendgrid_webhook.STATUS
            result = await self._take(event, owners, receipts, lost) if known else "ignored"
            self._settings.count("sendgrid", str(kind) if known else "other", result)
        return await self.publish(receipts, lost) or web.Response(status=200)

    def _not_from_sendgrid(self, request: web.Request, body: bytes) -> web.Response | None:
        timestamp = request.headers.get(sendgrid_webhook.TIMESTAMP)
        signature = request.headers.get(sendgrid_webhook.SIGNATURE)
        if not sendgrid_webhook.is_signed(body, signature, timestamp, self._settings.sendgrid_keys):
            self._settings.count("sendgrid", "", "bad_signature")
            return problem(403, "Bad signature", "not signed with a key this gateway knows (webhook_public_key)")
        if not sendgrid_webhook.is_fresh(timestamp, self._clock.now()):
            self._settings.count("sendgrid", "", "too_old")
            return problem(403, "Not fresh", "signed more than three days ago, or in the future: a repetition, or a clock that is wrong")
        return None

    async def _take(self, event: dict[str, Any], owners: Mapping[str, str], receipts: list[Receipt], lost: list[bytes]) -> str:
        """One event about a person into `receipts`; where nobody knows the person, what it means for the address, else `lost`."""
        owner = owners.get(sendgrid_webhook.intent_of(event) or "")
        address = event.get("email")
        customers = [owner] if owner else list(await self._directory.written_to("email", address)) if isinstance(address, str) else []
        made = [receipt for one in customers for receipt in sendgrid_webhook.receipts_of(event, one)]
        receipts += made
        if customers:
            return "ok" if made else "ignored"
        suppression = sendgrid_webhook.suppression_of(event)
        if suppression is not None:
            await self._directory.suppress("email", *suppression)
            return "ok"
        lost.append(_kept(event))
        return "unknown"

    async def _prove(self, proofs: Mapping[str, str | None]) -> None:
        """A webhook for an intent shows that the provider has it: a sender that died before it heard need not ask again."""
        if proofs:
            await self._directory.confirm(proofs)

    async def _twilio_form(self, request: web.Request) -> dict[str, str] | web.Response:
        body = await read_body(request, MAX_BODY)
        if isinstance(body, web.Response):
            return body
        try:
            pairs = twilio_webhook.read_form(body)
        except (ValueError, UnicodeDecodeError) as error:
            self._settings.count("twilio", "", "unreadable")
            return problem(400, "Not a form", str(error))
        url = self._settings.public_url() + request.raw_path
        if not twilio_webhook.is_signed(url, pairs, request.headers.get(twilio_webhook.SIGNATURE), self._settings.twilio_tokens):
            self._settings.count("twilio", "", "bad_signature")
            return problem(
                403,
                "Bad signature",
                "not signed with an auth token this gateway knows, or CONCIERGE_PUBLIC_URL is not the address Twilio calls",
            )
        return dict(pairs)

    async def twilio_status(self, request: web.Request) -> web.Response:
        """POST /webhooks/twilio/status?intent=."""
        form = await self._twilio_form(request)
        if isinstance(form, web.Response):
            return form
        intent = twilio_webhook.intent_of(request.query)
        owner = (await self._directory.owners([intent])).get(intent) if intent else None
        if intent is not None and owner is not None:
            await self._prove({intent: twilio_webhook.sid_of(form)})
        rule = twilio_webhook.rule_of(form)
        customers = [] if owner is None else [owner]
        if owner is None and rule is not None and (rule.dead or rule.opted_out):
            # whosever message it was, this is about the number
            customers = list(await self._directory.written_to(*twilio_webhook.split_address(form.get("To", ""))))
        now = self._clock.now()
        made = [twilio_webhook.status_receipt(form, intent if owner else None, one, now) for one in customers]
        receipts = [receipt for receipt in made if receipt is not None]
        kind = twilio_webhook.STATUS.get(form.get("MessageStatus", ""), "other")
        self._settings.count("twilio", kind, "ok" if receipts else "ignored" if customers else "unknown")
        return await self.publish(receipts, [] if customers else [_kept(form)]) or web.Response(status=200)

    async def twilio_inbound(self, request: web.Request) -> web.Response:
        """POST /webhooks/twilio/inbound: a customer wrote."""
        form = await self._twilio_form(request)
        if isinstance(form, web.Response):
            return form
        channel, address = twilio_webhook.split_address(form.get("From", ""))
        other: Channel = "sms" if channel == "whatsapp" else "whatsapp"  # it is one number: who writes here may have heard from us there
        customers = await self._directory.written_to(channel, address) or await self._directory.written_to(other, address)
        receipts = [twilio_webhook.inbound_receipt(form, customer, self._clock.now()) for customer in customers]
        self._settings.count("twilio", "replied", "ok" if receipts else "unknown")
        failed = await self.publish(receipts, () if receipts else [_kept(form)])
        return failed or web.Response(text=TWIML, content_type="text/xml")


def _kept(webhook: Mapping[str, Any]) -> bytes:
    """As a dead letter holds it. JSON takes numbers of any size, our encoder 64 bits."""
    return json.dumps(webhook).encode()
