"""Small clips for the tests, made on the spot; whoever calls has PyAV."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

TIME_BASE = Fraction(1, 12800)
RATE = 25
STEP = 512
"""Ticks between two frames of an even rate."""
SIZE = (36, 52)
"""Height and width."""
SOUND_RATE = 8000


def times(frames: int, *, uneven: bool = False) -> list[int]:
    """When each frame is shown, in ticks of ``TIME_BASE``."""
    if not uneven:
        return [STEP * index for index in range(frames)]
    steps = (1, 40, 512, 700, 5, 12800, 64)
    return [sum(steps[each % len(steps)] for each in range(index)) for index in range(frames)]


def levels(index: int, size: tuple[int, int] = SIZE) -> Any:
    """A frame with waves that travel, (height, width, 3) uint8."""
    rows, columns = np.mgrid[: size[0], : size[1]]
    waves = [127 + 90 * np.sin(rows / (3 + c) + (columns + 2 * index) / 5) for c in range(3)]
    return np.stack(waves, axis=-1).astype(np.uint8)


def clip(
    path: Path,
    *,
    frames: int = 12,
    size: tuple[int, int] = SIZE,
    uneven: bool = False,
    sound: bool = False,
    codec: str = "libx264",
    pixel_format: str = "yuv420p",
    options: dict[str, str] | None = None,
    shown: Sequence[int] | None = None,
) -> Path:
    """Write a clip.

    Args:
        path: its extension tells the container.
        frames: how many.
        size: height and width.
        uneven: whether the rate changes from frame to frame.
        sound: whether there is sound.
        codec: the encoder's name.
        pixel_format: FFmpeg's name.
        options: of the encoder.
        shown: which wave each frame shows; by default each another one.
    """
    import av

    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w", container_options=_container_options(path)) as container:
        stream: Any = container.add_stream(codec, rate=RATE, options=options or {})
        stream.height, stream.width = size
        stream.pix_fmt = pixel_format
        stream.time_base = stream.codec_context.time_base = TIME_BASE
        track = _add_sound(container) if sound else None
        for index, pts in enumerate(times(frames, uneven=uneven)):
            pixels = levels(index if shown is None else shown[index], size)
            frame = av.VideoFrame.from_ndarray(pixels, "rgb24")
            frame.pts, frame.time_base = pts, TIME_BASE
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
        if track is not None:
            _write_sound(container, track, times(frames, uneven=uneven)[-1] * TIME_BASE)
    return path


def _container_options(path: Path) -> dict[str, str]:
    return {"movie_timescale": str(TIME_BASE.denominator)} if path.suffix in (".mp4", ".mov") else {}


def _add_sound(container: Any) -> Any:
    track = container.add_stream("aac", rate=SOUND_RATE)
    track.layout = "mono"
    track.metadata["language"] = "deu"
    return track


def _write_sound(container: Any, track: Any, seconds: Fraction) -> None:
    import av

    count = 1024
    for start in range(0, max(count, int(seconds * SOUND_RATE)), count):
        tone = np.sin(2 * np.pi * 440 * np.arange(start, start + count) / SOUND_RATE).astype(np.float32)
        frame = av.AudioFrame.from_ndarray(tone[None] / 4, "fltp", "mono")
        frame.sample_rate = SOUND_RATE
        frame.pts, frame.time_base = start, Fraction(1, SOUND_RATE)
        container.mux(track.encode(frame))
    container.mux(track.encode(None))


def packets(path: Path, kind: str) -> list[tuple[int | None, int | None, bytes]]:
    """Time, duration and content of all packets of the first stream of a kind (``video``, ``audio``, ...)."""
    import av

    with av.open(str(path)) as container:
        stream = next(each for each in container.streams if each.type == kind)
        return [(each.pts, each.duration, bytes(each)) for each in container.demux(stream) if each.size]


def frames_of(path: Path) -> list[tuple[int, Any]]:
    """Time in ticks, and levels (height, width, 3), of all frames."""
    import av

    with av.open(str(path)) as container:
        return [(frame.pts, frame.to_ndarray(format="rgb24")) for frame in container.decode(video=0)]
