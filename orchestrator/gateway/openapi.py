"""The description of what is served (/openapi.json), made from the table that serves it."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus

from orchestrator.contracts.schemas import contract_components
from orchestrator.gateway.route import Route

PROBLEM = "application/problem+json"
SCHEMAS: dict[str, object] = {
    "Problem": {
        "description": "RFC 9457", "type": "object", "required": ["type", "title", "status", "detail"],
        "properties": {
            "type": {"type": "string"}, "title": {"type": "string"}, "status": {"type": "integer"},
            "detail": {"type": "string", "description": "what is wrong, and how to mend it"}, "rejected": {"$ref": "#/components/schemas/Rejected"},
        },
    },
    "Rejected": {
        "description": "the events of a batch that were none", "type": "array",
        "items": {"type": "object", "required": ["index", "reason"], "properties": {"index": {"type": "integer"}, "reason": {"type": "string"}}},
    },
    "Taken": {
        "description": "the events are on disk", "type": "object", "required": ["success"],
        "properties": {"success": {"const": True}, "rejected": {"$ref": "#/components/schemas/Rejected"}},
    },
    "Batch": {
        "type": "object", "required": ["batch"],
        "properties": {
            "batch": {"type": "array", "minItems": 1, "items": {"$ref": "#/components/schemas/Event"}},
            "context": {"type": "object", "description": "of every event that has none"}, "writeKey": {"type": "string", "description": "instead of Basic auth"},
        },
    },
    "State": {"type": "object", "required": ["status"], "properties": {"status": {"type": "string"}}},
}  # fmt: skip


def openapi(table: Sequence[Route], version: str, more: Mapping[str, Mapping[str, object]]) -> dict[str, object]:
    """OpenAPI 3.1 of the table, and of paths that somebody else describes (`more`: path to its item)."""
    _event, events = contract_components("event", "#/components/schemas/{name}")
    single = {**events["Event"], "title": "SingleEvent", "required": [], "description": "`type` stands in the path"}
    paths: dict[str, dict[str, object]] = {}
    for route in table:
        paths.setdefault(route.plain_path, {})[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Concierge gateway", "version": version, "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}},
        "paths": {**paths, **more},
        "components": {
            "schemas": {**SCHEMAS, **events, "SingleEvent": single},
            "securitySchemes": {
                "writeKey": {"type": "http", "scheme": "basic", "description": "the write key as the user name, no password"}
            },
        },
    }


def _operation(route: Route) -> dict[str, object]:
    found: dict[str, object] = {
        "summary": route.text, "operationId": f"{route.method.lower()}{route.plain_path}".translate(_NAME).strip("_"),
        "parameters": [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string", **({"enum": list(values)} if values else {})}}
            for name, values in route.parameters.items()
        ],
        "responses": {str(status): _response(route, status) for status in route.answers},
    }  # fmt: skip
    if route.body is not None:
        kind, schema = route.body
        reference = {"$ref": f"#/components/schemas/{schema}"} if schema else {}
        found["requestBody"] = {"required": True, "content": {kind: {"schema": reference}}}
    if route.signed_in:
        found["security"] = [{"writeKey": []}]
    return found


_NAME = str.maketrans("/{}.", "____")


def _response(route: Route, status: int) -> dict[str, object]:
    words = HTTPStatus(status).phrase
    if status < 400 or route.gives[0] == "text/html":
        kind, schema = route.gives
        return {"description": words, "content": {kind: {"schema": {"$ref": f"#/components/schemas/{schema}"} if schema else {}}}}
    found: dict[str, object] = {"description": words, "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
    if status in (429, 503) and route.retried:
        found["headers"] = {"Retry-After": {"description": "seconds", "schema": {"type": "integer"}}}
    return found
