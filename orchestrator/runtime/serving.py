"""How a process that serves is run: on uvloop where it is there, with a garbage collector that looks seldom."""

import asyncio
import gc
from collections.abc import Coroutine
from typing import TypeVar

T = TypeVar("T")


def spare_collector() -> None:
    """Profiles and messages are made by the thousand and die young, without the collector's help: with its default thresholds
    it would walk over what lives on again and again. What is there already is never looked at."""
    gc.collect()
    gc.set_threshold(100_000, 50, 100)
    gc.freeze()


def serve(main: Coroutine[None, None, T]) -> T:
    """Run a server's coroutine to its end."""
    spare_collector()
    with asyncio.Runner(loop_factory=_new_loop()) as runner:
        return runner.run(main)


def _new_loop() -> type[asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:  # Windows has none
        return None
    return uvloop.Loop
