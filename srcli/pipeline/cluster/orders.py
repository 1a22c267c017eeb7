"""What goes to the workers of a cluster and what comes back; all of it can be pickled."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from pathlib import Path

    from srcli.core.errors import SrcliError
    from srcli.core.outcome import Failure
    from srcli.engine.tiling.elsewhere import RowOfPatches, RowOfWindows, TilingPlan
    from srcli.pipeline.cluster.places import Place
    from srcli.pipeline.cluster.shipping import ShippedModel
    from srcli.pipeline.stores.parcels import Parcel
    from srcli.upscaling.file_identity import Identity
    from srcli.upscaling.report import FileReport
    from srcli.upscaling.settings import UpscaleSettings


@dataclass(frozen=True, slots=True)
class Setup:
    """What every worker of a run is told when it starts.

    Attributes:
        version: of srcli; a worker has the same or none.
        settings: what to do; the device is chosen, and the threads are those of one worker.
        remembers: whether finished pictures are noted for ``--resume``.
        models: the generators that it needs.
        stores: addresses, one for each place that it reads from or writes to.
    """

    version: str
    settings: UpscaleSettings
    remembers: bool
    models: tuple[ShippedModel, ...]
    stores: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PictureOrder:
    """One picture to enlarge.

    Attributes:
        key: what the answer names it by.
        name: of the input, for messages.
        source: where the input lies, an absolute path.
        page: which picture of the file; None for the main one.
        identity: of the file, so that a machine knows whether it sees the same one.
        target: where the output goes, an absolute path.
        named: whether a person named this very output.
        place: tells whether a machine sees the output's folder; None where none can be asked.
        again: whether it may be there already, because a worker that is gone had it.
        data: the file's content for a machine that does not see it.
    """

    key: int
    name: str
    source: Path
    page: int | None
    identity: Identity
    target: Path
    named: bool
    place: Place | None
    again: bool = False
    data: bytes | None = field(default=None, repr=False)

    @property
    def sent_bytes(self) -> int:
        """Of the picture, where it is sent."""
        return len(self.data or b"")


@dataclass(frozen=True, slots=True)
class ParcelOrder:
    """One picture of a store to enlarge.

    Attributes:
        key: what the answer names it by.
        parcel: the picture.
        data: its content, where only the machine that plans can open its store.
        returns: whether the result goes back, because only that machine can open the store where it goes.
    """

    key: int
    parcel: Parcel
    data: bytes | None = field(default=None, repr=False)
    returns: bool = False

    @property
    def sent_bytes(self) -> int:
        """Of the picture, where it is sent."""
        return len(self.data or b"")


@dataclass(frozen=True, slots=True)
class RowOrder:
    """One row of windows of a picture that is elsewhere.

    Attributes:
        key: what the answer names it by.
        sha256: of the generator.
        plan: of the picture.
        part: the pixels.
    """

    key: int
    sha256: str
    plan: TilingPlan
    part: RowOfWindows = field(repr=False)

    @property
    def sent_bytes(self) -> int:
        """Of the pixels."""
        return self.part.pixels.nbytes


@dataclass(frozen=True, slots=True)
class Enlarged:
    """A picture ended, well or not.

    Attributes:
        key: of the order.
        report: with the names that the worker knew it by.
        data: the finished file, where the worker could not write it to its place.
    """

    key: int
    report: FileReport
    data: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Unseen:
    """The machine does not see the input: its content is needed."""

    key: int


@dataclass(frozen=True, slots=True)
class Computed:
    """A row of windows, or why it can't be computed."""

    key: int
    result: RowOfPatches | SrcliError = field(repr=False)


Order: TypeAlias = PictureOrder | ParcelOrder | RowOrder
Answer: TypeAlias = Enlarged | Unseen | Computed


@dataclass(frozen=True, slots=True)
class Greeting:
    """What a worker says when it has started.

    Attributes:
        machine: the name of its machine.
        problem: why it can't work; None where it can.
    """

    machine: str
    problem: Failure | None = None
