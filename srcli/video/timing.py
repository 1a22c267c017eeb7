"""Times of packets in a file that is joined from segments."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Stamp:
    """When a packet is decoded and shown, and how long, in ticks."""

    dts: int
    pts: int
    duration: int


def stamps(shown: Sequence[int], end: int) -> list[Stamp]:
    """Decoding times and durations for packets in the order in which they are decoded.

    Encoders give durations of 0, and a segment's decoding times begin before the last one's end: both are
    made anew from the times at which frames are shown. Decoding lags behind by as few frames as their order
    allows.

    Args:
        shown: presentation times in the order of decoding, all different.
        end: when the last frame ends.
    """
    if not shown:
        return []
    ordered = sorted(shown)
    rank = {pts: place for place, pts in enumerate(ordered)}
    lag = max(place - rank[pts] for place, pts in enumerate(shown))
    step = max(1, min((later - sooner for sooner, later in pairwise(ordered)), default=1))
    lengths = {sooner: later - sooner for sooner, later in pairwise(ordered)}
    lengths[ordered[-1]] = max(1, end - ordered[-1])
    decoded = [
        ordered[place - lag] if place >= lag else ordered[0] - (lag - place) * step
        for place in range(len(shown))
    ]
    result = [Stamp(dts, pts, lengths[pts]) for dts, pts in zip(decoded, shown, strict=True)]
    # A track of MP4 is as long as its decoding times reach: the last one has to make up for the lag.
    last = result[-1]
    whole = (end - last.dts) - (ordered[0] - decoded[0])
    result[-1] = Stamp(last.dts, last.pts, max(last.duration, whole))
    return result
