"""What a person asked ``srcli video`` to do, as one value."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from srcli.core.errors import UsageError
from srcli.upscaling.choice import AUTOMATIC
from srcli.upscaling.generator import RunOptions
from srcli.upscaling.settings import Existing, label_of
from srcli.video.plan import Wish

if TYPE_CHECKING:
    from pathlib import Path

    from srcli.core.geometry import Size
    from srcli.upscaling.target import Target
    from srcli.video.video import Deinterlace, Part

SEGMENT = 250
"""Frames to a segment: what a crash costs at most, and x264's own distance between keyframes."""


@dataclass(frozen=True, slots=True)
class Format:
    """How the output is encoded; nothing stands for "as the source, where possible".

    Attributes:
        container: ``mp4``, ``mov``, ``mkv``, ``webm`` or ``y4m``; by default as the output is named.
        codec: ``h264``, ``h265``, ``av1``, ``vp9``, ``ffv1``, ``prores``, or an encoder's name.
        crf: constant quality on the encoder's own scale.
        preset: the encoder's own word or number.
        pixel_format: FFmpeg's name.
        matrix: ``keep`` or ``bt709``.
        audio: whether sound is copied.
        subtitles: whether subtitles are copied.
    """

    container: str | None = None
    codec: str | None = None
    crf: float | None = None
    preset: str | None = None
    pixel_format: str | None = None
    matrix: str = "keep"
    audio: bool = True
    subtitles: bool = True


@dataclass(frozen=True, slots=True)
class VideoSettings:
    """Everything that shapes the outputs.

    Attributes:
        target: the size wished for.
        model: name of an installed generator or of an interpolation, the path of an ONNX file, or ``auto``.
        device: ``auto``, or what ``--device`` takes.
        options: how the generator runs.
        strength: share of the generator in the result, 0..1, the rest being bicubic.
        format: how the output is encoded.
        part: the part in time that is enlarged; None for all.
        stream: index of the video stream; None for the best one.
        deinterlace: what is done with interlaced frames.
        strict: whether damage in the input is an error instead of being counted.
        segment: frames to a segment.
        reuse: whether a frame that equals the one before exactly takes over its result.
        frames: a folder of numbered pictures to write instead of a video, or to read.
        rate: frames a second of a folder of pictures without a video.
        existing: what to do where the output exists.
        resume: whether finished outputs are skipped, and finished segments used.
    """

    target: Target
    model: str = AUTOMATIC
    device: str = "auto"
    options: RunOptions = field(default_factory=RunOptions)
    strength: float = 1.0
    format: Format = field(default_factory=Format)
    part: Part | None = None
    stream: int | None = None
    deinterlace: Deinterlace = "refuse"
    strict: bool = False
    segment: int = SEGMENT
    reuse: bool = True
    frames: Path | None = None
    rate: float = 25.0
    existing: Existing = Existing.REFUSE
    resume: bool = False

    def __post_init__(self) -> None:
        if not 0.0 <= self.strength <= 1.0:
            raise UsageError(f"strength {self.strength:g} is not between 0 and 1")
        if self.segment < 1:
            raise UsageError(f"a segment of {self.segment} frames makes no sense")
        if not 0.0 < self.rate < math.inf:
            raise UsageError(f"{self.rate:g} frames a second make no sense")
        if self.deinterlace not in ("refuse", "auto", "on", "off"):
            raise UsageError(
                f"unknown way to deinterlace '{self.deinterlace}'", hint="choose refuse, auto, on or off"
            )
        self._check_part()

    def _check_part(self) -> None:
        if self.part is None:
            return
        duration_s = math.inf if self.part.duration_s is None else self.part.duration_s
        if not self.part.start_s >= 0.0 or not duration_s > 0.0:
            raise UsageError("a part begins at 0 seconds or later, and lasts longer than 0")

    def wish(self, size: Size, container: str | None, threads: int) -> Wish:
        """What the encoder is asked for.

        Args:
            size: of the result.
            container: as the output is named.
            threads: of the encoder.
        """
        return Wish(
            size=size,
            container=self.format.container or container,
            codec=self.format.codec,
            crf=self.format.crf,
            preset=self.format.preset,
            pixel_format=self.format.pixel_format,
            threads=threads,
            matrix=self.format.matrix,
            audio=self.format.audio,
            subtitles=self.format.subtitles,
            segment=self.segment,
            whole=self.part is None,
        )

    @property
    def label(self) -> str:
        """What default names end with: the size wished for, or what repairs at the same size."""
        return label_of(self.target, self.model)

    def shaping(self, models: tuple[str, ...]) -> dict[str, Any]:
        """All that shapes the frames and the file, as JSON can hold it.

        Tile, threads and device of the generator are left out: the result does not depend on them.

        Args:
            models: sha256 of each model that may run.
        """
        return {
            "models": list(models),
            "model": self.model,
            "target": self.target.label,
            "overlap": self.options.overlap,
            "precision": self.options.precision,
            "ensemble": asdict(self.options.ensemble),
            "strength": self.strength,
            "format": asdict(self.format),
            "part": None if self.part is None else asdict(self.part),
            "stream": self.stream,
            "deinterlace": self.deinterlace,
            "segment": self.segment,
            "frames": None if self.frames is None else str(self.frames),
            "rate": self.rate,
        }
