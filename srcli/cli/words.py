"""Sizes, weights and names as commands print them."""

from __future__ import annotations

from srcli.upscaling.sources import STREAM


def source_in_words(name: str) -> str:
    """An input by its name."""
    return "standard input" if name == STREAM else name


def size_in_words(size: tuple[int, int] | None) -> str:
    """Width and height in pixels."""
    return f"{size[0]}x{size[1]}" if size else ""


def weight_in_words(count: int) -> str:
    """Bytes in a unit that suits them."""
    if count < 2**20:
        return f"{count / 2**10:.1f} KiB"
    return f"{count / 2**20:.1f} MiB" if count < 2**30 else f"{count / 2**30:.2f} GiB"
