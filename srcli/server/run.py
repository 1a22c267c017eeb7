"""The life of a server, from the open port to the last answer."""

from __future__ import annotations

import asyncio
import signal
import socket
from typing import TYPE_CHECKING

import uvicorn

from srcli.core.errors import UsageError
from srcli.server.app import make_app
from srcli.server.protocol import BoundedProtocol
from srcli.server.service import Service

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from srcli.server.settings import ServerSettings

DRAIN_S = 20.0
"""After a request to end: for what is worked on, and for results to be fetched."""
FAREWELL_S = 5
"""For answers that are on their way after that."""
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def serve(settings: ServerSettings, opened: Callable[[int], None]) -> None:
    """Serve until a signal asks to end; a second one ends at once.

    Args:
        settings: how.
        opened: told the port, once the page can be opened.

    Raises:
        UsageError: the address can't be listened at.
        OutputError: the folder can't be written to.
    """
    listening = listen(settings.host, settings.port)
    try:
        asyncio.run(_serve(settings, listening, opened))
    finally:
        listening.close()


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens.

    Raises:
        UsageError: the system refuses.
    """
    listening = None
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listening = socket.socket(family, kind, protocol)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(1024)
    except (OSError, OverflowError) as error:
        if listening:
            listening.close()
        reason = getattr(error, "strerror", None) or error
        raise UsageError(
            f"cannot listen at {host}:{port}: {reason}",
            hint="choose another port: srcli serve --port 0 takes any",
        ) from error
    return listening


async def _serve(settings: ServerSettings, listening: socket.socket, opened: Callable[[int], None]) -> None:
    service = Service(settings)
    try:
        server = _Server(
            uvicorn.Config(
                make_app(service),
                http=BoundedProtocol,
                ws="none",
                lifespan="off",
                access_log=False,
                log_config=None,
                server_header=False,
                proxy_headers=bool(settings.forwarded_allow_ips),
                forwarded_allow_ips=settings.forwarded_allow_ips or None,
                timeout_graceful_shutdown=FAREWELL_S,
            ),
            service,
        )
        # uvicorn's own limit answers without a problem document, and also those who ask for its health.
        service.open_connections = lambda: len(server.server_state.connections)
        service.start()
        opened(listening.getsockname()[1])
        await server.serve(sockets=[listening])
    finally:
        await service.close()


class _Server(uvicorn.Server):
    """Ends in good order: what was taken on is finished first, and streams are told.

    uvicorn closes the port at once and leaves streams open until its time is over.
    """

    def __init__(self, config: uvicorn.Config, service: Service) -> None:
        super().__init__(config)
        self._service = service
        self._draining: asyncio.Task[None] | None = None
        self._loop = asyncio.get_running_loop()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """The first signal drains, the second ends."""
        if self._draining is None and sig in _SIGNALS:
            self._loop.call_soon_threadsafe(self._drain)
            return
        self.force_exit = True
        self.should_exit = True

    def _drain(self) -> None:
        if self._draining is None:
            self._draining = asyncio.create_task(self._end())

    async def _end(self) -> None:
        await self._service.drain(DRAIN_S)
        self._service.over.set()
        self.should_exit = True
