"""Answers that several routes give."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse

from srcli.server.problems import MEDIA_TYPE, Problem

if TYPE_CHECKING:
    from starlette.requests import Request


def answer_problem(request: Request, refused: Problem) -> JSONResponse:
    """A problem document."""
    details = refused.details
    headers = {}
    if refused.retry_after_s is not None:
        headers["Retry-After"] = str(max(1, math.ceil(refused.retry_after_s)))
    if details.status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="srcli"'
    if details.status in (408, 413) or details.code == "crowded":
        # What is left of the body would be taken for the next request.
        headers["Connection"] = "close"
    content: dict[str, Any] = details.to_json(request.scope.get("state", {}).get("request_id"))
    return JSONResponse(content, details.status, headers, MEDIA_TYPE)
