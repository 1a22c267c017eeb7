"""Videos through the path of ``srcli video``, from file to file."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from srcli.core.cancel import CancelToken
from srcli.core.errors import Cancelled, UsageError
from srcli.models.verify import sha256_of
from srcli.pipeline.video.job import VideoJob
from srcli.pipeline.video.line import VideoEvents
from srcli.pipeline.video.outputs import VideoOutputs
from srcli.pipeline.video.report import Status
from srcli.pipeline.video.run import VideoRun
from srcli.pipeline.video.settings import VideoSettings
from srcli.server.worker.failures import describe, describe_failure
from srcli.server.worker.machine import machine, pool_named
from srcli.upscaling.target import Target
from srcli.upscaling.time_limit import TookTooLong
from srcli.video.video import open_video

if TYPE_CHECKING:
    from srcli.pipeline.video.report import VideoReport
    from srcli.server.worker.main import Cancels, Tell
    from srcli.video.info import VideoInfo

MEDIA_TYPES = {
    "mp4": "video/mp4",
    "mov": "video/quicktime",
    "mkv": "video/x-matroska",
    "webm": "video/webm",
}
"""Of the containers that are written; whatever else comes goes out as Matroska."""
OTHERWISE = "mkv"
_FOR_PICTURES = ("format", "quality", "strip", "seamless")


def read_video(source: Path) -> VideoInfo:
    """What a video is, by its headers and its first frame.

    Raises:
        InputError: it can't be read.
        MissingExtra: the extra ``video`` is not installed.
    """
    with open_video(source) as video:
        return video.info


def size_of(info: VideoInfo, wishes: dict[str, Any]) -> tuple[int, int]:
    """Width and height of the result.

    Raises:
        UsageError: the settings make no sense for a video.
    """
    for name in _FOR_PICTURES:
        if wishes[name]:
            raise UsageError(f"{name} is a setting for pictures, and this is a video")
    size = _target(wishes).size_for(info.size)
    return size.width, size.height


def video(task: dict[str, Any], tell: Tell, cancels: Cancels) -> None:
    """Enlarge a video.

    Args:
        task: ``wishes``; ``timeout_s``; ``jobs``, one of them, as for pictures.
        tell: takes events.
        cancels: whether it is no longer wanted.
    """
    job, wishes = task["jobs"][0], task["wishes"]
    source = Path(job["source"])
    brand = read_video(source).brand
    target = source.with_name(f"video.{brand if brand in MEDIA_TYPES else OTHERWISE}")
    settings = VideoSettings(
        target=_target(wishes), model=wishes["model"], device=machine.device, strength=wishes["strength"]
    )
    pool = pool_named(settings.model)
    run = VideoRun(
        (VideoJob(source, target),), settings, pool, VideoOutputs(settings, pool.hashes, remember=False)
    )
    over = threading.Event()
    clock = threading.Timer(task["timeout_s"], over.set)
    clock.daemon = True
    clock.start()
    try:
        run.start(
            _Teller(job, target, settings.target.label, tell), CancelToken(cancels.of(job["job"]), over)
        )
    except Cancelled as error:
        late = TookTooLong(f"{job['name']} took longer than {task['timeout_s']:g} seconds")
        tell({"event": "failed", "job": job["job"], **describe_failure(late if over.is_set() else error)})
    finally:
        clock.cancel()


def _target(wishes: dict[str, Any]) -> Target:
    sides = {name: wishes[name] for name in ("width", "height", "longest", "shortest")}
    return Target(wishes["scale"], **sides)


class _Teller(VideoEvents):
    """Passes on how a video goes."""

    def __init__(self, job: dict[str, Any], target: Path, label: str, tell: Tell) -> None:
        self._job = job
        self._target = target
        self._label = label
        self._tell = tell

    def progress(self, item: str, unit: str, done: int, total: int) -> None:
        """Frames are done."""
        if total:
            self._tell({"event": "progress", "job": self._job["job"], "done": done, "total": total})

    def finished(self, outcome: VideoReport) -> None:
        """It ended."""
        if outcome.status in (Status.DONE, Status.INCOMPLETE):
            self._tell({"event": "done", "job": self._job["job"], **self._describe(outcome)})
            return
        assert outcome.failure is not None, "a video that was not done failed"
        failure = describe(outcome.failure, self._job["source"], self._job["name"])
        self._tell({"event": "failed", "job": self._job["job"], **failure})

    def _describe(self, report: VideoReport) -> dict[str, Any]:
        place = Path(self._job["target"])
        self._target.replace(place)
        assert report.output_size is not None, "a video that is done has a size"
        kind = self._target.suffix.removeprefix(".")
        return {
            "shown": False,
            "output": {
                "name": f"{Path(self._job['name']).stem}_{self._label}.{kind}",
                "width": report.output_size[0],
                "height": report.output_size[1],
                "format": kind,
                "media_type": MEDIA_TYPES[kind],
                "bytes": place.stat().st_size,
                "sha256": sha256_of(place),
                "model": report.model,
                "model_reason": report.model_reason,
                "seconds": report.seconds,
                "warnings": [
                    warning.replace(self._job["source"], self._job["name"]) for warning in report.warnings
                ],
            },
        }
