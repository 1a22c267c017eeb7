"""Who a request comes from: a session that the page got, else an address; and whether it knows the token."""

from __future__ import annotations

import hmac
from collections import OrderedDict
from secrets import token_urlsafe
from typing import TYPE_CHECKING

from srcli.server.problems import problem
from srcli.server.service import Client

if TYPE_CHECKING:
    from starlette.requests import HTTPConnection
    from starlette.responses import Response

COOKIE = "srcli_session"
SESSION_BYTES = 24
MOST_SESSIONS = 10_000


class Sessions:
    """The sessions that the server gave out, the latest of them: opaque words that say nothing.

    Args:
        token: what clients have to know; None where everyone is let in.
        root_path: that cookies are for.
    """

    def __init__(self, token: str | None, root_path: str) -> None:
        self._token = token
        self._path = root_path or "/"
        self._known: OrderedDict[str, None] = OrderedDict()

    @property
    def demands_token(self) -> bool:
        """Whether clients have to know a token."""
        return self._token is not None

    def client(self, request: HTTPConnection) -> Client:
        """Who sends a request."""
        session = self._session(request)
        address = request.client.host if request.client else "unknown"
        return Client(session, session or address)

    def check(self, request: HTTPConnection) -> None:
        """See that a request knows the token, or has a session that did.

        Raises:
            Problem: it does not.
        """
        if self._token is None or self._session(request) or self._knows_token(request):
            return
        raise problem(
            401,
            "unauthorized",
            "this server demands a token",
            "send Authorization: Bearer TOKEN, or open the address that srcli serve printed",
        )

    def check_token(self, request: HTTPConnection) -> None:
        """See that a request knows the token itself.

        Raises:
            Problem: it does not.
        """
        if self._token is not None and not self._knows_token(request):
            raise problem(
                401, "unauthorized", "this server demands a token", "send Authorization: Bearer TOKEN"
            )

    def give(self, request: HTTPConnection, response: Response) -> None:
        """Give a session to a client that has none yet."""
        if self._session(request):
            return
        session = token_urlsafe(SESSION_BYTES)
        self._known[session] = None
        while len(self._known) > MOST_SESSIONS:
            self._known.popitem(last=False)
        secure = request.url.scheme == "https"
        response.set_cookie(COOKIE, session, path=self._path, secure=secure, httponly=True, samesite="strict")

    def _session(self, request: HTTPConnection) -> str | None:
        session = request.cookies.get(COOKIE)
        if session is None or session not in self._known:
            return None
        self._known.move_to_end(session)
        return session

    def _knows_token(self, request: HTTPConnection) -> bool:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        assert self._token is not None, "there is no token to know"
        return scheme.lower() == "bearer" and hmac.compare_digest(token.encode(), self._token.encode())
