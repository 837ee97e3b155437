"""A small workspace around one journey, and its tests played on a virtual clock."""

from collections.abc import Mapping
from functools import lru_cache

from orchestrator.content.check import check_message
from orchestrator.journey_tests.session import Session
from orchestrator.journey_tests.versions import Versions
from orchestrator.runtime.clock import SystemClock
from orchestrator.workspace.finding import Finding, Findings
from orchestrator.workspace.load import Loaded, load_files
from orchestrator.workspace.shape import Reading
from orchestrator.workspace.test_file import read_tests
from orchestrator.workspace.workspace import Workspace
from orchestrator.workspace.yaml_reader import read_yaml

CONCIERGE = """concierge: 1
workspace: loom_kite
locale: en
timezone: Europe/London
country: GB
currency: GBP
links: {hosts: [example.com]}
brand: {name: Loom & Kite, postal_address: 1 Mill Lane}
senders: {default: {email: {name: Loom, address: hello@example.com}, sms: {from: LOOM}, whatsapp: {from: "+447700900000"}}}
"""
PROFILE = """traits:
  first_name: {type: text, pii: true}
  timezone: {type: timezone}
  country: {type: country}
  tier: {type: text}
  score: {type: integer, default: 0}
  size: {type: number, default: 0}
"""
POLICIES = """topics:
  news: {title: News, consent: {email: opt_out, sms: opt_out, whatsapp: opt_out}}
"""
SHOP = """source: shop
events:
  Basket Changed: {basket: text!, item: text, total: number, ready_at: instant}
  Order Placed: {basket: text, order: text}
  Upgrade Suggested: {plan: text, total: number}
  Ping: {n: integer}
  Pong: {n: integer}
"""
MESSAGE = """message: {name}
class: service
topic: news
content:
  en: {{subject: "{text}", preheader: "x", body: "{text}"}}
"""
LAYOUTS = {
    "templates/layouts/default.email.html": b"<html><body>{{ content }}<p>{{ brand.postal_address }} {{ unsubscribe_url | default('') }}</p></body></html>",
    "templates/layouts/default.email.txt": b"{{ content }}\n{{ brand.postal_address }} {{ unsubscribe_url | default('') }}",
    "templates/layouts/default.sms.txt": b"{{ content }}",
    "templates/layouts/default.whatsapp.txt": b"{{ content }}",
}


def files(journeys: Mapping[str, str], messages: Mapping[str, str] | None = None, **more: str) -> dict[str, bytes]:
    """`journeys` by name; `messages` maps a name to its text (or whole file), `hello` is always there; `more` replaces files of config by name."""
    texts = {"concierge": CONCIERGE, "profile": PROFILE, "policies": POLICIES, **more}
    found = {f"config/{name}.yaml": text.encode() for name, text in texts.items()}
    found["config/sources/shop.yaml"] = SHOP.encode()
    found |= LAYOUTS
    for name, text in {"hello": "Hello", **(messages or {})}.items():
        whole = text if text.startswith("message: ") else MESSAGE.format(name=name, text=text)
        found[f"templates/messages/{name}.yaml"] = whole.encode()
    for name, text in journeys.items():
        found[f"config/journeys/{name}.yaml"] = text.encode()
        found[f"config/journeys/{name}.test.yaml"] = (
            f"journey: {name}\ntests: [{{test: one, when: [{{at: 0h, event: Ping}}], then: {{}}}}]\n".encode()
        )
    return found


def loaded(journeys: Mapping[str, str], messages: Mapping[str, str] | None = None, **more: str) -> Loaded:
    """With all findings."""
    return load_files(files(journeys, messages, **more), {}, check_message)


def workspace(journeys: Mapping[str, str], messages: Mapping[str, str] | None = None, **more: str) -> Workspace:
    """Made once for equal texts. Raises AssertionError with the errors of lint."""
    return _workspace(tuple(journeys.items()), tuple((messages or {}).items()), tuple(more.items()))


_Texts = tuple[tuple[str, str], ...]


@lru_cache(maxsize=256)
def _workspace(named: _Texts, worded: _Texts, others: _Texts) -> Workspace:
    journeys, messages, more = dict(named), dict(worded), dict(others)
    found = loaded(journeys, messages, **more)
    assert found.workspace is not None, [(f.file, f.line, f.column, f.code, f.what) for f in found.findings]
    return found.workspace


def errors(journey: str, messages: Mapping[str, str] | None = None, **more: str) -> list[Finding]:
    """What lint says of the one journey `try_it`."""
    found = loaded({"try_it": journey}, messages, **more).findings
    return [finding for finding in found if finding.file == "config/journeys/try_it.yaml"]


def play(
    journey: str, test: str, messages: Mapping[str, str] | None = None, then: str | None = None, beside: str = "", **more: str
) -> list[str]:
    """All differences of one test (its keys as YAML) of the journey `try_it`. `then` is its next text, for `apply`; `beside` are further
    keys of the test file; other journeys are given as `also_<name>`, and the test names them in `journeys`."""
    extra = {name: text for name, text in more.items() if name.startswith("also_")}
    chosen = {"try_it": journey, **{name.removeprefix("also_"): text for name, text in extra.items()}}
    rest = {name: text for name, text in more.items() if name not in extra}
    space = workspace(chosen, messages, **rest)
    text = "journey: try_it\nstart: 2026-03-02T10:00:00Z\ntests:\n  - test: one\n" + "".join(
        f"    {line}\n" for line in test.strip().splitlines()
    )
    findings = Findings()
    node = read_yaml((text + beside).encode(), "try_it.test.yaml", findings)
    assert node is not None, findings.all
    file = read_tests(node, "try_it", space, Reading("try_it.test.yaml", findings))
    assert not [f for f in findings.all if f.severity == "error"], findings.all

    def fixture(name: str) -> bytes:
        if then is None:
            raise FileNotFoundError(2, name)
        return then.encode()

    session = Session(space, Versions(files(chosen, messages, **rest), {}, check_message, fixture), SystemClock())
    return [line for result, _seconds in session.run([file]) for line in result.difference]
