"""Sharpens what a teacher made, without halos: a small generator learns it softer than it is.

python recipes/sharpen.py high/ -o sharp/

Real-ESRGAN sharpens what it learns from as well (arXiv 2107.10833, section 3.4), by a wider mask.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from outcome import exit_code_of

from srcli.core.errors import InputError

if TYPE_CHECKING:
    from PIL import Image

RADIUS, PERCENT, THRESHOLD = 2.5, 90, 2
"""Standard deviation in pixels, amount, and the least difference in 8-bit levels that is sharpened."""
NEIGHBOURS = 5
"""Side of the square around a pixel whose least and largest level it stays between: halos go beyond."""


def main() -> int:
    """Read the command line, write the pictures under their names, and give the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("pictures", type=Path, help="folder of PNG files")
    parser.add_argument("-o", "--output", type=Path, required=True, help="folder for what becomes of them")
    words = parser.parse_args()
    return exit_code_of(lambda: _sharpen(words.pictures, words.output))


def _sharpen(pictures: Path, output: Path) -> None:
    from PIL import Image

    files = sorted(pictures.glob("*.png"))
    if not files:
        raise InputError(f"no PNG files in {pictures}")
    output.mkdir(parents=True, exist_ok=True)
    for file in files:
        with Image.open(file) as picture:
            _without_halos(picture.convert("RGB")).save(output / file.name)


def _without_halos(picture: Image.Image) -> Image.Image:
    from PIL import ImageChops, ImageFilter

    sharp = picture.filter(ImageFilter.UnsharpMask(RADIUS, PERCENT, THRESHOLD))
    least, most = (
        picture.filter(each(NEIGHBOURS)) for each in (ImageFilter.MinFilter, ImageFilter.MaxFilter)
    )
    return ImageChops.darker(ImageChops.lighter(sharp, least), most)


if __name__ == "__main__":
    sys.exit(main())
