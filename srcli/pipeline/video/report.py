"""How each video of a run ended, and what is told on the way."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from srcli.core.outcome import Failure, Outcome


class Status(StrEnum):
    """How a video ended; an incomplete one lacks frames that its input could not give."""

    DONE = "done"
    INCOMPLETE = "incomplete"
    SKIPPED = "skipped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class VideoReport(Outcome):
    """How one video ended; the fields of ``--json``. Sizes are [width, height] in pixels.

    Attributes:
        frames: of the output.
        frames_expected: by what the input promised, where it did.
        repeated: frames that took over the result of the one before, which they equal.
        resumed: frames that an earlier run had made.
        damaged_frames: frames of the input in which errors were concealed.
        damaged_packets: packets of the input that could not be decoded.
        duration_s: of the output's picture, in seconds.
        seconds: the work took.
        stage_seconds: what each stage was busy for, over all its threads.
    """

    input: str
    output: str
    status: Status
    input_size: tuple[int, int] | None = None
    output_size: tuple[int, int] | None = None
    frames: int | None = None
    frames_expected: int | None = None
    repeated: int = 0
    resumed: int = 0
    damaged_frames: int = 0
    damaged_packets: int = 0
    duration_s: float | None = None
    container: str | None = None
    codec: str | None = None
    pixel_format: str | None = None
    model: str | None = None
    model_sha256: str | None = None
    model_reason: str | None = None
    device: str | None = None
    provider: str | None = None
    runtime: str | None = None
    precision: str | None = None
    tile: tuple[int, int] | None = None
    seconds: float = 0.0
    stage_seconds: dict[str, float] | None = None
    output_bytes: int | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Going:
    """How far a video is.

    Attributes:
        frames: that are encoded.
        expected: of the video, where that is known or can be told from its duration.
        exact: whether that number comes from the file's index.
        repeated: of the frames.
        pts_s: the time of the last frame, in seconds of the video.
        frames_per_second: lately.
        left_s: seconds that are left, where that can be told.
    """

    frames: int
    expected: int | None
    exact: bool
    repeated: int
    pts_s: float
    frames_per_second: float | None
    left_s: float | None

    def to_json(self) -> dict[str, Any]:
        """JSON-ready values."""
        return {
            "event": "progress",
            "frame": self.frames,
            "frames": self.expected,
            "pts_seconds": round(self.pts_s, 3),
            "fps": None if self.frames_per_second is None else round(self.frames_per_second, 3),
            "eta_seconds": None if self.left_s is None else round(self.left_s, 1),
            "repeated": self.repeated,
        }


def failed(source: str, target: str, error: Exception, seconds: float = 0.0) -> VideoReport:
    """The report of a video that ended with an error."""
    return VideoReport(
        source, target, Status.FAILED, seconds=round(seconds, 3), failure=Failure.of(error, source)
    )
