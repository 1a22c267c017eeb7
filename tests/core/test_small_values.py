"""Sizes, crops, names and lacks of memory: small values that all rooms rely on."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from srcli.core.geometry import Crop, Size, round_up
from srcli.core.names import escaped, is_hidden, printable
from srcli.core.out_of_memory import ran_out_of_memory


def test_sizes_are_height_and_width_and_told_width_first():
    size = Size(480, 640)
    assert (size.height, size.width, size.pixels, str(size)) == (480, 640, 307_200, "640x480")
    assert size.scaled(3) == (1440, 1920)
    assert Crop(left=10, top=20, right=110, bottom=70).size == Size(50, 100)


@pytest.mark.parametrize(("value", "multiple", "expected"), [(0, 8, 0), (1, 8, 8), (8, 8, 8), (9, 8, 16)])
def test_rounding_up(value, multiple, expected):
    assert round_up(value, multiple) == expected


def test_names_are_one_line_that_steers_no_terminal():
    assert printable("photo ü.jpg") == "photo ü.jpg"
    assert printable("a\nb\x1b[31m") == r"a\nb\x1b[31m"
    assert escaped("a\nb\x07", keep="\n") == "a\nb\\x07"


@pytest.mark.skipif(os.name == "nt", reason="names are bytes on POSIX only")
def test_bytes_of_a_name_that_are_no_text_are_shown():
    assert printable(os.fsdecode(b"a\xff.png")) == r"a\xff.png"


def test_hidden_files_begin_with_a_dot():
    assert is_hidden(Path("photos/.thumbs"))
    assert not is_hidden(Path(".photos/a.png"))


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (MemoryError(), True),
        (RuntimeError("Failed to allocate memory for requested buffer of size 1024"), True),
        (OSError(12, "Cannot allocate memory"), True),
        (RuntimeError("can't start new thread"), True),
        (ValueError("not a picture"), False),
        (OSError(28, "No space left on device"), False),
    ],
)
def test_what_means_that_memory_ran_out(error, expected):
    assert ran_out_of_memory(error) is expected
