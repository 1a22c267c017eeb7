from __future__ import annotations

import pytest

from srcli.core.csv_rows import csv_row, text_of


@pytest.mark.parametrize("name", ["=1+1.png", "+a.png", "-a.png", "@a.png", "\ta.png"])
def test_names_are_no_formulas(name):
    assert csv_row([name, "a,b", -1.5, None]) == f'\'{name},"a,b",-1.5,\n'


@pytest.mark.parametrize("name", ["=1+1.png", "a.png", "'a.png", "'", ""])
def test_names_are_read_as_they_were(name):
    written = f"'{name}" if name.startswith("=") else name
    assert text_of(written) == name
