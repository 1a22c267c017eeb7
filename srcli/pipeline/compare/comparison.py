"""One picture enlarged by several methods."""

from __future__ import annotations

import dataclasses
import time
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from srcli.core.errors import InputError
from srcli.core.events import TILE
from srcli.core.names import printable
from srcli.imaging.picture import Metadata, Mode
from srcli.imaging.pixels.alpha import over_grey
from srcli.metrics.protocol import Protocol, measure, usual_shave
from srcli.pipeline.measure.pair import finite_or_none
from srcli.pipeline.measure.still import Still, read_still

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from srcli.core.arrays import Planes
    from srcli.core.events import Events
    from srcli.core.geometry import Size
    from srcli.core.outcome import Outcome
    from srcli.imaging.picture import PictureInfo
    from srcli.upscaling.methods import Method

METRICS = ("psnr", "ssim")
REFERENCE = "reference"


@dataclass(frozen=True, slots=True)
class Pane:
    """One version of the picture.

    Attributes:
        label: the method's, or ``reference``.
        colour: (height, width, 1 or 3) float32, 0..1; all panes have one shape.
        seconds: it took to make; ``None`` for the reference.
        figures: PSNR and SSIM of the whole picture, where there is a reference to measure against.
    """

    label: str
    colour: Planes
    seconds: float | None = None
    figures: dict[str, float] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """JSON-ready values without the pixels; an infinite figure is null."""
        figures = {name: finite_or_none(value) for name, value in self.figures.items()}
        return {"method": self.label, "seconds": self.seconds, **figures}


@dataclass(frozen=True, slots=True)
class Comparison:
    """A picture in several versions.

    Attributes:
        name: of the input file.
        input_size: before it was enlarged.
        size: of the panes.
        scale: the whole factor.
        panes: methods in the order asked for, the reference last.
        protocol: how figures were measured; ``None`` without a reference.
        info: what an encoder needs to know to write a pane.
    """

    name: str
    input_size: Size
    size: Size
    scale: int
    panes: tuple[Pane, ...]
    protocol: Protocol | None
    info: PictureInfo

    @property
    def reference(self) -> Pane | None:
        """The true picture, where there is one."""
        return self.panes[-1] if self.protocol else None


def compare_methods(
    source: Path, reference: Path | None, methods: Sequence[Method], scale: int, events: Events[Outcome]
) -> Comparison:
    """Enlarge or repair a picture by every method, and measure each where there is a reference.

    Transparent pictures are laid over mid-grey.

    Args:
        source: the small picture.
        reference: the true large one, ``scale`` times the size.
        methods: in the order of the panes.
        scale: the whole factor of all methods.
        events: hear of each method's tiles.

    Raises:
        InputError: a picture can't be read, or the reference has another size.
    """
    still = _flatten(read_still(source))
    truth = None if reference is None else _read_reference(reference, still, scale)
    colour = still.colour
    if truth is not None and truth.shape[2] > colour.shape[2]:
        colour = np.repeat(colour, truth.shape[2], axis=2)
    protocol = None if truth is None else Protocol("y", usual_shave(scale))
    panes = [_run(method, colour, truth, protocol, events) for method in methods]
    if truth is not None:
        panes.append(Pane(REFERENCE, truth))
    size = still.info.size.scaled(scale)
    info = _encoder_info(still.info, size, panes[0].colour.shape[2])
    return Comparison(printable(source.name), still.info.size, size, scale, tuple(panes), protocol, info)


def _flatten(still: Still) -> Still:
    if still.alpha is None:
        return still
    return dataclasses.replace(still, colour=over_grey(still.colour, still.alpha), alpha=None)


def _read_reference(path: Path, still: Still, scale: int) -> Planes:
    truth = _flatten(read_still(path))
    wanted = still.info.size.scaled(scale)
    if truth.info.size != wanted:
        raise InputError(
            f"{truth.name} is {truth.info.size}, and {still.name} x{scale} is {wanted}",
            hint=f"make a matching pair: srcli degrade {truth.name} -s {scale} -o low/ --references cropped/",
        )
    channels = still.colour.shape[2]
    return truth.colour if truth.colour.shape[2] >= channels else np.repeat(truth.colour, channels, axis=2)


def _run(
    method: Method, colour: Planes, truth: Planes | None, protocol: Protocol | None, events: Events[Outcome]
) -> Pane:
    method.warm_up()
    started_s = time.perf_counter()
    larger = method.enlarge(colour, partial(events.progress, method.label, TILE))
    seconds = round(time.perf_counter() - started_s, 4)
    figures = {} if truth is None or protocol is None else measure(larger, truth, protocol, METRICS)
    return Pane(method.label, larger, seconds, figures)


def _encoder_info(info: PictureInfo, size: Size, channels: int) -> PictureInfo:
    """The input's header as 8-bit grey or RGB of the panes' size; of the metadata only a fitting profile."""
    mode = Mode.GREY if channels == 1 else Mode.RGB
    icc = info.metadata.icc if info.mode is mode else None
    return dataclasses.replace(
        info, size=size, mode=mode, depth=8, has_alpha=False, metadata=Metadata(icc=icc), notes=()
    )
