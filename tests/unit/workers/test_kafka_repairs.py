"""What kafka-python does wrong and what puts it right. The first test of a pair is red when kafka-python is mended."""

import selectors
import socket
from collections.abc import Iterator

import pytest
from kafka.net.selector import NetworkSelector

from workers.kafka_repairs import ClosingSelector


@pytest.fixture
def connecting() -> Iterator[socket.socket]:
    """One that gets no answer."""
    made = socket.socket()
    made.setblocking(False)
    yield made
    made.close()


def closed_while_it_waits(net: NetworkSelector, connecting: socket.socket) -> None:
    async def connect() -> None:
        await net.wait_read(connecting)

    waiting = net.call_soon(connect)
    net.poll(timeout_ms=10)
    assert not waiting.is_done
    net.close()


def test_a_closed_client_still_drops_its_sockets(connecting: socket.socket) -> None:
    """Red when it is mended: then `ClosingSelector` can go."""
    closed_while_it_waits(NetworkSelector(selector=selectors.DefaultSelector), connecting)
    assert connecting.fileno() != -1


def test_with_our_selector_they_are_closed(connecting: socket.socket) -> None:
    closed_while_it_waits(NetworkSelector(selector=ClosingSelector), connecting)
    assert connecting.fileno() == -1
