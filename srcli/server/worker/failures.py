"""Errors on their way from a worker process to the web process."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from srcli.core.outcome import Failure


def describe_failure(error: Exception, path: str = "", name: str = "the picture") -> dict[str, Any]:
    """An error as the web process takes it.

    Args:
        error: of a task.
        path: of the picture on the server, which is nobody's business.
        name: to be told in its place.
    """
    told = {
        field: getattr(error, field) for field in ("code", "limit", "seen", "option") if hasattr(error, field)
    }
    return {**describe(Failure.of(error, name), path, name), **told}


def describe(failure: Failure, path: str, name: str) -> dict[str, Any]:
    """A failure as the web process takes it; see ``describe_failure``."""
    values = asdict(failure)
    if path:
        values["message"] = failure.message.replace(path, name)
    if failure.traceback is not None:
        values["kind"] = "Bug"
    return values
