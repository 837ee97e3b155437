"""May Redis be trusted with the only copy of the state: does it keep what was written, and never throw anything away by itself?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from orchestrator.errors import ConfigurationError
from orchestrator.state.redis_connection import RedisConnection

OLDEST = (7, 0)
_CONFIG = ("maxmemory-policy", "appendonly", "appendfsync")
_NOT_SHOWN = "(its CONFIG command is not available: verify it in the service's console)"


@dataclass(frozen=True, slots=True)
class Fault:
    """`refused`: it must not be started on; else it is only to be said. `text` says where, what and how to mend it."""

    text: str
    refused: bool


async def check_redis(connection: RedisConnection, replicas: int = 0) -> list[Fault]:
    """What is wrong with each server that holds keys. Raises ServiceUnavailable."""
    commands = [("INFO",), *(("CONFIG", "GET", name) for name in _CONFIG)]
    found: list[Fault] = []
    for address, (info, *settings) in (await connection.each(commands)).items():
        facts = {} if isinstance(info, Exception) else read_info(info)
        for answer in settings:
            if not isinstance(answer, Exception) and len(answer) == 2:
                facts[answer[0].decode()] = answer[1].decode()
        found += faults(address, facts, replicas)
    return found


async def require_redis(connection: RedisConnection, replicas: int = 0) -> Sequence[str]:
    """What is only to be said. Raises ConfigurationError for what state must not be kept on, ServiceUnavailable."""
    found = await check_redis(connection, replicas)
    refused = [one.text for one in found if one.refused]
    if refused:
        raise ConfigurationError("\n".join(refused))
    return [one.text for one in found]


def read_info(answer: bytes) -> dict[str, str]:
    """INFO's lines; what is no `name:value` is passed over."""
    lines = answer.decode("utf-8", "replace").splitlines()
    return {name: value for name, bar, value in (line.partition(":") for line in lines) if bar}


def faults(address: str, facts: Mapping[str, str], replicas: int) -> list[Fault]:
    """Of one server. `facts`: INFO and what CONFIG says; what is not known is not a fault, or is said."""
    where = f"Redis at {address}"
    found: list[Fault] = []
    version = facts.get("redis_version", "")
    numbers = tuple(int(part) for part in version.split(".")[:2] if part.isascii() and part.isdigit())
    if numbers and numbers < OLDEST:
        found.append(Fault(f"{where} is version {version}: 7.0 or newer is needed", refused=True))
    policy = facts.get("maxmemory-policy") or facts.get("maxmemory_policy")
    if policy is None:
        found.append(Fault(f"{where} does not say its maxmemory-policy: it must be noeviction {_NOT_SHOWN}", refused=False))
    elif policy != "noeviction":
        text = (
            f"{where} throws data away when memory is short (maxmemory-policy {policy}): customers would be forgotten and written to again"
        )
        found.append(Fault(f"{text}; CONFIG SET maxmemory-policy noeviction, and in redis.conf", refused=True))
    aof = facts.get("appendonly") or {"1": "yes", "0": "no"}.get(facts.get("aof_enabled", ""))
    if aof == "no":
        text = f"{where} keeps nothing through a restart (appendonly no): set appendonly yes, appendfsync always"
        found.append(Fault(text, refused=True))
    elif aof is None:
        found.append(Fault(f"{where} does not say whether it persists: appendonly must be yes {_NOT_SHOWN}", refused=False))
    if facts.get("appendfsync") in ("everysec", "no"):
        lost = "a second" if facts["appendfsync"] == "everysec" else "half a minute"
        text = (
            f"{where} may lose {lost} of writes when its machine dies (appendfsync {facts['appendfsync']}): appendfsync always costs little"
        )
        found.append(Fault(text, refused=False))
    if facts.get("aof_last_write_status", "ok") != "ok":
        found.append(Fault(f"{where} cannot write its append-only file: look at its disk and its log", refused=True))
    if facts.get("role") == "slave":
        found.append(Fault(f"{where} is a replica, which takes no writes: name its master in CONCIERGE_REDIS", refused=True))
    connected = facts.get("connected_slaves", "")
    if facts.get("role") == "master" and connected.isascii() and connected.isdigit() and int(connected) != replicas:
        found += _replicas(where, int(connected), replicas)
    return found


def _replicas(where: str, connected: int, replicas: int) -> list[Fault]:
    if connected < replicas:
        text = f"{where} has {connected} of the {replicas} replicas that claims wait for: start one, or ask for fewer"
    else:
        text = (
            f"{where} has {connected} replicas and claims wait for {replicas} of them (CONCIERGE_REDIS_REPLICAS): one that takes its place "
            "may not know what was sent, which is then looked up at the provider"
        )
    return [Fault(text, refused=False)]
