"""What the page shows of a job: versions, tiles, figures against a reference; and all results in one file."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

from starlette.background import BackgroundTask
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse

from srcli.server.body import receive_picture
from srcli.server.jobs import Job, Status
from srcli.server.problems import problem
from srcli.server.routes.common import client_of, job_of, service_of
from srcli.server.routes.jobs import succeeded

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from starlette.requests import Request

_CHUNK = 2**18
_MEDIA_TYPES = {
    b"\x89PNG": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF8": "image/gif",
    b"RIFF": "image/webp",
    b"BM": "image/bmp",
}
"""Of the files that browsers show; all others of these are AVIF."""


async def pane(request: Request) -> Response:
    """``GET /v1/jobs/{id}/panes/{kind}``."""
    job = succeeded(job_of(request))
    file = await service_of(request).views.pane(job, request.path_params["kind"])
    with file.open("rb") as stream:
        head = stream.read(16)
    media_type = next((kind for start, kind in _MEDIA_TYPES.items() if head.startswith(start)), "image/avif")
    return FileResponse(file, media_type=media_type)


async def tile(request: Request) -> Response:
    """``GET /v1/jobs/{id}/tiles/{kind}/{level}/{column}_{row}``."""
    job, place = succeeded(job_of(request)), request.path_params
    data = await service_of(request).views.tile(
        job, place["kind"], place["level"], place["column"], place["row"]
    )
    return Response(data, media_type="image/png")


async def put_reference(request: Request) -> Response:
    """``PUT /v1/jobs/{id}/reference``."""
    job, service = succeeded(job_of(request)), service_of(request)
    if job.input["frames"] > 1:
        raise problem(422, "not-a-picture", "animations are not measured against a reference")
    service.registry.make_room(service.settings.limits.upload_bytes)
    target = job.place / "given"
    try:
        await receive_picture(request, target, service.settings.limits)
        await service.views.measure(job, target)
    finally:
        target.unlink(missing_ok=True)
    return JSONResponse(job.to_json())


async def results(request: Request) -> Response:
    """``GET /v1/results.zip``: results as they are, in one file that is made while it is sent."""
    service, client = service_of(request), client_of(request)
    names = request.query_params.getlist("id")
    jobs = [succeeded(service.registry.find(name, client.session)) for name in dict.fromkeys(names)]
    if not names:
        jobs = [job for job in service.registry.of(client.session) if job.status is Status.SUCCEEDED]
    if not jobs:
        raise problem(404, "not-found", "there are no results")
    return StreamingResponse(
        _zip(jobs),
        media_type="application/zip",
        headers={"Content-Disposition": 'attachment; filename="srcli.zip"'},
        background=BackgroundTask(_deliver, jobs),
    )


def _deliver(jobs: Sequence[Job]) -> None:
    for job in jobs:
        job.delivered = True


class _Buffer:
    """A file that is written and, in between, taken away."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._parts.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        pass

    def take(self) -> bytes:
        data = b"".join(self._parts)
        self._parts.clear()
        return data


def _zip(jobs: Sequence[Job]) -> Iterator[bytes]:
    """The bytes of a zip file; pictures are compressed as they are."""
    buffer = _Buffer()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as file:  # type: ignore[call-overload]
        for job, name in zip(jobs, _different_names(jobs), strict=True):
            # Opened first: what expires meanwhile can still be read.
            with (
                job.target.open("rb") as source,
                file.open(zipfile.ZipInfo(name), "w", force_zip64=True) as target,
            ):
                while data := source.read(_CHUNK):
                    target.write(data)
                    yield buffer.take()
    yield buffer.take()


def _different_names(jobs: Sequence[Job]) -> Iterator[str]:
    """The names of results, with a number where several have one name."""
    taken: set[str] = set()
    for job in jobs:
        assert job.output is not None, "a job that succeeded has an output"
        name, number = job.output["name"], 2
        stem, _, extension = name.rpartition(".")
        while name.lower() in taken:
            name, number = f"{stem}-{number}.{extension}", number + 1
        taken.add(name.lower())
        yield name
