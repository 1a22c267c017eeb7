"""Draws ``tests/data/sample.png``, the picture that the README's first command upscales.

Drawn large and shrunk, so that it holds what photographs hold: soft and hard edges, fine texture, text. Run
this file to draw it anew.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from srcli.core.geometry import Size
from srcli.imaging.pixels.resize import resize

SIZE = Size(132, 176)
FACTOR = 6
TARGET = Path(__file__).parent / "data" / "sample.png"


def draw() -> Image.Image:
    """The sample: an evening by the sea, 176 x 132, 8-bit RGB."""
    big = Image.fromarray(np.rint(_sky_and_sea(SIZE.scaled(FACTOR)) * 255).astype(np.uint8))
    _draw_boat(ImageDraw.Draw(big))
    planes = np.asarray(big, dtype=np.float32) / 255
    small = np.clip(resize(planes, SIZE), 0, 1)
    return Image.fromarray(np.rint(small * 255).astype(np.uint8))


def _sky_and_sea(size: Size) -> np.ndarray:
    y, x = np.mgrid[0 : size.height, 0 : size.width]
    y, x = y / size.height, x / size.width
    sky = np.stack([0.95 - 0.4 * y, 0.55 + 0.25 * y - 0.2 * (y - 0.5), 0.45 + 0.3 * (1 - y)], axis=2)
    distance = np.hypot((x - 0.72) * size.width / size.height, y - 0.34)
    sun = 1 / (1 + np.exp((distance - 0.14) * 260))
    rays = 0.5 + 0.5 * np.cos(24 * np.arctan2(y - 0.34, x - 0.72))
    sky += (0.10 * rays * np.exp(-3 * distance))[:, :, None]
    sky = sky * (1 - sun[:, :, None]) + np.array([1.0, 0.93, 0.62]) * sun[:, :, None]
    depth = np.clip((y - 0.62) / 0.38, 1e-3, 1)
    waves = np.sin(46 / (depth + 0.12) + 7 * np.sin(9 * x + 3 * depth)) * np.sin(38 * x / (depth + 0.2))
    glitter = np.exp(-((x - 0.72) ** 2) / (0.01 + 0.03 * depth))
    sea = np.stack([0.10 + 0.5 * glitter, 0.25 + 0.35 * glitter, 0.42 + 0.1 * glitter], axis=2)
    sea += (0.09 * waves)[:, :, None]
    horizon = 1 / (1 + np.exp(-(y - 0.62) * 900))
    return np.clip(sky * (1 - horizon[:, :, None]) + sea * horizon[:, :, None], 0, 1)


def _draw_boat(pen: ImageDraw.ImageDraw) -> None:
    unit = FACTOR
    pen.polygon(
        [(34 * unit, 84 * unit), (92 * unit, 84 * unit), (82 * unit, 98 * unit), (42 * unit, 98 * unit)],
        (70, 32, 26),
    )
    pen.line([(62 * unit, 84 * unit), (62 * unit, 22 * unit)], (40, 24, 20), unit)
    pen.polygon([(64 * unit, 24 * unit), (64 * unit, 80 * unit), (94 * unit, 78 * unit)], (246, 240, 226))
    pen.polygon([(60 * unit, 30 * unit), (60 * unit, 80 * unit), (38 * unit, 79 * unit)], (214, 92, 60))
    for row in range(8):
        left = 64 * unit
        pen.line(
            [(left, (32 + 6 * row) * unit), (left + (3 + 3.3 * row) * unit, (32.5 + 6 * row) * unit)],
            (180, 170, 160),
            2,
        )
    font = ImageFont.load_default(10 * unit)
    pen.text((47 * unit, 85 * unit), "srcli", (250, 236, 200), font=font)
    pen.text((8 * unit, 8 * unit), "super resolution", (60, 30, 60), font=font)


if __name__ == "__main__":
    TARGET.parent.mkdir(exist_ok=True)
    draw().save(TARGET, optimize=True)
