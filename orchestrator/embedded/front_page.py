"""The first page of the embedded runtime: where everything is, and what has come of it since this process began."""

from collections.abc import Iterable
from html import escape

from aiohttp import web

from orchestrator.active import ActiveVersion
from orchestrator.contracts.reason import EFFECTS, REASONS, Reason
from orchestrator.observation import Observation

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store",
}  # fmt: skip
_STYLE = (
    ":root{color-scheme:light dark;--bg:#f3f5f9;--card:#fff;--ink:#1b2230;--soft:#56607a;--line:#dfe3ea;--blue:#0b5fff}"
    "@media(prefers-color-scheme:dark){:root{--bg:#10141c;--card:#1a202b;--ink:#e8ecf3;--soft:#aab3c5;--line:#2c3442;--blue:#8ab0ff}}"
    "*{box-sizing:border-box}body{margin:0;font:16px/1.6 system-ui,-apple-system,'Segoe UI',sans-serif;background:var(--bg);color:var(--ink);padding:6vh 1.2rem 3rem}"
    "main{max-width:60rem;margin:auto}h1{margin:0;font-size:1.9rem}h2{font-size:1.1rem;margin:2.2rem 0 .6rem}p{margin:.3rem 0 1rem}.soft,th{color:var(--soft)}"
    ".cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(13rem,1fr));gap:1rem;margin:1.6rem 0}"
    ".cards a{display:block;background:var(--card);border:1px solid var(--line);border-radius:.9rem;padding:1rem 1.2rem;color:inherit;text-decoration:none}"
    ".cards a:hover,.cards a:focus-visible{border-color:var(--blue);outline:0}.cards b{color:var(--blue);display:block}.cards span{color:var(--soft);font-size:.92rem}"
    ".scroll{overflow-x:auto;background:var(--card);border:1px solid var(--line);border-radius:.9rem;padding:.4rem 1.2rem}"
    "table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.4rem .8rem .4rem 0;border-bottom:1px solid var(--line);vertical-align:top}tr:last-child td{border:0}"
    "th{font-weight:600;font-size:.85rem}td.n,th.n{text-align:right;padding-right:0;font-variant-numeric:tabular-nums}"
    "pre{background:var(--card);border:1px solid var(--line);border-radius:.9rem;padding:1rem 1.2rem;overflow-x:auto;font-size:.86rem}code{font-family:ui-monospace,monospace}"
)
_EVENT = """curl -u demo: {url}/v1/batch -d '{{"batch": [
  {{"type": "identify", "userId": "mia", "traits": {{"first_name": "Mia", "email": "mia@example.com", "phone": "+447911123456"}}}},
  {{"type": "track", "userId": "mia", "event": "Visit Completed",
   "properties": {{"visit_id": "v1", "technician": "Bob", "visited_at": "2026-03-02T09:00:00Z"}}}}]}}'"""


class FrontPage:
    """`url` is our own address; `sandbox` whether the sandbox is served here."""

    def __init__(self, active: ActiveVersion, observation: Observation, url: str, *, sandbox: bool) -> None:
        self._active = active
        self._observation = observation
        self._url = url
        self._sandbox = sandbox

    async def answer(self, _request: web.Request) -> web.Response:
        """GET /."""
        workspace = self._active.workspace
        cards = [
            ("/metrics", "Metrics", "Prometheus text"), ("/openapi.json", "What this gateway answers", "OpenAPI, every path"), ("/readyz", "Ready?", "and /healthz"),
        ]  # fmt: skip
        if self._sandbox:
            cards.insert(0, ("/sandbox/", "Phone and inbox", "what people would have got"))
        journeys = ", ".join(escape(journey.title or name) for name, journey in sorted(workspace.journeys.items()))
        body = (
            f'<h1>Concierge</h1><p class="soft">Workspace <b>{escape(workspace.name)}</b>, version {escape(workspace.version[:8])}. Journeys: {journeys or "none"}.</p>'
            f'<div class="cards">{"".join(_card(*card) for card in cards)}</div>{self._so_far()}'
            f"<h2>Send an event</h2><pre><code>{escape(_EVENT.format(url=self._url))}</code></pre>"
            '<p class="soft">Then <code>concierge why mia</code> tells why she got a message, or did not.</p>'
        )
        html = (
            '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">'
            f'<title>Concierge: {escape(workspace.name)}</title><link rel="icon" href="data:,"><style>{_STYLE}</style></head><body><main>{body}</main></body></html>'
        )
        return web.Response(text=html, content_type="text/html", headers=_HEADERS)

    def _so_far(self) -> str:
        sent = self._observation.sent
        decided = self._observation.decisions()
        if not sent and not decided:
            return "<h2>Since this process began</h2><p>Nothing has come in yet.</p>"
        messages = _table(("channel", "status"), ((*key, number) for key, number in sorted(sent.items())))
        why = _table(
            ("what", "reason", "meaning"),
            ((EFFECTS[effect], reason, REASONS[Reason(reason)].means, number) for effect, reason, number in decided),
        )
        return f"<h2>Messages since this process began</h2>{messages}<h2>Decisions</h2>{why}"


def _card(link: str, title: str, text: str) -> str:
    return f'<a href="{link}"><b>{title}</b><span>{text}</span></a>'


def _table(headings: Iterable[str], rows: Iterable[tuple[object, ...]]) -> str:
    """The last column is a number."""
    head = "".join(f"<th>{heading}</th>" for heading in headings) + '<th class="n">number</th>'
    lines = "".join(
        "<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in row[:-1]) + f'<td class="n">{row[-1]:,}</td></tr>' for row in rows
    )
    return f'<div class="scroll"><table><tr>{head}</tr>{lines}</table></div>'
