"""Jobs: a picture comes, is worked on in turn, and its result is fetched."""

from __future__ import annotations

import asyncio
import json
import re
from typing import TYPE_CHECKING

from starlette.background import BackgroundTask
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse

from srcli.server.body import receive_picture, size_of_body
from srcli.server.jobs import Status
from srcli.server.problems import Problem, problem
from srcli.server.routes.common import (
    clean_name,
    client_of,
    job_of,
    service_of,
    wait_for_end,
    wait_wished,
)
from srcli.server.service import Service, Upload
from srcli.server.wishes import read_wishes

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from starlette.requests import Request

    from srcli.server.jobs import Job

_OWN_ID = re.compile(r"[A-Za-z0-9_-]{22,64}", re.ASCII)
HEARTBEAT_S = 15.0
"""Proxies close streams that are silent for a minute, or less."""
CALM_S = 0.1
"""Between two events of one job."""

LONGEST_CHAIN = 4
"""Generators that a client may have run one after the other."""


async def create(request: Request) -> Response:
    """``POST /v1/jobs``."""
    return await _answer_created(request, await _create(request, None))


async def put(request: Request) -> Response:
    """``PUT /v1/jobs/{id}``: the same job, however often it is sent."""
    service, name = service_of(request), request.path_params["id"]
    if not _OWN_ID.fullmatch(name):
        raise problem(
            400,
            "bad-request",
            "an id of your own has 22 to 64 letters, digits, _ or -, so that none guesses it",
        )
    await service.claimed(name)
    if service.registry.get(name) is None:
        with service.claiming(name):
            return await _answer_created(request, await _create(request, name))
    return JSONResponse(job_of(request).to_json(), 200)


async def list_all(request: Request) -> Response:
    """``GET /v1/jobs``: of the session that asks."""
    jobs = service_of(request).registry.of(client_of(request).session)
    return JSONResponse({"jobs": [job.to_json() for job in jobs]})


async def get(request: Request) -> Response:
    """``GET /v1/jobs/{id}``."""
    return JSONResponse(job_of(request).to_json())


async def delete(request: Request) -> Response:
    """``DELETE /v1/jobs/{id}``: cancels what goes on, forgets what has ended."""
    job = job_of(request)
    if service_of(request).drop(job):
        return Response(status_code=204)
    return JSONResponse(job.to_json(), 202)


async def output(request: Request) -> Response:
    """``GET /v1/jobs/{id}/output``."""
    job = succeeded(job_of(request))
    assert job.output is not None, "a job that succeeded has an output"
    whole = request.method == "GET" and "range" not in request.headers
    return FileResponse(
        job.target,
        media_type=job.output["media_type"],
        filename=job.output["name"],
        headers={"ETag": f'"{job.output["sha256"]}"'},
        background=BackgroundTask(_deliver, job) if whole else None,
    )


async def events(request: Request) -> Response:
    """``GET /v1/jobs/{id}/events``: the job at once, and at each change (server-sent events)."""
    job = job_of(request)
    headers = {"X-Accel-Buffering": "no"}
    return StreamingResponse(
        _events(service_of(request), job), media_type="text/event-stream", headers=headers
    )


def succeeded(job: Job) -> Job:
    """The same job, if it has a result.

    Raises:
        Problem: it has none, or none yet.
    """
    if job.error:
        raise Problem(job.error)
    if job.status is not Status.SUCCEEDED:
        raise problem(
            409, "not-finished", f"the job is {job.status}", f"GET {job.to_json()['href']} tells when"
        )
    return job


async def receive_upload(request: Request, service: Service, place: Path) -> Upload:
    """The picture of a request and its settings, from the address and from a form.

    Raises:
        Problem: something is wrong with them.
    """
    pairs = request.query_params.multi_items()
    model = service.settings.model
    # What is wrong with the address is told before the picture is sent.
    read_wishes([pair for pair in pairs if pair[0] != "name"], model)
    received = await receive_picture(request, place / "original", service.settings.limits)
    pairs += received.fields
    given = dict(pairs).get("name") or received.name
    wishes = read_wishes([pair for pair in pairs if pair[0] != "name"], model)
    await check_model(service, str(wishes.model))
    return Upload(place, clean_name(given), received.size, received.digest, wishes)


async def check_model(service: Service, name: str) -> None:
    """See that a model is one of those that are offered; no file that a client names is ever opened.

    Raises:
        Problem: it is not.
    """
    catalogue = await service.catalogue()
    names = [model["name"] for model in catalogue["models"]]
    chain = name.split(",")
    is_known = len(chain) <= LONGEST_CHAIN and {*names, *catalogue["restorers"]}.issuperset(chain)
    if not is_known and name != service.settings.model:
        hint = f"there are {', '.join(names)}"
        raise problem(404, "unknown-model", f"there is no generator named {name!r:.80}", hint)


async def _create(request: Request, name: str | None) -> Job:
    service, client = service_of(request), client_of(request)
    size = size_of_body(request, service.settings.limits.upload_bytes)
    with service.admitting(client, size) as place:
        upload = await receive_upload(request, service, place)
        return await service.take_on(upload, client, name)


async def _answer_created(request: Request, job: Job) -> Response:
    ended = await wait_for_end(job, wait_wished(request)) if wait_wished(request) else False
    prefix = "" if request.method == "PUT" else "jobs/"
    headers = {"Location": f"{prefix}{job.id}"}
    return JSONResponse(job.to_json(), 200 if ended else 202, headers)


def _deliver(job: Job) -> None:
    job.delivered = True


def _event(job: Job) -> str:
    return f"event: job\nid: {job.version}\ndata: {json.dumps(job.to_json())}\n\n"


async def _events(service: Service, job: Job) -> AsyncIterator[str]:
    over = asyncio.create_task(service.over.wait())
    try:
        while True:
            changed, version = job.changed, job.version
            yield _event(job)
            if job.has_ended:
                return
            await asyncio.sleep(CALM_S)
            while not changed.is_set():
                change = asyncio.create_task(changed.wait())
                await asyncio.wait((over, change), timeout=HEARTBEAT_S, return_when=asyncio.FIRST_COMPLETED)
                change.cancel()
                if service.over.is_set():
                    if job.version != version:
                        yield _event(job)
                    yield "event: shutdown\ndata: {}\n\n"
                    return
                if not changed.is_set():
                    yield ": still there\n\n"
    finally:
        over.cancel()
