"""The connection to Redis, one server or a cluster. Calls whose outcome is unknown are made again with the same bytes, for a while;
redis-py's own retries are off, since it would resend what may have been applied."""

import asyncio
import hashlib
import logging
from collections.abc import Sequence
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.cluster import RedisCluster
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import (
    BusyLoadingError,
    ClusterDownError,
    ClusterError,
    NoScriptError,
    ReadOnlyError,
    RedisClusterException,
    ResponseError,
    TryAgainError,
)
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from orchestrator.errors import ServiceUnavailable

UNKNOWN = (
    RedisConnectionError, RedisTimeoutError, ClusterError, ClusterDownError, ReadOnlyError, BusyLoadingError, RedisClusterException, TryAgainError,
    OSError, AttributeError,
)  # fmt: skip
"""What may have been applied. AttributeError: the cluster client of redis-py 8.1 raises it while a node fails over."""
_log = logging.getLogger(__name__)


class RedisConnection:
    """`patience`: seconds for which a call is made again before the process gives up."""

    def __init__(self, url: str, *, cluster: bool = False, patience: float = 60.0, timeout: float = 5.0) -> None:
        options: dict[str, Any] = {"socket_timeout": timeout, "socket_connect_timeout": timeout, "decode_responses": False}
        self._client: Any
        if cluster:
            self._client = RedisCluster.from_url(url, **options, retry=Retry(NoBackoff(), 0))
        else:
            self._client = Redis.from_url(url, **options, retry=Retry(NoBackoff(), 0), retry_on_error=[])
        self._patience = patience
        self._shas: dict[bytes, str] = {}

    async def close(self) -> None:
        await self._client.aclose()

    async def command(self, *arguments: Any) -> Any:
        """One command. Raises ServiceUnavailable, and ResponseError for what Redis refuses."""
        return await self._again(lambda: self._client.execute_command(*arguments))

    async def commands(self, calls: Sequence[tuple[Any, ...]]) -> list[Any]:
        """Several in one round trip; no transaction."""

        async def run() -> list[Any]:
            pipeline = self._client.pipeline(transaction=False) if isinstance(self._client, Redis) else self._client.pipeline()
            for call in calls:
                pipeline.execute_command(*call)
            found: list[Any] = await pipeline.execute()
            return found

        answer: list[Any] = await self._again(run)
        return answer

    async def script(self, source: bytes, keys: Sequence[bytes], arguments: Sequence[Any]) -> Any:
        """A script whose repetition is harmless. A replica that was promoted does not know it, and is told."""
        sha = self._shas.setdefault(source, hashlib.sha1(source, usedforsecurity=False).hexdigest())

        async def run() -> Any:
            try:
                return await self._client.execute_command("EVALSHA", sha, len(keys), *keys, *arguments)
            except NoScriptError:
                return await self._client.execute_command("EVAL", source, len(keys), *keys, *arguments)

        return await self._again(run)

    async def _again(self, call: Any) -> Any:
        loop = asyncio.get_running_loop()
        until, pause = loop.time() + self._patience, 0.02
        while True:
            try:
                return await call()
            except UNKNOWN as error:
                if isinstance(error, ResponseError) and not isinstance(
                    error, (ReadOnlyError, BusyLoadingError, ClusterError, ClusterDownError, TryAgainError)
                ):
                    raise
                if loop.time() > until:
                    raise ServiceUnavailable(
                        f"Redis has not answered for {self._patience:.0f} s: {type(error).__name__}: {error}"
                    ) from error
                _log.warning("Redis: %s: %s; asking again", type(error).__name__, error)
                await asyncio.sleep(pause)
                pause = min(pause * 2, 1.0)
