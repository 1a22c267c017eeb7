"""The short form for scripts: a picture in, a larger picture out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette.responses import FileResponse

from srcli.server.body import size_of_body
from srcli.server.problems import problem
from srcli.server.routes.common import client_of, service_of
from srcli.server.routes.jobs import receive_upload
from srcli.server.routes.once import ForgetsJob, answer_once

if TYPE_CHECKING:
    from starlette.requests import Request

    from srcli.server.jobs import Job
    from srcli.server.service import Service


class FileOnce(ForgetsJob, FileResponse):
    """The result of a job as it is."""

    def __init__(self, job: Job) -> None:
        assert job.output is not None, "a job that succeeded has an output"
        super().__init__(
            job.target,
            media_type=job.output["media_type"],
            filename=job.output["name"],
            headers={
                "ETag": f'"{job.output["sha256"]}"',
                "X-Srcli-Model": quote(str(job.output["model"]), safe="+"),
                "X-Srcli-Warnings": quote("; ".join(job.output["warnings"]), safe=" ;,:'()"),
            },
        )


async def upscale(request: Request) -> FileOnce:
    """``POST /v1/upscale``. The format is that of ``format``, else one of ``Accept``, else the input's."""
    service, client = service_of(request), client_of(request)
    wanted = await _format_accepted(request, service)
    size = size_of_body(request, service.settings.limits.upload_bytes)
    with service.admitting(client, size) as place:
        upload = await receive_upload(request, service, place)
        if upload.wishes.format is None and wanted:
            upload = replace(upload, wishes=replace(upload.wishes, format=wanted))
        job = await service.take_on(upload, client)
    return await answer_once(request, job, FileOnce)


async def _format_accepted(request: Request, service: Service) -> str | None:
    """The format that the client names in ``Accept``, the most wanted first; None where any will do.

    Raises:
        Problem: it wants something that srcli does not write, and nothing else.
    """
    accepted = [_quality(part) for part in request.headers.get("accept", "*/*").split(",") if part.strip()]
    known = {entry["media_type"]: entry["name"] for entry in (await service.catalogue())["writes"]}
    for quality, kind in sorted(accepted, key=lambda each: -each[0]):
        if quality > 0 and kind in ("*/*", "image/*"):
            return None
        if quality > 0 and kind in known:
            return str(known[kind])
    if not accepted:
        return None
    raise problem(
        406,
        "not-acceptable",
        f"srcli writes none of {request.headers['accept']!r:.80}",
        f"there are {', '.join(known)}",
    )


def _quality(part: str) -> tuple[float, str]:
    """A media range and how much it is wanted (RFC 9110, 12.5.1)."""
    kind, *parameters = (word.strip().lower() for word in part.split(";"))
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name == "q":
            try:
                return float(value), kind
            except ValueError:
                return 0.0, kind
    return 1.0, kind
