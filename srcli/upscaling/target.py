"""How large the output is to be, and at which scales generators lead there."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from srcli.core.errors import UsageError
from srcli.core.geometry import Size

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_FACTOR = 16.0


@dataclass(frozen=True, slots=True)
class Target:
    """A wish for the output's size: a factor, pixels along one or both sides, or the size that it has.

    Exactly one kind of wish is set; ``width`` and ``height`` together mean the largest picture of the same
    proportions that fits into that box, and ``keep`` means that nothing is enlarged.
    """

    factor: float | None = None
    width: int | None = None
    height: int | None = None
    longest: int | None = None
    shortest: int | None = None
    keep: bool = False

    def __post_init__(self) -> None:
        sides = (self.width, self.height, self.longest, self.shortest)
        box = self.width if self.height is None else self.height
        kinds = (self.factor, box, self.longest, self.shortest, self.keep or None)
        if sum(kind is not None for kind in kinds) != 1:
            raise UsageError(
                "ask for one size: --scale, --width and/or --height, --longest, or --shortest",
            )
        if self.factor == 1.0:
            raise UsageError(
                "scale 1 keeps the size of a picture", hint="srcli restore photo.jpg repairs it at its size"
            )
        if self.factor is not None and not 1.0 < self.factor <= MAX_FACTOR:
            raise UsageError(
                f"scale {self.factor:g} is out of range",
                hint=f"choose a factor above 1 and up to {MAX_FACTOR:g}, such as -s 2, -s 3, -s 4 or -s 2.5",
            )
        for side in sides:
            if side is not None and side < 1:
                raise UsageError(f"a picture can't be {side} pixels wide or high")

    @property
    def label(self) -> str:
        """What the default output name ends with, such as ``x4``, ``x2.5`` or ``longest2000``."""
        if self.keep:
            return "x1"
        if self.factor is not None:
            return f"x{self.factor:g}"
        return "_".join(f"{name}{pixels}" for name, pixels in self._sides())

    def _sides(self) -> list[tuple[str, int]]:
        sides = {
            "width": self.width,
            "height": self.height,
            "longest": self.longest,
            "shortest": self.shortest,
        }
        return [(name, pixels) for name, pixels in sides.items() if pixels is not None]

    def factor_for(self, size: Size) -> float:
        """The factor that takes a picture of ``size`` to the wish; 1 or below where it is that large already.

        Raises:
            UsageError: it is beyond what ``--scale`` allows.
        """
        factor = self._factor_for(size)
        if factor > MAX_FACTOR:
            wish = " ".join(f"--{name} {pixels}" for name, pixels in self._sides())
            raise UsageError(
                f"{wish} makes {size} {factor:.3g} times as large, and the limit is {MAX_FACTOR:g}",
                hint="ask for fewer pixels",
            )
        return factor

    def _factor_for(self, size: Size) -> float:
        if self.keep:
            return 1.0
        if self.factor is not None:
            return self.factor
        if self.longest is not None:
            return self.longest / max(size)
        if self.shortest is not None:
            return self.shortest / min(size)
        wishes = ((self.width, size.width), (self.height, size.height))
        return min(wish / side for wish, side in wishes if wish is not None)

    def size_for(self, size: Size) -> Size:
        """The output size in pixels, each side rounded half up and at least 1."""
        factor = self.factor_for(size)
        return Size(*(max(1, math.floor(side * factor + 0.5)) for side in size))


def chain_scales(factor: float, available: Sequence[int]) -> tuple[int, ...]:
    """The generators' scales to run one after the other so that the product reaches ``factor``.

    The last is the nearest above what remains; the surplus is taken away by one resize. A factor of 1 needs
    one that keeps the size, if there is such, and a factor below needs none. Where there is nothing but one
    that keeps the size, it runs whatever the factor.

    Args:
        factor: the factor wished for.
        available: the scales there are generators for, not empty.

    >>> chain_scales(2.5, (2, 3, 4)), chain_scales(8, (2, 3, 4)), chain_scales(1, (2,)), chain_scales(2, (1,))
    ((3,), (4, 2), (), (1,))
    """
    larger = [scale for scale in available if scale > 1]
    if not larger or (1 in available and math.isclose(factor, 1.0)):
        return (1,)
    scales: list[int] = []
    remaining = factor
    # What floating point leaves over is no reason for a second pass.
    while remaining > 1.0 + 1e-6:
        above = [scale for scale in larger if scale >= remaining * (1.0 - 1e-6)]
        scales.append(min(above) if above else max(larger))
        remaining /= scales[-1]
    return tuple(scales)


def share_scales(factor: float, stages: Sequence[Sequence[int]]) -> list[tuple[int, ...]]:
    """The scales at which each of several generators runs, one after the other, to reach ``factor``.

    One that keeps the size runs once, at its place. Those that enlarge share the factor: each runs, and the
    last as often as needed, so that the least surplus is left.

    Args:
        factor: the factor wished for.
        stages: the scales that each generator has, none of them empty.

    >>> share_scales(4, [(1,), (2, 4)]), share_scales(8, [(2, 4), (4,), (1,)])
    ([(1,), (4,)], [(2,), (4,), (1,)])
    """
    enlarging = [index for index, available in enumerate(stages) if max(available) > 1]
    if factor <= 1.0 or len(enlarging) <= 1:
        return [chain_scales(factor, available) for available in stages]
    *first, last = enlarging
    best: list[tuple[int, ...]] = []
    for heads in itertools.product(*(_larger(stages[index]) for index in first)):
        rest = chain_scales(factor / math.prod(heads), stages[last])
        found: list[tuple[int, ...]] = [(1,)] * len(stages)
        for index, head in zip(first, heads, strict=True):
            found[index] = (head,)
        found[last] = rest if math.prod(rest) > 1 else (min(_larger(stages[last])),)
        if not best or _product(found) < _product(best):
            best = found
    return best


def _larger(available: Sequence[int]) -> list[int]:
    return sorted(scale for scale in available if scale > 1)


def _product(scales: Sequence[Sequence[int]]) -> int:
    return math.prod(itertools.chain.from_iterable(scales))
