"""The page: one HTML file that needs nothing else, no network and no server."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING, Any

from srcli.imaging.encode import encode_picture, plan_encoding
from srcli.imaging.picture import Frame
from srcli.pipeline.offline_page import fill_page

if TYPE_CHECKING:
    from collections.abc import Sequence

    from srcli.pipeline.compare.comparison import Comparison, Pane
    from srcli.pipeline.compare.crops import Box

PAGE_EXTENSIONS = (".html", ".htm")


def make_page(comparison: Comparison, boxes: Sequence[Box]) -> str:
    """Put all panes, as lossless PNG, and the means to look at them into one HTML document.

    Args:
        comparison: what to show.
        boxes: parts that the page offers to jump to.
    """
    return fill_page("srcli.pipeline.compare", comparison.name, _describe(comparison, boxes))


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
    return {
        **pane.to_json(),
        "isReference": pane is comparison.reference,
        "identical": pane.figures.get("psnr") == float("inf"),
        "file": f"{stem}_x{comparison.scale}_{pane.label}.png",
        "source": png_address(pane, comparison),
    }


def png_address(pane: Pane, comparison: Comparison) -> str:
    """A pane as lossless PNG in a data address."""
    encoding = plan_encoding(comparison.info, comparison.size, format="PNG", quality=None, strip=True)
    buffer = io.BytesIO()
    encode_picture(buffer, iter([Frame(pane.colour, None)]), encoding)
    return f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode('ascii')}"
