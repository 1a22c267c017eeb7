"""A part of a video by several methods side by side: as a clip, or as a page to look at it frame by frame."""

from __future__ import annotations

import base64
import tempfile
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from srcli.core.errors import InputError, OutputError, UsageError
from srcli.core.events import FRAME
from srcli.core.files import atomic_path, remove_leftovers
from srcli.core.geometry import Size
from srcli.core.names import printable
from srcli.pipeline.compare.canvas import Canvas
from srcli.pipeline.compare.page import PAGE_EXTENSIONS
from srcli.pipeline.offline_page import fill_page
from srcli.pipeline.video.naming import CONTAINERS
from srcli.pipeline.video.source import made_up
from srcli.video.join import join
from srcli.video.plan import Wish, plan_output
from srcli.video.segment import SegmentWriter, encodable, segment_suffix
from srcli.video.video import Part, open_video

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from srcli.core.arrays import Planes
    from srcli.core.events import Events
    from srcli.core.outcome import Outcome
    from srcli.pipeline.compare.crops import Box
    from srcli.upscaling.methods import Method
    from srcli.video.frame import VideoFrame
    from srcli.video.plan import OutputPlan
    from srcli.video.video import Video

WIDEST, HIGHEST = 1920, 1000
"""Pixels that all panes together take where no part is asked for: what a screen shows."""
LENGTH_S = 4.0
"""Of the part in time where none is asked for."""
REFERENCE = "reference"
_CAPTION, _LETTERS, _GAP = 28, 18, 4
_CRF = 12.0


@dataclass(frozen=True, slots=True)
class ClipComparison:
    """What was shown.

    Attributes:
        name: of the input.
        labels: of the panes, from the left.
        box: the part of the frame, (x, y, width, height) in pixels of the result.
        size: of the clip.
        times_s: when each frame is shown, from the first one.
        end_s: when the last one ends.
    """

    name: str
    labels: tuple[str, ...]
    box: tuple[int, int, int, int]
    size: Size
    times_s: tuple[float, ...]
    end_s: float


def check_clip_target(target: Path, *, overwrite: bool) -> None:
    """See to it before any work that the output can be made.

    Raises:
        OutputError: it exists and may not be replaced, or its extension is none that is written.
    """
    suffix = target.suffix.lower()
    if suffix not in PAGE_EXTENSIONS and suffix not in CONTAINERS:
        raise OutputError(
            f"cannot write {printable(target)}: unknown kind '{suffix}'",
            hint="end it in .mp4 for a clip, or in .html for a page",
        )
    if target.exists() and not overwrite:
        raise OutputError(f"{printable(target)} exists already", hint="add --overwrite to replace it")


def compare_clips(
    source: Path,
    reference: Path | None,
    methods: Sequence[Method],
    scale: int,
    target: Path,
    *,
    part: Part,
    box: Box | None,
    overwrite: bool,
    events: Events[Outcome],
) -> ClipComparison:
    """Enlarge a part of a video by every method, and write the results side by side.

    Args:
        source: the small video.
        reference: the true large one, ``scale`` times the size, frame for frame; None for none.
        methods: in the order of the panes.
        scale: the whole factor of all methods.
        target: a video, or a page where its name ends in ``.html``.
        part: in time.
        box: the part of each frame, in pixels of the result; None for its middle.
        overwrite: whether the target may be replaced.
        events: hear of each frame of the video.

    Raises:
        InputError: a file can't be read, or the reference has another size or other frames.
        UsageError: the box is not in the frame.
        OutputError: the target can't be written.
    """
    labels = (*(method.label for method in methods), *([REFERENCE] if reference else []))
    remove_leftovers(target.parent)
    is_page = target.suffix.lower() in PAGE_EXTENSIONS
    with (
        tempfile.TemporaryDirectory(prefix="srcli-video-") as folder,
        atomic_path(target, overwrite=overwrite) as temporary,
        open_video(source) as video,
    ):
        size = video.info.size.scaled(scale)
        place = _place(box, size, len(labels))
        plan = _plan(video, place, len(labels), "mp4" if is_page else CONTAINERS[target.suffix.lower()])
        clip = Path(folder) / f"clip{plan.suffix}" if is_page else temporary
        sheets = _Sheets(methods, scale, labels, place, plan.encoding.size)
        segment = Path(folder) / f"part{segment_suffix(plan.encoding)}"
        frames = _frames(video, reference, part, size)
        times: list[Fraction] = []
        base, end = video.info.time_base, Fraction(0)
        with SegmentWriter(segment, plan.encoding) as writer:
            for index, (frame, truth) in enumerate(frames, start=1):
                drawn = encodable(sheets.draw(frame, truth), plan.encoding)
                writer.write(drawn, frame.pts, frame.duration)
                times.append(frame.pts * base)
                end = (frame.pts + frame.duration) * base
                events.progress(video.info.name, FRAME, index, max(index, _expected(video, part)))
            if not times:
                raise InputError(f"{video.info.name} has no frame in that part", hint="a smaller --start")
        join([writer.segment], plan, clip, None)
        made = ClipComparison(
            printable(source.name),
            labels,
            place,
            plan.encoding.size,
            tuple(float(each - times[0]) for each in times),
            float(end - times[0]),
        )
        if is_page:
            temporary.write_text(_page(made, clip), encoding="utf-8")
    return made


