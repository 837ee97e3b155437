"""JSON Schemas of what crosses a topic, made from the types that read it."""

from typing import Any

import msgspec

from orchestrator.contracts.call import CallAnswer, OutboundCall
from orchestrator.contracts.command import Command
from orchestrator.contracts.decision import Decision
from orchestrator.contracts.event import Event
from orchestrator.contracts.message import OutboundMessage
from orchestrator.contracts.receipt import Receipt
from orchestrator.contracts.topics import CUSTOMER_EVENTS, DECISIONS, DELIVERY_RECEIPTS, OUTBOUND_CALLS

CONTRACTS: dict[str, tuple[object, str]] = {
    "event": (Event, f"A customer event on the topic {CUSTOMER_EVENTS} and over HTTP (Segment Spec). Fields not named here are ignored."),
    "command": (Command, f"Our own records on the topic {CUSTOMER_EVENTS}: hand-overs between partitions, erasure, readmission."),
    "outbound": (OutboundMessage, "A rendered message on the topics outbound-<channel>-<lane>."),
    "receipt": (Receipt, f"What became of a message, on the topic {DELIVERY_RECEIPTS}."),
    "call": (OutboundCall, f"A call to make, on the topic {OUTBOUND_CALLS}."),
    "call_answer": (CallAnswer, f"How a call ended, on the topic {DELIVERY_RECEIPTS}, beside receipts; `type` tells it from them."),
    "decision": (Decision, f"Why a message was sent, held or not, on the topic {DECISIONS}."),
}
"""Kind to (type, where it stands)."""


def contract_schema(kind: str) -> dict[str, object]:
    """JSON Schema (draft 2020-12) of one kind. Raises KeyError for a kind there is not."""
    _shape, where = CONTRACTS[kind]
    schema, components = contract_components(kind, "#/$defs/{name}")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": kind, "description": where, **schema, "$defs": components}


def contract_components(kind: str, template: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The schema of one kind, and those it refers to by `template`. Raises KeyError."""
    (schema,), components = msgspec.json.schema_components([CONTRACTS[kind][0]], schema_hook=_any_value, ref_template=template)
    return schema, components


def _any_value(kind: type) -> dict[str, object]:
    if kind is object:
        return {"description": "any JSON value"}
    raise NotImplementedError(f"no schema for {kind}")
