"""Jobs of one request: they are forgotten with its answer, whether that arrives or not."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

from starlette.responses import Response

from srcli.server.problems import problem
from srcli.server.routes.common import service_of, wait_for_end
from srcli.server.routes.jobs import succeeded

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request
    from starlette.types import Receive, Scope, Send

    from srcli.server.jobs import Job
    from srcli.server.service import Service

_Answer = TypeVar("_Answer", bound="ForgetsJob")


class ForgetsJob(Response):
    """An answer with the result of a job, which is forgotten once it was sent or its client has gone.

    Attributes:
        forget: forgets the job.
    """

    forget: Callable[[], None]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, and forget the job."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self.forget()


async def answer_once(request: Request, job: Job, make: Callable[[Job], _Answer]) -> _Answer:
    """Wait for a job, and make the answer of its result; without one the job is forgotten at once.

    Raises:
        Problem: the job failed, or its sender went away.
    """
    service = service_of(request)
    try:
        await _wait_for_end_or_leave(request, service, job)
        answer = make(succeeded(job))
    except BaseException:
        service.registry.remove(job)
        raise
    answer.forget = lambda: service.registry.remove(job)
    return answer


async def _wait_for_end_or_leave(request: Request, service: Service, job: Job) -> None:
    """Wait until a job has ended; where its sender goes away, it is no longer wanted.

    Raises:
        Problem: the job failed.
    """
    leaving = asyncio.create_task(_leave(request))
    ending = asyncio.create_task(wait_for_end(job))
    try:
        await asyncio.wait((leaving, ending), return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (leaving, ending):
            task.cancel()
        if not job.has_ended:
            service.workshop.cancel(job)
    if not job.has_ended:
        raise problem(422, "canceled", "the client went away")


async def _leave(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
