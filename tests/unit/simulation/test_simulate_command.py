"""`concierge simulate` as people type it."""

import gzip
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from orchestrator.cli.main import main
from tests.one_journey import files
from tests.unit.simulation.playing import event, identify
from tests.unit.simulation.test_against import git, write

JOURNEY = """journey: try_it
class: service
entry: {event: Basket Changed, key: event.basket}
steps:
  - {id: first, send: hello, channels: [email]}
  - {id: think, delay: 2h}
  - {id: second, send: hello, channels: [email]}
"""
LINES = [identify("ada", email="ada@example.com"), event("ada", "10:00", "Basket Changed", basket="b", total=20)]


@pytest.fixture
def brand(tmp_path: Path) -> Path:
    root = tmp_path / "brand"
    write(root, files({"try_it": JOURNEY}))
    (root / "june.jsonl").write_bytes(b"\n".join([LINES[0], b"{oops", LINES[1]]) + b"\n")
    return root


def run(brand: Path, *arguments: str, given: str | None = None) -> Result:
    return CliRunner().invoke(main, ["--workspace", str(brand), *arguments], input=given)


def test_made_up_customers_are_the_same_every_time(brand: Path) -> None:
    arguments = [
        "--json",
        "simulate",
        "--customers",
        "40",
        "--days",
        "14",
        "--seed",
        "3",
        "--start",
        "2026-03-02",
        "--events-per-week",
        "5",
    ]
    one, two = run(brand, *arguments), run(brand, *arguments, "--processes", "2")
    assert one.exit_code == 0, one.output
    assert one.stdout == two.stdout
    found = json.loads(one.stdout)
    assert (found["customers"], found["days"], found["customer_days"], found["start"]) == (40, 14, 560, "2026-03-02T00:00Z")
    assert found["again"] == "concierge simulate --customers 40 --days 14 --seed 3 --start 2026-03-02 --events-per-week 5"
    assert found["messages"]["number"] > 10
    other = json.loads(run(brand, *arguments, "--seed", "4").stdout)
    assert other["messages"] != found["messages"]


def test_recorded_events_with_a_bad_line(brand: Path) -> None:
    told = run(brand, "simulate", "--events", str(brand / "june.jsonl"))
    assert told.exit_code == 0, told.output
    assert "1 customers" in told.stdout
    assert "  line 2: not JSON" in told.stdout
    assert "Messages: 2" in told.stdout
    assert "customer-days in" in told.stderr
    assert "customer-days in" not in run(brand, "--quiet", "simulate", "--events", str(brand / "june.jsonl")).stderr
    short = json.loads(run(brand, "--json", "simulate", "--events", str(brand / "june.jsonl"), "--days", "1").stdout)
    assert (short["events"], short["refused"]["lines"][0]["line"], short["messages"]["number"]) == (2, "line 2", 2)


def test_several_files_packed_files_and_standard_input(brand: Path) -> None:
    (brand / "a.jsonl.gz").write_bytes(gzip.compress(LINES[0] + b"\n"))
    (brand / "b.jsonl").write_bytes(b"\n" + LINES[1] + b"\nnull\n")
    found = json.loads(run(brand, "--json", "simulate", "--events", str(brand / "a.jsonl.gz"), "--events", str(brand / "b.jsonl")).stdout)
    assert found["messages"]["number"] == 2
    assert [line["line"] for line in found["refused"]["lines"]] == [f"{brand / 'b.jsonl'} line 3"]
    piped = run(brand, "--json", "simulate", "--events", "-", given=b"\n".join(LINES).decode())
    assert json.loads(piped.stdout)["messages"] == found["messages"]


def test_against_a_version_in_git(brand: Path) -> None:
    git(brand, "init", "-q", "-b", "main")
    git(brand, "add", "-A")
    git(brand, "commit", "-q", "-m", "one")
    lines = [
        *LINES,
        identify("ben", email="ben@example.com"),
        event("ben", "03T09:00", "Basket Changed", basket="c"),
        event("cleo", "09:00", "Ping"),
    ]
    (brand / "june.jsonl").write_bytes(b"\n".join(lines))
    fewer = JOURNEY.replace("delay: 2h", "delay: 3h").replace("{id: first, ", "{id: first, only_if: entry.total > 10, ")
    (brand / "config/journeys/try_it.yaml").write_text(fewer, "utf-8")
    arguments = ["simulate", "--events", str(brand / "june.jsonl"), "--against", "main"]
    told = run(brand, *arguments)
    assert told.exit_code == 0, told.output
    assert "Against main: something changes for 2 of 3 people\n  messages 4 → 3\n" in told.stdout
    changes = json.loads(run(brand, "--json", *arguments).stdout)["against"]["changes"]
    assert [(one["what"], one["step"], one["detail"], [example["customer"] for example in one["examples"]]) for one in changes] == [
        ("less", "first", "not sent only_if_false", ["ben"]), ("time", "second", "later", ["ada", "ben"]),
    ]  # fmt: skip
    made_up = json.loads(run(brand, "--json", "simulate", "--customers", "50", "--against", "main").stdout)
    assert made_up["against"]["people"] > 0
    (brand / "config/journeys/try_it.yaml").write_text(JOURNEY, "utf-8")
    assert json.loads(run(brand, "--json", "simulate", "--customers", "50", "--against", "main").stdout)["against"]["changes"] == []


