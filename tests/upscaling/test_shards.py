from __future__ import annotations

import unicodedata
from collections import Counter

import pytest

from srcli.core.errors import UsageError
from srcli.upscaling.shards import Shard, parse_shard


def test_each_name_is_in_one_shard():
    for name in ("a.png", "below/ü.jpg", "\udcff.tif"):
        assert sum(Shard(index, 5).takes(name) for index in range(5)) == 1


def test_the_shard_of_a_name_never_changes():
    """Machines with other versions of srcli and of Python have to agree."""
    names = ("a.png", "b/c.jpg", "größe.webp")
    assert [next(index for index in range(16) if Shard(index, 16).takes(name)) for name in names] == [
        0,
        10,
        11,
    ]


def test_shards_are_about_as_large():
    sizes = Counter(next(i for i in range(4) if Shard(i, 4).takes(f"{n}.png")) for n in range(4000))
    assert all(900 < size < 1100 for size in sizes.values())


def test_a_letter_spelled_as_macos_does_is_the_same_name():
    decomposed = unicodedata.normalize("NFD", "größe.png")
    assert decomposed != "größe.png"
    assert [Shard(i, 7).takes(decomposed) for i in range(7)] == [
        Shard(i, 7).takes("größe.png") for i in range(7)
    ]


@pytest.mark.parametrize(
    ("word", "shard"), [("0/3", (0, 3)), ("2/3", (2, 3)), ("3/3", (0, 3)), ("1/1", (0, 1))]
)
def test_numbers_count_from_zero_or_one(word, shard):
    assert parse_shard(word) == Shard(*shard)


@pytest.mark.parametrize("word", ["", "3", "4/3", "-1/3", "1/0", "0/0", "a/b", "1/3/5", " 1/3"])
def test_other_words_are_refused(word):
    with pytest.raises(UsageError, match="is no shard"):
        parse_shard(word)
