"""Limits and losses are known before any work."""

from __future__ import annotations

import corpus
import pytest

from srcli.core.errors import OutputError, UsageError
from srcli.core.geometry import Size
from srcli.imaging.decode import open_picture
from srcli.imaging.encode import plan_encoding
from srcli.imaging.formats import FORMATS, READABLE_EXTENSIONS, format_from_extension, format_from_name


@pytest.fixture
def info():
    with open_picture(corpus.pillow_file(corpus.pixels(3), "PNG")) as picture:
        return picture.info


def plan(info, size, format_name, quality=None):
    return plan_encoding(info, size, format=format_name, quality=quality, strip=False)


@pytest.mark.parametrize(
    ("format_name", "limit"), [("webp", 16383), ("jpg", 65500), ("gif", 65535), ("png", 2**31 - 1)]
)
def test_the_longest_side_of_a_format_is_checked(info, format_name, limit):
    assert plan(info, Size(1, limit), format_name)
    with pytest.raises(OutputError, match=f"at most {limit} pixels a side"):
        plan(info, Size(limit + 1, 1), format_name)


def test_files_of_4_gib_are_refused_where_offsets_have_32_bits(info):
    with pytest.raises(OutputError, match="at most 4 GiB"):
        plan(info, Size(40_000, 40_000), "bmp")
    assert plan(info, Size(40_000, 40_000), "tiff").format == "TIFF"


def test_an_unknown_format_is_a_usage_error(info):
    with pytest.raises(UsageError, match="unknown picture format: xyz"):
        plan(info, info.size, "xyz")


def test_a_format_that_is_only_read_is_a_usage_error(info):
    with pytest.raises(UsageError, match="HEIC is read, never written"):
        plan(info, info.size, "heic")


@pytest.mark.parametrize("quality", [0, 101, -3])
def test_an_impossible_quality_is_a_usage_error(info, quality):
    for format_name in ("jpg", "png", "webp"):
        with pytest.raises(UsageError, match=f"quality {quality} is outside"):
            plan(info, info.size, format_name, quality)


def test_a_quality_for_a_lossless_format_is_mentioned(info):
    assert plan(info, info.size, "png", 80).warnings == ("PNG is always lossless: the quality has no effect",)


def test_names_and_extensions_in_any_case():
    assert format_from_name("JPG") == format_from_name("jpeg") == format_from_extension(".JpEg") == "JPEG"
    assert format_from_extension(".txt") is None
    assert {".png", ".jpg", ".tif", ".webp", ".avif", ".gif", ".bmp", ".ppm"} <= READABLE_EXTENSIONS
    for name, entry in FORMATS.items():
        assert format_from_extension(entry.extensions[0]) == name


def test_grey_netpbm_is_called_pgm():
    with open_picture(corpus.pillow_file(corpus.pixels(1), "PNG")) as picture:
        assert plan(picture.info, picture.info.size, "ppm").extension == ".pgm"


def test_an_animation_reduced_to_a_frame_is_mentioned():
    with open_picture(corpus.animation("GIF")) as picture:
        encoding = plan(picture.info, picture.info.size, "tiff")
    assert not encoding.animated
    assert "srcli writes no animated TIFF: only the first of 4 frames is kept" in encoding.warnings
