"""The command line, as a person uses it: a new workspace, lint, test, preview, run, why."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from tests.integration.running import free_port


def concierge(*arguments: str, cwd: Path, code: int = 0, text: str = "") -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "orchestrator.cli", *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        input=text,
        env={**os.environ, "COLUMNS": "160"},
        check=False,
    )
    assert done.returncode == code, (done.returncode, done.stdout[-2000:], done.stderr[-2000:])
    return done


@pytest.fixture
def brand(tmp_path: Path) -> Path:
    concierge("init", "mybrand", cwd=tmp_path)
    return tmp_path / "mybrand"


def test_a_new_workspace_lints_and_tests_clean(brand: Path) -> None:
    assert json.loads(concierge("lint", "--format", "json", cwd=brand).stdout) == []
    assert "42 passed, 0 failed" in concierge("test", cwd=brand).stdout
    report = json.loads(concierge("--json", "test", "--junit", "junit.xml", cwd=brand).stdout)
    assert (report["passed"], report["failed"]) == (42, 0)
    assert 'tests="42" failures="0"' in (brand / "junit.xml").read_text()
    concierge("init", "mybrand", cwd=brand.parent, code=2)


def test_findings_and_failures_exit_1(brand: Path) -> None:
    journey = brand / "config/journeys/visit_survey.yaml"
    journey.write_text(journey.read_text().replace("timeout: 24h", "timeout: 25h"))
    failed = concierge("test", "-k", "text a day later", cwd=brand, code=1)
    assert "send 2" in failed.stdout
    assert "expected at 24h" in failed.stdout
    journey.write_text(journey.read_text().replace("priority", "priorty"))
    assert "did you mean 'priority'?" in concierge("lint", cwd=brand, code=1).stdout
    assert "Y002" in concierge("test", cwd=brand, code=1).stderr


def test_paths_choose_files_and_one_that_chooses_none_is_a_usage_error(brand: Path) -> None:
    journey = brand / "config/journeys/visit_survey.yaml"
    journey.write_text(journey.read_text().replace("priority", "priorty"))
    assert "Y002" in concierge("lint", "visit_survey.yaml", cwd=journey.parent, code=1).stdout
    assert "Y002" in concierge("lint", "config/", cwd=brand, code=1).stdout
    concierge("lint", "templates", cwd=brand)
    assert "no file of the workspace" in concierge("lint", "config/journey", cwd=brand, code=2).stderr
    journey.write_text(journey.read_text().replace("priorty", "priority"))
    assert "7 passed, 0 failed" in concierge("test", str(journey), cwd=brand).stdout
    assert "did you mean" in concierge("test", "config/journeys/visit_survy.yaml", cwd=brand, code=2).stderr
    assert "no test has" in concierge("test", "-k", "nothing is called so", cwd=brand, code=2).stderr
    assert "no tests at templates" in concierge("test", "templates", cwd=brand, code=2).stderr


def test_a_new_workspace_teaches_editors(brand: Path) -> None:
    files = [*brand.glob("config/**/*.yaml"), *brand.glob("templates/**/*.yaml")]
    assert len(files) > 10
    for file in files:
        head, _, place = file.read_text().splitlines()[0].partition("$schema=")
        assert head == "# yaml-language-server: "
        assert json.loads((file.parent / place).read_text())["type"] == "object"


def test_usage_errors_exit_2(tmp_path: Path) -> None:
    assert "concierge init" in concierge("lint", cwd=tmp_path, code=2).stderr
    concierge("nope", cwd=tmp_path, code=2)


def test_preview_policies_schema_doctor(brand: Path) -> None:
    shown = json.loads(concierge("--json", "preview", "visit_survey", cwd=brand).stdout)
    assert [one["channel"] for one in shown] == ["email", "sms", "whatsapp", "whatsapp, outside the window"]
    assert "segment" in shown[1]["note"]
    assert "Technician visited you" in shown[1]["text"]
    assert "https://example.com/s/A1042?utm" in shown[1]["text"]
    (brand / "sms.toml").write_text(
        '[[sms]]\nprovider = "twilio"\nname = "main"\naccount_sid = "AC00000000000000000000000000000001"\nauth_token = "env:T"\nrate = "1/s"\nprice = {GB = 0.04, default = 0.07}\n'
    )
    os.environ.update(CONCIERGE_SETTINGS=str(brand / "sms.toml"), T="x")
    try:
        priced = json.loads(concierge("--json", "preview", "visit_survey", "--channel", "sms", cwd=brand).stdout)
    finally:
        del os.environ["CONCIERGE_SETTINGS"], os.environ["T"]
    assert "0.0400 (1 × 0.04, GB)" in priced[0]["notes"]
    assert "did you mean 'visit_survey'" in concierge("preview", "visit_surve", cwd=brand, code=2).stderr
    concierge("preview", "visit_survey", "--html", "mail.html", cwd=brand)
    assert "<!doctype html>" in (brand / "mail.html").read_text()
    assert "open_service_issue" in concierge("policies", cwd=brand).stdout
    concierge("schema", "--out", "schemas", cwd=brand)
    assert json.loads((brand / "schemas/journey.schema.json").read_text())["title"] == "Concierge: journey"
    assert "ok" in concierge("doctor", cwd=brand).stdout


def test_a_test_file_to_start_from(brand: Path) -> None:
    test = brand / "config/journeys/order_confirmation.test.yaml"
    test.unlink()
    concierge("init", "test", "order_confirmation", cwd=brand)
    assert "1 passed" in concierge("test", "-k", "order", cwd=brand).stdout


def test_a_mappings_test_file_to_start_from_and_what_a_wrong_mapping_says(brand: Path) -> None:
    test = brand / "config/sources/crm.test.yaml"
    whole = test.read_text()
    test.unlink()
    assert "concierge init test crm" in concierge("lint", cwd=brand, code=1).stdout
    concierge("init", "test", "crm", cwd=brand)
    assert json.loads(concierge("lint", "--format", "json", cwd=brand).stdout) == []
    unfinished = concierge("test", "config/sources", cwd=brand, code=1).stdout
    assert "crm: rule 2 makes identify" in unfinished
    assert "T002" in unfinished
    test.write_text(whole)
    source = brand / "config/sources/crm.yaml"
    source.write_text(source.read_text().replace("severity: record.after.priority | lower", "severity: record.after.priority", 1))
    report = json.loads(concierge("--json", "test", "config/sources", "--junit", "junit.xml", cwd=brand, code=1).stdout)
    (failed,) = [one for one in report["tests"] if not one["passed"]]
    assert (failed["kind"], failed["journey"], failed["test"]) == ("source", "crm", "a new case is a fault")
    assert failed["difference"] == ["event 1: properties.severity: expected 'high', got 'HIGH'"]
    assert 'classname="source.crm"' in (brand / "junit.xml").read_text()
    assert json.loads(concierge("schema", "source", cwd=brand).stdout)["title"] == "Concierge: source"


def test_up_emit_why_and_customer(brand: Path) -> None:
    port = free_port()
    command = [sys.executable, "-m", "orchestrator.cli", "up", "--watch", "--listen", f"127.0.0.1:{port}"]
    said = brand.parent / "up.txt"
    with said.open("wb") as output:
        up = subprocess.Popen(command, cwd=brand, stderr=subprocess.DEVNULL, stdout=output, env={**os.environ, "PYTHONUNBUFFERED": "1"})
    try:
        url = f"http://127.0.0.1:{port}"
        _wait(f"{url}/readyz")
        events = [
            {"type": "identify", "userId": "ada", "traits": {"first_name": "Ada", "email": "ada@example.com"}},
            {
                "type": "track",
                "userId": "ada",
                "event": "Visit Completed",
                "properties": {"visit_id": "v1", "technician": "Bob", "visited_at": "2026-03-02T09:00:00Z"},
            },
        ]
        lines = "\n".join(json.dumps(event) for event in events) + "\nnot json\n"
        refused = concierge("emit", "-", "--to", url, cwd=brand, code=1, text=lines)
        assert "2 accepted, 1 refused" in refused.stdout
        assert "line 3" in refused.stderr
        assert _messages(url, 1)[0]["subject"] == "How did Bob do?"
        # edit the wording while it runs: --watch applies it
        message = brand / "templates/messages/visit_survey.yaml"
        message.write_text(message.read_text().replace("How did {{ entry.technician }} do?", "Was {{ entry.technician }} any good?"))
        _wait_for(said, "applied version")
        event = {**events[1], "properties": {**events[1]["properties"], "visit_id": "v2"}}  # type: ignore[dict-item]  # a mapping
        concierge("emit", "-", "--to", url, cwd=brand, text=json.dumps(event))
        assert _messages(url, 2)[0]["subject"] == "Was Bob any good?"
        told = concierge("why", "ada", cwd=brand).stdout
        assert "SENT" in told
        assert "journey visit_survey · step ask · message visit_survey · by email" in told
        shown = json.loads(concierge("--json", "customer", "show", "ada", cwd=brand).stdout)
        assert shown["traits"]["first_name"] == "Ada"
        assert len(shown["messages"]) == 2
        told = concierge("policies", "--customer", "ada", "--message", "visit_survey", cwd=brand).stdout
        assert "→ would be sent by email" in told
        verdicts = json.loads(concierge("--json", "policies", "--customer", "ada", "--message", "monthly_offer", cwd=brand).stdout)
        assert [(v["verdict"], v["reason"]) for v in verdicts] == [("drop", "consent_missing")]
        assert {v["reason"] for v in verdicts[0]["channels"]["email"] if v["verdict"] == "drop"} == {"consent_missing"}
        concierge("policies", "--customer", "ada", cwd=brand, code=2)
        mine = json.loads(concierge("--json", "preview", "visit_survey", "--customer", "ada", "--channel", "email", cwd=brand).stdout)
        assert "Bob" in mine[0]["text"], "the event of her own run"
        concierge("preview", "visit_survey", "--customer", "nobody", cwd=brand, code=2)
        concierge("why", "nobody", cwd=brand, code=2)
        assert "erased: ada" in concierge("customer", "erase", "ada", cwd=brand).stdout
        gone = json.loads(concierge("--json", "customer", "show", "ada", cwd=brand).stdout)
        assert (gone["erased"], gone["traits"], gone["messages"], gone["runs"]) == (True, {}, [], [])
        assert "no decisions" in concierge("why", "ada", cwd=brand).stdout
        assert "erased before" in concierge("customer", "erase", "ada", cwd=brand).stdout
        assert json.loads(concierge("--json", "customer", "readmit", "ada", cwd=brand).stdout) == {"customer": "ada", "state": "readmitted"}
        assert "is not erased" in concierge("customer", "readmit", "ada", cwd=brand, code=1).stderr
        concierge("customer", "erase", "nobody", cwd=brand, code=2)
        choices = [{"channel": "email", "topic": "offers", "on": True}]
        grant = {"type": "track", "userId": "ada", "event": "Preferences Saved", "properties": {"choices": choices}}
        visits = [{**event, "properties": {**event["properties"], "visit_id": number}} for number in ("v3", "v4")]  # type: ignore[dict-item]  # a mapping
        concierge("emit", "-", "--to", url, cwd=brand, text="\n".join(json.dumps(one) for one in (events[0], visits[0])))
        assert "erased  journey visit_survey" in _until(brand, "NOT SENT"), "her address is one of the erased until she says yes again"
        concierge("emit", "-", "--to", url, cwd=brand, text="\n".join(json.dumps(one) for one in (grant, visits[1])))
        assert len(_messages(url, 3)) == 3
        concierge("emit", "-", "--to", "http://127.0.0.1:9", cwd=brand, code=3, text=json.dumps(event))
        second = concierge("up", "--listen", f"127.0.0.1:{free_port()}", cwd=brand, code=2)
        assert "in use by process" in second.stderr
    finally:
        up.send_signal(signal.SIGINT)
        assert up.wait(20) == 0
    assert "noted, durably" in concierge("customer", "erase", "ada", cwd=brand).stdout


def _wait(url: str) -> None:
    for _ in range(300):
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except OSError:
            time.sleep(0.05)
    raise AssertionError(f"{url} does not answer")


def _wait_for(file: Path, words: str) -> None:
    for _ in range(600):
        if words in file.read_text():
            return
        time.sleep(0.05)
    raise AssertionError(f"{words} is never said, but: {file.read_text()}")


def _until(brand: Path, words: str) -> str:
    for _ in range(40):
        told = concierge("why", "ada", cwd=brand).stdout
        if words in told:
            return told
    raise AssertionError(told)


def _messages(url: str, number: int) -> list[dict[str, object]]:
    for _ in range(200):
        with urllib.request.urlopen(f"{url}/sandbox/messages", timeout=5) as answer:
            found: list[dict[str, object]] = json.loads(answer.read())
        if len(found) >= number:
            return found
        time.sleep(0.05)
    raise AssertionError("no message")


@pytest.mark.long
def test_the_wheel_carries_the_example(tmp_path: Path) -> None:
    root = Path(__file__).parents[2]
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--outdir", str(tmp_path / "dist"), str(root)], check=True, capture_output=True
    )
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "venv")], check=True)
    subprocess.run([str(tmp_path / "venv/bin/pip"), "install", "-q", str(wheel)], check=True)
    program = str(tmp_path / "venv/bin/concierge")
    subprocess.run([program, "init", "mybrand"], cwd=tmp_path, check=True)
    done = subprocess.run([program, "test"], cwd=tmp_path / "mybrand", check=True, capture_output=True, text=True)
    assert "42 passed" in done.stdout
    shutil.rmtree(tmp_path / "venv")
