"""What becomes of the streams of a source."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StreamPlan:
    """What becomes of a stream of the source.

    Attributes:
        index: in the source.
        kind: as in ``StreamInfo``.
        codec: of the source.
        language: three letters, or nothing.
        action: ``encode``, ``copy``, ``convert``, ``attach``, ``rewrite`` (what it says is written by other
            means), ``omit`` (nobody wants it) or ``drop`` (it can't be kept).
        into: the codec that a converted stream gets, else nothing.
    """

    index: int
    kind: str
    codec: str
    language: str | None
    action: str
    into: str | None = None
