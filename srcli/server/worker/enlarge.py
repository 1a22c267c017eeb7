"""Pictures through the path of ``srcli upscale``, from file to file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from srcli.core.cancel import CancelToken
from srcli.core.events import Events
from srcli.engine.machine import usable_cores
from srcli.imaging.containers.sniff import HEAD_BYTES, sniff_format
from srcli.imaging.decode import open_picture
from srcli.imaging.formats import FORMATS, format_from_extension, format_read_only
from srcli.models.verify import sha256_of
from srcli.server.worker.catalogue import MEDIA_TYPES
from srcli.server.worker.failures import describe
from srcli.server.worker.machine import machine, pool_named
from srcli.server.worker.shown import is_shown
from srcli.server.worker.wanted import settings_of
from srcli.upscaling.choice import EVERYDAY
from srcli.upscaling.jobs import Job
from srcli.upscaling.report import FileReport, Status
from srcli.upscaling.run import prepare_jobs
from srcli.upscaling.sinks import FileSink
from srcli.upscaling.sources import FileSource

if TYPE_CHECKING:
    from srcli.server.worker.main import Cancels, Tell
    from srcli.upscaling.settings import UpscaleSettings

_WARM_SIDE = 64


def warm_up(setup: dict[str, Any]) -> dict[str, Any]:
    """Load the default generator and let it enlarge a small grey picture, so that the first one is quick.

    Args:
        setup: ``model``; ``device``; ``workers``: processes that share the cores.

    Returns:
        ``side_by_side``: small pictures that are best enlarged at a time.
    """
    import numpy as np

    machine.device = setup["device"]
    if setup["workers"] > 1:
        machine.threads = max(1, usable_cores() // setup["workers"])
    pool = pool_named(setup["model"])
    for generator in pool.chain(4.0, EVERYDAY if pool.chooses else None):
        generator.upscale(np.full((_WARM_SIDE, _WARM_SIDE, 3), 128, np.uint8))
    return {"side_by_side": pool.side_by_side}


def enlarge(task: dict[str, Any], tell: Tell, cancels: Cancels) -> None:
    """Enlarge pictures that have the same settings, small ones side by side.

    Tells of each picture as soon as it ended.

    Args:
        task: ``wishes`` of all; ``timeout_s``; ``jobs``, each with ``job``, ``source``, ``target``, ``name``.
        tell: takes events.
        cancels: which jobs are no longer wanted.
    """
    settings = settings_of(
        task["wishes"], device=machine.device, threads=machine.threads, timeout_s=task["timeout_s"]
    )
    named = {job["source"]: job for job in task["jobs"]}
    jobs = [
        Job(
            FileSource(Path(job["source"])),
            FileSink(Path(job["target"])),
            CancelToken(cancels.of(job["job"])),
        )
        for job in task["jobs"]
    ]
    prepare_jobs(jobs, settings, pool_named(settings.model)).start(_Teller(named, settings, tell))


class _Teller(Events[FileReport]):
    """Passes on how a batch goes."""

    def __init__(self, named: dict[str, dict[str, Any]], settings: UpscaleSettings, tell: Tell) -> None:
        self._named = named
        self._settings = settings
        self._tell = tell
        self._units: dict[str, str] = {}

    def started(self, item: str) -> None:
        """A picture was read."""
        self._tell({"event": "started", "job": self._named[item]["job"]})

    def progress(self, item: str, unit: str, done: int, total: int) -> None:
        """Tell of the larger unit, which comes first: frames of an animation, else tiles."""
        if self._units.setdefault(item, unit) == unit:
            self._tell({"event": "progress", "job": self._named[item]["job"], "done": done, "total": total})

    def finished(self, outcome: FileReport) -> None:
        """A picture ended."""
        report = outcome
        job = self._named[report.input]
        if report.status is Status.DONE:
            self._tell({"event": "done", "job": job["job"], **_describe(report, job, self._settings)})
            return
        assert report.failure is not None, "a picture that was not done failed"
        self._tell(
            {"event": "failed", "job": job["job"], **describe(report.failure, report.input, job["name"])}
        )


def _describe(report: FileReport, job: dict[str, Any], settings: UpscaleSettings) -> dict[str, Any]:
    target = Path(job["target"])
    with target.open("rb") as file:
        file_format = sniff_format(file.read(HEAD_BYTES)) or "PNG"
    assert report.output_size is not None, "a picture that is done has a size"
    with open_picture(target) as picture:
        shown = is_shown(picture.info)
    return {
        "shown": shown,
        "output": {
            "name": name_result(job["name"], settings.target.label, file_format),
            "width": report.output_size[0],
            "height": report.output_size[1],
            "format": file_format.lower(),
            "media_type": MEDIA_TYPES[file_format],
            "bytes": target.stat().st_size,
            "sha256": sha256_of(target),
            "model": report.model,
            "model_reason": report.model_reason,
            "seconds": report.seconds,
            "warnings": [warning.replace(job["source"], job["name"]) for warning in report.warnings],
        },
    }


def name_result(name: str, label: str, file_format: str) -> str:
    """What a result is called, as the command line would name it, with an extension that is true.

    Args:
        name: of the upload.
        label: such as ``x4``.
        file_format: of the result.
    """
    given = Path(name)
    known = format_from_extension(given.suffix)
    extension = given.suffix if known == file_format else FORMATS[file_format].extensions[0]
    stem = given.stem if known or format_read_only(given.suffix) else given.name
    return f"{stem}_{label}{extension}"
