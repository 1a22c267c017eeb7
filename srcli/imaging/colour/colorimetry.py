"""What the colours of a file mean where it tells by numbers and not by an ICC profile.

PNG has chunks for it (PNG, third edition, section 11.3.2), AVIF and HEIC the numbers of ITU-T H.273, which
are those of PNG's cICP chunk. So chunks are what srcli keeps, whatever the format.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from srcli.imaging.colour.icc_writer import SRGB_PRIMARIES, Primaries, build_profile, matrix_to_xyz
from srcli.imaging.colour.transfer import HLG, PQ, gamma_to_linear, linear_to_srgb, srgb_to_linear, to_linear

if TYPE_CHECKING:
    from collections.abc import Iterable

    from srcli.core.arrays import Planes
    from srcli.imaging.colour.transfer import Curve
    from srcli.imaging.containers.png_chunks import Chunk

_D65 = (0.3127, 0.3290)
# H.273, table 2: red, green, blue, white.
_PRIMARIES = {
    1: SRGB_PRIMARIES,
    4: Primaries((0.67, 0.33), (0.21, 0.71), (0.14, 0.08), (0.310, 0.316)),
    5: Primaries((0.64, 0.33), (0.29, 0.60), (0.15, 0.06), _D65),
    6: Primaries((0.630, 0.340), (0.310, 0.595), (0.155, 0.070), _D65),
    7: Primaries((0.630, 0.340), (0.310, 0.595), (0.155, 0.070), _D65),
    8: Primaries((0.681, 0.319), (0.243, 0.692), (0.145, 0.049), (0.310, 0.316)),
    9: Primaries((0.708, 0.292), (0.170, 0.797), (0.131, 0.046), _D65),
    10: Primaries((1.0, 0.0), (0.0, 1.0), (0.0, 0.0), (1 / 3, 1 / 3)),
    11: Primaries((0.680, 0.320), (0.265, 0.690), (0.150, 0.060), (0.314, 0.351)),
    12: Primaries((0.680, 0.320), (0.265, 0.690), (0.150, 0.060), _D65),
    22: Primaries((0.630, 0.340), (0.295, 0.605), (0.155, 0.077), _D65),
}
_UNSPECIFIED = 2
_BT709, _SRGB = 1, 13
_SRGB_GAMMA = 1 / 2.2
# A gamma that differs by less can't be seen (libpng calls it insignificant), nor can primaries.
_GAMMA_TOLERANCE, _PRIMARY_TOLERANCE = 0.05, 0.005
_HDR_NAMES = {PQ: "PQ", HLG: "HLG"}


ADOBE_RGB: tuple[Chunk, ...] = (
    (b"gAMA", struct.pack(">I", 45471)),
    (b"cHRM", struct.pack(">8I", 31270, 32900, 64000, 33000, 21000, 71000, 15000, 6000)),
)
"""Adobe RGB (1998), section 4.3, as chunks say it: its exponent is 2 + 51/256."""

LIGHT_LEVELS = frozenset({b"cLLI", b"cLLi", b"mDCV", b"mDCv"})
"""Chunks about the brightest light in a picture, and about the display that it was made on."""


@dataclass(frozen=True, slots=True)
class Colorimetry:
    """A colour space.

    Attributes:
        primaries: where its red, green, blue and white lie.
        decode: values (height, width, 1 or 3), 0..1, to light, 1.0 for white.
        hdr: the name of its curve where light reaches beyond white; None elsewhere.
    """

    primaries: Primaries
    decode: Curve
    hdr: str | None = None

    def to_profile(self, *, grey: bool) -> bytes:
        """An ICC profile that says the same; not for high dynamic range."""
        ramp = np.linspace(0, 1, 4096)[:, None, None]
        return build_profile(self.primaries, self.decode(ramp).ravel(), grey=grey)

    def to_srgb(self, colour: Planes) -> Planes:
        """Convert to sRGB; colours and light beyond it are clipped.

        Args:
            colour: (height, width, 1 or 3) float32, 0..1.

        Returns:
            The same shape and range.
        """
        light = self.decode(colour.astype(np.float64))
        if colour.shape[2] == 3:
            change = np.linalg.inv(matrix_to_xyz(SRGB_PRIMARIES)) @ matrix_to_xyz(self.primaries)
            light = light @ change.T
        converted: Planes = linear_to_srgb(light.clip(0, 1)).astype(np.float32)
        return converted


def cicp_chunk(primaries: int, transfer: int) -> tuple[Chunk, ...]:
    """The chunk that says the same as numbers of H.273 (of RGB in full range); none for sRGB."""
    if _numbers_of_srgb(primaries, transfer):
        return ()
    return ((b"cICP", bytes([primaries, transfer, 0, 1])),)


def light_level_chunks(content: bytes | None, display: bytes | None) -> tuple[Chunk, ...]:
    """The chunks that say the same as boxes of AVIF and HEIC (ISO 14496-12, sections 12.1.5 and 12.1.6).

    Args:
        content: ``clli``: brightest pixel and frame average, 16 bits each, candelas per square metre.
        display: ``mdcv``: green, blue, red and white, then most and least light.
    """
    chunks: tuple[Chunk, ...] = ()
    if display and len(display) >= 24:
        chunks += ((b"mDCV", display[8:12] + display[:8] + display[12:24]),)
    if content and len(content) >= 4:
        # PNG counts in ten-thousandths.
        levels = (10_000 * level for level in struct.unpack_from(">HH", content))
        chunks += ((b"cLLI", struct.pack(">II", *levels)),)
    return chunks


def cicp_numbers(chunks: Iterable[Chunk]) -> tuple[int, int] | None:
    """Primaries and transfer that a cICP chunk states."""
    data = dict(chunks).get(b"cICP", b"")
    return (data[0], data[1]) if len(data) == 4 else None


def colorimetry_of(chunks: Iterable[Chunk]) -> Colorimetry | None:
    """What the first of cICP, sRGB, and gAMA with cHRM says (section 4.3); None stands for sRGB."""
    found = dict(chunks)
    numbers = cicp_numbers(found.items())
    if numbers:
        return _from_numbers(*numbers)
    if b"sRGB" in found:
        return None
    return _from_gamma(found.get(b"gAMA", b""), found.get(b"cHRM", b""))


def _numbers_of_srgb(primaries: int, transfer: int) -> bool:
    return primaries in (_BT709, _UNSPECIFIED) and to_linear(transfer) in (srgb_to_linear, None)


def _from_numbers(primaries: int, transfer: int) -> Colorimetry | None:
    if _numbers_of_srgb(primaries, transfer):
        return None
    decode = to_linear(transfer) or srgb_to_linear
    return Colorimetry(_PRIMARIES.get(primaries, SRGB_PRIMARIES), decode, _HDR_NAMES.get(transfer))


def _from_gamma(gamma: bytes, chromaticities: bytes) -> Colorimetry | None:
    exponent = struct.unpack(">I", gamma)[0] / 100_000 if len(gamma) == 4 else 0.0
    primaries = SRGB_PRIMARIES
    if len(chromaticities) == 32:
        white_x, white_y, *colours = (value / 100_000 for value in struct.unpack(">8I", chromaticities))
        stated = Primaries(
            (colours[0], colours[1]), (colours[2], colours[3]), (colours[4], colours[5]), (white_x, white_y)
        )
        primaries = stated if stated.is_possible else SRGB_PRIMARIES
    as_srgb = not exponent or abs(exponent / _SRGB_GAMMA - 1) < _GAMMA_TOLERANCE
    if as_srgb and primaries.is_near(SRGB_PRIMARIES, _PRIMARY_TOLERANCE):
        return None
    return Colorimetry(primaries, srgb_to_linear if not exponent else gamma_to_linear(1 / exponent))
