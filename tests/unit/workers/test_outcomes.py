"""What providers' answers mean, and what is tried again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.contracts.reason import Reason
from orchestrator.contracts.twilio_codes import CODES
from orchestrator.errors import ConfigurationError
from workers.circuit import OPEN_FOR, THRESHOLD, Circuit, allows, asked, failed, succeeded
from workers.email.sendgrid_outcome import sendgrid_outcome
from workers.outcome import Accepted, ChannelDown, NotProcessed, Rejected, Unknown
from workers.rate_limit import Bucket, room, take
from workers.retry import MAX_ATTEMPTS, next_try
from workers.settings import read_providers
from workers.sms.twilio_outcome import twilio_outcome
from workers.transport import Answer


@pytest.mark.parametrize(
    ("status", "headers", "kind"),
    [
        (202, {"x-message-id": "m"}, Accepted), (202, {}, Accepted), (400, {}, Rejected), (413, {}, Rejected), (401, {}, ChannelDown), (403, {}, ChannelDown),
        (404, {}, Rejected), (429, {}, NotProcessed), (500, {}, Unknown), (502, {}, Unknown), (503, {"retry-after": "3"}, Unknown), (302, {}, ChannelDown),
    ],
)  # fmt: skip
def test_sendgrid(status: int, headers: dict[str, str], kind: type) -> None:
    assert isinstance(sendgrid_outcome(Answer(status, headers, b'{"errors":[{"message":"m","field":"f"}]}'), 0), kind)


def test_sendgrid_says_when() -> None:
    limited = sendgrid_outcome(Answer(429, {"x-ratelimit-reset": "100"}, b""), 90_000)
    assert isinstance(limited, NotProcessed)
    assert (limited.retry_after, limited.reason) == (10_000, Reason.RATE_LIMITED)


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, 21211, Rejected), (400, 21610, Rejected), (429, 20429, NotProcessed), (401, 20003, ChannelDown), (500, 20500, Unknown), (400, 30003, NotProcessed),
        (400, 99999, Rejected), (503, None, Unknown), (429, None, NotProcessed),
    ],
)  # fmt: skip
def test_twilio(status: int, code: int | None, kind: type) -> None:
    body = b'{"code": %s, "message": "m"}' % (b"null" if code is None else b"%d" % code)
    assert isinstance(twilio_outcome(Answer(status, {}, body), 0), kind)


def test_twilio_details() -> None:
    accepted = twilio_outcome(Answer(201, {}, b'{"sid": "SM1", "status": "queued"}'), 0)
    assert accepted == Accepted("SM1")
    dead = twilio_outcome(Answer(400, {}, b'{"code": 21211, "message": "m"}'), 0)
    assert isinstance(dead, Rejected)
    assert dead.address_dead
    stopped = twilio_outcome(Answer(400, {}, b'{"code": 21610, "message": "m"}'), 0)
    assert isinstance(stopped, Rejected)
    assert (stopped.opted_out, stopped.reason) == (True, Reason.CHANNEL_STOPPED)
    assert all(rule.follow in ("rejected", "retry", "channel", "unknown") for rule in CODES.values())


@given(
    st.integers(100, 599),
    st.binary(max_size=60),
    st.dictionaries(st.sampled_from(["x-message-id", "retry-after", "x-ratelimit-reset"]), st.text(max_size=5)),
)
def test_any_answer_is_an_outcome(status: int, body: bytes, headers: dict[str, str]) -> None:
    for read in (sendgrid_outcome, twilio_outcome):
        assert isinstance(read(Answer(status, headers, body), 0), Accepted | Rejected | NotProcessed | Unknown | ChannelDown)


def test_retries_grow_and_end() -> None:
    waits = [next_try(n, "marketing", None, lambda: 0.999) for n in range(1, 8)]
    assert waits[:5] == sorted(w for w in waits[:5] if w is not None)
    assert waits[MAX_ATTEMPTS["marketing"] - 1 :] == [None, None]
    assert next_try(1, "marketing", 90_000, lambda: 0.0) == 90_000


def test_the_bucket_paces() -> None:
    bucket, left = Bucket(10.0, 0), []
    for now in (0, 0, 0, 99, 100, 1000):
        number, wait = room(bucket, 10.0, now)
        left.append((number, wait))
        bucket = take(bucket, 10.0, min(number, 5), now)
    assert left == [(10, 0), (5, 0), (0, 101), (0, 2), (1, 0), (9, 0)]


def test_a_fast_bucket_gathers_a_chunk() -> None:
    bucket = take(Bucket(300.0, 0), 300.0, 300, 0)
    assert room(bucket, 300.0, 4) == (0, 47)
    assert room(bucket, 300.0, 50) == (15, 0)
    assert room(bucket, 300.0, 5000) == (300, 0)


def test_the_breaker_opens_probes_and_closes() -> None:
    circuit = Circuit()
    for _ in range(THRESHOLD):
        assert allows(circuit, 0)
        circuit = failed(circuit, 0)
    assert not allows(circuit, OPEN_FOR - 1)
    assert allows(circuit, OPEN_FOR)
    probing = asked(circuit)
    assert not allows(probing, OPEN_FOR)
    assert failed(probing, OPEN_FOR).pause == 2 * OPEN_FOR
    assert allows(succeeded(probing), OPEN_FOR)


@pytest.mark.parametrize(
    ("toml", "words"),
    [
        ({"email": [{"provider": "pigeon"}]}, "not in this version"), ({"email": [{"provider": "smtp"}]}, "base_url is missing"), ({"email": [{"provider": "sendgrid"}]}, "api_key is missing"),
        ({"email": [{"provider": "sendgrid", "api_key": "SG.secret"}]}, "never written out"), ({"email": [{"provider": "sendgrid", "api_key": "env:NOPE"}]}, "NOPE is not set"),
        ({"email": {"provider": "sendgrid"}}, r"must be \[\[email\]\]"), ({"email": [{"provider": "twilio"}]}, "does not send email"),
        ({"sms": [{"provider": "sandbox", "rat": "1/s"}]}, "unknown key"), ({"sms": [{"provider": "sandbox", "rate": "fast"}]}, "300/s"),
        ({"sms": [{"provider": "sandbox", "timeout": 0}]}, "timeout"),
    ],
)  # fmt: skip
def test_settings_that_are_wrong(toml: dict[str, object], words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        read_providers(toml, {})


def test_secrets_are_not_shown() -> None:
    (one,) = read_providers({"email": [{"provider": "sendgrid", "api_key": "env:KEY"}]}, {"KEY": "SG.hidden"})["email"]
    assert one.secrets["api_key"] == "SG.hidden"
    assert "hidden" not in repr(one)
