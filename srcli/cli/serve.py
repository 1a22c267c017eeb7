"""``srcli serve``: a page and an API on this machine, or for others."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from srcli.cli.options import DebugOption, DeviceOption, ModelOption
from srcli.core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from srcli.server.settings import ServerSettings

_REACH, _LIMITS = "Who can reach it", "Limits"
TOKEN_VARIABLE = "SRCLI_TOKEN"
_SHORTEST_TOKEN = 16


def serve(
    host: Annotated[
        str, typer.Option("--host", help="Address to listen at; 0.0.0.0 for all.", rich_help_panel=_REACH)
    ] = "127.0.0.1",
    port: Annotated[
        int,
        typer.Option("--port", min=0, max=65535, help="0 takes any that is free.", rich_help_panel=_REACH),
    ] = 8765,
    token: Annotated[
        bool | None,
        typer.Option(
            "--token/--no-token",
            help=f"Demand a token of clients: {TOKEN_VARIABLE} or --token-file, else one is made up and "
            "printed with the address. Where others can reach the server, say which.",
            rich_help_panel=_REACH,
        ),
    ] = None,
    token_file: Annotated[
        Path | None,
        typer.Option("--token-file", metavar="FILE", help="Holds the token.", rich_help_panel=_REACH),
    ] = None,
    allowed_host: Annotated[
        list[str] | None,
        typer.Option(
            "--allowed-host",
            metavar="NAME",
            help="A name by which clients may call the server; may be repeated.",
            rich_help_panel=_REACH,
        ),
    ] = None,
    cors_origin: Annotated[
        list[str] | None,
        typer.Option(
            "--cors-origin",
            metavar="ORIGIN",
            help="A site, such as https://example.org, whose pages may use the API; may be repeated.",
            rich_help_panel=_REACH,
        ),
    ] = None,
    root_path: Annotated[
        str,
        typer.Option(
            "--root-path", metavar="/PATH", help="What a proxy puts before addresses.", rich_help_panel=_REACH
        ),
    ] = "",
    forwarded_allow_ips: Annotated[
        str,
        typer.Option(
            "--forwarded-allow-ips",
            metavar="ADDRESS,...",
            help="Proxies that are believed about the client's address.",
            rich_help_panel=_REACH,
        ),
    ] = "",
    open_page: Annotated[bool, typer.Option("--open", help="Open the page in the browser.")] = False,
    model: ModelOption = "auto",
    device: DeviceOption = "auto",
    workers: Annotated[
        int,
        typer.Option(
            "--workers", min=1, max=64, help="Processes that enlarge pictures; they share the cores."
        ),
    ] = 1,
    max_upload: Annotated[
        float,
        typer.Option("--max-upload", min=0.01, metavar="MIB", rich_help_panel=_LIMITS, help="Of a picture."),
    ] = 64,
    max_json: Annotated[
        float,
        typer.Option(
            "--max-json", min=0.01, metavar="MIB", rich_help_panel=_LIMITS, help="Of a picture inside JSON."
        ),
    ] = 24,
    max_input_megapixels: Annotated[
        float,
        typer.Option(
            "--max-input-megapixels", min=0.01, rich_help_panel=_LIMITS, help="Of a picture that is sent."
        ),
    ] = 64,
    max_megapixels: Annotated[
        float,
        typer.Option(
            "--max-megapixels", min=0.01, rich_help_panel=_LIMITS, help="Of a result, with all its frames."
        ),
    ] = 200,
    max_frames: Annotated[
        int, typer.Option("--max-frames", min=1, rich_help_panel=_LIMITS, help="Of an animation.")
    ] = 200,
    max_video_frames: Annotated[
        int, typer.Option("--max-video-frames", min=1, rich_help_panel=_LIMITS, help="Of a video.")
    ] = 1500,
    max_seconds: Annotated[
        float, typer.Option("--max-seconds", min=1, rich_help_panel=_LIMITS, help="Of work on one picture.")
    ] = 600,
    max_queue: Annotated[
        int, typer.Option("--max-queue", min=1, rich_help_panel=_LIMITS, help="Pictures that wait.")
    ] = 64,
    max_per_client: Annotated[
        int,
        typer.Option(
            "--max-per-client", min=1, rich_help_panel=_LIMITS, help="Pictures of one client under way."
        ),
    ] = 8,
    max_connections: Annotated[
        int, typer.Option("--max-connections", min=1, rich_help_panel=_LIMITS, help="Open at a time.")
    ] = 512,
    body_timeout: Annotated[
        float,
        typer.Option(
            "--body-timeout", min=1, metavar="SECONDS", rich_help_panel=_LIMITS, help="Of an upload."
        ),
    ] = 120,
    keep: Annotated[
        float,
        typer.Option("--keep", min=0.01, metavar="MINUTES", rich_help_panel=_LIMITS, help="Of a result."),
    ] = 60,
    max_disk: Annotated[
        float,
        typer.Option("--max-disk", min=0.01, metavar="GIB", rich_help_panel=_LIMITS, help="Of all files."),
    ] = 4,
    folder: Annotated[
        Path | None,
        typer.Option(
            "--folder", help="Where files lie meanwhile; by default the system's folder for temporary files."
        ),
    ] = None,
    verbose: Annotated[bool, typer.Option("-v", "--verbose", help="Tell of each request.")] = False,
    debug: DebugOption = False,
) -> int:
    """Enlarge pictures in a browser, or for programs, on this machine.

    Examples:

        srcli serve --open

        srcli serve --host 0.0.0.0 --token --allowed-host pictures.example.org

        curl -F file=@photo.jpg http://127.0.0.1:8765/v1/upscale -o photo_x4.jpg
    """
    from srcli.cli.output import say
    from srcli.server.settings import GIB, MEGAPIXEL, MIB, Limits, ServerSettings

    limits = Limits(
        upload_bytes=int(max_upload * MIB),
        json_bytes=int(max_json * MIB),
        input_pixels=int(max_input_megapixels * MEGAPIXEL),
        output_pixels=int(max_megapixels * MEGAPIXEL),
        frames=max_frames,
        video_frames=max_video_frames,
        job_seconds=max_seconds,
        waiting_jobs=max_queue,
        jobs_per_client=max_per_client,
        connections=max_connections,
        body_seconds=body_timeout,
        keep_seconds=keep * 60,
        disk_bytes=int(max_disk * GIB),
    )
    settings = ServerSettings(
        host=host,
        port=port,
        root_path=_root_path(root_path),
        token=_token(host, token, token_file),
        allowed_hosts=tuple(allowed_host or ()),
        cors_origins=tuple(cors_origin or ()),
        forwarded_allow_ips=forwarded_allow_ips,
        folder=folder,
        workers=workers,
        model=model,
        device=device,
        limits=limits,
    )
    _run(settings, open_page=open_page, verbose=verbose)
    say("ended")
    return 0


def _root_path(path: str) -> str:
    trimmed = path.rstrip("/")
    if trimmed and not trimmed.startswith("/"):
        raise UsageError(f"a root path begins with a slash, unlike {path!r}", hint=f"--root-path /{trimmed}")
    return trimmed


def _token(host: str, wanted: bool | None, file: Path | None) -> str | None:
    """The token that clients have to know; None where all are let in.

    Raises:
        UsageError: others can reach the server and it was not said whether they need one, or it is short.
    """
    import os
    from secrets import token_urlsafe

    from srcli.server.settings import LOOPBACK

    given = _read_token(file) if file else os.environ.get(TOKEN_VARIABLE)
    if given is not None and wanted is not False:
        if len(given) < _SHORTEST_TOKEN or not given.isprintable() or " " in given:
            raise UsageError(
                f"a token of {len(given)} characters is too easily guessed, or can't be sent",
                hint=f"take {_SHORTEST_TOKEN} or more letters and digits: openssl rand -hex 16",
            )
        return given
    if wanted is None and host not in LOOPBACK:
        raise UsageError(
            f"others may reach {host}: say whether they need a token",
            hint="add --token, or --no-token to let everyone in",
        )
    return token_urlsafe(24) if wanted else None


def _read_token(file: Path) -> str:
    from srcli.core.names import printable

    try:
        return file.read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as error:
        raise UsageError(f"cannot read {printable(file)}: {error}") from error


def _run(settings: ServerSettings, *, open_page: bool, verbose: bool) -> None:
    import webbrowser

    from srcli.cli.output import emit, say
    from srcli.cli.signals import handled_elsewhere

    def opened(port: int) -> None:
        address = _address(settings, port)
        emit(f"{address}\n")
        say("open it in a browser; Ctrl-C ends")
        if open_page:
            webbrowser.open(address)

    serve_pictures = _load()
    with _log(verbose=verbose), handled_elsewhere():
        serve_pictures(settings, opened)


def _load() -> Callable[[ServerSettings, Callable[[int], None]], None]:
    from srcli.core.errors import MissingExtra

    try:
        from srcli.server.run import serve as serve_pictures
    except ModuleNotFoundError as error:
        if error.name and error.name.split(".")[0] == "srcli":
            raise
        raise MissingExtra("srcli serve", "serve") from error
    return serve_pictures


def _address(settings: ServerSettings, port: int) -> str:
    """Where the page is, for a browser on this machine."""
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(settings.host, settings.host)
    host = f"[{host}]" if ":" in host and not host.startswith("[") else host
    token = f"#token={settings.token}" if settings.token else ""
    return f"http://{host}:{port}{settings.root_path}/{token}"


@contextmanager
def _log(*, verbose: bool) -> Iterator[None]:
    """Print what the server tells of requests, or of its own faults alone."""
    import logging

    from srcli.cli.output import say

    class Printer(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            say(self.format(record))

    logger, printer = logging.getLogger("srcli.server"), Printer()
    logger.addHandler(printer)
    logger.setLevel(logging.INFO if verbose else logging.WARNING)
    try:
        yield
    finally:
        logger.removeHandler(printer)
