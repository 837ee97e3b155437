"""From a call to a request: what stands in its headers, what a step cannot set, what is refused before anybody is called."""

import hashlib
import hmac
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.workers.calls.receiver import SecretsOf, call
from workers.calls.call_request import CallRequest, Refused, request_of
from workers.calls.signing import Secrets, signature

NOW = 1_772_445_600_999
URL = "https://api.example.com/x"


def made(secrets: dict[str, str] | None = None, **changes: object) -> CallRequest | Refused:
    return request_of(call(**{"url": URL, **changes}), ["api.example.com"], frozenset(), SecretsOf(secrets or {}), NOW)  # type: ignore[arg-type]  # fields of a call


def headers(secrets: dict[str, str] | None = None, **changes: object) -> dict[str, str]:
    found = made(secrets, **changes)
    assert isinstance(found, CallRequest), found
    assert len({name.lower() for name in found.headers}) == len(found.headers)
    return {name.lower(): value for name, value in found.headers.items()}


def test_a_receiver_can_verify_it_as_the_documentation_says() -> None:
    found = headers({"crm_token": "s3cret"}, secret="crm_token")
    assert found["authorization"] == "Bearer s3cret"
    assert found["idempotency-key"] == "0" * 32
    parts = dict(part.split("=", 1) for part in found["x-concierge-signature"].split(","))
    assert parts["t"] == str(NOW // 1000)
    wanted = hmac.new(b"s3cret", parts["t"].encode() + b"." + b'{"plan":"fibre"}', hashlib.sha256).hexdigest()
    assert parts["v1"] == wanted


def test_a_known_signature() -> None:
    """Made with `printf '1772445600.{}' | openssl dgst -sha256 -hmac key`."""
    assert signature("key", NOW, b"{}") == "t=1772445600,v1=" + hmac.new(b"key", b"1772445600.{}", "sha256").hexdigest()
    assert signature("key", NOW, b"") != signature("key", NOW + 1000, b"")


def test_without_a_secret_nothing_is_signed_and_the_step_may_authorize_itself() -> None:
    found = headers(headers={"Authorization": "Basic x", "X-Mine": "1"})
    assert (found["authorization"], found["x-mine"]) == ("Basic x", "1")
    assert "x-concierge-signature" not in found


def test_what_a_step_cannot_set() -> None:
    theirs = {"HOST": "evil", "content-length": "1", "Transfer-Encoding": "chunked", "idempotency-KEY": "mine", "X-Concierge-Signature": "t=1,v1=0", "authorization": "mine", "Expect": "100-continue"}  # fmt: skip
    found = headers({"s": "x"}, secret="s", headers=theirs)
    assert found["idempotency-key"] == "0" * 32
    assert found["authorization"] == "Bearer x"
    assert found["x-concierge-signature"].startswith(f"t={NOW // 1000},")
    assert not {"host", "content-length", "transfer-encoding", "expect"} & found.keys()


def test_what_it_may_set() -> None:
    found = headers(headers={"content-type": "application/vnd.x+json", "accept": "*/*", "User-Agent": "mine"})
    assert (found["content-type"], found["accept"], found["user-agent"]) == ("application/vnd.x+json", "*/*", "mine")
    assert "content-type" not in headers(body=None)


@pytest.mark.parametrize(
    "bad", [{"X": "a\r\nY: b"}, {"X": "a\nb"}, {"X": "a\x00"}, {"X\r\nY": "a"}, {"X Y": "a"}, {"": "a"}, {"X:": "a"}, {"É": "a"}]
)
def test_a_header_that_would_split_the_request_is_refused(bad: dict[str, str]) -> None:
    found = made(headers=bad)
    assert isinstance(found, Refused)
    assert found.why == "bad_request"


@given(st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=3))
def test_no_header_brings_a_line_of_its_own(theirs: dict[str, str]) -> None:
    found = made(headers=theirs)
    if isinstance(found, CallRequest):
        assert not any(character in name + value for name, value in found.headers.items() for character in "\r\n\0")


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"url": "http://api.example.com"}, "host_not_listed"), ({"url": "https://other.example"}, "host_not_listed"), ({"url": "https://["}, "bad_request"),
        ({"secret": "none"}, "secret_missing"), ({"id": "a\nb"}, "bad_request"),
    ],
)  # fmt: skip
def test_refused(changes: dict[str, object], why: str) -> None:
    found = made(None, **changes)
    assert isinstance(found, Refused)
    assert found.why == why


def test_secrets_stand_in_no_text() -> None:
    assert "s3cret" not in repr(made({"crm_token": "s3cret"}, secret="crm_token"))


def test_a_secret_comes_from_the_environment_or_a_file_and_may_change(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    file = tmp_path / "secret"
    file.write_text("one\n")
    secrets = Secrets({"CONCIERGE_SECRET_CRM_TOKEN": "s3cret", "CONCIERGE_SECRET_OTHER_FILE": str(file), "CONCIERGE_SECRET_BAD": "a\nb"})
    assert (secrets.get("crm_token"), secrets.get("other")) == ("s3cret", "one")
    file.write_text("two")
    assert secrets.get("other") == "two"
    for _ in range(3):
        assert secrets.get("missing") is None
        assert secrets.get("bad") is None
        assert secrets.get("../x") is None
    said = [one.getMessage() for one in caplog.records]
    assert len(said) == 3, "once for each"
    assert "CONCIERGE_SECRET_MISSING is not set" in said[0]


def test_the_body_goes_as_it_stands() -> None:
    found = made(body=msgspec.Raw(b'{"a" : 1.50}'))
    assert isinstance(found, CallRequest)
    assert found.body == b'{"a" : 1.50}'
