"""A generator on a device, ready to run: where a model card, a session and the tile engine meet."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, overload

from srcli.core.cancel import Cancel, CancelToken
from srcli.core.errors import UsageError
from srcli.core.events import Progress, silent
from srcli.core.geometry import Size
from srcli.core.pixel_format import FLOAT_PIXEL_BYTES, PixelFormat
from srcli.core.precision import AUTO, FULL, HALF, PRECISIONS
from srcli.core.rows import Rows, rows_of, whole
from srcli.engine.devices.registry import check_precision, choose_device
from srcli.engine.inference.endable import ending_with
from srcli.engine.inference.ort_session import CPU
from srcli.engine.probing.first_opening import survive_first_opening
from srcli.engine.sessions.session import Session, open_session
from srcli.engine.tiling.blend import FLOATS
from srcli.engine.tiling.ensemble import Ensemble
from srcli.engine.tiling.planner import window_for
from srcli.engine.tiling.tiled import TiledReport, TiledRun
from srcli.models.folders import shipped_folder
from srcli.models.store import DEFAULT_MODEL
from srcli.models.verify import verify
from srcli.upscaling.colouring import ColourRun
from srcli.upscaling.kinds import upscale_any
from srcli.upscaling.model_ref import ModelRef

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path
    from typing import Self

    import numpy.typing as npt
    from PIL.Image import Image
    from torch import Tensor

    from srcli.core.arrays import Planes
    from srcli.core.card import ModelCard
    from srcli.core.rows import Band
    from srcli.engine.devices.kind import Device
    from srcli.engine.tiling.elsewhere import Elsewhere, TilingPlan
    from srcli.models.store import InstalledModel
    from srcli.upscaling.kinds import Kind

    Picture: TypeAlias = npt.NDArray[Any] | Image | Tensor | str | Path


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How a generator is to run.

    Attributes:
        tile: side of the tiles in input pixels; ``None`` lets the planner fuse 96-pixel patches.
        overlap: rim of a tile in input pixels; ``None`` takes the card's.
        precision: ``fp32``, ``fp16``, ``bf16``, ``int8``, or ``auto``: ``fp16`` on a GPU where the card calls
            it safe, else ``fp32``.
        threads: CPU threads; ``None`` for all cores.
        ensemble: the orientations in which each tile goes through, and what is made of the results.
        force_ensemble: whether generators of invented texture may run in an ensemble.
        force_colour: whether generators that give colour take pictures that have some already.
    """

    tile: int | None = None
    overlap: int | None = None
    precision: str = AUTO
    threads: int | None = None
    ensemble: Ensemble = field(default_factory=Ensemble)
    force_ensemble: bool = False
    force_colour: bool = False

    def __post_init__(self) -> None:
        if self.precision not in (AUTO, *PRECISIONS):
            raise UsageError(
                f"unknown precision {self.precision!r}",
                hint=f"choose one of {', '.join((AUTO, *PRECISIONS))}",
            )
        if self.tile is not None and self.tile < 32:
            raise UsageError(
                f"a tile of {self.tile} pixels is too small", hint="choose at least 32; 96 is the patch"
            )
        if self.overlap is not None and self.overlap < 0:
            raise UsageError(f"an overlap of {self.overlap} pixels makes no sense")
        if self.tile is not None and self.overlap is not None and 2 * self.overlap >= self.tile:
            raise UsageError(
                f"an overlap of {self.overlap} on both sides leaves nothing of a tile of {self.tile}"
            )
        if self.threads is not None and self.threads < 1:
            raise UsageError(f"{self.threads} threads can't run anything")


