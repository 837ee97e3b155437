"""Where `concierge emit` sends: a gateway over HTTP, or a Kafka topic."""

from collections.abc import Awaitable, Callable

Send = Callable[[list[object]], Awaitable[list[tuple[int, str]]]]
"""Durable on return; (index, reason) of what was refused. Raises Stop or ServiceUnavailable."""
