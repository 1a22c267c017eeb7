"""The list of networks that can be had."""

from __future__ import annotations

import pytest

from srcli.importers.package_table import PACKAGES
from srcli.models.catalogue import CATALOGUE, find_known


def test_every_entry_is_what_an_import_of_its_package_makes():
    for known in CATALOGUE:
        listed = {network.name: network.licence for network in PACKAGES[known.package].networks}
        assert listed[known.name] == known.licence


def test_no_entry_stands_twice():
    assert len({(known.name, known.scale) for known in CATALOGUE}) == len(CATALOGUE)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ((), len(CATALOGUE)),
        (("SPAN", "X4"), sum(known.name.startswith("span") and known.scale == 4 for known in CATALOGUE)),
        (("span", "no such word"), 0),
    ],
)
def test_all_words_have_to_be_there(words, expected):
    assert len(find_known(words)) == expected


def test_the_least_work_comes_first():
    found = [(known.scale, known.macs) for known in find_known(())]
    assert found == sorted(found)
