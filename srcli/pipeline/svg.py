"""Small SVG drawings: a document, lines and words."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def document(width: int, height: int, parts: Iterable[str]) -> str:
    """A whole drawing on white, sizes in pixels."""
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" font-family="system-ui, sans-serif" font-size="12">'
    )
    return (
        "\n".join((head, f'<rect width="{width}" height="{height}" fill="#fff"/>', *parts, "</svg>")) + "\n"
    )


def line(start: tuple[float, float], stop: tuple[float, float], colour: str) -> str:
    """A straight line between two points, (x, y) each."""
    ends = f'x1="{start[0]:.1f}" y1="{start[1]:.1f}" x2="{stop[0]:.1f}" y2="{stop[1]:.1f}"'
    return f'<line {ends} stroke="{colour}"/>'


def text(
    x: float,
    y: float,
    words: str,
    *,
    anchor: str = "start",
    fill: str = "#222",
    size: int = 12,
    weight: int = 400,
) -> str:
    """Words at a point; ``anchor`` is start, middle or end."""
    style = f'text-anchor="{anchor}" fill="{fill}" font-size="{size}" font-weight="{weight}"'
    return f'<text x="{x:.1f}" y="{y:.1f}" {style}>{escape(words)}</text>'
