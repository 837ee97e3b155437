"""`concierge plan`: what would change, for whom, and what stands in the way."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click

from orchestrator.cli.context import FINDINGS, Invocation, Stop
from orchestrator.cli.files_out import OutFile, write_file
from orchestrator.cli.open_reader import Reader, is_deployed, open_reader
from orchestrator.content.check import check_message
from orchestrator.expressions.problems import nearest
from orchestrator.plan.draws import Draw, draws
from orchestrator.plan.later import Later
from orchestrator.plan.mermaid import mermaid
from orchestrator.plan.people import People, where_people_stand
from orchestrator.plan.plan import Plan, Version, make_plan
from orchestrator.plan.still_needed import still_needed
from orchestrator.plan.svg import svg
from orchestrator.plan.words import as_json, words
from orchestrator.runtime.clock import SystemClock
from orchestrator.workspace.earlier import Wanted, carried, own
from orchestrator.workspace.entrances import entrances
from orchestrator.workspace.load import Loaded, load_files, load_in_force


@click.command(short_help="What would change with these files, and for how many people.")
@click.option("--out", metavar="FILE", type=OutFile(), help="Keep the plan, for `concierge apply FILE`.")
@click.option("--graph", metavar="JOURNEY", help="Print this journey as a picture, with how many people stand in each step.")
@click.option(
    "--picture", type=click.Choice(["mermaid", "svg"]), default="mermaid", help="With --graph: as Mermaid's text (the default), or as SVG."
)
@click.option("--exit-runs", is_flag=True, help="People whose step or journey is gone leave, instead of standing in the way.")
@click.option("--data", metavar="DIR", help="The embedded store's folder.")
@click.pass_obj
def plan(call: Invocation, out: Path | None, graph: str | None, picture: str, exit_runs: bool, data: str | None) -> None:
    """Compare the files with the version in force: each changed step with the people who stand in it now, messages that are not
    sent yet, and everything that `apply` would refuse. Nothing is changed.

    Everybody is looked at, also while the runtime works. Exit code 1 where something is refused.
    """
    if graph is not None and (out is not None or exit_runs):
        raise click.UsageError("--graph prints a picture: --out and --exit-runs are for a plan")
    loaded = call.load_good()
    if graph is not None:
        _draw(call, loaded, graph, picture, data)
        return
    with open_reader(call, data) as reader:
        before = in_force(call, reader)
        made = plan_of(call, before, loaded, people_for(call, reader, before, loaded), exit_runs=exit_runs)
    if not is_deployed(call, data):
        made = without_exit_runs(made)
    if out is not None:
        write_file(out, json.dumps({"base": made.base, "next": made.next, "exit_runs": exit_runs}) + "\n")
    if call.as_json:
        call.print_json(as_json(made))
    else:
        click.echo("\n".join(words(made, SystemClock().now())))
    if made.refused:
        raise click.exceptions.Exit(FINDINGS)


def _draw(call: Invocation, loaded: Loaded, name: str, picture: str, data: str | None) -> None:
    """Raises Stop where there is no such journey."""
    assert loaded.workspace is not None
    journey = loaded.workspace.journeys.get(name)
    if journey is None:
        raise Stop(f"no journey {name!r}; {nearest(name, loaded.workspace.journeys, 'there are')}")
    with open_reader(call, data) as reader:
        people = look(call, reader)
    drawn = (svg if picture == "svg" else mermaid)(journey, people)
    if call.as_json:
        call.print_json({"journey": name, "form": picture, "picture": drawn})
    else:
        click.echo(drawn, nl=False)


def look(call: Invocation, reader: Reader, changing: Sequence[Draw] = (), later: Later | None = None) -> People:
    """Where everybody stands. `changing`: holdouts and splits whose shares change. `later`: what gives people who wait another instant."""
    with call.progress("looking where people stand", "people") as progress:
        return where_people_stand(progress.track(reader.customers(), total=None), changing, later)


def plan_of(call: Invocation, before: Version | None, loaded: Loaded, people: People, *, exit_runs: bool) -> Plan:
    """Against what is in force."""
    assert loaded.workspace is not None
    after = loaded.workspace, loaded.files
    if before is None:
        return make_plan(None, after, people, exit_runs=exit_runs)
    made = make_plan((before[0], own(before[1])), after, people, exit_runs=exit_runs)
    needed = still_needed(before, after, people, lambda files: load_files(files, call.environment, check_message, tests=False).findings)
    return replace(made, refused=(*made.refused, *needed))


def without_exit_runs(made: Plan) -> Plan:
    """For a data folder, where no command applies a plan: what is refused does not point to --exit-runs."""
    return replace(made, refused=tuple(replace(one, fix=one.fix.removesuffix(", or --exit-runs")) for one in made.refused))


def people_for(call: Invocation, reader: Reader, before: Version | None, loaded: Loaded) -> People:
    """Where everybody stands, who would change sides, and who would enter at once."""
    after = loaded.workspace
    assert after is not None
    changing = () if before is None else draws(after.name, before[0].journeys, after.journeys)
    otherwise = entrances(after) != ("" if before is None else entrances(before[0]))
    return look(call, reader, changing, Later(after, SystemClock().now(), otherwise, None if before is None else before[0]))


def files_to_apply(before: Version | None, loaded: Loaded, people: People) -> dict[str, bytes]:
    """The files, and beside them the earlier versions of journeys that people go on in."""
    assert loaded.workspace is not None
    return carried(before, loaded.workspace, loaded.files, Wanted(people.may_be_in, people.may_be_sent))


def in_force(call: Invocation, reader: Reader) -> Version | None:
    """The version in force, its files with earlier versions beside them. Raises Stop where it cannot be read by this program."""
    found = reader.version()
    if found is None:
        return None
    workspace = load_in_force(found[1], call.environment).workspace
    if workspace is None:
        raise Stop("the version in force cannot be read by this program version")
    return workspace, found[1]
