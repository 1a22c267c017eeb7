"""How a network has to be framed so that it enlarges whole pictures.

Convolutions without padding eat the rim of a picture, and steps of two pixels need even sides. The programs
that run such networks (waifu2x-, realcugan-, realesrgan- and realsr-ncnn-vulkan) surround the picture with
more of its own pixels and cut the result; so does the ONNX graph.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from srcli.core.errors import UnsuitableModel
from srcli.importers.ncnn.family import CUGAN, CUNET, UPCONV, family_of

if TYPE_CHECKING:
    from srcli.importers.ncnn.network import Network

SCALES = range(1, 17)
MULTIPLES = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32)
START = 96
"""A side that no network in use finds too short."""
SAMPLES = 4
RESIDUAL_SCALE = 4
"""Real-CUGAN's networks for this scale give what is to be added to the picture."""
REPEATING = frozenset({CUNET, UPCONV})
"""Families whose margin repeats the outermost pixels."""
BORDER = 10
"""Pixels that the Real-ESRGAN and RealSR programs mirror around every tile."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What is done around a network.

    Attributes:
        scale: how many times larger the network's output is, its rim aside.
        margin: pixels that surround the picture on each side.
        lost: of these, how many the network eats.
        multiple: what the picture's sides have to be multiples of.
        mirrored: whether the margin mirrors the picture, or repeats its outermost pixels. Where there is
            less to mirror than wanted, it repeats what it mirrored last.
        residual: whether the output is what has to be added to the picture's repeated pixels.
    """

    scale: int
    margin: int
    lost: int
    multiple: int
    mirrored: bool
    residual: bool

    @property
    def offset(self) -> int:
        """Rows and columns of the network's output before the enlarged picture begins."""
        return self.scale * (self.margin - self.lost)


def frame_of(network: Network) -> Frame:
    """Find out what a network does to the size of a picture, by following some sizes through it.

    Raises:
        UnsuitableModel: the output is no enlarged picture, or a layer can't be translated.
        DamagedModel: the network's files are broken.
    """
    sides = _Sides(network)
    for multiple in MULTIPLES:
        for first in range(START, START + multiple):
            found = _scale_and_loss(sides, first, multiple)
            if found is not None:
                return _frame(family_of(network.layers), *found, multiple)
    raise sides.trouble or UnsuitableModel("the network gives no whole multiple of the picture's size")


def _frame(family: str, scale: int, lost: int, multiple: int) -> Frame:
    """The frame that the programs of a family put around its networks."""
    return Frame(
        scale=scale,
        margin=lost or BORDER,
        lost=lost,
        multiple=multiple,
        mirrored=family not in REPEATING,
        residual=family == CUGAN and scale == RESIDUAL_SCALE,
    )


class _Sides:
    """The sides of a network's output by those of its input; square pictures, each traced once."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._made: dict[int, int | None] = {}
        self.trouble: UnsuitableModel | None = None

    def of(self, side: int) -> int | None:
        """The output's side; None where the network refuses that size, and why in ``trouble``."""
        if side not in self._made:
            self._made[side] = self._trace(side)
        return self._made[side]

    def _trace(self, side: int) -> int | None:
        """The output's side."""
        try:
            shape = self._network.shape_for(side, side)
        except UnsuitableModel as error:
            self.trouble = self.trouble or error
            return None
        if len(shape) != 3 or shape[0] != self._network.channels or shape[1] != shape[2]:
            raise UnsuitableModel(
                f"the network makes {shape} of a picture ({self._network.channels}, {side}, {side})"
            )
        return shape[1]


def _scale_and_loss(sides: _Sides, first: int, multiple: int) -> tuple[int, int] | None:
    """Scale and rim, if from ``first`` on every side ``multiple`` pixels longer leads to the same ones."""
    samples = [first + multiple * index for index in range(SAMPLES)]
    made = [side for side in map(sides.of, samples) if side is not None]
    if len(made) < SAMPLES:
        return None
    scale, rest = divmod(made[1] - made[0], multiple)
    if rest or scale not in SCALES:
        return None
    lost, rest = divmod(scale * first - made[0], 2 * scale)
    even = made == [scale * (side - 2 * lost) for side in samples]
    if rest or not even or lost < 0 or (first - 2 * lost) % multiple:
        return None
    return scale, lost
