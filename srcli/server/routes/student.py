"""The two posts of a student project that programs still send: base64 inside JSON, both ways."""

from __future__ import annotations

import base64
import json
from functools import partial
from typing import TYPE_CHECKING

from starlette.responses import StreamingResponse

from srcli.server.body import receive_json, size_of_body
from srcli.server.routes.common import clean_name, client_of, service_of
from srcli.server.routes.jobs import check_model
from srcli.server.routes.once import ForgetsJob, answer_once
from srcli.server.service import Upload
from srcli.server.wishes import read_wishes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.requests import Request
    from starlette.responses import Response

    from srcli.server.jobs import Job

_CHUNK = 3 * 2**16
"""Bytes that are turned into base64 at a time; a multiple of three, so that the pieces join."""


async def picture(request: Request) -> Response:
    """``POST /picture``: ``{"DATA", "MODEL", "FILENAME"}`` in; the same, the size and warnings out."""
    return await _enlarge(request, [])


async def video(request: Request) -> Response:
    """``POST /video``: the same for videos, twice as large by default as with ``srcli video``."""
    return await _enlarge(request, [("scale", "2")])


async def _enlarge(request: Request, pairs: list[tuple[str, str]]) -> Response:
    service, client = service_of(request), client_of(request)
    # As JSON, and as the picture in it.
    size = 2 * size_of_body(request, service.settings.limits.json_bytes)
    with service.admitting(client, size) as place:
        await receive_json(request, place / "letter", service.settings.limits)
        # A process of its own takes the JSON apart: many of them at a time would fill the memory of this one.
        letter = await service.unwrap(place)
        model = letter["model"] or service.settings.model
        await check_model(service, model)
        wishes = read_wishes(pairs, model)
        upload = Upload(place, clean_name(letter["name"]), letter["size"], letter["digest"], wishes)
        job = await service.take_on(upload, client)
    return await answer_once(request, job, partial(_Reply, model=model))


class _Reply(ForgetsJob, StreamingResponse):
    """The result of a job inside JSON."""

    def __init__(self, job: Job, model: str) -> None:
        super().__init__(_reply(job, model), media_type="application/json")


def _reply(job: Job, model: str) -> Iterator[bytes]:
    output = job.output
    assert output is not None, "a job that succeeded has an output"
    yield b'{"DATA": "'
    with job.target.open("rb") as file:
        while data := file.read(_CHUNK):
            yield base64.b64encode(data)
    rest = {
        "MODEL": model,
        "FILENAME": output["name"],
        "WIDTH": output["width"],
        "HEIGHT": output["height"],
        "WARNINGS": output["warnings"],
    }
    yield b'", ' + json.dumps(rest).encode()[1:]
