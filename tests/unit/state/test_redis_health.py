"""What is said of a Redis that must not hold the state."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.errors import ConfigurationError
from orchestrator.runtime.settings import Setting, Settings
from orchestrator.state.redis_health import faults, read_info

GOOD = {"redis_version": "7.0.15", "maxmemory-policy": "noeviction", "appendonly": "yes", "appendfsync": "always", "role": "master"}


def test_a_good_server_has_no_fault() -> None:
    assert faults("r:1", GOOD, 0) == []
    assert faults("r:1", {**GOOD, "connected_slaves": "1"}, 1) == []


@pytest.mark.parametrize(
    ("changed", "says", "refused"),
    [
        ({"redis_version": "6.2.1"}, "7.0 or newer", True),
        ({"maxmemory-policy": "allkeys-lru"}, "CONFIG SET maxmemory-policy noeviction", True),
        ({"appendonly": "no"}, "appendonly yes", True),
        ({"appendfsync": "everysec"}, "a second of writes", False),
        ({"aof_last_write_status": "err"}, "append-only file", True),
        ({"role": "slave"}, "name its master", True),
        ({"connected_slaves": "0"}, "0 of the 1 replicas", False),
        ({"connected_slaves": "2"}, "2 replicas and claims wait for 1", False),
    ],
)
def test_a_fault_says_where_what_and_how(changed: dict[str, str], says: str, refused: bool) -> None:
    (one,) = faults("r:1", {**GOOD, **changed}, 1)
    assert one.text.startswith("Redis at r:1")
    assert says in one.text
    assert one.refused is refused


def test_what_a_service_hides_is_said_and_not_refused() -> None:
    found = faults("r:1", {"redis_version": "7.2.0", "role": "master"}, 0)
    assert [one.refused for one in found] == [False, False]
    # INFO says the policy and the log where CONFIG is not there
    assert faults("r:1", {"maxmemory_policy": "noeviction", "aof_enabled": "1"}, 0) == []
    assert faults("r:1", {"maxmemory_policy": "volatile-ttl", "aof_enabled": "0"}, 0)[1].refused


@given(st.binary())
def test_any_answer_can_be_read(answer: bytes) -> None:
    for one in faults("r:1", read_info(answer), 1):
        assert one.text.startswith("Redis at r:1")


@pytest.mark.parametrize("text", ["-1", "one", "10", "\u0661", "1.5"])
def test_a_number_of_replicas_that_is_none(text: str) -> None:
    with pytest.raises(ConfigurationError, match="CONCIERGE_REDIS_REPLICAS"):
        Settings({"REDIS_REPLICAS": Setting(text, "test")}).redis_replicas()
    assert Settings({"REDIS_REPLICAS": Setting("2", "test")}).redis_replicas() == 2
    assert Settings().redis_replicas() == 0
