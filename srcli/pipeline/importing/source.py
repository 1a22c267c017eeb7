"""Where generators come from: ONNX files, PyTorch checkpoints, ncnn networks, packages of them."""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property, partial
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, TypeAlias

from srcli.core.card import read_card
from srcli.core.errors import DamagedModel, SizesInside, UnknownModel, UsageError
from srcli.core.names import is_hidden, printable
from srcli.core.pipes import refuse_pipe
from srcli.importers import checkpoint, onnx_file
from srcli.importers.claims import NO_CLAIMS, Claims, declare
from srcli.importers.level import build_level_in
from srcli.importers.ncnn import ncnn_output, read_ncnn
from srcli.importers.ncnn.reader import bin_beside, require_reader
from srcli.importers.package_table import PACKAGES
from srcli.importers.packages import networks_of
from srcli.importers.sizes import fix_sizes, free_sizes
from srcli.models.verify import sha256_of
from srcli.pipeline.importing.freedom import hidden_side

if TYPE_CHECKING:
    from collections.abc import Callable

    from srcli.core.arrays import Planes
    from srcli.core.card import ModelCard
    from srcli.core.errors import ModelError
    from srcli.importers.converted import Converted
    from srcli.importers.packages import PackagedNetwork

Run: TypeAlias = "Callable[[Planes], Planes]"

ONNX_SUFFIX, PARAM, WEIGHTS = ".onnx", ".param", ".bin"
UNIT = 1.0
"""White in the generators that srcli's own importers make."""


@dataclass(frozen=True, slots=True)
class Reference:
    """The runtime that a generator was made for, such as ``PyTorch 2.13``, and how to run a picture there.

    ``run`` takes (H, W, 3) float32, RGB, 0..1, and gives (sH, sW, 3) float32, RGB.
    """

    runtime: str
    run: Run


@dataclass(frozen=True)
class Source(ABC):
    """A generator of another tool.

    Attributes:
        path: its file, or the first of its files.
        form: ``onnx``, ``pytorch`` or ``ncnn``.
    """

    path: Path
    form: ClassVar[str]

    @property
    def value_range(self) -> float | None:
        """White in the input and output of what ``convert`` gives; None where only a trial tells."""
        return UNIT

    @abstractmethod
    def convert(self) -> Converted:
        """The generator as ONNX."""

    def require(self) -> None:  # noqa: B027  most need nothing
        """Raise MissingExtra where a library is not installed without which nothing can be converted."""

    def convert_fixed(self, reason: ModelError) -> Converted | None:
        """The generator as ONNX that takes one size only, given why not all; None where there is none."""
        return None

    def reference(self) -> Reference | None:
        """Its own runtime; None where that is not installed, or where there is none but ours."""
        return None

    def card(self) -> ModelCard | None:
        """What its maker says of it in a card of srcli's."""
        return None

    def warnings(self) -> tuple[str, ...]:
        """What a person should know, in sentences."""
        return ()


@dataclass(frozen=True)
class OnnxSource(Source):
    """An ONNX file, and what a person says of its input and output."""

    claims: Claims = NO_CLAIMS
    form = "onnx"

    @property
    def value_range(self) -> float | None:
        """What a person says."""
        return self.claims.value_range

    def require(self) -> None:
        """The onnx package."""
        onnx_file.require_onnx("importing an ONNX file")

    def convert(self) -> Converted:
        """The file's model, made whole, as a person says it is, and freed of the size that it declares."""
        as_it_is = self._as_it_is
        freed = free_sizes(as_it_is.model, self.claims.layout)
        if freed is None:
            return as_it_is
        return dataclasses.replace(as_it_is, model=freed, declared=as_it_is.model)

    def convert_fixed(self, reason: ModelError) -> Converted | None:
        """The model for the size that it declares, or for one that is hidden in its graph."""
        as_it_is = self._as_it_is
        if free_sizes(as_it_is.model, self.claims.layout) is not None:
            return as_it_is
        if not isinstance(reason, SizesInside):
            return None
        side = hidden_side(as_it_is.model)
        if side is None:
            return None
        return dataclasses.replace(as_it_is, model=fix_sizes(as_it_is.model, side, self.claims.layout))

    @cached_property
    def _as_it_is(self) -> Converted:
        read = onnx_file.read_onnx(self.path)
        return declare(build_level_in(read, self.claims.level, self.claims.layout), self.claims)

    def card(self) -> ModelCard | None:
        """The card beside the file, if it is a card, and of this file."""
        try:
            card = read_card(self.path.with_suffix(".json"))
        except DamagedModel:
            return None
        return card if card.sha256 == sha256_of(self.path) else None

    def warnings(self) -> tuple[str, ...]:
        """Whether there is a card that does not count."""
        beside = self.path.with_suffix(".json")
        if not beside.is_file() or self.card() is not None:
            return ()
        return (f"{printable(beside.name)} is no card of that file, and was left aside",)


