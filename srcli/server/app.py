"""The ASGI application: addresses, and how errors are answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.routing import Route

from srcli.server.answers import answer_problem
from srcli.server.guard import Guard
from srcli.server.problems import BUG_HINT, Problem, problem
from srcli.server.routes import info, jobs, page, student, upscale, views
from srcli.server.sessions import Sessions

if TYPE_CHECKING:
    from starlette.requests import Request

    from srcli.server.service import Service

_CODES = {404: "not-found", 405: "method-not-allowed"}


def make_app(service: Service) -> Starlette:
    """The application around a service."""
    settings = service.settings
    sessions = Sessions(settings.token, settings.root_path)
    app = Starlette(
        routes=routes(),
        middleware=[
            Middleware(Guard, service=service, sessions=sessions),
            *([_cors(settings.cors_origins)] if settings.cors_origins else []),
        ],
        exception_handlers={
            Problem: _answer_problem,
            HTTPException: _answer_http,
            ClientDisconnect: _answer_nobody,
            Exception: _answer_bug,
        },
    )
    app.state.service = service
    app.state.sessions = sessions
    return app


def routes() -> list[Route]:
    """All addresses."""
    one = "/v1/jobs/{id}"
    return [
        Route("/", page.page),
        Route("/static/{path:path}", page.page),
        Route("/v1/session", info.session, methods=["POST"]),
        Route("/v1/jobs", jobs.list_all),
        Route("/v1/jobs", jobs.create, methods=["POST"]),
        Route(one, jobs.get),
        Route(one, jobs.put, methods=["PUT"]),
        Route(one, jobs.delete, methods=["DELETE"]),
        Route(f"{one}/events", jobs.events),
        Route(f"{one}/output", jobs.output),
        Route(f"{one}/panes/{{kind}}", views.pane),
        Route(f"{one}/tiles/{{kind}}/{{level:int}}/{{column:int}}_{{row:int}}", views.tile),
        Route(f"{one}/reference", views.put_reference, methods=["PUT"]),
        Route("/v1/results.zip", views.results),
        Route("/v1/upscale", upscale.upscale, methods=["POST"]),
        Route("/v1/models", info.models),
        Route("/v1/limits", info.limits),
        Route("/picture", student.picture, methods=["POST"]),
        Route("/video", student.video, methods=["POST"]),
        Route("/health", info.health),
        Route("/ready", info.ready),
        Route("/metrics", info.metrics),
        Route("/openapi.json", info.openapi),
    ]


def _cors(origins: tuple[str, ...]) -> Middleware:
    return Middleware(
        CORSMiddleware,
        allow_origins=origins,
        allow_methods=["GET", "POST", "PUT", "DELETE"],
        allow_headers=["Authorization", "Content-Type", "Prefer"],
        expose_headers=["Location", "Retry-After", "ETag", "X-Request-Id"],
    )


async def _answer_problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return answer_problem(request, error)


async def _answer_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code = _CODES.get(error.status_code, "bad-request")
    answer = answer_problem(request, problem(error.status_code, code, error.detail.lower()))
    answer.headers.update(error.headers or {})
    return answer


async def _answer_nobody(_request: Request, _error: Exception) -> Response:
    """The client has gone."""
    return Response(status_code=400)


async def _answer_bug(request: Request, _error: Exception) -> Response:
    """The traceback goes to the log by itself."""
    return answer_problem(request, problem(500, "internal", "internal error", BUG_HINT))
