"""``srcli watch``: a folder whose pictures are enlarged as they arrive."""

from __future__ import annotations

import contextlib
import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from srcli.cli.options import (
    CheckSeamsOption,
    DebugOption,
    DeviceOption,
    EnsembleByOption,
    EnsembleOption,
    FidelityOption,
    ForceColourOption,
    ForceEnsembleOption,
    FormatOption,
    HeightOption,
    JsonOption,
    LongestOption,
    MinFidelityOption,
    ModelOption,
    OverlapOption,
    OverwriteOption,
    PageOption,
    PrecisionOption,
    QualityOption,
    QuietOption,
    RecursiveOption,
    ScaleOption,
    SeamlessOption,
    ShortestOption,
    StrengthOption,
    StripOption,
    ThreadsOption,
    TileOption,
    TimeoutOption,
    VerboseOption,
    WidthOption,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from srcli.pipeline.watch.watch import Watch, WatchedFolder

_FILES = "Files"
_WATCHING = "Watching"


def watch(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="Where pictures arrive; those already there count.")
    ],
    output: Annotated[
        Path,
        typer.Option(
            "-o", "--output", metavar="FOLDER", help="Where to write NAME_x4.EXT.", rich_help_panel=_FILES
        ),
    ],
    recursive: RecursiveOption = False,
    overwrite: OverwriteOption = False,
    move_done: Annotated[
        Path | None,
        typer.Option(
            "--move-done",
            metavar="FOLDER",
            help="Move originals there once their results are written; by default they stay.",
            rich_help_panel=_FILES,
        ),
    ] = None,
    move_failed: Annotated[
        Path | None,
        typer.Option(
            "--move-failed",
            metavar="FOLDER",
            help="Move files there that can't be enlarged; by default they stay, and are tried again once "
            "they change.",
            rich_help_panel=_FILES,
        ),
    ] = None,
    poll: Annotated[
        bool | None,
        typer.Option(
            "--poll/--no-poll",
            help="Only look from time to time, or rely on the system too, which tells at once; by default "
            "network folders are looked at.",
            rich_help_panel=_WATCHING,
        ),
    ] = None,
    interval: Annotated[
        float,
        typer.Option(
            "--interval",
            metavar="SECONDS",
            min=0.05,
            help="From one look to the next; a file that stood still meanwhile is whole.",
            rich_help_panel=_WATCHING,
        ),
    ] = 2.0,
    until_idle: Annotated[
        float | None,
        typer.Option(
            "--until-idle",
            metavar="SECONDS",
            min=0.0,
            help="End when nothing arrived for so long; by default never.",
            rich_help_panel=_WATCHING,
        ),
    ] = None,
    scale: ScaleOption = None,
    width: WidthOption = None,
    height: HeightOption = None,
    longest: LongestOption = None,
    shortest: ShortestOption = None,
    model: ModelOption = "auto",
    device: DeviceOption = "auto",
    precision: PrecisionOption = "auto",
    tile: TileOption = None,
    overlap: OverlapOption = None,
    threads: ThreadsOption = None,
    ensemble: EnsembleOption = 1,
    ensemble_by: EnsembleByOption = "mean",
    force_ensemble: ForceEnsembleOption = False,
    force_colour: ForceColourOption = False,
    format: FormatOption = None,  # noqa: A002  the option's name
    quality: QualityOption = None,
    page: PageOption = None,
    strip: StripOption = False,
    strength: StrengthOption = 1.0,
    seamless: SeamlessOption = False,
    fidelity: FidelityOption = None,
    min_fidelity: MinFidelityOption = None,
    timeout: TimeoutOption = None,
    check_seams: CheckSeamsOption = False,
    json: JsonOption = False,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
    debug: DebugOption = False,
) -> int:
    """Enlarge pictures as they arrive in a folder, each once, also over restarts.

    Examples:

        srcli watch inbox/ -o larger/

        srcli watch inbox/ -o larger/ -r --move-done originals/ --move-failed refused/

        srcli watch inbox/ -o larger/ --until-idle 60

        srcli watch inbox/ -o repaired/ -s 1 -m clean
    """
    from srcli.cli.line_report import LineReporter
    from srcli.cli.output import say, warn
    from srcli.cli.upscale_settings import target_and_model, upscale_settings
    from srcli.pipeline.watch.watch import Watch, WatchedFolder

    watched = WatchedFolder(
        folder, output, recursive, move_done, move_failed, poll_s=interval, polls=poll, idle_s=until_idle
    )
    target, model = target_and_model(scale, (width, height, longest, shortest), model, default=4.0)
    settings = upscale_settings(
        target,
        model=model,
        device=device,
        precision=precision,
        tile=tile,
        overlap=overlap,
        threads=threads,
        ensemble=ensemble,
        ensemble_by=ensemble_by,
        force_ensemble=force_ensemble,
        force_colour=force_colour,
        format=format,
        quality=quality,
        page=page,
        strip=strip,
        strength=strength,
        seamless=seamless,
        fidelity=fidelity,
        min_fidelity=min_fidelity,
        check_seams=check_seams,
        timeout=timeout,
        overwrite=overwrite,
        resume=True,
    )
    reporter = LineReporter(json=json, quiet=quiet, verbose=verbose)
    work = Watch(watched, settings, reporter, warn)
    with _stopped_by_signals(work.stop) as stopped:
        if not quiet:
            say(_beginning(watched, work))
        summary = work.run()
    if not quiet:
        say(f"{summary.done} done, {summary.skipped} finished before, {len(summary.failures)} failed")
    # To be stopped is how watching ends; what failed was told when it did.
    return 0 if stopped else summary.exit_code


def _beginning(watched: WatchedFolder, work: Watch) -> str:
    from srcli.core.names import printable

    way = f"looking every {watched.poll_s:g} s" if work.polls else "told by the system of new files"
    return f"watching {printable(watched.folder)} on {work.pool.device.name}, {way}; Ctrl-C ends"


@contextlib.contextmanager
def _stopped_by_signals(stop: Callable[[], None]) -> Iterator[list[int]]:
    """Have the first signal stop the work in good order, and a second one end the process at once.

    Yields:
        The signals that came.
    """
    from srcli.cli.signals import handled_elsewhere
    from srcli.core.unfinished import remove_unfinished

    came: list[int] = []

    def handle(number: int, _frame: object) -> None:
        came.append(number)
        if len(came) > 1:
            remove_unfinished()
            os._exit(128 + number)
        stop()

    numbers = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    # Ignored on purpose, as by nohup, stays ignored.
    before = {
        each: signal.getsignal(each) for each in numbers if signal.getsignal(each) is not signal.SIG_IGN
    }
    with handled_elsewhere():
        for number in before:
            signal.signal(number, handle)
        try:
            yield came
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
