"""python -m orchestrator.cli."""

from orchestrator.cli.main import main

main(prog_name="concierge")
