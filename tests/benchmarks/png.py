"""How fast PNG files are written, and how large they become: why srcli filters and deflates as it does.

python tests/benchmarks/png.py larger/*.png
"""

from __future__ import annotations

import argparse
import io
import zlib
from contextlib import closing
from pathlib import Path

import numpy as np
import pyvips
from PIL import Image
from turns import compare, say

from srcli.core.geometry import Size
from srcli.imaging.decode import open_picture
from srcli.imaging.encode import plan_encoding
from srcli.imaging.writers.png_filter import filter_rows
from srcli.imaging.writers.png_writer import PngWriter


def main() -> None:
    """Print seconds, megapixels a second and sizes of each way to write each picture."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("pictures", nargs="+", type=Path)
    words.add_argument("--rounds", type=int, default=5)
    chosen = words.parse_args()
    for path in chosen.pictures:
        with Image.open(path) as opened:
            samples = np.asarray(opened.convert("RGB"))
        sizes: dict[str, int] = {}
        ways = {
            "pillow 6": lambda pixels=samples: _pillow(pixels, 6),
            "pillow 1": lambda pixels=samples: _pillow(pixels, 1),
            "libvips 6": lambda pixels=samples: pyvips.Image.new_from_array(pixels).pngsave_buffer(),
            "zlib": _zlib(samples),
            "srcli": _srcli(samples),
        }
        counted = {name: _counted(name, way, sizes) for name, way in ways.items()}
        compare(counted, rounds=chosen.rounds, pixels=samples.shape[0] * samples.shape[1], picture=path.name)
        say(f"{path.name}: {_shares(sizes, samples.nbytes)} of the raw size")


def _shares(sizes: dict[str, int], raw_bytes: int) -> dict[str, float]:
    return {name: round(size / raw_bytes, 4) for name, size in sizes.items()}


def _counted(name, way, sizes):
    def run() -> None:
        sizes[name] = len(way())

    return run


def _pillow(samples: np.ndarray, level: int) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(samples).save(buffer, "PNG", compress_level=level)
    return buffer.getvalue()


def _zlib(samples: np.ndarray):
    def run() -> bytes:
        filtered = filter_rows(samples.reshape(len(samples), -1), None, 3)
        packer = zlib.compressobj(6, zlib.DEFLATED, -15, 9, zlib.Z_RLE)
        return packer.compress(filtered.data) + packer.flush()

    return run


def _srcli(samples: np.ndarray):
    size = Size(*samples.shape[:2])
    with open_picture(_pillow(samples[:8, :8], 1)) as picture:
        encoding = plan_encoding(picture.info, size, format="png", quality=None, strip=False)

    def run() -> bytes:
        buffer = io.BytesIO()
        with closing(PngWriter(buffer, size, encoding)) as writer:
            writer.write(samples)
            writer.finish()
        return buffer.getvalue()

    return run


if __name__ == "__main__":
    main()
