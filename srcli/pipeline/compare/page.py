"""The page: one HTML file that needs nothing else, no network and no server."""

from __future__ import annotations

import base64
import html
import io
import json
from importlib import resources
from typing import TYPE_CHECKING, Any

from srcli.imaging.encode import encode_picture, plan_encoding
from srcli.imaging.picture import Frame

if TYPE_CHECKING:
    from collections.abc import Sequence

    from srcli.pipeline.compare.comparison import Comparison, Pane
    from srcli.pipeline.compare.crops import Box

PAGE_EXTENSIONS = (".html", ".htm")

_TEMPLATE = "page.html"
_PARTS = {"/*STYLE*/": "page.css", "/*SCRIPT*/": "page.js"}


def make_page(comparison: Comparison, boxes: Sequence[Box]) -> str:
    """Put all panes, as lossless PNG, and the means to look at them into one HTML document.

    Args:
        comparison: what to show.
        boxes: parts that the page offers to jump to.
    """
    document = _read(_TEMPLATE)
    for mark, name in _PARTS.items():
        document = document.replace(mark, _read(name))
    document = document.replace("<!--TITLE-->", html.escape(comparison.name))
    return document.replace("/*DATA*/", _embed(_describe(comparison, boxes)))


def _read(name: str) -> str:
    return resources.files("srcli.pipeline.compare").joinpath(name).read_text(encoding="utf-8")


def _embed(values: dict[str, Any]) -> str:
    """JSON that no file name can break out of: in a script element ``<`` would be the start of a tag."""
    return json.dumps(values, allow_nan=False).replace("<", "\\u003c")


def _describe(comparison: Comparison, boxes: Sequence[Box]) -> dict[str, Any]:
    stem = comparison.name.rpartition(".")[0] or comparison.name
    return {
        "name": comparison.name,
        "width": comparison.size.width,
        "height": comparison.size.height,
        "inputSize": str(comparison.input_size),
        "scale": comparison.scale,
        "protocol": str(comparison.protocol) if comparison.protocol else None,
        "boxes": [list(box) for box in boxes],
        "panes": [_describe_pane(pane, comparison, stem) for pane in comparison.panes],
    }


def _describe_pane(pane: Pane, comparison: Comparison, stem: str) -> dict[str, Any]:
    picture = base64.b64encode(_encode(pane, comparison)).decode("ascii")
    return {
        **pane.to_json(),
        "isReference": pane is comparison.reference,
        "identical": pane.figures.get("psnr") == float("inf"),
        "file": f"{stem}_x{comparison.scale}_{pane.label}.png",
        "source": f"data:image/png;base64,{picture}",
    }


def _encode(pane: Pane, comparison: Comparison) -> bytes:
    encoding = plan_encoding(comparison.info, comparison.size, format="PNG", quality=None, strip=True)
    buffer = io.BytesIO()
    encode_picture(buffer, iter([Frame(pane.colour, None)]), encoding)
    return buffer.getvalue()
