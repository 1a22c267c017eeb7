from __future__ import annotations

import pytest

from srcli.core.csv_rows import csv_row


@pytest.mark.parametrize("name", ["=1+1.png", "+a.png", "-a.png", "@a.png", "\ta.png"])
def test_names_are_no_formulas(name):
    assert csv_row([name, "a,b", -1.5, None]) == f'\'{name},"a,b",-1.5,\n'
