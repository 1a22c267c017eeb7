"""One HTML document that needs nothing else: a template, its style, its script and its data."""

from __future__ import annotations

import html
import json
import posixpath
import re
from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_PARTS = {"/*STYLE*/": "page.css", "/*SCRIPT*/": "page.js"}
_IMPORT = re.compile(r'^(?:import \{[^}]*\} from "([^"]+)"|@import url\("([^"]+)"\));\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:class|const|function)\b)", re.MULTILINE)


def fill_page(package: str, title: str, data: Mapping[str, object]) -> str:
    """Put style, script and data into ``page.html`` of a package.

    Args:
        package: that holds ``page.html``, ``page.css`` and ``page.js``, which may import from other files.
        title: in place of ``<!--TITLE-->``.
        data: JSON-ready, in place of ``/*DATA*/``.
    """
    folder = package.replace(".", "/")
    document = _read(f"{folder}/page.html")
    for mark, name in _PARTS.items():
        document = document.replace(mark, _bundle(f"{folder}/{name}", set()))
    document = document.replace("<!--TITLE-->", html.escape(title))
    return document.replace("/*DATA*/", _embed(data))


def _bundle(path: str, bundled: set[str]) -> str:
    """A script or style after everything that it imports, each once: one file has nobody to import from.

    Top-level names of modules that are bundled must therefore differ; a browser refuses the page otherwise.
    """
    bundled.add(path)
    text, parts = _read(path), []
    for names in _IMPORT.findall(text):
        imported = posixpath.normpath(posixpath.join(posixpath.dirname(path), "".join(names)))
        if imported not in bundled:
            parts.append(_bundle(imported, bundled))
    return "".join([*parts, _EXPORT.sub("", _IMPORT.sub("", text))])


def _read(path: str) -> str:
    package, _, below = path.partition("/")
    return resources.files(package).joinpath(below).read_text(encoding="utf-8")


def _embed(values: Mapping[str, object]) -> str:
    """JSON that no file name can break out of: in a script element ``<`` would be the start of a tag."""
    return json.dumps(values, allow_nan=False).replace("<", "\\u003c")
