from __future__ import annotations

import os

import pytest

from srcli.core.errors import OutputError
from srcli.upscaling.file_identity import identify
from srcli.upscaling.manifest import MANIFEST_NAME, Manifest, Past


@pytest.fixture
def pair(tmp_path):
    source, target = tmp_path / "a.png", tmp_path / "a_x4.png"
    source.write_bytes(b"input")
    target.write_bytes(b"larger output")
    return source, target


def remember(pair, settings="settings"):
    source, target = pair
    Manifest(settings).note(source, identify(source), target, target)


def is_finished(pair, settings="settings"):
    return Manifest(settings).past(*pair) is Past.FINISHED


def test_finished_picture_is_remembered(pair):
    remember(pair)
    assert is_finished(pair, "settings")


def test_mere_existence_does_not_count(pair):
    assert not is_finished(pair, "settings")


def test_other_settings_do_not_count(pair):
    remember(pair)
    assert not is_finished(pair, "others")


def test_changed_input_does_not_count(pair):
    remember(pair)
    os.utime(pair[0], ns=(1, 1))
    assert not is_finished(pair, "settings")


def test_cut_output_does_not_count(pair):
    remember(pair)
    pair[1].write_bytes(b"larger")
    assert not is_finished(pair, "settings")


def test_torn_line_harms_no_other(pair):
    (pair[1].parent / MANIFEST_NAME).write_text('{"output": "b_x4.png", "outp')
    remember(pair)
    assert is_finished(pair, "settings")


def test_foreign_lines_are_passed_over(pair):
    (pair[1].parent / MANIFEST_NAME).write_text('[1, 2]\n"text"\n{"a": 1}\n')
    assert not is_finished(pair, "settings")


def test_manifest_that_cannot_be_written(pair):
    (pair[1].parent / MANIFEST_NAME).mkdir()
    with pytest.raises(OutputError, match=r"cannot write .*manifest"):
        remember(pair)


def test_what_another_run_adds_is_seen(pair):
    ours = Manifest("settings")
    assert ours.past(*pair) is Past.UNKNOWN
    remember(pair)
    assert ours.past(*pair) is Past.FINISHED


def test_half_a_line_counts_once_it_is_whole(pair):
    remember(pair)
    path = pair[1].parent / MANIFEST_NAME
    line = path.read_bytes()
    path.write_bytes(line[:40])
    ours = Manifest("settings")
    assert ours.past(*pair) is Past.UNKNOWN
    path.write_bytes(line)
    assert ours.past(*pair) is Past.FINISHED
