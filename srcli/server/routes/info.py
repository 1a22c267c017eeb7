"""What the server can do, and how it is."""

from __future__ import annotations

import json
from importlib import resources
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, Response

from srcli.server.jobs import TILED_FROM_PIXELS
from srcli.server.routes.common import service_of, sessions_of

if TYPE_CHECKING:
    from starlette.requests import Request

MOST_SCALE = 16


async def models(request: Request) -> JSONResponse:
    """``GET /v1/models``."""
    service = service_of(request)
    found = (await service.catalogue())["models"]
    return JSONResponse({"default": service.settings.model, "models": found})


async def limits(request: Request) -> JSONResponse:
    """``GET /v1/limits``."""
    service = service_of(request)
    found, kept = await service.catalogue(), service.settings.limits
    return JSONResponse(
        {
            "upload_bytes": kept.upload_bytes,
            "json_bytes": kept.json_bytes,
            "input_pixels": kept.input_pixels,
            "output_pixels": kept.output_pixels,
            "frames": kept.frames,
            "video_frames": kept.video_frames,
            "seconds": kept.job_seconds,
            "queue": kept.waiting_jobs,
            "per_client": kept.jobs_per_client,
            "keep_seconds": kept.keep_seconds,
            "disk_bytes": kept.disk_bytes,
            "max_scale": MOST_SCALE,
            "tile_pixels": TILED_FROM_PIXELS,
            "reads": found["reads"],
            "writes": found["writes"],
        }
    )


async def health(_request: Request) -> JSONResponse:
    """``GET /health``: whether the server lives."""
    return JSONResponse({"status": "ok"})


async def ready(request: Request) -> JSONResponse:
    """``GET /ready``: whether it takes pictures on."""
    state = service_of(request).state()
    return JSONResponse({"status": state}, 200 if state == "ready" else 503)


async def metrics(request: Request) -> Response:
    """``GET /metrics``: for Prometheus."""
    from srcli.server.metrics import MEDIA_TYPE, describe

    return Response(describe(service_of(request)), media_type=MEDIA_TYPE)


async def openapi(_request: Request) -> JSONResponse:
    """``GET /openapi.json``: this API, for programs."""
    return JSONResponse(json.loads(resources.files("srcli.server").joinpath("openapi.json").read_bytes()))


async def session(request: Request) -> Response:
    """``POST /v1/session``: a cookie in return for the token."""
    sessions = sessions_of(request)
    sessions.check_token(request)
    response = Response(status_code=204)
    sessions.give(request, response)
    return response
