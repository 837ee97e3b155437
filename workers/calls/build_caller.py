"""What makes calls, put together from settings: the same for both runtimes."""

import contextlib
import logging
import secrets
import ssl
from collections.abc import AsyncIterator, Callable, Mapping, Sequence

from orchestrator.runtime.clock import Clock
from workers.calls.address_guard import AddressGuard, SystemLookUp
from workers.calls.caller import Caller, CallWatch
from workers.calls.exchange import Exchange
from workers.calls.signing import Secrets

_log = logging.getLogger(__name__)


@contextlib.asynccontextmanager
async def calling(
    hosts: Callable[[], Sequence[str]], private: frozenset[tuple[str, int]], environment: Mapping[str, str], clock: Clock, watch: CallWatch
) -> AsyncIterator[Caller]:
    """`private`: what CONCIERGE_CALLS_ALLOW_PRIVATE permits. Certificates are checked with what this machine trusts (OpenSSL's own SSL_CERT_FILE
    names another file)."""
    if private:
        named = ", ".join(sorted(f"{host}:{port}" for host, port in private))
        _log.warning(
            "CONCIERGE_CALLS_ALLOW_PRIVATE: calls may go to private addresses and without TLS to %s; never so in production", named
        )
    async with Exchange(AddressGuard(SystemLookUp(), private), ssl.create_default_context()) as exchange:
        yield Caller(exchange, hosts, private, Secrets(environment), clock, secrets.SystemRandom().random, watch)
