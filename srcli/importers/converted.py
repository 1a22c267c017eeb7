"""What every importer gives: a generator as ONNX and what is known about it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Converted:
    """A generator of another tool, translated.

    Attributes:
        name: what to call it, without the scale.
        model: a serialised ONNX generator: float32 (batch, 3, height, width) in and out, RGB 0..1, all of
            batch, height and width free.
        architecture: the family of the network, such as ``rrdb``, for the card.
        licence: licence of the weights.
        source: what it was read from, for the card.
        declared: the generator for one size only that its file holds, where ``model`` was freed of that size.
    """

    name: str
    model: bytes
    architecture: str
    licence: str = "unknown"
    source: str = ""
    declared: bytes | None = None
