"""Versions of a picture to look at: as files that browsers show, in tiles, and held against a reference."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from srcli.core.errors import InputError
from srcli.core.events import Events
from srcli.imaging.decode import open_picture
from srcli.imaging.pyramid import read_tile, write_pyramid
from srcli.pipeline.measure.pair import MeasureSettings, finite_or_none, measure_pair
from srcli.server.worker.shown import is_shown
from srcli.server.worker.wanted import settings_of
from srcli.upscaling.jobs import Job
from srcli.upscaling.pool import open_pool
from srcli.upscaling.report import FileReport
from srcli.upscaling.run import prepare_jobs
from srcli.upscaling.settings import UpscaleSettings
from srcli.upscaling.sinks import FileSink
from srcli.upscaling.sources import FileSource
from srcli.upscaling.target import Target

if TYPE_CHECKING:
    from srcli.server.worker.main import Cancels, Tell

METRICS = ("psnr", "ssim")


class ReferenceSize(InputError):
    """The reference is not as large as the result."""

    code = "reference-size"


def render(task: dict[str, Any], tell: Tell, _cancels: Cancels) -> None:
    """Write a version of a picture as PNG, by the path of all pictures.

    Args:
        task: ``source``; ``target``; and ``wishes`` for an interpolation of the size that they ask for, or
            ``longest``, the side of a smaller version, or neither for the picture as it is.
        tell: told when it is there.
    """
    source, target = Path(task["source"]), Path(task["target"])
    if "wishes" in task:
        wanted = {**task["wishes"], "model": "bicubic", "format": "png", "strength": 1.0, "seamless": False}
        settings = replace(settings_of(wanted), quality=None)
    else:
        settings = UpscaleSettings(target=_same_or_smaller(source, task), model="bicubic", format="png")
    job = Job(FileSource(source), FileSink(target))
    summary = prepare_jobs([job], settings, open_pool(settings)).start(Events[FileReport]())
    if summary.failures:
        failure = summary.failures[0].failure
        assert failure is not None, "a picture that was not done failed"
        raise failure.to_error(task["name"])
    tell({"event": "rendered"})


def _same_or_smaller(source: Path, task: dict[str, Any]) -> Target:
    with open_picture(source) as picture:
        size = picture.info.size
    if "longest" in task:
        return Target(longest=min(task["longest"], max(size)))
    return Target(width=size.width, height=size.height)


def cut(task: dict[str, Any], tell: Tell, _cancels: Cancels) -> None:
    """Store a picture in tiles.

    Args:
        task: ``source``, a PNG file that ``render`` or the generator wrote; ``target``.
        tell: told when it is there.
    """
    write_pyramid(Path(task["source"]), Path(task["target"]))
    tell({"event": "cut"})


def tile(task: dict[str, Any], tell: Tell, _cancels: Cancels) -> None:
    """Write one tile as PNG.

    Args:
        task: ``source``, what ``cut`` wrote, its ``width`` and ``height``; ``level``, ``column``, ``row``;
            ``target``.
        tell: told when it is there.
    """
    size = task["width"], task["height"]
    data = read_tile(Path(task["source"]), size, task["level"], task["column"], task["row"])
    Path(task["target"]).write_bytes(data)
    tell({"event": "tile"})


def measure(task: dict[str, Any], tell: Tell, _cancels: Cancels) -> None:
    """Measure versions against a reference: PSNR and SSIM of luma, the border of one input pixel left out.

    Args:
        task: ``versions``, files by name; their ``width`` and ``height``; ``reference``; ``scale``.
        tell: told the figures.

    Raises:
        InputError: the reference is no picture of that size.
    """
    reference = Path(task["reference"])
    with open_picture(reference) as picture:
        info = picture.info
    if (info.size.width, info.size.height) != (task["width"], task["height"]):
        raise ReferenceSize(
            f"the reference is {info.size}, the result {task['width']}x{task['height']}",
            hint="give the original of the size of the result",
        )
    settings = MeasureSettings(METRICS, shave=max(1, round(task["scale"])))
    figures = {
        name: _rounded(measure_pair(Path(path), reference, settings).figures)
        for name, path in task["versions"].items()
    }
    tell(
        {
            "event": "measured",
            "figures": figures,
            "reference": {"width": info.size.width, "height": info.size.height},
            "shown": is_shown(info),
        }
    )


def _rounded(figures: dict[str, float]) -> dict[str, float | bool | None]:
    told: dict[str, float | bool | None] = {name: finite_or_none(figures[name]) for name in METRICS}
    return told | {"identical": told["psnr"] is None}
