"""The sandbox's own paths, as OpenAPI describes paths. The providers' paths are theirs: SendGrid and Twilio describe them."""

from typing import Any

PROBLEM = {"content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}}
_TEXT = {"type": "string"}


def sandbox_paths(prefix: str = "/sandbox") -> dict[str, dict[str, object]]:
    """Path to its item; `Problem` is a schema of the document they are put into."""
    twilio = f"{prefix}/twilio/2010-04-01/Accounts/{{account}}/Messages"
    account = [_in_path("account")]
    filters = [
        {"name": name, "in": "query", "schema": schema, "description": text}
        for name, schema, text in (
            ("to", _TEXT, "an address or a number"), ("channel", {"enum": ["email", "sms", "whatsapp"]}, "one of the three"), ("intent", _TEXT, "our id of the message"),
            ("since", _TEXT, "milliseconds since 1970, or ISO 8601 with a zone"), ("limit", {"type": "integer", "minimum": 1, "default": 100}, "at most so many"),
        )
    ]  # fmt: skip
    return {
        prefix: {"get": _does("Leads to the page", {308: ""})},
        f"{prefix}/": {"get": _does("The phone and the inbox, in a browser", {200: "text/html"})},
        f"{prefix}/{{name}}": {"get": _does("A file of that page", {200: "text/css"}, parameters=[_in_path("name", ["page.js", "page.css"])])},
        f"{prefix}/stream": {"get": _does("A server-sent event whenever something changed", {200: "text/event-stream"})},
        f"{prefix}/messages": {
            "get": _does("What it has received, newest first", {200: "application/json", 400: ""}, parameters=filters),
            "delete": _does("Forgets messages and replies", {204: ""}),
        },
        f"{prefix}/replies": {"get": _does("What customers answered, newest first", {200: "application/json"})},
        f"{prefix}/webhooks": {"get": _does("How many webhooks were sent, wait, were given up", {200: "application/json"})},
        f"{prefix}/faults": {
            "get": _does("The rules by which it fails", {200: "application/json"}),
            "put": _does("Sets them", {200: "application/json", 400: ""}, body="application/json"),
            "delete": _does("It works again", {204: ""}),
        },
        f"{prefix}/reply": {"post": _does("A customer answers: a signed inbound webhook", {200: "application/json", 400: ""}, body="application/json")},
        f"{prefix}/receipt": {"post": _does("What became of a message: a signed webhook", {200: "application/json", 400: "", 404: ""}, body="application/json")},
        f"{prefix}/sendgrid/v3/mail/send": {"post": _does("SendGrid v3 Mail Send", {202: ""}, body="application/json")},
        f"{prefix}/sendgrid/v3/user/webhooks/event/settings/signed": {
            "get": _does("SendGrid: the key webhooks are signed with", {200: "application/json"}),
        },
        f"{prefix}/sendgrid/v3/logs": {"post": _does("SendGrid: search the logs", {200: "application/json"}, body="application/json")},
        f"{prefix}/sendgrid/v3/logs/{{message}}": {
            "get": _does("SendGrid: the log of one message", {200: "application/json"}, parameters=[_in_path("message")]),
        },
        f"{twilio}.json": {
            "get": _does("Twilio: list messages", {200: "application/json"}, parameters=account),
            "post": _does("Twilio: create a message", {201: "application/json"}, parameters=account, body="application/x-www-form-urlencoded"),
        },
        f"{twilio}/{{message}}.json": {"get": _does("Twilio: one message", {200: "application/json"}, parameters=[*account, _in_path("message")])},
    }  # fmt: skip


def _in_path(name: str, values: list[str] | None = None) -> dict[str, object]:
    return {"name": name, "in": "path", "required": True, "schema": {**_TEXT, **({"enum": values} if values else {})}}


def _does(summary: str, answers: dict[int, str], parameters: list[Any] | None = None, body: str = "") -> dict[str, object]:
    """`answers`: status to media type; empty is no body, or a problem."""
    responses = {
        str(status): {"description": "problem", **PROBLEM} if status >= 400 else {"description": "done", **({"content": {kind: {}}} if kind else {})}
        for status, kind in answers.items()
    }  # fmt: skip
    return {
        "summary": summary, "tags": ["sandbox"], "responses": responses, **({"parameters": parameters} if parameters else {}),
        **({"requestBody": {"required": True, "content": {body: {}}}} if body else {}),
    }  # fmt: skip
