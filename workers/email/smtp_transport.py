"""SMTP to one server: pooled connections, TLS, one bound on the time of a whole dialogue, nothing tried twice once data has begun."""

import asyncio
import contextlib
import ssl
from collections.abc import Awaitable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from aiosmtplib import (
    SMTP,
    SMTPDataError,
    SMTPException,
    SMTPResponseException,
    SMTPServerDisconnected,
    SMTPTimeoutError,
)  # fmt: skip

from workers.email.smtp_outcome import STAGE
from workers.email.smtp_request import FROM, ID, TO
from workers.outcome import NotProcessed, Unknown
from workers.transport import Answer, Request

CONNECTIONS = 8
CLOSING = 421
"""The server's own word that it ends the connection."""


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """`tls`: implicit (from the first byte), starttls (required), none. `ehlo`: how we introduce ourselves."""

    host: str
    port: int
    tls: str
    username: str = ""
    password: str = field(default="", repr=False)
    ca_file: str = ""
    ehlo: str = "localhost"


class _RefusedError(Exception):
    """A reply that says no, at a stage."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


class SmtpTransport:
    """`timeout` in seconds, of a whole dialogue."""

    def __init__(self, server: SmtpServer, *, timeout: float = 20.0) -> None:
        self._server = server
        self._timeout = timeout
        self._idle: list[SMTP] = []
        self._slots = asyncio.Semaphore(CONNECTIONS)
        self._context = None if server.tls == "none" else ssl.create_default_context(cafile=server.ca_file or None)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        while self._idle:
            self._idle.pop().close()

    async def ask(self, request: Request) -> Answer | NotProcessed | Unknown:
        """NotProcessed as long as no data can have been taken; once they are being handed over, silence is Unknown."""
        async with self._slots:
            stage = _Stage()
            try:
                async with asyncio.timeout(self._timeout):
                    return await self._hand_over(request, stage)
            except _RefusedError as refused:
                return refused.answer
            except (TimeoutError, SMTPException, OSError, ValueError) as error:
                detail = f"{type(error).__name__} at {stage.name}: {error}"[:200]
                return Unknown(detail) if stage.name == "data" else NotProcessed(type(error).__name__, detail)

    async def _hand_over(self, request: Request, stage: "_Stage") -> Answer:
        client = await self._greeted(request, stage)
        try:
            stage.name = "rcpt"
            await _say(client.rcpt(request.headers[TO]), stage)
            stage.name = "data"
            reply = await client.data(request.body)
        except SMTPDataError as error:
            await self._keep(client, error.code)
            return _answer(error.code, error.message, stage, request)
        except _RefusedError as refused:
            await self._keep(client, refused.answer.status)
            raise
        except BaseException:
            client.close()
            raise
        self._idle.append(client)
        return _answer(reply.code, reply.message, stage, request)

    async def _greeted(self, request: Request, stage: "_Stage") -> SMTP:
        """A connection that has taken the sender. One that was idle may have been closed by the server: nothing of the message has been
        said then, so a fresh one is used."""
        while self._idle:
            client = self._idle.pop()
            try:
                stage.name = "mail"
                await _say(client.mail(request.headers[FROM]), stage)
            except (SMTPServerDisconnected, SMTPTimeoutError, OSError):
                client.close()
            except _RefusedError as refused:
                if refused.answer.status != CLOSING:
                    await self._keep(client, refused.answer.status)
                    raise
                client.close()
            except BaseException:
                client.close()
                raise
            else:
                return client
        client = await self._connected(stage)
        try:
            stage.name = "mail"
            await _say(client.mail(request.headers[FROM]), stage)
        except BaseException:
            client.close()
            raise
        return client

    async def _connected(self, stage: "_Stage") -> SMTP:
        server = self._server
        client = SMTP(
            hostname=server.host, port=server.port, use_tls=server.tls == "implicit", start_tls=server.tls == "starttls",
            tls_context=self._context, local_hostname=server.ehlo, timeout=self._timeout,
        )  # fmt: skip
        try:
            stage.name = "connect"
            await _say(client.connect(), stage)
            if server.username:
                stage.name = "auth"
                await _say(client.login(server.username, server.password), stage)
        except BaseException:
            client.close()
            raise
        return client

    async def _keep(self, client: SMTP, status: int) -> None:
        """After a refusal the connection is as good as before, unless the server is leaving."""
        if status != CLOSING:
            with contextlib.suppress(SMTPException, OSError):
                await client.rset()
                self._idle.append(client)
                return
        client.close()


@dataclass(slots=True)
class _Stage:
    name: str = "connect"


async def _say(command: Awaitable[object], stage: _Stage) -> None:
    try:
        await command
    except SMTPResponseException as error:
        if error.code < 200:
            raise SMTPServerDisconnected(f"not a reply: {error.message}") from error
        raise _RefusedError(Answer(error.code, {STAGE: stage.name}, error.message.encode("utf-8", "replace"))) from error
    except (SMTPServerDisconnected, SMTPTimeoutError):
        raise
    except SMTPException as error:
        if isinstance(error, OSError):
            raise
        # the server lacks what the settings ask for: STARTTLS, a way to log in
        raise _RefusedError(Answer(530, {STAGE: stage.name}, str(error).encode("utf-8", "replace"))) from error


def _answer(code: int, message: str, stage: _Stage, request: Request) -> Answer:
    return Answer(code, {STAGE: stage.name, ID: request.headers[ID]}, message.encode("utf-8", "replace"))
