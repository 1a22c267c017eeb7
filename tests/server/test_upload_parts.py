"""The parts of the server that need no library: turns, wishes, names of results, storage."""

from __future__ import annotations

from itertools import islice

import pytest

from srcli.server.problems import Problem, of_failure
from srcli.server.storage import Storage
from srcli.server.turns import Turns
from srcli.server.wishes import read_wishes
from srcli.server.worker.catalogue import MEDIA_TYPES, describe
from srcli.server.worker.enlarge import name_result


def filled(*items):
    turns = Turns()
    for item in items:
        turns.add(item[0], item)
    return turns


def test_clients_take_turns():
    turns = filled("a1", "a2", "a3", "b1", "c1", "c2")
    expected = ["a1", "b1", "c1", "a2", "c2", "a3"]
    assert list(turns) == expected
    assert [turns.take() for _ in range(6)] == expected
    assert turns.take() is None


def test_a_client_that_comes_back_is_the_last_in_turn():
    turns = filled("a1", "b1", "b2")
    turns.take()
    turns.add("a", "a2")
    assert list(turns) == ["b1", "a2", "b2"]


def test_what_is_put_back_is_the_next():
    turns = filled("a1", "b1")
    turns.put_back("b", "b0")
    assert list(turns) == ["b0", "a1", "b1"]


def test_what_is_removed_is_not_taken():
    turns = filled("a1", "a2", "b1")
    assert turns.remove("a", "a1")
    assert not turns.remove("a", "a1")
    assert (list(turns), len(turns), turns.count("a"), turns.count("c")) == (["a2", "b1"], 2, 1, 0)


def test_a_scale_is_assumed_where_no_size_is_wished():
    assert read_wishes([], "auto").scale == 4.0
    assert read_wishes([("longest", "100")], "auto").scale is None
    assert read_wishes([("scale", ""), ("format", "")], "auto").scale == 4.0


@pytest.mark.parametrize(
    ("name", "value"), [("width", "-1"), ("width", "1e3"), ("scale", "nan"), ("scale", "inf"), ("strip", "2")]
)
def test_values_that_are_none(name, value):
    with pytest.raises(Problem) as refused:
        read_wishes([(name, value)], "auto")
    assert refused.value.details.code == "bad-setting"


@pytest.mark.parametrize(
    ("name", "file_format", "expected"),
    [
        ("a.png", "PNG", "a_x4.png"),
        ("a.JPEG", "JPEG", "a_x4.JPEG"),
        ("a.heic", "JPEG", "a_x4.jpg"),
        ("a.png", "WEBP", "a_x4.webp"),
        ("notes.v2", "PNG", "notes.v2_x4.png"),
        ("picture", "TIFF", "picture_x4.tif"),
    ],
)
def test_results_are_named_after_what_they_are(name, file_format, expected):
    assert name_result(name, "x4", file_format) == expected


def test_every_format_has_a_media_type():
    offered = describe("auto")
    assert {entry["name"].upper() for entry in (*offered["reads"], *offered["writes"])} <= set(MEDIA_TYPES)


def test_a_bug_tells_clients_nothing_of_itself():
    details = of_failure({"kind": "Bug", "message": "internal error: KeyError: 'secret'", "exit_code": 70})
    assert (details.status, details.code, details.detail) == (500, "internal", "internal error")


def test_a_disk_that_is_full_is_told_as_such():
    failure = {"kind": "OutputError", "message": "cannot write result: No space left on device"}
    assert of_failure(failure).status == 507


def test_room_is_promised_and_counted(tmp_path):
    storage = Storage(tmp_path, 1000)
    first, second = islice(iter(storage.new_place, None), 2)
    storage.promise(first, 700)
    with pytest.raises(Problem) as refused:
        storage.promise(second, 400)
    assert refused.value.details.code == "disk-full"
    (first / "result").write_bytes(bytes(100))
    storage.count(first)
    storage.promise(second, 400)
    assert storage.taken_bytes == 500
    storage.close()
    assert list(tmp_path.iterdir()) == []
