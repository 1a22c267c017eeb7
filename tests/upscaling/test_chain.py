"""Sizes along a chain of generators."""

from __future__ import annotations

from types import SimpleNamespace

from srcli.core.geometry import Size
from srcli.upscaling.chain import Link, hashes, label, links, reached
from tests.upscaling.fakes import FakeGenerator

SIZE = Size(height=5, width=7)


def test_each_generator_gets_what_the_one_before_gives():
    chain = (FakeGenerator(2), FakeGenerator(3), FakeGenerator(2))
    assert list(links(chain, SIZE)) == [
        Link(chain[0], SIZE, Size(10, 14), last=False),
        Link(chain[1], Size(10, 14), Size(30, 42), last=False),
        Link(chain[2], Size(30, 42), Size(60, 84), last=True),
    ]
    assert reached(chain, SIZE) == Size(60, 84)


def test_one_generator_is_the_last():
    assert [link.last for link in links((FakeGenerator(4),), SIZE)] == [True]


def test_no_generator_leaves_the_size():
    assert list(links((), SIZE)) == []
    assert reached((), SIZE) == SIZE


def test_names_and_hashes_are_in_order():
    def generator(name, scale):
        return SimpleNamespace(scale=scale, card=SimpleNamespace(name=name, sha256=f"hash-{name}"))

    chain = (generator("a", 3), generator("b", 2))
    assert (label(chain), hashes(chain)) == ("a-x3+b-x2", "hash-a+hash-b")
    assert (label(()), hashes(())) == ("", "")
