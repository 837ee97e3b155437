"""`webhook`: a call to somebody's HTTP service; its answer decides where the run goes."""

import re
from dataclasses import dataclass
from typing import Any, cast, get_args

from orchestrator.contracts.call import LONGEST_TIMEOUT, MOST_RETRIES, Method
from orchestrator.contracts.call_hosts import HTTPS, is_listed
from orchestrator.expressions.problems import nearest
from orchestrator.expressions.value import ValueTemplate
from orchestrator.workspace.compiling import expression_at, value_at
from orchestrator.workspace.reading import Reading
from orchestrator.workspace.shape import EXPRESSION, NAME_TEXT, VALUE, Bool, Duration, Int, Key, MapOf, Mapped, Raw, Shaped, Text
from orchestrator.workspace.step import WebhookStep
from orchestrator.workspace.steps.around import PATH, STEP_KEYS, Around, Spot
from orchestrator.workspace.yaml_node import Node

_MILLISECONDS = re.compile(r"([1-9]\d{0,4})ms", re.ASCII)
_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}")
"""RFC 9110, section 5.1."""
_SECRET_HEADERS = ("authorization", "proxy-authorization")
_PLACE = re.compile(r"https://(?P<host>[^/?#{}@\s:]+)(?::(?P<port>\d{1,5}))?(?=[/?#]|$)")


@dataclass(frozen=True)
class Timeout(Duration):
    """`800ms`, `3s`: milliseconds, at most 30 s."""

    example = "3s"

    def read(self, node: Node, reading: Reading) -> object:
        short = _MILLISECONDS.fullmatch(node.text) if node.kind == "scalar" else None
        found = int(short[1]) if short is not None else super().read(node, reading)
        if isinstance(found, int) and found > LONGEST_TIMEOUT:
            return reading.bad(node, "Y005", f"{node.text} is too long", "a try takes at most 30 s", "timeout: 30s")
        return found

    def schema(self) -> dict[str, object]:
        return {"type": "string", "pattern": r"^\d+(ms|s)$"}


SHAPE = Mapped({**STEP_KEYS, "webhook": Key(Mapped({
    "url": Key(Raw("value"), required=True, text="https, its host listed in `webhooks.hosts`; every `{{ }}` is percent-encoded"), "method": Key(Text(get_args(Method))),
    "headers": Key(MapOf(VALUE, Text(pattern=_HEADER, form="a header's name", example="X-Reason"))), "body": Key(VALUE, text="sent as JSON"), "secret": Key(NAME_TEXT, text="sent as a bearer token, and signs"),
    "timeout": Key(Timeout(), text="of each try"), "retries": Key(Int(0, MOST_RETRIES), text="tries after no answer, 429 or 5xx"),
    "save": Key(MapOf(EXPRESSION, NAME_TEXT), text="name to an expression over `response.status`, `headers`, `body`"),
    "pii": Key(Bool(), text="personal traits may leave"),
}, what="a webhook", beside=("on_error",)), required=True), "on_error": Key(PATH)}, what="a webhook")  # fmt: skip


def read(shaped: Shaped, spot: Spot, around: Around) -> WebhookStep | None:
    """The compiled step; problems are noted."""
    on_error = around.path(shaped.get("on_error"), spot, spot.after)
    given = shaped.get("webhook")
    node = given.get("url") if isinstance(given, Shaped) else None
    if not isinstance(given, Shaped) or not isinstance(node, Node):
        return None
    _check_host(node, around)
    vocabulary = around.vocabulary(spot.events)
    url = value_at(node, vocabulary, around.reading)
    headers = {
        name: value
        for name, one in cast("dict[str, Node]", given.get("headers", {})).items()
        if (value := value_at(one, vocabulary, around.reading))
    }
    _check_headers(given, around)
    body = value_at(given.get("body"), vocabulary, around.reading) if "body" in given else None
    answered = around.words.answer()
    save = {
        name: found
        for name, one in cast("dict[str, Node]", given.get("save", {})).items()
        if (found := expression_at(one, answered, around.reading))
    }
    if url is None:
        return None
    if not given.get("pii"):
        written = cast("dict[str, Node]", given.get("headers", {}))
        places = [(node, url), (given.at("body"), body), *((written[name], value) for name, value in headers.items())]
        for place, value in places:
            if value is not None:
                _check_personal(place, value, around)
    return WebhookStep(
        spot.name, spot.after, url, on_error, cast("Any", given.get("method", "POST")), headers, body, cast("str | None", given.get("secret")),
        cast("int", given.get("timeout", 5_000)), cast("int", given.get("retries", 3)), save,
    )  # fmt: skip


def _check_headers(given: Shaped, around: Around) -> None:
    """Y011 for a secret that is written out: a workspace's files are read by many."""
    for name, node in cast("dict[str, Node]", given.get("headers", {})).items():
        if name.lower() in _SECRET_HEADERS and node.kind == "scalar" and not node.empty and "{{" not in node.text:
            why = "secrets are named, and read by the process that uses them"
            around.reading.bad(node, "Y011", f"`{name}` with a secret written out", why, "secret: <its name>, and remove this header")


def _check_host(node: Node, around: Around) -> None:
    """J037. What stands before the first `/` is written out, so that nobody's data decides who is called."""
    found = _PLACE.match(node.text)
    hosts = around.workspace.webhook_hosts
    if found is None:
        around.reading.bad(
            node, "J037", "the URL is not https with its host written out", "data may not decide who is called", "https://api.example.com/…"
        )
    elif not any(is_listed(entry.lower(), found["host"].lower(), int(found["port"] or HTTPS), HTTPS) for entry in hosts):
        fix = nearest(found["host"], hosts, "hosts") if hosts else f"webhooks: {{hosts: [{found['host']}]}} in concierge.yaml"
        around.reading.bad(node, "J037", f"'{found['host']}' is not listed", "only hosts in `webhooks.hosts` are called", fix)


def _check_personal(place: Node, value: ValueTemplate, around: Around) -> None:
    """J038: traits that are `pii` leave only where the step says so."""
    expressions = value.expressions
    traits = around.workspace.profile.traits
    read_here = {path[1] for one in expressions for path in one.paths if path[0] == "customer" and len(path) > 1}
    personal = sorted(name for name in read_here if name in ("email", "phone", "whatsapp") or (name in traits and traits[name].pii))
    if personal:
        place = next(
            (one for one in place.walk() if one.kind == "scalar" and any(f"customer.{name}" in one.text for name in personal)), place
        )
        around.reading.bad(
            place, "J038", f"personal data leaves: {', '.join(personal)}", "it goes to another system", "pii: true, if that is meant"
        )
