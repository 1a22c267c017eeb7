"""A chain of generators, one after the other: its names, and what it does to the size of a picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from srcli.core.geometry import Size
    from srcli.upscaling.generator import Generator


class _Scaling(Protocol):
    @property
    def scale(self) -> int:
        """The whole factor."""


Part = TypeVar("Part", bound=_Scaling)


@dataclass(frozen=True, slots=True)
class Link(Generic[Part]):
    """One generator of a chain.

    Attributes:
        generator: the generator.
        before: the size of what it gets.
        after: the size of what it gives.
        last: whether no other follows.
    """

    generator: Part
    before: Size
    after: Size
    last: bool


def links(generators: Sequence[Part], size: Size) -> Iterator[Link[Part]]:
    """The generators in the order they run, on a picture of a size."""
    for index, generator in enumerate(generators, start=1):
        after = size.scaled(generator.scale)
        yield Link(generator, size, after, index == len(generators))
        size = after


def reached(generators: Sequence[Part], size: Size) -> Size:
    """The size that a picture has after all of them; its own where there is none."""
    for link in links(generators, size):
        size = link.after
    return size


def label(generators: Sequence[Generator]) -> str:
    """Names and scales in the order they run, joined by ``+``; empty where there is none."""
    return "+".join(f"{generator.card.name}-x{generator.scale}" for generator in generators)


def hashes(generators: Sequence[Generator]) -> str:
    """The SHA-256 of their files in the same order, joined by ``+``."""
    return "+".join(generator.card.sha256 for generator in generators)