@pytest.mark.parametrize(("arguments", "code", "words"), [
    (["--events", "june.jsonl", "--customers", "3"], 2, "--events are what happened"),
    (["--events", "june.jsonl", "--seed", "0"], 2, "--events are what happened"),
    (["--events", "nowhere.jsonl"], 2, "no file nowhere.jsonl"),
    (["--customers", "0"], 2, "0 is not in the range"),
    (["--start", "yesterday"], 2, "does not match"),
    (["--against", "main"], 2, "--against: git knows no version 'main'"),
])  # fmt: skip
def test_what_cannot_be_simulated(brand: Path, arguments: list[str], code: int, words: str) -> None:
    told = run(brand, "simulate", *arguments)
    assert told.exit_code == code, told.output
    assert words in told.output


def test_nothing_to_play_and_a_broken_version_are_findings(brand: Path) -> None:
    told = run(brand, "simulate", "--events", "-", given="{oops\n")
    assert (told.exit_code, "no event to play in -: line 1: not JSON" in told.output) == (1, True)
    git(brand, "init", "-q", "-b", "main")
    good = (brand / "config/journeys/try_it.yaml").read_bytes()
    (brand / "config/journeys/try_it.yaml").write_text("journey: try_it\n", "utf-8")
    git(brand, "add", "-A")
    git(brand, "commit", "-q", "-m", "one")
    (brand / "config/journeys/try_it.yaml").write_bytes(good)
    told = run(brand, "simulate", "--customers", "3", "--against", "HEAD^{commit}")
    assert told.exit_code == 1
    assert "--against HEAD^{commit}: this program finds" in told.output


def test_tests_may_lag_behind(brand: Path) -> None:
    (brand / "config/journeys/try_it.test.yaml").write_text(
        "journey: try_it\ntests: [{test: one, when: [], then: {sends: [{at: 0h, step: gone}]}}]\n", "utf-8"
    )
    assert run(brand, "lint").exit_code == 1
    assert run(brand, "simulate", "--customers", "3").exit_code == 0
    (brand / "config/journeys/try_it.yaml").write_text("journey: try_it\n", "utf-8")
    told = run(brand, "simulate", "--customers", "3")
    assert (told.exit_code, "the workspace has" in told.output) == (1, True)


def test_limits_that_count_everybody_hold_for_any_number_of_people(brand: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orchestrator.simulation.side_by_side.SMALL", 10)
    (brand / "config/journeys/try_it.yaml").write_text(JOURNEY.replace("steps:", "limits: {messages_per_day: 2}\nsteps:"), "utf-8")
    found = json.loads(run(brand, "--json", "simulate", "--customers", "60", "--days", "3", "--events-per-week", "14").stdout)
    assert 4 <= found["messages"]["number"] <= 6
    assert any(one["reason"] == "journey_limit" for one in found["withheld"])


def test_prices_and_rates_of_the_settings(brand: Path) -> None:
    (brand / "concierge.toml").write_text('[[email]]\nprovider = "sandbox"\nrate = "2/s"\nprice = {default = 0.5}\n', "utf-8")
    found = json.loads(run(brand, "--json", "simulate", "--events", str(brand / "june.jsonl")).stdout)
    assert found["cost"]["total"] == 1.0
    assert found["busiest_minutes"][0]["rate_per_s"] == 2.0
    (brand / "concierge.toml").write_text('[[email]]\nprovider = "sandbox"\nprice = 3\n', "utf-8")
    told = run(brand, "simulate")
    assert (told.exit_code, "concierge.toml: [[email]] number 1: price" in told.output) == (2, True)


def test_times_before_now_as_the_demo_has_them(brand: Path) -> None:
    lines = [json.dumps({**json.loads(line), "timestamp": f"@-{ago}"}) for line, ago in zip(LINES, (7_200_000, 3_600_000), strict=True)]
    found = json.loads(run(brand, "--json", "simulate", "--events", "-", "--days", "1", given="\n".join(lines)).stdout)
    assert (found["messages"]["number"], found["refused"]["events"]) == (2, 0)
    assert found["days"] == pytest.approx(1 + 1 / 24, abs=0.01)