class Generator:
    """One generator at one scale on one device.

    Make one with :func:`load_generator`. The ONNX session is opened on first use.

    Attributes:
        elsewhere: computes rows of windows instead of the device, where it is set.
    """

    def __init__(self, model: InstalledModel, device: Device, options: RunOptions) -> None:
        self.model = model
        self.device = device
        self.options = options
        self.elsewhere: Elsewhere | None = None
        self._largest_window: Size | None = None
        if options.ensemble.size > 1 and model.card.is_adversarial and not options.force_ensemble:
            raise UsageError(
                f"{model.card.name} learnt to invent texture, which an ensemble averages away",
                hint="leave --ensemble out, or add --force-ensemble",
            )
        self._lock = Lock()
        self._running = 0

    @property
    def card(self) -> ModelCard:
        """What is known about the generator."""
        return self.model.card

    @property
    def scale(self) -> int:
        """The integer factor."""
        return self.card.scale

    @property
    def overlap(self) -> int:
        """The rim of a tile, in input pixels, that is computed and dropped or blended."""
        return self.card.overlap if self.options.overlap is None else self.options.overlap

    @property
    def precision(self) -> str:
        """What runs: ``fp32``, ``fp16``, ``bf16`` or ``int8``."""
        if self.options.precision != AUTO:
            return self.options.precision
        halves = self.device.on_gpu and self.card.fp16_safe and HALF in self.card.variants
        return HALF if halves else FULL

    def on_threads(self, threads: int) -> Generator:
        """The same generator with another number of CPU threads, in a session of its own."""
        return Generator(self.model, self.device, replace(self.options, threads=threads))

    @cached_property
    def session(self) -> Session:
        """The session that runs it, opened once; the model file is checked against its card before."""
        verify(self.model)
        return self._open(self.model.file_for(self.precision), self.device, self.precision)

    def close(self) -> None:
        """Give the session's memory back; the next use opens another one.

        An ``upscale`` that is under way in another thread keeps its session until it ends.
        """
        with self._lock:
            session: Session | None = self.__dict__.pop("session", None)
            if session is not None and not self._running:
                session.close()

    def run(self, planes: Planes, progress: Progress = silent) -> tuple[Planes, TiledReport]:
        """Upscale the planes of a picture, tile by tile.

        Args:
            planes: (height, width, 3) float32 RGB, 0..1.
            progress: told of each tile.

        Returns:
            (scale x height, scale x width, 3) float32, 0..1, and how it was done.

        Raises:
            OutOfMemory: even the smallest tile doesn't fit.
        """
        run = self.start(rows_of(planes), progress)
        return whole(run.rows), run.report()

    def start(
        self,
        planes: Rows,
        progress: Progress = silent,
        *,
        pixels: PixelFormat[Planes] = FLOATS,
        source: Rows | None = None,
    ) -> TiledRun | ColourRun:
        """Plan a picture's way through the generator; it goes as the result's rows are read.

        Args:
            planes: bands (any height, width, 3) float32 RGB, 0..1.
            progress: told of each tile.
            pixels: what finished pixels are to be; float32 by default.
            source: what ``planes`` were made from by generators before this one, for a look at the whole.
        """
        if self.card.colours:
            return ColourRun(
                planes,
                source or planes,
                self.session,
                progress=progress,
                pixels=pixels,
                force=self.options.force_colour,
            )
        return TiledRun(
            planes,
            self.session,
            window=self.window_for(planes.size, pixels.pixel_bytes),
            overlap=self.overlap,
            explicit=self.options.tile is not None,
            progress=progress,
            fallback=self._open_reference,
            pixels=pixels,
            shrunk=self._remember,
            ensemble=self.options.ensemble,
            elsewhere=self.elsewhere,
        )

    def compute(self, plan: TilingPlan, pixels: PixelFormat[Planes] = FLOATS) -> TiledRun:
        """A run that computes rows of windows of a picture that is elsewhere: see ``TiledRun.patches_of``.

        Args:
            plan: of the picture.
            pixels: what finished pixels are to be.
        """
        return TiledRun(
            Rows(plan.size, _nothing),
            self.session,
            window=plan.window,
            overlap=plan.overlap,
            explicit=plan.explicit,
            fallback=self._open_reference,
            pixels=pixels,
            ensemble=plan.ensemble,
        )

    def window_for(self, size: Size, pixel_bytes: int = FLOAT_PIXEL_BYTES) -> Size:
        """The tile for a picture of ``size``, no larger than what once fitted after memory had run out."""
        window = window_for(
            size,
            self.session.traits,
            self.device,
            overlap=self.overlap,
            tile=self.options.tile,
            pixel_bytes=pixel_bytes,
        )
        if self._largest_window is None:
            return window
        return Size(*map(min, window, self._largest_window))

    def _remember(self, window: Size) -> None:
        """Take no larger tile than the one that fitted after memory had run out."""
        self._largest_window = window

    @overload
    def upscale(
        self,
        picture: Picture,
        *,
        to: Literal["image"],
        progress: Progress = ...,
        cancel: Cancel | None = ...,
    ) -> Image: ...

    @overload
    def upscale(
        self,
        picture: Picture,
        *,
        to: Literal["array"],
        progress: Progress = ...,
        cancel: Cancel | None = ...,
    ) -> npt.NDArray[Any]: ...

    @overload
    def upscale(
        self,
        picture: Picture,
        *,
        to: Literal["tensor"],
        progress: Progress = ...,
        cancel: Cancel | None = ...,
    ) -> Tensor: ...

    @overload
    def upscale(
        self,
        picture: npt.NDArray[Any] | str | Path,
        *,
        to: None = ...,
        progress: Progress = ...,
        cancel: Cancel | None = ...,
    ) -> npt.NDArray[Any]: ...

    @overload
    def upscale(
        self, picture: Image, *, to: None = ..., progress: Progress = ..., cancel: Cancel | None = ...
    ) -> Image: ...

    @overload
    def upscale(
        self, picture: Tensor, *, to: None = ..., progress: Progress = ..., cancel: Cancel | None = ...
    ) -> Tensor: ...

    def upscale(
        self,
        picture: Picture,
        *,
        to: Kind | None = None,
        progress: Progress = silent,
        cancel: Cancel | None = None,
    ) -> Any:
        """Upscale a picture by this generator's scale.

        Args:
            picture: one of

                - an array (height, width) or (height, width, 1 | 2 | 3 | 4) of uint8 or uint16 (full range)
                  or floating point (0..1), the second or fourth channel being straight alpha; or a batch of
                  them, (number, height, width, channels);
                - an image of Pillow; palettes become RGB or grey;
                - a tensor of torch (channels, height, width), or a batch (number, channels, height, width),
                  of the types and ranges of arrays, on any device;
                - the path of a picture file, whose first frame is taken.
            to: the kind of the result: ``array``, ``image`` or ``tensor``; by default that of the picture,
                and an array for a file. A batch to ``image`` gives a list.
            progress: called with the number of tiles done and of all tiles, for each picture of a batch anew.
            cancel: a :class:`~srcli.core.cancel.CancelToken` or ``threading.Event``: once it is set, the work
                ends.

        Returns:
            The picture, scale times as high and wide, with the channels, the type and the device that it had.
            A file gives uint8 or uint16 as its depth is. Images keep their ``info`` (profile, EXIF).

        Raises:
            InputError: the file can't be read, or the picture is none of the above.
            OutOfMemory: even the smallest tile doesn't fit.
            Cancelled: ``cancel`` was set.
        """
        token = CancelToken(cancel)
        token.check()
        with self._in_use(), ending_with(token):
            return upscale_any(picture, self, token.checking(progress), to)

    def upscale_all(
        self,
        pictures: Iterable[Picture],
        *,
        to: Kind | None = None,
        progress: Progress = silent,
        cancel: Cancel | None = None,
    ) -> Iterator[Any]:
        """Upscale pictures one after the other, each when it is asked for; see :meth:`upscale`."""
        for picture in pictures:
            yield self.upscale(picture, to=to, progress=progress, cancel=cancel)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def _in_use(self) -> Iterator[None]:
        with self._lock:
            self._running += 1
        try:
            yield
        finally:
            with self._lock:
                self._running -= 1

    def _open_reference(self) -> Session:
        return self._open(self.model.path, CPU, FULL)

    def _open(self, path: Path, device: Device, precision: str) -> Session:
        if path.parent != shipped_folder():
            survive_first_opening(path, self.card)
        return open_session(path, device, threads=self.options.threads, precision=precision, card=self.card)


def _nothing(start: int) -> Iterator[Band]:
    """The bands of a picture that is elsewhere."""
    return iter(())


def load_generator(
    name: str = DEFAULT_MODEL,
    *,
    scale: int | None = None,
    device: str | Device = "auto",
    options: RunOptions | None = None,
) -> Generator:
    """Find a generator and prepare it for a device.

    Args:
        name: the name of an installed generator, or the path of an ONNX file.
        scale: 2, 3 or 4; by default 4, or whatever an ONNX file has.
        device: ``auto``, or what ``--device`` takes, such as ``cuda:0`` or ``openvino:gpu``.
        options: how to run it.

    Raises:
        UnknownModel: there is no such generator.
        UnsuitableModel: the ONNX file is no generator.
        UsageError: the ONNX file has another scale.
        DeviceUnavailable: the device can't be used, or not at this precision.
    """
    options = options or RunOptions()
    chosen = choose_device(device, options.precision) if isinstance(device, str) else device
    check_precision(chosen, options.precision)
    return Generator(ModelRef(name).find(scale), chosen, options)
