"""`concierge customer show|export`: one view of a person; everything that is kept of one."""

import click
import msgspec
from rich.table import Table

from orchestrator.cli.context import Invocation
from orchestrator.cli.customer_erase import erase, readmit
from orchestrator.cli.open_reader import known, open_reader
from orchestrator.cli.why import clock_text
from orchestrator.model.customer import Customer


@click.group()
def customer() -> None:
    """One customer: see, hand over or erase what is known of them, and let an erased id in again."""


customer.add_command(erase)
customer.add_command(readmit)


def view(one: Customer) -> dict[str, object]:
    """Everything a service agent wants to know."""
    return {
        "id": one.id, "known": one.identity.user_id is not None, "erased": one.identity.erased, "anonymous_ids": one.identity.anonymous,
        "traits": {name: stamped.value for name, stamped in sorted(one.traits.items())},
        "context": {name: stamped.value for name, stamped in sorted(one.context.items())},
        "consents": [{"channel": s.channel, "topic": s.topic, "state": s.state, "at": s.at} for s in one.consents.statements],
        "stopped": one.consents.stopped, "do_not_contact": one.consents.do_not_contact,
        "issues": [
            {"kind": kind, "id": key, "open": case.open, "opened_at": case.opened_at, "event": case.event} for kind, cases in one.issues.items() for key, case in cases.items()
        ],
        "runs": [{"journey": r.journey, "key": r.key, "number": r.number, "step": r.node, "state": r.state, "until": r.due} for r in one.runs],
        "entries": [
            {"journey": journey, "key": key, "times": counted.count, "last": counted.last} for journey, keys in sorted(one.entries.counts.items()) for key, counted in sorted(keys.items())
        ],
        "planned": [{"journey": p.facts.journey, "step": p.step, "message": p.message, "held": p.held, "reason": p.reason, "until": p.until, "expires_at": p.expires_at} for p in one.messages.planned],
        "messages": [
            {"message": s.message, "journey": s.journey, "step": s.step, "channel": s.channel, "at": s.at, "status": s.status, "seen": s.seen, "reason": s.reason, "intent": s.intent}
            for s in reversed(one.messages.sent)
        ],
    }  # fmt: skip


KEPT = (
    "identity",
    "traits",
    "context",
    "consents",
    "issues",
    "computed",
    "past",
    "runs",
    "entries",
    "memberships",
    "occurrences",
    "messages",
)


@customer.command()
@click.argument("customer_id", metavar="ID")
@click.option("--data", metavar="DIR", help="The embedded store's folder.")
@click.pass_obj
def export(call: Invocation, customer_id: str, data: str | None) -> None:
    """Everything that is kept of this person as one JSON document, and every decision: what a request for access asks for."""
    with open_reader(call, data) as reader:
        found = known(reader, customer_id)
        decisions = reader.decisions(found)
    kept = {name: msgspec.to_builtins(getattr(found, name), str_keys=True) for name in KEPT if getattr(found, name) is not None}
    call.print_json({"id": found.id, **kept, "decisions": msgspec.to_builtins(decisions)})


@customer.command()
@click.argument("customer_id", metavar="ID")
@click.option("--data", metavar="DIR", help="The embedded store's folder.")
@click.pass_obj
def show(call: Invocation, customer_id: str, data: str | None) -> None:
    """Profile, issues, consents, journeys they are and were in, what is planned and what was sent."""
    with open_reader(call, data) as reader:
        found = known(reader, customer_id)
    data_of = view(found)
    if call.as_json:
        call.print_json(msgspec.to_builtins(data_of))
        return
    console = call.console
    console.print(f"[bold]{found.id}[/]  {'known' if data_of['known'] else 'anonymous'}{'  ERASED' if found.identity.erased else ''}")
    _table(console, "Traits", ("trait", "value"), [(name, str(stamped.value)) for name, stamped in sorted(found.traits.items())])
    _table(
        console,
        "Consents",
        ("channel", "topic", "state", "since"),
        [(s.channel, s.topic, s.state, clock_text(s.at)) for s in found.consents.statements],
    )
    _table(
        console,
        "Issues",
        ("kind", "case", "state", "opened", "by"),
        [
            (kind, key, "OPEN" if case.open else "closed", clock_text(case.opened_at), case.event)
            for kind, cases in found.issues.items()
            for key, case in cases.items()
        ],
    )
    _table(
        console,
        "Journeys under way",
        ("journey", "key", "stands in", "until"),
        [(r.journey, r.key, r.node, clock_text(r.due) if r.due else "") for r in found.runs],
    )
    under_way = {(r.journey, r.key) for r in found.runs}
    _table(
        console,
        "Journeys entered before",
        ("journey", "key", "times", "last entered"),
        [
            (journey, key, str(counted.count), clock_text(counted.last))
            for journey, keys in sorted(found.entries.counts.items())
            for key, counted in sorted(keys.items())
            if (journey, key) not in under_way
        ],
    )
    _table(
        console,
        "Held",
        ("message", "journey", "reason", "until"),
        [(p.message, p.facts.journey, p.reason or "", clock_text(p.until or p.expires_at or 0)) for p in found.messages.planned],
    )
    _table(
        console,
        "Messages",
        ("at", "message", "channel", "status"),
        [(clock_text(s.at), s.message, s.channel, s.status + (" · seen" if s.seen else "")) for s in reversed(found.messages.sent)],
    )


def _table(console: object, title: str, columns: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    from rich.console import Console

    assert isinstance(console, Console)
    if not rows:
        return
    table = Table(title=title, title_justify="left", show_edge=False)
    for column in columns:
        table.add_column(column)
    for row in rows:
        table.add_row(*row)
    console.print(table)