@dataclass(frozen=True)
class CheckpointSource(Source):
    """A PyTorch checkpoint, and what a person says of it: a level that it is told."""

    claims: Claims = NO_CLAIMS
    form = "pytorch"

    def require(self) -> None:
        """PyTorch, spandrel, and what they need."""
        checkpoint.require_packages()

    def convert(self) -> Converted:
        """The network as ONNX that takes any size."""
        return self._checkpoint.convert()

    def convert_fixed(self, reason: ModelError) -> Converted | None:
        """The network as ONNX that takes one size only."""
        return self._checkpoint.convert_fixed()

    def reference(self) -> Reference | None:
        """PyTorch, without which there was nothing to convert."""
        return Reference(self._checkpoint.runtime, self._checkpoint.run)

    @cached_property
    def _checkpoint(self) -> checkpoint.Checkpoint:
        return checkpoint.open_checkpoint(self.path, self.claims.level)

    def warnings(self) -> tuple[str, ...]:
        """Whether the level that it is told is nobody's choice."""
        if self.claims.level is not None or self._checkpoint.level is None:
            return ()
        return ("it asks for a level of noise, and is told 15/255: --level builds another one in",)


@dataclass(frozen=True)
class NcnnSource(Source):
    """An ncnn network; ``path`` is its ``.param`` file, and one in a package has a name and a licence."""

    packaged: PackagedNetwork | None = None
    form = "ncnn"

    def require(self) -> None:
        """The onnx package."""
        require_reader()

    def convert(self) -> Converted:
        """The network as ONNX."""
        return read_ncnn(self.path) if self.packaged is None else self.packaged.read()

    def reference(self) -> Reference | None:
        """ncnn, where it is installed."""
        if find_spec("ncnn") is None:
            return None
        weights = bin_beside(self.path) if self.packaged is None else self.packaged.weights
        return Reference(f"ncnn {version('ncnn')}", partial(ncnn_output, self.path, weights))

    def warnings(self) -> tuple[str, ...]:
        """Whether there was nothing to compare with."""
        if find_spec("ncnn") is not None:
            return ()
        return (
            "not compared with ncnn, which is not installed: "
            "pip install '.[realesrgan]' in a copy of srcli's repository",
        )


def find_sources(wanted: str) -> list[Source]:
    """The generators in a file, a folder or an installed package.

    Args:
        wanted: a file, a folder with such files directly in it, or the name of a package.

    Raises:
        UnknownModel: there is no such thing, or nothing in it.
        UsageError: it is a file of another kind.
        MissingExtra: the package is not installed.
    """
    path = Path(wanted)
    if path.is_dir():
        return _sources_in(path)
    if path.is_file():
        return [_source_in(path)]
    if wanted in PACKAGES:
        return [NcnnSource(network.param, network) for network in networks_of(wanted)]
    refuse_pipe(path)
    raise UnknownModel(f"there is no file, folder or known package {printable(wanted)}", hint=_KINDS)


def with_claims(sources: list[Source], claims: Claims) -> list[Source]:
    """The same generators, with what a person says of them.

    Raises:
        UsageError: something is said that is known of one of them.
    """
    return sources if claims == NO_CLAIMS else [_with_claims(source, claims) for source in sources]


def _with_claims(source: Source, claims: Claims) -> Source:
    if isinstance(source, OnnxSource):
        return OnnxSource(source.path, claims)
    if claims != Claims(level=claims.level):
        raise UsageError(
            f"{printable(source.path)} is no ONNX file: its range, layout and order of colours are known",
            hint="--range, --layout and --order are for ONNX files",
        )
    if isinstance(source, CheckpointSource):
        return CheckpointSource(source.path, claims)
    raise UsageError(f"{printable(source.path)} is an ncnn network, which is told no level")


_KINDS = f"srcli imports {', '.join((ONNX_SUFFIX, *checkpoint.SUFFIXES, PARAM))}, and {', '.join(PACKAGES)}"


def _sources_in(folder: Path) -> list[Source]:
    """The generators directly in a folder."""
    paths = sorted(path for path in folder.iterdir() if path.is_file() and not is_hidden(path))
    found = [source for path in paths if (source := _source_of(path)) is not None]
    if not found:
        raise UnknownModel(f"{printable(folder)} holds no generators", hint=_KINDS)
    return found


def _source_in(path: Path) -> Source:
    """The generator in a file; the weights of an ncnn network stand for the network."""
    network = path.with_suffix(PARAM)
    if path.suffix.lower() == WEIGHTS and network.is_file():
        return NcnnSource(network)
    found = _source_of(path)
    if found is None:
        raise UsageError(f"cannot import {printable(path)}: no generator by its suffix", hint=_KINDS)
    return found


def _source_of(path: Path) -> Source | None:
    """The generator in a file, told by the file's suffix; None for files of other kinds."""
    suffix = path.suffix.lower()
    if suffix == ONNX_SUFFIX:
        return OnnxSource(path)
    if suffix == PARAM:
        return NcnnSource(path)
    if checkpoint.is_checkpoint(path):
        return CheckpointSource(path)
    return None
