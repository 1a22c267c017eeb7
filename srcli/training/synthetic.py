"""Crops that photographs lack: flat colours, white paper, gradients, dithered patterns and text.

Without them adversarial generators invent texture on paper, screens and skies.
"""

from __future__ import annotations

import string
from typing import TYPE_CHECKING

import torch
from torch.nn import functional

from srcli.imaging.pixels.lettering import draw_words
from srcli.training.degradations.chance import choose, one_uniform

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

LETTERS = string.ascii_letters + string.digits + " .,;:!?-()"
LETTER_PX = (8, 28)
PATTERN_SIDES = (2, 4)
"""Shortest and longest period of a dithered pattern, in pixels."""


def draw_synthetic(side: int, random: torch.Generator) -> Tensor:
    """A random crop (3, side, side), uint8, RGB."""
    crop = _KINDS[choose([1.0] * len(_KINDS), random)](side, random)
    return (crop.clamp(0, 1) * 255).round().to(torch.uint8)


def _flat(side: int, random: torch.Generator) -> Tensor:
    return _colour(random).expand(3, side, side)


def _white(side: int, random: torch.Generator) -> Tensor:
    return torch.ones(3, side, side)


def _gradient(side: int, random: torch.Generator) -> Tensor:
    first, second = _colour(random), _colour(random)
    ramp = torch.linspace(0, 1, side).expand(1, side, side)
    mixed = first + (second - first) * ramp
    return mixed.transpose(1, 2) if choose([1.0, 1.0], random) else mixed


def _pattern(side: int, random: torch.Generator) -> Tensor:
    """Two colours in a small pattern that repeats, as dithering and pixel graphics have it."""
    shortest, longest = PATTERN_SIDES
    rows, columns = torch.randint(shortest, longest + 1, (2,), generator=random).tolist()
    pattern = torch.randint(2, (1, rows, columns), generator=random)
    coverage = pattern.repeat(1, side // rows + 1, side // columns + 1)[:, :side, :side]
    return _two_colours(coverage, random)


def _text(side: int, random: torch.Generator) -> Tensor:
    letter_px = round(one_uniform(*LETTER_PX, random))
    rows, columns = side // letter_px + 1, 2 * side // letter_px + 1
    picks = torch.randint(len(LETTERS), (rows, columns), generator=random).tolist()
    lines = ["".join(LETTERS[pick] for pick in row) for row in picks]
    return _two_colours(_lettered(lines, side, letter_px), random)


def _lettered(lines: list[str], side: int, letter_px: int) -> Tensor:
    """Lines of text one below the other, as coverage (1, side, side), 0..1."""
    drawn = [torch.from_numpy(draw_words(line, letter_px).copy())[:, :side] for line in lines]
    even = [functional.pad(line, (0, side - line.shape[1])) for line in drawn]
    page = torch.cat(even)[:side]
    return functional.pad(page, (0, 0, 0, side - page.shape[0]))[None]


def _two_colours(coverage: Tensor, random: torch.Generator) -> Tensor:
    """Ink on paper; half of it black on white, as most text is, the rest in any two colours."""
    plain = bool(choose([1.0, 1.0], random))
    paper, ink = (torch.ones(3, 1, 1), torch.zeros(3, 1, 1)) if plain else (_colour(random), _colour(random))
    return paper + (ink - paper) * coverage


def _colour(random: torch.Generator) -> Tensor:
    return torch.rand(3, 1, 1, generator=random)


_KINDS: tuple[Callable[[int, torch.Generator], Tensor], ...] = (
    _flat,
    _white,
    _gradient,
    _pattern,
    _text,
)
