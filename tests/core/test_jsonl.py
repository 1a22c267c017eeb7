"""JSON lines that several runs append to."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from srcli.core.errors import OutputError
from srcli.core.jsonl import LineReader, append_line

if os.name != "nt":
    import resource


def test_objects_come_back_in_order_and_once(tmp_path):
    path = tmp_path / "new" / "a.jsonl"
    reader = LineReader(path)
    assert list(reader.new_objects()) == []
    append_line(path, {"name": "\u00e9\n", "value": None})
    append_line(path, {"value": 2.5})
    assert list(reader.new_objects()) == [{"name": "\u00e9\n", "value": None}, {"value": 2.5}]
    append_line(path, {"value": 3})
    assert list(reader.new_objects()) == [{"value": 3}]


def test_any_torn_line_costs_no_other(tmp_path):
    path = tmp_path / "a.jsonl"
    append_line(path, {"value": 1})
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        append_line(path, {"value": 2})
        assert list(LineReader(path).new_objects())[-1] == {"value": 2}


def test_half_a_line_is_read_when_it_is_whole(tmp_path):
    path = tmp_path / "a.jsonl"
    reader = LineReader(path)
    path.write_bytes(b'{"value": 1}\n{"val')
    assert list(reader.new_objects()) == [{"value": 1}]
    with path.open("ab") as file:
        file.write(b'ue": 2}\n')
    assert list(reader.new_objects()) == [{"value": 2}]


def test_what_is_no_object_is_left_out(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'\xff\xfe\n7\n[1]\nnull\n\n{"value": 1}\n')
    assert list(LineReader(path).new_objects()) == [{"value": 1}]


def test_many_append_at_a_time(tmp_path):
    path = tmp_path / "a.jsonl"
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda value: append_line(path, {"value": value}), range(200)))
    assert {each["value"] for each in LineReader(path).new_objects()} == set(range(200))


def test_a_folder_that_is_a_file(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OutputError, match=r"cannot write .*a\.jsonl"):
        append_line(tmp_path / "file" / "a.jsonl", {})


@pytest.mark.skipif(os.name == "nt", reason="Windows limits no file sizes")
def test_a_line_that_only_half_fits_is_an_error(tmp_path):
    path = tmp_path / "a.jsonl"
    append_line(path, {"value": 1})
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + 5, before[1]))
        with pytest.raises(OutputError, match="No space left"):
            append_line(path, {"value": 2})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    append_line(path, {"value": 3})
    assert list(LineReader(path).new_objects()) == [{"value": 1}, {"value": 3}]
