"""One HTML document that needs nothing else: a template, its style, its script and its data."""

from __future__ import annotations

import html
import json
from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_PARTS = {"/*STYLE*/": "page.css", "/*SCRIPT*/": "page.js"}


def fill_page(package: str, title: str, data: Mapping[str, object]) -> str:
    """Put style, script and data into ``page.html`` of a package.

    Args:
        package: that holds ``page.html``, ``page.css`` and ``page.js``.
        title: in place of ``<!--TITLE-->``.
        data: JSON-ready, in place of ``/*DATA*/``.
    """
    document = _read(package, "page.html")
    for mark, name in _PARTS.items():
        document = document.replace(mark, _read(package, name))
    document = document.replace("<!--TITLE-->", html.escape(title))
    return document.replace("/*DATA*/", _embed(data))


def _read(package: str, name: str) -> str:
    return resources.files(package).joinpath(name).read_text(encoding="utf-8")


def _embed(values: Mapping[str, object]) -> str:
    """JSON that no file name can break out of: in a script element ``<`` would be the start of a tag."""
    return json.dumps(values, allow_nan=False).replace("<", "\\u003c")
