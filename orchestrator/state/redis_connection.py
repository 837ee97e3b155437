"""The connection to Redis, one server or a cluster. Every call may be made twice without harm: where its outcome is unknown, or Redis
is busy with itself (a failover, a slot on its way), it is made again with the same bytes, for a while."""

import asyncio
import hashlib
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from redis.exceptions import (
    AskError,
    AuthenticationError,
    AuthorizationError,
    ClusterDownError,
    MasterDownError,
    MovedError,
    NoScriptError,
    OutOfMemoryError,
    ReadOnlyError,
    RedisError,
    ResponseError,
    TryAgainError,
)

from orchestrator.errors import ConfigurationError, ServiceUnavailable
from orchestrator.state.redis_keys import beside
from orchestrator.state.redis_node import Command, Node
from orchestrator.state.redis_topology import Cluster, NotCovered, SingleServer, Topology

PAUSE, LONGEST_PAUSE = 0.02, 1.0
MOST_SHOWN = 5
"""Times in a row that a call goes where it is sent, before it waits."""
SAY_EVERY = 5.0
"""Seconds between two lines of the log about the same trouble."""
REPLICA_WAIT = 1_000
"""Milliseconds a server waits for its replicas before it is asked again."""
MOST_KEYS = 5_000
"""Of one MGET."""
_log = logging.getLogger(__name__)


class NotReplicated(ServiceUnavailable):
    """Redis answers and has written, and its replicas do not have it."""


@dataclass(slots=True)
class _Call:
    """Commands on one slot that go out one behind the other on one connection. `source` of the script that the first one runs."""

    slot: int
    commands: list[Command]
    source: bytes = b""
    asked: Node | None = None
    answers: Sequence[Any] = ()


