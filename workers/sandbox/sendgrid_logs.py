"""SendGrid's Email Logs, as the sandbox keeps them: a filtered list, and one message with its custom arguments and events."""

from datetime import UTC, datetime

import msgspec
from aiohttp import web

from workers.sandbox.faulty import act_out
from workers.sandbox.logs_query import BadQueryError, Condition, read_conditions
from workers.sandbox.problem import json_response
from workers.sandbox.sandbox import Sandbox
from workers.sandbox.sendgrid_api import problem, refusal
from workers.sandbox.store import Message

SCANNED, USUAL, MOST = 5_000, 10, 1_000
"""Messages looked through, shown, and shown at most."""
STATUS = {"accepted": "processed", "deferred": "deferred", "bounced": "bounced", "failed": "dropped"}
"""Ours to theirs; whatever follows a delivery is still delivered."""


class _Asked(msgspec.Struct):
    query: str = ""
    limit: int = USUAL


async def list_logs(request: web.Request, sandbox: Sandbox) -> web.StreamResponse:
    """POST /v3/logs."""
    refused = refusal(request, sandbox)
    if refused is not None:
        return refused
    try:
        asked = msgspec.json.decode(await request.read(), type=_Asked)
        conditions = read_conditions(asked.query)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return problem(sandbox, 400, "Bad Request")
    except BadQueryError as error:
        return problem(sandbox, 400, str(error), "query")
    if not 1 <= asked.limit <= MOST:
        return problem(sandbox, 400, f"limit must be between 1 and {MOST}", "limit")
    to = next((one.texts[0] for one in conditions if one.field == "to_email"), None)
    fault = sandbox.faults.match("email", to or "", "records")
    answer = None if fault is None else await act_out(request, sandbox, fault, "email")
    if answer is not None:
        return answer
    filters: dict[str, str | int] = {"provider": "sendgrid", **({} if to is None else {"to": to})}
    found = [one for one in sandbox.store.messages(filters, SCANNED) if _meets(one, conditions)]
    return json_response({"messages": [_row(one) for one in found[: asked.limit]]})


async def one_log(request: web.Request, sandbox: Sandbox) -> web.StreamResponse:
    """GET /v3/logs/{sg_message_id}."""
    refused = refusal(request, sandbox)
    if refused is not None:
        return refused
    message = next(iter(sandbox.store.messages({"provider": "sendgrid", "id": request.match_info["message"]}, 1)), None)
    fault = sandbox.faults.match("email", "" if message is None else str(message["to"]), "records")
    answer = None if fault is None else await act_out(request, sandbox, fault, "email")
    if answer is not None:
        return answer
    if message is None:
        return problem(sandbox, 404, "message not found")
    custom = message.get("custom_args")
    arguments = {key: str(value) for key, value in custom.items()} if isinstance(custom, dict) else {}
    row = {name: value for name, value in _row(message).items() if name != "sg_message_id_created_at"}
    return json_response(
        {**row, "api_key_id": "sandbox", "client_ip": "127.0.0.1", "custom_args": arguments, "events": _events(message, arguments)}
    )


def _row(message: Message) -> dict[str, object]:
    return {
        "from_email": message["from"], "sg_message_id": message["id"], "subject": message.get("subject", ""), "to_email": message["to"],
        "status": _status(message), "sg_message_id_created_at": datetime.fromtimestamp(_at(message) / 1000, UTC).isoformat().replace("+00:00", "Z"),
    }  # fmt: skip


def _events(message: Message, arguments: dict[str, str]) -> list[dict[str, object]]:
    """That it was taken, and delivered where it was; opens and the like are told by webhook only."""
    same = {
        "email": message["to"], "sg_message_id": message["id"], "smtp-id": f"<{message['id']}@sandbox>", "timestamp": _at(message) // 1000,
        "custom_args": arguments,
    }  # fmt: skip
    events: list[dict[str, object]] = [{**same, "event": "processed", "sg_event_id": f"{message['n']}-processed"}]
    if _status(message) == "delivered":
        events.append({**same, "event": "delivered", "sg_event_id": f"{message['n']}-delivered", "ip": "127.0.0.1", "response": "250 OK"})
    return events


def _status(message: Message) -> str:
    return STATUS.get(str(message["status"]), "delivered")


def _at(message: Message) -> int:
    return int(str(message["received_at"]))


def _meets(message: Message, conditions: list[Condition]) -> bool:
    values: dict[str, str | int] = {
        "sg_message_id": str(message["id"]), "subject": str(message.get("subject", "")), "to_email": str(message["to"]), "status": _status(message),
        "sg_message_id_created_at": _at(message),
    }  # fmt: skip
    return all(one.holds(values[one.field]) for one in conditions)
