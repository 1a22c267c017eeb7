"""What routes share: the service behind a request, who asks, names, waiting."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.requests import Request

    from srcli.server.jobs import Job
    from srcli.server.service import Client, Service
    from srcli.server.sessions import Sessions

LONGEST_NAME = 120
_WAIT = re.compile(r"(?:^|[,;\s])wait=(\d{1,4})", re.ASCII)
LONGEST_WAIT_S = 60


def service_of(request: Request) -> Service:
    """The service behind the application."""
    service: Service = request.app.state.service
    return service


def sessions_of(request: Request) -> Sessions:
    """The sessions of the application."""
    sessions: Sessions = request.app.state.sessions
    return sessions


def client_of(request: Request) -> Client:
    """Who asks."""
    return sessions_of(request).client(request)


def job_of(request: Request) -> Job:
    """The job that an address names.

    Raises:
        Problem: there is none for who asks.
    """
    return service_of(request).registry.find(request.path_params["id"], client_of(request).session)


def clean_name(name: str | None) -> str:
    """A file name as it may be shown and sent back: one word of a path, printable, not long."""
    last = re.split(r"[/\\]", name or "")[-1]
    shown = "".join(character for character in last if character.isprintable()).strip(" .")
    if len(shown) > LONGEST_NAME:
        stem, dot, extension = shown.rpartition(".")
        keeps = dot and len(extension) <= 5
        shown = f"{stem[: LONGEST_NAME - 6]}.{extension}" if keeps else shown[:LONGEST_NAME]
    return shown or "picture"


def wait_wished(request: Request) -> float:
    """Seconds that a client is ready to wait for a result, by ``Prefer: wait=N`` (RFC 7240)."""
    found = _WAIT.search(request.headers.get("prefer", ""))
    return min(int(found[1]), LONGEST_WAIT_S) if found else 0


async def wait_for_end(job: Job, seconds: float | None = None) -> bool:
    """Wait until a job has ended; tells whether it has."""
    try:
        async with asyncio.timeout(seconds):
            while not job.has_ended:
                await job.changed.wait()
    except TimeoutError:
        return False
    return True
