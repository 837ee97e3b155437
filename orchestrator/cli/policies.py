"""`concierge policies`: the ordered list; or its verdict for one person and message."""

import click

from orchestrator.cli.context import Invocation, Stop
from orchestrator.cli.verdict import show_verdict
from orchestrator.policies.lines import LINES

WORDS = {
    "erased": "the person was erased: nothing, of any class",
    "do_not_contact": "level marketing stops all but transactional, level all everything",
    "address_suppressed": "dead addresses for every class, complaints for all but transactional",
    "consent": "STOP on the channel; revoked; opt-in topics never granted",
    "suppression": "the workspace's rules, in written order",
    "expired": "past `expires`; transactional only where it is written",
    "quiet_hours": "the workspace's and the journey's quiet hours, where the person is",
    "send_time": "the customer's best hour, where the step asks for it",
    "channel_choice": "an address in an allowed country, a sender, content that may go out now",
}


@click.command()
@click.option("--customer", metavar="ID", help="With --message: the verdict for this person, right now.")
@click.option("--message", metavar="M", help="With --customer: for this message, wherever a journey sends it.")
@click.option("--data", metavar="DIR", help="The embedded store's folder.")
@click.pass_obj
def policies(call: Invocation, customer: str | None, message: str | None, data: str | None) -> None:
    """The lines every message is judged by, in order, and the suppression rules in force; with --customer and --message
    what each line says of that person and message now, channel by channel.

    Lines marked * are judged again by the sender immediately before the provider call.
    """
    if customer is not None and message is not None:
        show_verdict(call, data, customer, message)
        return
    if customer is not None or message is not None:
        raise Stop("--customer and --message go together")
    workspace = call.load_good().workspace
    assert workspace is not None
    rules = [
        {
            "rule": r.name,
            "version": r.version,
            "when": r.when.text,
            "then": r.then,
            "classes": sorted(r.selectors.classes or ()),
            "sender_check": r.customer_only,
        }
        for r in workspace.policies.suppression
    ]
    quiet = [
        {"rule": r.name, "version": r.version, "from": f"{r.quiet.start:%H:%M}", "to": f"{r.quiet.end:%H:%M}", "then": r.then, "classes": sorted(r.selectors.classes or ())}
        for r in workspace.policies.quiet_hours
    ]  # fmt: skip
    lines = [{"line": number, "name": name, "what": WORDS[name]} for number, name, _line in LINES] + [
        {
            "line": 11,
            "name": "limits",
            "what": "the journey's messages of the day (journey_limit); held messages leave one every 1/rate (release_paced)",
        }
    ]
    if call.as_json:
        call.print_json({"lines": lines, "rules": rules, "quiet_hours": quiet, "version": workspace.policies.version})
        return
    for line in lines:
        mark = " " if line["name"] in ("send_time", "channel_choice", "limits") else "*"
        click.echo(f"{line['line']:>3}{mark} {line['name']:<20} {line['what']}")
        if line["name"] == "suppression":
            for rule, selected in zip(rules, workspace.policies.suppression, strict=True):
                click.echo(
                    f"       {rule['rule']} (version {rule['version']}): {rule['then']} {', '.join(sorted(selected.selectors.classes or ()))} when {rule['when']}"
                )
        if line["name"] == "quiet_hours":
            for one in quiet:
                click.echo(
                    f"       {one['rule']} (version {one['version']}): {one['then']} {', '.join(one['classes'])} from {one['from']} to {one['to']}"
                )
