"""`concierge lint`: every mistake at once."""

import sys

import click

from orchestrator.cli.context import FINDINGS, Invocation, is_utf8
from orchestrator.workspace.finding import format_github, format_json, format_text


@click.command()
@click.argument("paths", nargs=-1)
@click.option("--format", "form", type=click.Choice(["text", "json", "github"]), default="text", show_default=True)
@click.pass_obj
def lint(call: Invocation, paths: tuple[str, ...], form: str) -> None:
    """Check the workspace: file, place, what is wrong, why, and how to fix it.

    With PATHS only findings in these files or folders are shown. Exit 1 on errors, 0 on warnings and hints.
    """
    loaded = call.load()
    wanted = call.chosen(paths, loaded)
    findings = [f for f in loaded.findings if not paths or f.file in wanted]
    errors = sum(f.severity == "error" for f in findings)
    if form == "json" or call.as_json:
        click.echo(format_json(findings, ascii_only=not is_utf8(sys.stdout)))
    elif form == "github":
        click.echo(format_github(findings))
    else:
        if findings:
            click.echo(format_text(findings, loaded.files))
        if not call.quiet:
            others = len(findings) - errors
            click.echo(
                f"{len(loaded.files)} files: {errors} error{'s' if errors != 1 else ''}, {others} warning{'s' if others != 1 else ''} and hints",
                err=True,
            )
    if errors:
        raise SystemExit(FINDINGS)
