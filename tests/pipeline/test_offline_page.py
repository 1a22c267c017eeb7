"""Pages in one file: what their scripts and styles import is put into them."""

from __future__ import annotations

import re

from srcli.pipeline.offline_page import fill_page


def _page():
    return fill_page("srcli.pipeline.compare", "a <b>", {"name": "</script>"})


def test_everything_imported_is_inside_and_nothing_is_imported():
    page = _page()
    assert "class Viewer" in page
    assert "class Camera" in page
    assert not re.search(r"@import|^import |^export ", page, re.MULTILINE)


def test_each_module_is_inside_once_and_before_those_that_use_it():
    page = _page()
    assert page.count("class Camera") == 1
    assert page.count("function element(") == 1
    assert page.index("class Camera") < page.index("class Viewer") < page.index("new Viewer(")


def test_no_value_breaks_out_of_the_script():
    page = _page()
    assert "a &lt;b&gt;" in page
    assert "\\u003c/script>" in page
