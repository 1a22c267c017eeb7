"""Whether an output may be made, and what is remembered of finished ones."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from srcli.core.errors import OutputError
from srcli.core.files import real_path, remove_leftovers
from srcli.pipeline.video.report import Status, VideoReport
from srcli.pipeline.video.segments import forget
from srcli.pipeline.video.source import numbered_pictures
from srcli.upscaling.manifest import Manifest, Past
from srcli.upscaling.settings import Existing

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from srcli.pipeline.video.inspection import VideoInspection
    from srcli.pipeline.video.job import VideoJob
    from srcli.pipeline.video.settings import VideoSettings


class VideoOutputs:
    """The outputs of a run.

    Args:
        settings: what to do where an output exists.
        models: sha256 of each model that may run.
        remember: whether finished videos are noted for ``--resume``.
    """

    def __init__(self, settings: VideoSettings, models: tuple[str, ...], *, remember: bool) -> None:
        self._settings = settings
        self._remember = remember
        shaping = json.dumps(settings.shaping(models), sort_keys=True)
        self._manifest = Manifest(hashlib.sha256(shaping.encode()).hexdigest())

    def check(self, job: VideoJob) -> VideoReport | None:
        """See whether the output is there already.

        Returns:
            The report of a video that was finished before; else None.

        Raises:
            OutputError: the output exists and may not be replaced.
        """
        target, overwrite = job.target, self._settings.existing is Existing.OVERWRITE
        if target is not None and target == self._settings.frames:
            self._check_folder(job, target, overwrite=overwrite)
            return None
        if target is None or not (target.exists() or target.is_symlink()):
            return None
        if target.is_dir():
            raise OutputError(f"{job.target_name} is a folder", hint="choose another name with -o")
        if target.exists() and not target.is_file():
            raise OutputError(f"{job.target_name} is no regular file", hint="-o - writes to standard output")
        if self._settings.resume and job.source and self._manifest.past(job.source, target) is Past.FINISHED:
            forget(real_path(target))
            return VideoReport(job.source_name, job.target_name, Status.SKIPPED)
        if overwrite:
            return None
        raise OutputError(
            f"{job.target_name} exists already",
            hint="it was not finished with these settings; add --overwrite to make it again"
            if self._settings.resume
            else "add --overwrite to replace it, or --resume to skip what is finished",
        )

    def note(self, inspection: VideoInspection, target: Path, finished: Path) -> None:
        """Remember a finished output.

        Args:
            inspection: of the video that it was made from.
            target: where it is about to be.
            finished: where it is now.
        """
        source, identity = inspection.job.source, inspection.identity
        if self._remember and source and identity:
            self._manifest.note(source, identity, target, finished)

    @staticmethod
    def _check_folder(job: VideoJob, folder: Path, *, overwrite: bool) -> None:
        if folder.exists() and not folder.is_dir():
            raise OutputError(f"{job.target_name} is no folder", hint="name a folder with --frames")
        if numbered_pictures(folder) and not overwrite:
            raise OutputError(
                f"{job.target_name} has numbered pictures already",
                hint="add --overwrite to replace them, or -o NAME.mp4 to make a video of them",
            )


def remove_remains(jobs: Sequence[VideoJob]) -> None:
    """Remove the temporary files that killed runs left in the folders of the outputs."""
    for folder in {job.target.parent for job in jobs if job.target}:
        remove_leftovers(folder)
