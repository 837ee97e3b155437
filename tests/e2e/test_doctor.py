"""Doctor tells what is so: each fault made once."""

import json
import sqlite3
import threading
from contextlib import closing
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from orchestrator.cli import doctor_store
from orchestrator.cli.doctor_store import check_folder
from orchestrator.embedded.versions import Versions
from orchestrator.runtime.settings import Setting, Settings
from orchestrator.state.sqlite_database import SqliteDatabase
from tests.e2e.test_cli import concierge
from tests.integration.running import free_port


@pytest.fixture
def brand(tmp_path: Path) -> Path:
    concierge("init", "mybrand", cwd=tmp_path)
    return tmp_path / "mybrand"


def report(brand: Path, *arguments: str, code: int = 0) -> dict[str, dict[str, object]]:
    done = concierge("--json", "doctor", "--url", f"http://127.0.0.1:{free_port()}", *arguments, cwd=brand, code=code)
    return {one["check"]: one for one in json.loads(done.stdout)}


def test_a_new_workspace_is_fine_and_says_what_is_not_there_yet(brand: Path) -> None:
    found = report(brand)
    assert all(one["ok"] for one in found.values())
    assert [name for name, one in found.items() if one["note"]] == ["write keys", "public url", "store", "gateway"]
    assert "concierge up" in str(found["store"]["detail"])


def test_private_places_that_calls_may_reach_are_said(brand: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONCIERGE_CALLS_ALLOW_PRIVATE", "localhost:8090")
    found = report(brand)["calls"]
    assert (found["ok"], found["note"]) == (True, True)
    assert "localhost:8090" in str(found["detail"])
    monkeypatch.setenv("CONCIERGE_CALLS_ALLOW_PRIVATE", "*.local")
    assert not report(brand, code=1)["calls"]["ok"]


def test_settings_and_workspace_with_faults(brand: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONCIERGE_PARTITIONS", "many")
    monkeypatch.setenv("CONCIERGE_WRITE_KEYS", "nonsense")
    journey = brand / "config/journeys/visit_survey.yaml"
    journey.write_text(journey.read_text().replace("priority", "priorty"))
    found = report(brand, code=1)
    assert {name for name, one in found.items() if not one["ok"]} == {"partitions", "write keys", "workspace"}
    assert "nonsense" not in str(found["settings"])


@pytest.mark.parametrize(("status", "ok", "says"), [(200, True, "takes events"), (503, False, "answers 503")])
def test_a_gateway_is_asked_whether_it_takes_events(brand: Path, status: int, ok: bool, says: str) -> None:
    class Ready(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == "/readyz" else 404)
            self.end_headers()

        def log_message(self, *_arguments: object) -> None:
            """Quiet."""

    with HTTPServer(("127.0.0.1", 0), Ready) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            found = report(brand, "--url", f"http://127.0.0.1:{server.server_port}", code=0 if ok else 1)
        finally:
            server.shutdown()
    assert (found["gateway"]["ok"], says in str(found["gateway"]["detail"])) == (ok, True)


def store(folder: Path) -> None:
    """An empty store of four partitions, in which no version is in force."""
    folder.mkdir()
    SqliteDatabase(folder).close()
    with closing(sqlite3.connect(folder / "concierge.db")) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS setup(partitions INTEGER)")
        connection.execute("DELETE FROM setup")
        connection.execute("INSERT INTO setup(partitions) VALUES (4)")
        connection.commit()


def bad(folder: Path, **settings: str) -> dict[str, str]:
    values = Settings({name: Setting(value, "environment") for name, value in settings.items()})
    return {one.name: one.detail for one in check_folder(folder, values, None) if not one.ok}


def test_a_store_that_is_not_in_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store(tmp_path / "data")
    monkeypatch.setattr(Versions, "read_last", staticmethod(lambda _database: ("f" * 64, {})))
    assert bad(tmp_path / "data") == {}
    assert bad(tmp_path / "data", PARTITIONS="4") == {}
    assert "made with 4" in bad(tmp_path / "data", PARTITIONS="8")["partitions"]
    monkeypatch.setattr(Versions, "read_last", staticmethod(lambda _database: None))
    assert "no version is in force" in bad(tmp_path / "data")["store"]
    monkeypatch.setattr(doctor_store, "LEAST_ROOM", 1 << 60)
    assert "make room" in bad(tmp_path / "data")["disk"]


def test_a_damaged_store(tmp_path: Path) -> None:
    store(tmp_path / "data")
    (tmp_path / "data" / "concierge.db").write_bytes(b"not a database at all" * 500)
    assert "cannot be read" in bad(tmp_path / "data")["store"]
