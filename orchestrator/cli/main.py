"""The command line: one group, one file a command."""

import errno
import sys

import click

from orchestrator.cli.apply import apply
from orchestrator.cli.audience import audience
from orchestrator.cli.context import Stop, forgiving, invocation
from orchestrator.cli.customer import customer
from orchestrator.cli.doctor import doctor
from orchestrator.cli.emit import emit
from orchestrator.cli.gateway import gateway
from orchestrator.cli.init import init
from orchestrator.cli.lint import lint
from orchestrator.cli.orchestrator import orchestrator
from orchestrator.cli.pause import pause, resume
from orchestrator.cli.plan import plan
from orchestrator.cli.policies import policies
from orchestrator.cli.preview import preview
from orchestrator.cli.rebuild import rebuild
from orchestrator.cli.sandbox import sandbox
from orchestrator.cli.schema import schema
from orchestrator.cli.simulate import simulate
from orchestrator.cli.test import test
from orchestrator.cli.topics import topics
from orchestrator.cli.up import up
from orchestrator.cli.why import why
from orchestrator.cli.worker import worker
from orchestrator.errors import ConfigurationError, ServiceUnavailable

_FULL = (errno.ENOSPC, errno.EDQUOT)


class _Group(click.Group):
    def list_commands(self, _ctx: click.Context) -> list[str]:
        """In the order in which people need them."""
        return list(self.commands)

    def invoke(self, ctx: click.Context) -> object:
        forgiving((sys.stdout, sys.stderr))
        try:
            done = super().invoke(ctx)
            if sys.stdout is not None:
                sys.stdout.flush()
        except ConfigurationError as error:
            raise Stop(str(error), 2) from error
        except ServiceUnavailable as error:
            raise Stop(str(error), 3) from error
        except BrokenPipeError:
            return None
        except OSError as error:
            if error.errno not in _FULL:
                raise
            raise Stop(f"{error.filename or 'this'} cannot be written: {error.strerror}") from error
        return done


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.option("--workspace", metavar="DIR", help="The workspace; else the nearest folder upwards with config/concierge.yaml.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output, everything else on standard error.")
@click.option("--quiet", is_flag=True, help="Print results and errors only.")
@click.version_option(package_name="concierge-messaging", prog_name="concierge")
@click.pass_context
def main(ctx: click.Context, workspace: str | None, as_json: bool, quiet: bool) -> None:
    """The right message, once, at a civil hour: journeys in YAML on email, SMS and WhatsApp.

    \b
    Start here:
      concierge init mybrand     a workspace with a worked example
      concierge up --demo        run it: customers play in, messages arrive in the sandbox
      concierge preview MESSAGE  how it reads in every channel, before anybody gets it
      concierge lint             every mistake at once, with its fix
      concierge test             the journeys' tests, on a virtual clock
      concierge why CUSTOMER     why somebody did or didn't get a message

    Exit codes: 0 done, 1 findings, 2 usage or configuration, 3 a service can't be reached, 4 the world has moved.
    """
    ctx.obj = invocation(workspace, as_json, quiet)


for command in (
    init, up, emit, preview, lint, test, simulate, why, customer, audience, policies, doctor, schema, sandbox, plan, apply, pause, resume, topics, rebuild, orchestrator, worker, gateway,
):  # fmt: skip
    main.add_command(command)
