"""`concierge preview` as it stands on a terminal, and what it says of what it cannot use."""

import json
from pathlib import Path

import pytest

from tests.unit.cli.commands import JOURNEY, run, small

MESSAGE = """message: hello
class: service
topic: news
content:
  en: {subject: "Your basket", preheader: "x", body: "Ä basket of {{ entry.basket | upper }}"}
variants:
  - {name: one, weight: 50, content: {en: {subject: "One"}}}
  - {name: two, weight: 50, content: {en: {subject: "Two"}}}
"""
EVERYWHERE = JOURNEY.replace("[email]", "[email, sms]")


@pytest.fixture
def brand(tmp_path: Path) -> Path:
    return small(tmp_path / "brand", EVERYWHERE, {"hello": MESSAGE})


def test_segments_and_price_are_whole_on_a_narrow_terminal(brand: Path) -> None:
    (brand / "concierge.toml").write_text(
        '[[sms]]\nprovider = "twilio"\nname = "main"\naccount_sid = "AC00000000000000000000000000000001"\nauth_token = "env:PATH"\nrate = "1/s"\nprice = {GB = 0.04, default = 0.07}\n'
    )
    told = run(brand, "preview", "hello", width=80).output
    lines = [line.strip("│ ") for line in told.splitlines()]
    assert any("1 segment, " in line for line in lines)
    assert "0.0400 (1 × 0.04, GB)" in told
    assert max(map(len, told.splitlines())) <= 80


def test_bytes_are_those_of_the_file(brand: Path, tmp_path: Path) -> None:
    shown = json.loads(run(brand, "--json", "preview", "hello", "--channel", "email", "--html", str(tmp_path / "mail.html")).stdout)
    size = (tmp_path / "mail.html").stat().st_size
    assert f"{size:,} bytes of HTML" in shown[0]["notes"]
    assert size > len((tmp_path / "mail.html").read_text("utf-8"))


def test_a_locale_that_the_workspace_has_not(brand: Path) -> None:
    done = run(brand, "preview", "hello", "--locale", "fr")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "no locale 'fr' in this workspace; there are: en" in done.stderr
    assert run(brand, "preview", "hello", "--locale", "en-GB").exit_code == 0


def test_a_refusal_reads_as_it_was_written(brand: Path, tmp_path: Path) -> None:
    (tmp_path / "event.json").write_text('{"basket": null}')
    done = run(brand, "preview", "hello", "--event", str(tmp_path / "event.json"))
    assert done.exit_code == 1
    assert "REFUSED: missing_value" in done.output
    assert "entry.basket | upper" in done.output
    assert "upper()" not in done.output
    assert "A value the text prints is not" in done.output


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b'{"first_name": "Ada"}\n{}', ":2:1: something stands after the end of the JSON"),
        (b"{\n  oops}", ":2:3: not JSON here"),
        (b'{"first_name": "\xff"}', "not UTF-8, byte 16 is not"),
        (b"[" * 100_000, "not JSON"),
        (b"[]", "a JSON object is wanted"),
    ],
)
def test_a_file_that_cannot_be_used_is_said_in_words(brand: Path, tmp_path: Path, content: bytes, words: str) -> None:
    file = tmp_path / "ada.json"
    file.write_bytes(content)
    for option in ("--customer", "--event"):
        done = run(brand, "preview", "hello", option, str(file))
        assert done.exit_code == 2
        assert f"concierge: {file}" in done.stderr
        assert words in done.stderr
        assert not any(raw in done.stderr for raw in ("codec", "char ", "Extra data", "Errno"))


def test_an_event_file_that_is_not_there(brand: Path) -> None:
    done = run(brand, "preview", "hello", "--event", "nope.json")
    assert (done.exit_code, done.stderr) == (2, "concierge: no file nope.json\n")