class _Sheets:
    """Draws the panes of a frame beside one another, each under its label."""

    def __init__(
        self,
        methods: Sequence[Method],
        scale: int,
        labels: Sequence[str],
        place: tuple[int, int, int, int],
        size: Size,
    ) -> None:
        self._methods, self._scale, self._place = methods, scale, place
        self._empty = Canvas(size)
        self._lefts = _lefts(place[2], len(labels))
        for left, label in zip(self._lefts, labels, strict=True):
            self._empty.write(label, (left + _GAP, 1), height=_LETTERS, width=place[2] - _GAP)

    def draw(self, frame: VideoFrame, truth: VideoFrame | None) -> Planes:
        x, y, width, height = self._place
        colour = np.ascontiguousarray(frame.pixels()[:, :, :3])
        panes = [method.enlarge(colour) for method in self._methods]
        if truth is not None:
            panes.append(truth.pixels()[:, :, :3])
        sheet = self._empty.planes.copy()
        for left, pane in zip(self._lefts, panes, strict=True):
            part = pane[y : y + height, x : x + width]
            sheet[_CAPTION : _CAPTION + height, left : left + width] = part
        return sheet


def _lefts(width: int, panes: int) -> list[int]:
    """Where the panes of a sheet begin."""
    return [index * (width + _GAP) for index in range(panes)]


def _place(box: Box | None, size: Size, panes: int) -> tuple[int, int, int, int]:
    """The part of each frame that is shown."""
    if box is None:
        width = min(size.width, (WIDEST - (panes - 1) * _GAP) // panes // 2 * 2)
        height = min(size.height, HIGHEST)
        return (size.width - width) // 2, (size.height - height) // 2, width, height
    x, y, width, height = box
    if x + width > size.width or y + height > size.height:
        raise UsageError(
            f"the part {box} is not inside of {size}", hint="--crop X,Y,W,H counts result pixels"
        )
    return x, y, width, height


def _plan(video: Video, place: tuple[int, int, int, int], panes: int, container: str) -> OutputPlan:
    width = panes * place[2] + (panes - 1) * _GAP
    # Sides that every encoder takes; the rest of the sheet stays white.
    size = Size((_CAPTION + place[3] + 1) // 2 * 2, (width + 1) // 2 * 2)
    info = made_up(video.info.name, size, time_base=video.info.time_base, frames=0, depth=8, has_alpha=False)
    codec = "vp9" if container == "webm" else "ffv1" if container == "y4m" else "h264"
    return plan_output(
        info, Wish(size, container=container, codec=codec, crf=_CRF if codec == "h264" else None)
    )


def _frames(
    video: Video, reference: Path | None, part: Part, size: Size
) -> Iterator[tuple[VideoFrame, VideoFrame | None]]:
    """The frames of the part, each with its true one where there is a reference."""
    if reference is None:
        for frame in video.frames(part):
            yield frame, None
        return
    with open_video(reference) as truth:
        if truth.info.size != size:
            raise InputError(f"{truth.info.name} is {truth.info.size}, and the results are {size}")
        wanted = iter(truth.frames(part))
        for frame in video.frames(part):
            found = next(wanted, None)
            if found is None:
                raise InputError(f"{truth.info.name} has fewer frames than {video.info.name}")
            yield frame, found


def _expected(video: Video, part: Part) -> int:
    rate = video.info.frame_rate
    seconds = min(part.duration_s or LENGTH_S, video.info.duration_s or LENGTH_S)
    return round(float(rate) * seconds) if rate else 0


def _page(made: ClipComparison, clip: Path) -> str:
    address = f"data:video/mp4;base64,{base64.b64encode(clip.read_bytes()).decode('ascii')}"
    x, y, width, height = made.box
    about = (
        f"{', '.join(made.labels)}; {width}x{height} pixels at {x},{y}, {len(made.times_s)} frames, "
        "shown as a compressed clip"
    )
    data = {
        "about": about,
        "width": width,
        "height": height,
        "panes": [
            {"label": label, "isReference": label == REFERENCE, "x": left, "y": _CAPTION}
            for label, left in zip(made.labels, _lefts(width, len(made.labels)), strict=True)
        ],
        "times": made.times_s,
        "end": made.end_s,
        "source": address,
    }
    return fill_page("srcli.pipeline.video.page", made.name, data)
