"""The page and its files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import Response

from srcli.server.page.files import page_files
from srcli.server.problems import problem
from srcli.server.routes.common import sessions_of

if TYPE_CHECKING:
    from starlette.requests import Request

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


async def page(request: Request) -> Response:
    """``GET /``, which gives a session where no token is demanded, and ``GET /static/...``."""
    address = str(request.scope["path"]).removeprefix("/")
    file = page_files().get(address)
    if file is None:
        raise problem(404, "not-found", "there is no such page")
    headers = {"Content-Security-Policy": POLICY, "Cache-Control": "no-cache", "ETag": file.etag}
    sessions = sessions_of(request)
    welcomes = not address and not sessions.demands_token and sessions.client(request).session is None
    # A page that a browser kept from an earlier server still needs a session of this one.
    if file.etag in request.headers.get("if-none-match", "") and not welcomes:
        return Response(status_code=304, headers=headers)
    response = Response(file.content, headers=headers, media_type=file.media_type)
    if welcomes:
        sessions.give(request, response)
    return response
