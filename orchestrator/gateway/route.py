"""A path with its words for people: what registers it also describes it."""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from aiohttp import web

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]
_PARAMETER = re.compile(r"\{(\w+)(?::([^}]*))?\}")


@dataclass(frozen=True, slots=True)
class Route:
    """`body` and `gives` are media type and the name of a schema (empty: any). `answers` are the statuses it may have."""

    method: str
    path: str
    call: Answer
    text: str
    answers: tuple[int, ...] = (200,)
    body: tuple[str, str] | None = None
    gives: tuple[str, str] = ("application/json", "")
    signed_in: bool = False
    retried: bool = True
    """Whether a 429 or 503 says when to come back."""

    @property
    def plain_path(self) -> str:
        """Parameters without their patterns."""
        return _PARAMETER.sub(r"{\1}", self.path)

    @property
    def parameters(self) -> Mapping[str, tuple[str, ...]]:
        """Each with the values it is limited to, if it is."""
        return {name: tuple(pattern.split("|")) if pattern else () for name, pattern in _PARAMETER.findall(self.path)}
