"""Which provider is asked, and when none is."""

from dataclasses import replace

from workers.build_provider import build_provider
from workers.circuit import OPEN_FOR, THRESHOLD, Circuit, asked, failed
from workers.outcome import Accepted, ChannelDown, NotProcessed, Unknown
from workers.provider import Provider
from workers.provider_pool import ProviderPool
from workers.settings import ProviderSettings


def provider(name: str, rate: float = 1000.0) -> Provider:
    settings = ProviderSettings(channel="email", provider="sendgrid", name=name, rate=rate, secrets={"api_key": "SG.very-secret"})
    return build_provider(settings, sandbox_url="", public_url="")


def chosen(pool: ProviderPool, now: int) -> str:
    found = pool.choose(now)
    return "" if found is None else found.name


def test_calls_that_fail_together_open_the_breaker_once() -> None:
    circuit = Circuit()
    for _ in range(THRESHOLD * 8):
        circuit = failed(circuit, 0)
    assert circuit.pause == OPEN_FOR
    assert failed(asked(circuit), OPEN_FOR).pause == 2 * OPEN_FOR


def test_nothing_is_taken_while_nobody_may_be_asked_and_one_probe_after() -> None:
    pool = ProviderPool([provider("main")], 0)
    assert pool.room(0) == (1000, 0)
    pool.told("main", ChannelDown("401", "bad key"), 0)
    assert pool.room(0) == (0, OPEN_FOR)
    assert pool.room(OPEN_FOR) == (1, 0)
    pool.asked("main")
    assert pool.room(OPEN_FOR)[0] == 0
    pool.told("main", Accepted("m"), OPEN_FOR)
    assert pool.room(OPEN_FOR) == (1000, 0)


def test_the_second_provider_takes_over_at_its_own_rate() -> None:
    pool = ProviderPool([provider("main"), provider("backup", 10.0)], 0)
    assert chosen(pool, 0) == "main"
    for _ in range(THRESHOLD):
        pool.told("main", Unknown("timed out"), 0)
    assert (chosen(pool, 0), pool.room(0)) == ("backup", (10, 0))
    pool.told("backup", ChannelDown("401", ""), 0)
    assert chosen(pool, 0) == ""


def test_being_told_to_wait_is_no_failure() -> None:
    pool = ProviderPool([provider("main")], 0)
    for _ in range(THRESHOLD * 2):
        pool.told("main", NotProcessed("429", "too many", 1000), 0)
    assert not pool.open_circuits()["main"]
    assert chosen(pool, 999) == "", "what is asked meanwhile would be refused too"
    assert pool.pause(0) == 1000
    assert chosen(pool, 1000) == "main"


def test_while_the_first_asks_to_be_left_alone_the_second_serves() -> None:
    pool = ProviderPool([provider("main"), provider("backup")], 0)
    pool.told("main", NotProcessed("429", "too many", 5_000), 0)
    assert (chosen(pool, 4_999), chosen(pool, 5_000)) == ("backup", "main")


def test_a_provider_shows_no_credentials() -> None:
    assert "very-secret" not in repr(replace(provider("main"), rate=1.0))
