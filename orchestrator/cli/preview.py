"""`concierge preview`: a message in every channel, side by side."""

import json
from pathlib import Path

import click
from rich.columns import Columns
from rich.panel import Panel
from rich.text import Text

from orchestrator.cli.context import FINDINGS, Invocation, Stop
from orchestrator.content.render import Renderer, Unrendered
from orchestrator.content.segments import count_segments
from orchestrator.contracts.message import Content, EmailContent, TemplateContent, TextContent
from orchestrator.contracts.topics import CHANNELS
from orchestrator.engine.customer_frame import frame_for
from orchestrator.engine.turn import Surroundings
from orchestrator.expressions.problems import nearest
from orchestrator.journey_tests.world import NoLinks
from orchestrator.journeys.names import run_names
from orchestrator.model.customer import Customer
from orchestrator.model.run import EventSnapshot, Run
from orchestrator.model.sections import Stamped
from orchestrator.policies.pace import Pace
from orchestrator.runtime.clock import SystemClock
from orchestrator.workspace.journey import Journey, SendStep
from orchestrator.workspace.workspace import Workspace

SAMPLES = {
    "text": "Sample", "number": 19.9, "integer": 3, "boolean": True, "date": "2026-03-02", "instant": "2026-03-02T10:00:00Z", "list": [], "object": {},
    "email": "ada@example.com", "phone": "+447911000000", "country": "GB", "locale": "en", "timezone": "Europe/London", "choice": "sample",
}  # fmt: skip


@click.command()
@click.argument("message")
@click.option("--customer", "traits_file", metavar="FILE", help='Traits as a JSON file: {"first_name": "Ada"}.')
@click.option(
    "--event", "event_file", metavar="FILE", help="Properties of the entry event as a JSON file; else made up from their declared types."
)
@click.option("--locale", metavar="L", help="The locale to render in.")
@click.option("--channel", type=click.Choice(CHANNELS), help="Only this channel.")
@click.option("--html", "html_file", type=click.Path(dir_okay=False), help="Write the mail's HTML here.")
@click.pass_obj
def preview(
    call: Invocation,
    message: str,
    traits_file: str | None,
    event_file: str | None,
    locale: str | None,
    channel: str | None,
    html_file: str | None,
) -> None:
    """Show MESSAGE as people get it, in every channel, with SMS segments and warnings."""
    workspace = call.load_good().workspace
    assert workspace is not None
    found = workspace.messages.get(message)
    if found is None:
        raise Stop(f"no message {message!r}; {nearest(message, workspace.messages, 'messages')}")
    traits = {"first_name": "Ada", "locale": locale or workspace.locale, **_read(traits_file)}
    journey = next(
        (j for j in workspace.journeys.values() if any(isinstance(s, SendStep) and s.message == message for s in j.steps.values())), None
    )
    properties = {**_sample(workspace, journey), **_read(event_file)}
    now = SystemClock().now()
    customer = Customer("preview")
    for name, value in traits.items():
        customer.traits[name] = Stamped(value, 0)
    renderer = Renderer(workspace, NoLinks())
    frame = frame_for(customer, Surroundings(workspace, renderer, 0, 1, now, Pace()), now)
    names: dict[str, object] = {}
    if journey is not None:
        entry = EventSnapshot(name=journey.entry.events[0], type="track", timestamp=now, arrival=now, sequence=0, properties=properties)
        names = run_names(Run(journey=journey.name, key="", number=1, version="", started_at=now, sequence=0, entry=entry), journey)
    message_class = found.message_class or (journey.message_class if journey else None) or "service"
    names["message"] = {
        "name": message,
        "class": message_class,
        "topic": found.topic,
        "journey": journey.name if journey else "",
        "step": "preview",
    }
    results: list[tuple[str, Content | Unrendered]] = []
    for one in CHANNELS:
        if channel not in (None, one):
            continue
        windows = (True, False) if one == "whatsapp" and found.whatsapp.content_sid else (True,)
        for open_ in windows:
            rendered = renderer.render(found, one, frame, dict(names), window_open=open_, message_class=message_class)
            results.append(
                (one if open_ else "whatsapp, outside the window", rendered if isinstance(rendered, Unrendered) else rendered[0])
            )
    if html_file:
        mail = next((content for _name, content in results if isinstance(content, EmailContent)), None)
        if mail is None:
            raise Stop("no mail to write")
        Path(html_file).write_text(mail.html, "utf-8")
    _show(call, results)
    if any(isinstance(content, Unrendered) for _name, content in results):
        raise SystemExit(FINDINGS)


def _read(file: str | None) -> dict[str, object]:
    if file is None:
        return {}
    try:
        found = json.loads(Path(file).read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise Stop(f"{file}: {error}") from error
    if not isinstance(found, dict):
        raise Stop(f"{file}: a JSON object is wanted")
    return found


def _sample(workspace: Workspace, journey: Journey | None) -> dict[str, object]:
    """Values of the declared types, so that nothing is missing."""
    if journey is None:
        return {}
    declared = workspace.events.get(journey.entry.events[0], {})
    return {name: f"{name.replace('_', ' ').title()}" if rule.type == "text" else SAMPLES[rule.type] for name, rule in declared.items()}


def _text(content: Content | Unrendered) -> tuple[str, str]:
    match content:
        case Unrendered(reason, place, detail):
            return f"REFUSED: {reason.value}\n{detail}\n{place}", "would not be sent"
        case EmailContent():
            return f"Subject:   {content.subject}\nPreheader: {content.preheader}\n\n{content.text}", f"{len(content.html):,} bytes of HTML"
        case TextContent():
            counted = count_segments(content.body)
            forcing = f", UCS-2 because of {counted.forcing!r}" if counted.forcing else ""
            return (
                content.body,
                f"{counted.count} segment{'s' if counted.count != 1 else ''}, {counted.units} units{forcing}" if content.segments else "",
            )
        case TemplateContent():
            return content.preview + "\n\n" + "\n".join(
                f"{key}: {value}" for key, value in content.variables.items()
            ), f"template {content.content_sid}"


def _show(call: Invocation, results: list[tuple[str, Content | Unrendered]]) -> None:
    if call.as_json:
        call.print_json(
            [
                {"channel": name, "text": _text(content)[0], "note": _text(content)[1], "refused": isinstance(content, Unrendered)}
                for name, content in results
            ]
        )
        return
    width = max(min(call.console.width // max(len(results), 1) - 1, 64), 38)
    panels = [
        Panel(Text(_text(content)[0], overflow="fold"), title=name, subtitle=_text(content)[1], width=width) for name, content in results
    ]
    call.console.print(Columns(panels))
