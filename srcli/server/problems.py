"""What goes wrong, as programs read it: problem documents after RFC 9457."""

from __future__ import annotations

import logging
from dataclasses import asdict, dataclass, replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

LOG = logging.getLogger("srcli.server")
MEDIA_TYPE = "application/problem+json"
BUG_HINT = "this is a bug in srcli; the server's log has more"
_FULL_DISK = "no space left"


@dataclass(frozen=True, slots=True)
class Details:
    """One problem.

    Attributes:
        status: of HTTP.
        code: one word for programs, which does not change.
        detail: one lower-case sentence that shows the value seen, as the command line prints it.
        hint: what to do about it.
        limit: that was passed.
        seen: what passed it.
        option: of ``srcli serve`` that sets the limit.
        exit_code: that the command line would have ended with.
    """

    status: int
    code: str
    detail: str
    hint: str | None = None
    limit: float | None = None
    seen: float | None = None
    option: str | None = None
    exit_code: int | None = None

    def to_json(self, request_id: str | None = None) -> dict[str, Any]:
        """The document; what it has nothing to say of is left out."""
        title = HTTPStatus(self.status).phrase
        values = {"type": "about:blank", "title": title, **asdict(self), "request_id": request_id}
        return {name: value for name, value in values.items() if value is not None}


class Problem(Exception):
    """A request that can't be served.

    Args:
        details: the problem.
        retry_after_s: when to try again, in seconds.
    """

    def __init__(self, details: Details, retry_after_s: float | None = None) -> None:
        super().__init__(details.detail)
        self.details = details
        self.retry_after_s = retry_after_s


def problem(
    status: int,
    code: str,
    detail: str,
    hint: str | None = None,
    *,
    limit: float | None = None,
    seen: float | None = None,
    option: str | None = None,
    retry_after_s: float | None = None,
) -> Problem:
    """A problem to raise; see ``Details``."""
    if hint is None and option is not None:
        hint = f"who runs the server sets this limit: srcli serve {option}"
    return Problem(Details(status, code, detail, hint, limit, seen, option), retry_after_s)


_OF_ERRORS: Mapping[str, tuple[int, str]] = {
    "UnsupportedFormat": (415, "unsupported-format"),
    "MissingExtra": (415, "unsupported-format"),
    "UnknownModel": (404, "unknown-model"),
    "UsageError": (422, "bad-setting"),
    "InputError": (422, "not-a-picture"),
    "OutputError": (422, "failed"),
    "TookTooLong": (422, "deadline"),
    "Cancelled": (422, "canceled"),
    "OutOfMemory": (503, "out-of-memory"),
    "DeviceUnavailable": (503, "failed"),
    "UnsuitableModel": (422, "failed"),
    "DamagedModel": (503, "failed"),
}
"""Status and code of what a worker process tells, by the name of its kind."""


def of_failure(failure: Mapping[str, Any]) -> Details:
    """The problem that a worker process tells of.

    Args:
        failure: an event of ``srcli.server.worker.failures``.
    """
    status, code = _OF_ERRORS.get(str(failure.get("kind")), (500, "internal"))
    if "code" in failure:
        code = failure["code"]
        status = 400 if code == "bad-request" else 422
    details = Details(
        status,
        code,
        str(failure.get("message")),
        hint=failure.get("hint"),
        limit=failure.get("limit"),
        seen=failure.get("seen"),
        option=failure.get("option"),
        exit_code=failure.get("exit_code"),
    )
    if _FULL_DISK in details.detail.lower():
        return replace(details, status=507, code="disk-full")
    if code == "internal":
        LOG.error("a bug in a worker process: %s", failure.get("traceback") or details.detail)
        # What a bug says is for those who run the server.
        return replace(details, detail="internal error", hint=BUG_HINT)
    return details
