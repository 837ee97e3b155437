"""The deployment files say nothing that the code does not know."""

from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from orchestrator.cli.main import main
from orchestrator.runtime.settings import KNOWN

DEPLOY = Path(__file__).parents[3] / "deploy"
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
ROLES = {name: one for name, one in COMPOSE["services"].items() if one.get("image") == "concierge"}


@pytest.mark.parametrize("name", ROLES)
def test_every_role_is_a_command_with_options_that_exist(name: str) -> None:
    words = list(ROLES[name]["command"])
    command: click.Command = main
    while isinstance(command, click.Group):
        command = command.commands[words.pop(0)]
    command.make_parser(click.Context(command)).parse_args(words)


@pytest.mark.parametrize("name", ROLES)
def test_every_setting_is_known_and_every_role_has_what_it_needs(name: str) -> None:
    settings = {key.removeprefix("CONCIERGE_") for key in ROLES[name]["environment"]}
    assert settings <= set(KNOWN)
    assert settings >= {"KAFKA", "REDIS", "PUBLIC_URL", "SIGNING_KEY", "WRITE_KEYS", "SANDBOX"}


def test_addresses_are_those_of_services() -> None:
    environment = ROLES["gateway"]["environment"]
    for name in ("KAFKA", "REDIS", "PUBLIC_URL", "SANDBOX"):
        host = environment[f"CONCIERGE_{name}"].split("//")[-1].split(":")[0]
        assert host in COMPOSE["services"]
    listens = {
        name: one["command"][one["command"].index("--listen") + 1].split(":")[1]
        for name, one in ROLES.items()
        if "--listen" in one["command"]
    }
    assert environment["CONCIERGE_PUBLIC_URL"].endswith(listens["gateway"])
    assert environment["CONCIERGE_SANDBOX"].endswith(listens["sandbox"])


def test_redis_is_one_that_the_store_does_not_refuse() -> None:
    words = COMPOSE["services"]["redis"]["command"]
    told = dict(zip(words[1::2], words[2::2], strict=True))
    assert told == {"--appendonly": "yes", "--appendfsync": "always", "--maxmemory-policy": "noeviction"}


def test_prometheus_asks_every_role_that_has_metrics() -> None:
    found = yaml.safe_load((DEPLOY / "prometheus.yaml").read_text("utf-8"))["scrape_configs"]
    asked = {target.split(":")[0] for one in found for some in one.get("static_configs", []) for target in some["targets"]}
    asked |= {name for one in found for some in one.get("dns_sd_configs", []) for name in some["names"]}
    assert asked == {name for name, one in ROLES.items() if one["command"][0] in ("gateway", "orchestrator", "worker")}
    port = next(some["port"] for one in found for some in one.get("dns_sd_configs", []))
    assert ROLES["email"]["environment"]["CONCIERGE_METRICS_LISTEN"].endswith(f":{port}")


def test_the_image_has_what_the_package_needs() -> None:
    copied = {
        word for line in (DEPLOY / "Dockerfile").read_text("utf-8").splitlines() if line.startswith("COPY") for word in line.split()[1:]
    }
    assert copied >= {
        "pyproject.toml",
        "setup.py",
        "MANIFEST.in",
        "constraints.txt",
        "orchestrator",
        "workers",
        "config",
        "templates",
        "README.md",
        "LICENSE",
    }
