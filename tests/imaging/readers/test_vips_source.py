"""Files that other programs cut short, or whose disk fails, while libvips reads them from top to bottom."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from srcli.core.errors import InputError
from srcli.imaging.decode import open_picture
from srcli.imaging.readers import vips_source

SIZE = (1501, 2003)


def save(path):
    levels = np.random.default_rng(0).integers(0, 256, (*SIZE, 3), dtype=np.uint8)
    Image.fromarray(levels).save(path)
    return path


@pytest.mark.parametrize("extension", ["jpg", "png", "tif"])
def test_file_that_is_cut_while_it_is_read(extension, tmp_path):
    path = save(tmp_path / f"a.{extension}")
    with open_picture(path) as picture:
        bands = picture.bands(0)
        next(bands)
        os.truncate(path, path.stat().st_size // 3)
        with pytest.raises(InputError, match=r"cannot read .*a\.\w+: truncated"):
            list(bands)


@pytest.mark.parametrize(
    "options",
    [
        {"byteorder": ">"},
        {"bigtiff": True},
        {"tile": (256, 256)},
        {"rowsperstrip": SIZE[0]},
        {"planarconfig": "separate", "tile": (256, 256)},
    ],
    ids=["big-endian", "BigTIFF", "tiles", "one strip", "planes of tiles"],
)
def test_uncompressed_tiff_that_is_cut_while_it_is_read(options, tmp_path):
    tifffile = pytest.importorskip("tifffile")
    levels = np.random.default_rng(0).integers(0, 256, (*SIZE, 3), dtype=np.uint8)
    if "planarconfig" in options:
        levels = np.moveaxis(levels, 2, 0)
    tifffile.imwrite(tmp_path / "a.tif", levels, metadata=None, photometric="rgb", **options)
    read_and_cut(tmp_path / "a.tif")


@pytest.mark.parametrize("extension", ["ppm", "bmp", "gif"])
def test_file_that_is_cut_before_it_is_decoded_whole(extension, tmp_path):
    read_and_cut(save(tmp_path / f"a.{extension}"))


def read_and_cut(path):
    """A mapped file would end the process where it was cut."""
    with open_picture(path) as picture:
        rows = picture.bands(0) if picture.in_rows else picture.frames()
        if picture.in_rows:
            next(rows)
        os.truncate(path, path.stat().st_size // 3)
        with pytest.raises(InputError, match=r"cannot read .*a\.\w+: truncated"):
            list(rows)


def test_disk_that_fails_is_named(tmp_path, monkeypatch):
    path = save(tmp_path / "a.png")
    read = vips_source._Reader.read
    calls = []

    def failing(self, size):
        calls.append(size)
        if len(calls) > 20:
            self.error = OSError(errno.EIO, "Input/output error")
            return b""
        return read(self, size)

    monkeypatch.setattr(vips_source._Reader, "read", failing)
    with open_picture(path) as picture, pytest.raises(InputError, match="input/output error"):
        list(picture.bands(0))


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="needs /proc")
def test_files_are_closed_again(tmp_path):
    path = save(tmp_path / "a.jpg")

    def read():
        with open_picture(path) as picture:
            bands = picture.bands(0)
            next(bands)
            bands.close()
            list(picture.bands(0))
        return len(os.listdir("/proc/self/fd"))

    first = read()
    assert [read() for _ in range(5)][-1] <= first