class RedisConnection:
    """`patience`: seconds for which a call is made again before the process gives up. `replicas`: how many must have what is
    written `safely` before it counts."""

    def __init__(self, url: str, *, cluster: bool = False, patience: float = 60.0, timeout: float = 5.0, replicas: int = 0) -> None:
        """Raises ConfigurationError for a URL that cannot be read."""
        try:
            self.topology: Topology = Cluster(url, timeout) if cluster else SingleServer(url, timeout)
        except ValueError as error:
            raise ConfigurationError(f"CONCIERGE_REDIS: {error}") from error
        self._patience = patience
        self._replicas = replicas
        self._shas: dict[bytes, str] = {}

    async def close(self) -> None:
        await self.topology.close()

    async def command(self, *command: Any) -> Any:
        """One command, its key in second place. Raises ServiceUnavailable, and ResponseError for what Redis refuses."""
        call = _Call(self.topology.slot(_bytes(command[1])), [command])
        await self._run([call])
        return call.answers[0]

    async def commands(self, commands: Sequence[Command]) -> list[Any]:
        """Several, wherever their keys are, together; no transaction."""
        calls = [_Call(self.topology.slot(_bytes(command[1])), [command]) for command in commands]
        await self._run(calls)
        return [call.answers[0] for call in calls]

    async def get_many(self, keys: Sequence[bytes]) -> list[bytes | None]:
        """Strings, wherever they are: one MGET for each slot."""
        by_slot: dict[int, list[int]] = {}
        for number, key in enumerate(keys):
            by_slot.setdefault(self.topology.slot(key), []).append(number)
        parts = [
            (slot, numbers[start : start + MOST_KEYS]) for slot, numbers in by_slot.items() for start in range(0, len(numbers), MOST_KEYS)
        ]
        calls = [_Call(slot, [("MGET", *(keys[number] for number in numbers))]) for slot, numbers in parts]
        await self._run(calls)
        found: list[bytes | None] = [None] * len(keys)
        for call, (_slot, numbers) in zip(calls, parts, strict=True):
            for number, value in zip(numbers, call.answers[0], strict=True):
                found[number] = value
        return found

    async def script(self, source: bytes, keys: Sequence[bytes], arguments: Sequence[Any], *, safely: bool = False) -> Any:
        """A script whose repetition is harmless; all its keys are on one slot. `safely`: what it wrote is on the replicas when
        this returns. A replica that was promoted does not know the script, and is told."""
        return (await self.scripts(source, [(keys, arguments)], safely=safely))[0]

    async def scripts(self, source: bytes, runs: Sequence[tuple[Sequence[bytes], Sequence[Any]]], *, safely: bool = False) -> list[Any]:
        """The same script for keys of several slots."""
        sha = self._shas.get(source)
        if sha is None:
            sha = self._shas[source] = hashlib.sha1(source, usedforsecurity=False).hexdigest()
        calls = [_Call(self.topology.slot(keys[0]), [("EVALSHA", sha, len(keys), *keys, *arguments)], source) for keys, arguments in runs]
        if safely and self._replicas:
            for call, (keys, _arguments) in zip(calls, runs, strict=True):
                # WAIT counts the writes of its own connection, and a script that is repeated may have nothing to write
                call.commands += [("SET", beside(keys[0]), 1, "PX", 60_000), ("WAIT", self._replicas, REPLICA_WAIT)]
        await self._run(calls)
        if safely and self._replicas:
            await self._reach_replicas(calls)
        return [call.answers[0] for call in calls]

    async def each(self, commands: Sequence[Command]) -> Mapping[str, list[Any]]:
        """The same commands to every server that holds keys, by its address; a refusal is among the answers. Raises ServiceUnavailable."""
        if not self.topology.nodes():
            await self._learn()
        return {node.address: await self.at(node, commands) for node in self.topology.nodes()}

    async def at(self, node: Node, commands: Sequence[Command]) -> list[Any]:
        """Commands to one server; a refusal is among the answers. Raises ServiceUnavailable."""
        try:
            return await node.ask(commands)
        except (RedisError, OSError) as error:
            raise ServiceUnavailable(f"Redis does not answer: {type(error).__name__}: {error}") from error

    async def _reach_replicas(self, calls: Sequence[_Call]) -> None:
        """Make calls again until enough replicas have what they wrote: the whole call, since a replica that did not have it may have
        become the master meanwhile, and what is on its replicas then says nothing of ours."""
        loop = asyncio.get_running_loop()
        until = loop.time() + self._patience
        while short := [call for call in calls if call.answers[-1] < self._replicas]:
            fewest = min(call.answers[-1] for call in short)
            if loop.time() > until:
                raise NotReplicated(
                    f"what was written is on {fewest} of {self._replicas} replicas after {self._patience:.0f} s: bring the replica "
                    "back (INFO replication on the master shows it), or ask for fewer"
                )
            _log.warning("Redis: %s of %s replicas have what was written; waiting", fewest, self._replicas)
            await self._run(short)

    async def _run(self, calls: Sequence[_Call]) -> None:
        """Until all have their answers. Raises ResponseError for what is refused for good, ServiceUnavailable, ConfigurationError."""
        open_ = calls
        begun = said = 0.0
        pause, shown = PAUSE, 0
        while True:
            open_, trouble = await self._round(open_)
            if not open_:
                return
            now = asyncio.get_running_loop().time()
            begun = begun or now
            if isinstance(trouble, AskError | NoScriptError):
                shown += 1
                if shown < MOST_SHOWN:
                    continue  # it was said where to go
            elif now - said > SAY_EVERY:
                said = now
                _log.warning("Redis: %s: %s; asking again", type(trouble).__name__, trouble)
            if now - begun > self._patience:
                raise ServiceUnavailable(
                    f"Redis has not answered for {self._patience:.0f} s: {type(trouble).__name__}: {trouble}"
                ) from trouble
            await asyncio.sleep(pause)
            pause, shown = PAUSE if isinstance(trouble, TryAgainError) else min(pause * 2, LONGEST_PAUSE), 0
            if not isinstance(trouble, AskError | TryAgainError | NoScriptError):
                await self._learn()

    async def _learn(self) -> None:
        try:
            await self.topology.learn()
        except (RedisError, OSError) as error:
            _log.info("Redis: nobody says who holds what: %s", error)

    async def _round(self, calls: Sequence[_Call]) -> tuple[Sequence[_Call], BaseException | None]:
        """Ask once; those that are to be asked again, and why."""
        groups: dict[Node, list[_Call]] = {}
        for call in calls:
            try:
                groups.setdefault(call.asked or self.topology.node(call.slot), []).append(call)
            except NotCovered:
                await self._learn()
                return calls, NotCovered(f"slot {call.slot} is held by no node that answers")
        if len(groups) == 1:
            ((node, group),) = groups.items()
            return await self._send(node, group)
        left: list[_Call] = []
        trouble: BaseException | None = None
        for some, why in await asyncio.gather(*(self._send(node, group) for node, group in groups.items())):
            left += some
            trouble = why or trouble
        return left, trouble

    async def _send(self, node: Node, calls: Sequence[_Call]) -> tuple[Sequence[_Call], BaseException | None]:
        commands: list[Command] = []
        for call in calls:
            commands += [("ASKING",), *call.commands] if call.asked is not None else call.commands
        try:
            answers = await node.ask(commands)
        except (AuthenticationError, AuthorizationError) as error:
            raise ConfigurationError(f"Redis at {node.address} refuses the credentials of CONCIERGE_REDIS: {error}") from error
        except (RedisError, OSError) as error:
            await node.drop()
            for call in calls:
                call.asked = None
            return calls, error
        left: list[_Call] = []
        trouble: BaseException | None = None
        at = 0
        for call in calls:
            at += call.asked is not None
            call.answers = answers[at : at + len(call.commands)]
            at += len(call.commands)
            call.asked = None
            refusal = next((one for one in call.answers if isinstance(one, ResponseError)), None)
            if refusal is not None:
                self._follow(call, refusal, node)
                left.append(call)
                trouble = refusal
        if isinstance(trouble, ReadOnlyError):
            await node.drop()  # its name may lead to another server now
        return left, trouble

    def _follow(self, call: _Call, refusal: ResponseError, node: Node) -> None:
        """Do what a refusal asks for; raises it where it is final."""
        match refusal:
            case NoScriptError():
                call.commands[0] = ("EVAL", call.source, *call.commands[0][2:])
            case AskError():  # MOVED is one of them
                if isinstance(self.topology, SingleServer):
                    raise ConfigurationError(f"Redis at {node.address} is a cluster: set CONCIERGE_REDIS_CLUSTER=true") from refusal
                target = self.topology.at(refusal.host or node.host, int(refusal.port))
                if isinstance(refusal, MovedError):
                    self.topology.moved(call.slot, target)
                else:
                    call.asked = target
            case TryAgainError() | ClusterDownError() | MasterDownError() | ReadOnlyError() | OutOfMemoryError():
                pass
            case _ if str(refusal).startswith(("NOREPLICAS", "MISCONF", "BUSY ", "UNKILLABLE")):
                pass  # it writes nothing at present
            case _:
                raise refusal


def _bytes(key: Any) -> bytes:
    return key.encode() if isinstance(key, str) else key
