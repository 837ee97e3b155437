"""`concierge preview`: a message in every channel, side by side."""

import json
from pathlib import Path

import click
from rich.columns import Columns
from rich.panel import Panel
from rich.text import Text

from orchestrator.cli.context import FINDINGS, Invocation, Stop
from orchestrator.cli.files_out import OutFile, write_file
from orchestrator.cli.open_reader import open_reader
from orchestrator.cli.price import Prices
from orchestrator.cli.sample import Sample, Sampled
from orchestrator.content.check_channels import MAX_PREHEADER, MAX_SUBJECT
from orchestrator.content.render import Rendered, Unrendered
from orchestrator.content.segments import count_segments
from orchestrator.contracts.message import EmailContent, TemplateContent, TextContent
from orchestrator.contracts.topics import CHANNELS
from orchestrator.expressions.problems import nearest
from orchestrator.model.customer import Customer
from orchestrator.model.sections import Stamped
from orchestrator.runtime.clock import SystemClock
from orchestrator.workspace.workspace import Workspace
from workers.settings import read_providers


@click.command(short_help="A message as people get it, in every channel.")
@click.argument("message")
@click.option(
    "--customer", "whom", metavar="ID|FILE", help='A customer of the data folder, or traits as a JSON file: {"first_name": "Ada"}.'
)
@click.option(
    "--event", "event_file", metavar="FILE", help="Properties of the entry event as a JSON file; else made up from their declared types."
)
@click.option("--locale", metavar="L", help="The locale to render in.")
@click.option("--channel", type=click.Choice(CHANNELS), help="Only this channel.")
@click.option("--html", "html_file", type=OutFile(), help="Write the mail's HTML here.")
@click.option("--data", metavar="DIR", help="The embedded store's folder, for --customer ID.")
@click.pass_obj
def preview(
    call: Invocation, message: str, whom: str | None, event_file: str | None, locale: str | None, channel: str | None, html_file: Path | None, data: str | None,
) -> None:  # fmt: skip
    """Show MESSAGE as people get it, in every channel and variant, with SMS segments, price and warnings."""
    workspace = call.load_good().workspace
    assert workspace is not None
    found = workspace.messages.get(message)
    if found is None:
        raise Stop(f"no message {message!r}; {nearest(message, workspace.messages, 'messages')}")
    customer = _customer(call, whom, data, locale or workspace.locale)
    if locale is not None:
        customer.traits["locale"] = Stamped(locale, 0)
    sample = Sample(workspace, found, customer, _read(event_file), SystemClock().now())
    results = [result for one in CHANNELS if channel in (None, one) for result in sample.render(one)]
    if html_file:
        mail = next(
            (r.outcome.content for r in results if isinstance(r.outcome, Rendered) and isinstance(r.outcome.content, EmailContent)), None
        )
        if mail is None:
            raise Stop("no mail to write")
        write_file(html_file, mail.html)
    _show(call, results, Prices(read_providers(call.settings().tables, call.environment)["sms"], sample), workspace)
    if any(isinstance(result.outcome, Unrendered) for result in results):
        raise SystemExit(FINDINGS)


def _customer(call: Invocation, whom: str | None, data: str | None, locale: str) -> Customer:
    """Somebody made up, with the traits of a file; or a copy of a real one."""
    if whom is None or Path(whom).is_file():
        customer = Customer("preview")
        for name, value in {"first_name": "Ada", "locale": locale, "phone": "+447400123456", **_read(whom)}.items():
            customer.traits[name] = Stamped(value, 0)
        return customer
    with open_reader(call, data) as reader:
        found = reader.customer(whom)
    if found is None:
        raise Stop(f"--customer {whom}: neither a file nor somebody in the data folder")
    return found.copy()


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


def _shown(result: Sampled, prices: Prices, workspace: Workspace) -> tuple[str, list[str]]:
    """What people read, and what is to be said of it, also of the offer in it."""
    text, notes = _text(result.outcome, prices)
    if result.offer is None:
        return text, notes
    topic = workspace.offers[result.offer].topic if result.offer else ""
    return text, [*notes, f"offer {result.offer}, for whoever agreed to {topic}" if result.offer else "no offer fits"]


def _text(outcome: Rendered | Unrendered, prices: Prices) -> tuple[str, list[str]]:
    """What people read, and what is to be said of it."""
    if isinstance(outcome, Unrendered):
        return f"REFUSED: {outcome.reason.value}\n{outcome.detail}\n{outcome.place}", ["would not be sent"]
    notes = [f"{name} printed its fallback" for name in outcome.fallback_blocks]
    match outcome.content:
        case EmailContent() as mail:
            notes.append(f"{len(mail.html):,} bytes of HTML")
            notes += [
                f"{name} of {len(written)} characters: mail programs cut it at {limit}"
                for name, written, limit in (("subject", mail.subject, MAX_SUBJECT), ("preheader", mail.preheader, MAX_PREHEADER)) if len(written) > limit
            ]  # fmt: skip
            return f"Subject:   {mail.subject}\nPreheader: {mail.preheader}\n\n{mail.text}", notes
        case TextContent() as text:
            if text.segments:
                counted = count_segments(text.body)
                notes.append(f"{counted.count} segment{'s' if counted.count != 1 else ''}, {counted.units} units")
                if counted.forcing:
                    notes.append(f"UCS-2 because of {counted.forcing!r}")
                price = prices.of(counted.count)
                if price is not None:
                    notes.append(price)
            return text.body, notes
        case TemplateContent() as template:
            values = "\n".join(f"{key}: {value}" for key, value in template.variables.items())
            return f"{template.preview}\n\n{values}", [*notes, f"template {template.content_sid}"]


def _show(call: Invocation, results: list[Sampled], prices: Prices, workspace: Workspace) -> None:
    shown = [(result, *_shown(result, prices, workspace)) for result in results]
    if call.as_json:
        call.print_json([
            {
                "channel": result.name, "variant": result.variant, "text": text, "note": ", ".join(notes), "notes": notes,
                "locale": None if isinstance(result.outcome, Unrendered) else result.outcome.locale, "refused": isinstance(result.outcome, Unrendered), "offer": result.offer,
            }
            for result, text, notes in shown
        ])  # fmt: skip
        return
    width = max(min(call.console.width // max(len(results), 1) - 1, 64), 38)
    panels = [
        Panel(
            Text(text, overflow="fold"),
            title=result.name + (f" · {result.variant}" if result.variant else ""),
            subtitle=", ".join(notes),
            width=width,
        )
        for result, text, notes in shown
    ]
    call.console.print(Columns(panels))
