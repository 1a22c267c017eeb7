"""Grey pictures read as sRGB, for what adds colour to them."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache, partial
from typing import TYPE_CHECKING

import numpy as np

from srcli.imaging.colour.profiles import is_srgb, to_srgb
from srcli.imaging.picture import Frame, Mode

if TYPE_CHECKING:
    from srcli.core.arrays import Planes
    from srcli.imaging.readers.source import Source

_STEPS = 256


def grey_as_srgb(source: Source) -> Source:
    """A grey picture with three equal channels, its profile of grey applied, which can't tell of colour."""
    info = source.info
    icc = info.metadata.icc
    applied = icc if icc and not is_srgb(icc) else None
    changed = replace(info, mode=Mode.RGB, metadata=replace(info.metadata, icc=None))
    converted = replace(source, info=changed).converted(partial(_convert, icc=applied))
    return converted.noted("its grey profile can't describe colours: converted to sRGB" if applied else None)


def _convert(frame: Frame, icc: bytes | None) -> Frame:
    grey = frame.colour
    if icc:
        # The curve of a profile is smooth: its steps serve 16 bits as well.
        grey = np.interp(grey, np.linspace(0, 1, _STEPS), _curve(icc)).astype(np.float32)
    return replace(frame, colour=np.repeat(grey, 3, axis=2))


@lru_cache(maxsize=16)
def _curve(icc: bytes) -> Planes:
    """What each step of grey is in sRGB."""
    ramp = np.linspace(0, 1, _STEPS, dtype=np.float32).reshape(1, _STEPS, 1)
    curve: Planes = to_srgb(ramp, icc)[0, :, 0]
    return curve
