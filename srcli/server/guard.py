"""What every request has to pass, and what every answer carries: hosts, origins, token, headers."""

from __future__ import annotations

import logging
import time
from ipaddress import ip_address
from secrets import token_hex
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.requests import Request

from srcli.server.answers import answer_problem
from srcli.server.problems import Problem, problem
from srcli.server.settings import LOOPBACK

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from srcli.server.service import Service
    from srcli.server.sessions import Sessions

LOG = logging.getLogger("srcli.server")
_ANY = frozenset({"", "0.0.0.0", "::"})
_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_OPEN = frozenset({"/", "/health", "/ready", "/openapi.json", "/v1/session"})
"""Addresses that need no token, or look at it themselves."""
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Guard:
    """Stands before the application.

    Args:
        app: the application.
        service: the server's.
        sessions: that it gave out.
    """

    def __init__(self, app: ASGIApp, service: Service, sessions: Sessions) -> None:
        settings = service.settings
        self._app = app
        self._service = service
        self._root_path = settings.root_path
        self._sessions = sessions
        self._origins = frozenset(settings.cors_origins)
        bound = frozenset() if settings.host in _ANY else frozenset({settings.host})
        self._hosts = LOOPBACK | bound | frozenset(map(str.lower, settings.allowed_hosts))
        self._by_address = settings.host in _ANY

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request pass, or answer it with a problem."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope = self._without_root_path(scope)
        request_id = token_hex(8)
        scope.setdefault("state", {})["request_id"] = request_id
        started_s = time.monotonic()

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                _complete(message, request_id)
                _note(scope, message["status"], time.monotonic() - started_s)
            await send(message)

        request = Request(scope, receive)
        try:
            self._check(request)
        except Problem as refused:
            await answer_problem(request, refused)(scope, receive, answer)
            return
        await self._app(scope, receive, answer)

    def _without_root_path(self, scope: Scope) -> Scope:
        """The request without what a proxy puts before addresses, whether it takes that off or not."""
        path, root = scope["path"], self._root_path
        if root and (path == root or path.startswith(f"{root}/")):
            path = path[len(root) :] or "/"
        return {**scope, "path": path, "raw_path": path.encode(), "root_path": ""}

    def _check(self, request: Request) -> None:
        self._check_host(request)
        path = request.scope["path"]
        if path != "/health":
            self._service.check_crowd()
        if request.method not in _READING:
            self._check_origin(request)
        if path not in _OPEN and not path.startswith("/static/"):
            self._sessions.check(request)

    def _check_host(self, request: Request) -> None:
        """A page whose name was made to lead here sends that name as host (DNS rebinding)."""
        host = _name_of(request.headers.get("host", ""))
        if host is None or not (host in self._hosts or (self._by_address and _is_address(host))):
            raise problem(
                400,
                "bad-host",
                f"this server is not called {host or 'that'!r:.80}",
                "who runs the server lists its names: srcli serve --allowed-host NAME",
            )

    def _check_origin(self, request: Request) -> None:
        """A page of another site may send requests here, but its browser says so (CSRF)."""
        origin = request.headers.get("origin")
        if origin in self._origins:
            return
        site = request.headers.get("sec-fetch-site", "none")
        foreign = origin is not None and urlsplit(origin).netloc != request.headers.get("host")
        if foreign or site not in ("none", "same-origin"):
            raise problem(
                403,
                "forbidden",
                "pages of other sites may not send requests here",
                "who runs the server lists them: srcli serve --cors-origin ORIGIN",
            )


def _name_of(host: str) -> str | None:
    """The name in a Host header, without the port; None where it is no name."""
    try:
        parts = urlsplit(f"//{host}")
        _ = parts.port
    except ValueError:
        return None
    if not host or parts.username is not None or parts.path or parts.query or parts.fragment:
        return None
    return parts.hostname


def _is_address(host: str) -> bool:
    """Whether a host is an address of numbers, to which no name can be made to lead."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _complete(message: Message, request_id: str) -> None:
    headers = MutableHeaders(scope=message)
    for name, value in _HEADERS.items():
        headers.setdefault(name, value)
    headers["X-Request-Id"] = request_id


def _note(scope: Scope, status: int, seconds: float) -> None:
    LOG.info(
        "%s %s %s %d %.3f s", scope["state"]["request_id"], scope["method"], _kind(scope), status, seconds
    )


def _kind(scope: Scope) -> str:
    """The address by its first words: ids of jobs are secrets, names of files are nobody's business."""
    words = str(scope["path"]).split("/")
    return "/".join(word if len(word) < 12 and word.isalnum() else "*" for word in words[:4])[:60] or "/"
