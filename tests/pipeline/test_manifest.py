from __future__ import annotations

import os

import pytest

from srcli.core.errors import OutputError
from srcli.pipeline.manifest import MANIFEST_NAME, Manifest


@pytest.fixture
def pair(tmp_path):
    source, target = tmp_path / "a.png", tmp_path / "a_x4.png"
    source.write_bytes(b"input")
    target.write_bytes(b"larger output")
    return source, target


def test_finished_picture_is_remembered(pair):
    Manifest("settings").note(*pair)
    assert Manifest("settings").is_finished(*pair)


def test_mere_existence_does_not_count(pair):
    assert not Manifest("settings").is_finished(*pair)


def test_other_settings_do_not_count(pair):
    Manifest("settings").note(*pair)
    assert not Manifest("others").is_finished(*pair)


def test_changed_input_does_not_count(pair):
    Manifest("settings").note(*pair)
    os.utime(pair[0], ns=(1, 1))
    assert not Manifest("settings").is_finished(*pair)


def test_cut_output_does_not_count(pair):
    Manifest("settings").note(*pair)
    pair[1].write_bytes(b"larger")
    assert not Manifest("settings").is_finished(*pair)


def test_torn_line_harms_no_other(pair):
    (pair[1].parent / MANIFEST_NAME).write_text('{"output": "b_x4.png", "outp')
    Manifest("settings").note(*pair)
    assert Manifest("settings").is_finished(*pair)


def test_foreign_lines_are_passed_over(pair):
    (pair[1].parent / MANIFEST_NAME).write_text('[1, 2]\n"text"\n{"a": 1}\n')
    assert not Manifest("settings").is_finished(*pair)


def test_manifest_that_cannot_be_written(pair):
    (pair[1].parent / MANIFEST_NAME).mkdir()
    with pytest.raises(OutputError, match=r"cannot write .*manifest"):
        Manifest("settings").note(*pair)
