"""Emit against a gateway that hangs up, waits, dies: nothing is counted that was not taken."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from tests.e2e.test_cli import concierge

EVENT = json.dumps({"type": "track", "userId": "ada", "event": "Visit Completed"})


PROBLEM = b'{"type": "about:blank", "title": "Unauthorized", "status": 401, "detail": "Unknown write key: send it as the user name"}'


@contextmanager
def gateway(answers: list[int]) -> Iterator[tuple[str, list[list[str]]]]:
    """Its address, and the messageIds of every try. An answer of 0 hangs up; with none left it closes its door."""
    tries: list[list[str]] = []

    class Gateway(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            tries.append([event["messageId"] for event in body["batch"]])
            answer = answers.pop(0)
            if not answers:
                server.socket.close()
            if answer:
                self.send_response(answer)
                self.send_header("Retry-After", "Wed, 21 Oct 2026 07:28:00 GMT" if answer == 429 else "1")
                self.end_headers()
                self.wfile.write(b'{"success": true}' if answer == 200 else PROBLEM)
            self.close_connection = True

        def log_message(self, *_arguments: object) -> None:
            """Quiet."""

    server = HTTPServer(("127.0.0.1", 0), Gateway)
    thread = threading.Thread(target=_serve, args=(server,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", tries
    finally:
        server.server_close()


def _serve(server: HTTPServer) -> None:
    try:
        server.serve_forever(0.05)
    except (OSError, ValueError):  # its door was closed
        return


def test_a_try_without_an_answer_is_made_again_as_the_same_event(tmp_path: Path) -> None:
    with gateway([0, 429, 503, 200, 200]) as (url, tries):
        assert "1 accepted, 0 refused" in concierge("emit", "--to", url, cwd=tmp_path, text=EVENT).stdout
    assert len(tries) == 4
    assert len({one for ids in tries for one in ids}) == 1


def test_a_gateway_that_dies_midway_leaves_the_line_to_go_on_from(tmp_path: Path) -> None:
    with gateway([200]) as (url, _tries):
        done = concierge("emit", "--to", url, cwd=tmp_path, code=3, text=f"{EVENT}\n" * 150)
    assert "100 accepted before: go on from line 101" in done.stderr


def test_no_address(tmp_path: Path) -> None:
    assert "no address" in concierge("emit", "--to", "http://", cwd=tmp_path, code=2, text=EVENT).stderr


def test_a_wrong_key_is_said_in_words(tmp_path: Path) -> None:
    with gateway([401]) as (url, _tries):
        told = concierge("emit", "--to", url, cwd=tmp_path, code=2, text=EVENT).stderr
    assert "answered 401: Unknown write key: send it as the user name; here the key is --write-key or CONCIERGE_WRITE_KEY" in told
    assert "about:blank" not in told


def test_a_file_that_gzip_has_not_written(tmp_path: Path) -> None:
    (tmp_path / "events.jsonl.gz").write_bytes(b"x\n")
    with gateway([200]) as (url, _tries):
        told = concierge("emit", "events.jsonl.gz", "--to", url, cwd=tmp_path, code=2).stderr
    assert "events.jsonl.gz cannot be read to its end" in told
    assert "Traceback" not in told
