"""Faces and other regions that XMP marks in a picture: turned with it.

Sources: Guidelines for Handling Image Metadata 2.0 (Metadata Working Group), section 5.9; Microsoft's People
Tagging Overview; IPTC Photo Metadata Standard 2019.1, "Image Region".
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from srcli.imaging.metadata.change import Change
    from srcli.imaging.metadata.xmp_tree import Node, Tree, Value

_REGIONS = "http://www.metadataworkinggroup.com/schemas/regions/"
_ACDSEE_REGIONS = "http://ns.acdsee.com/regions/"
_AREA = "http://ns.adobe.com/xmp/sType/Area#"
_DIMENSIONS = "http://ns.adobe.com/xap/1.0/sType/Dimensions#"
_MICROSOFT_REGION = "http://ns.microsoft.com/photo/1.2/t/Region#"
_IPTC = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
_SAME_SHAPE = 0.02
"""How far sides may be out of proportion: programs round."""


def follow(tree: Tree, change: Change) -> list[str]:
    """Turn and scale all regions of a packet; the warnings name those that can't be true any more."""
    warnings = [
        warning
        for namespace in (_REGIONS, _ACDSEE_REGIONS)
        for element in tree.elements()
        if (element.namespaceURI, element.localName) == (namespace, "Regions")
        for warning in _follow_working_group(tree, element, change)
    ]
    for rectangle in tree.values(_MICROSOFT_REGION, "Rectangle"):
        _follow_microsoft(rectangle, change)
    for element in tree.elements():
        if (element.namespaceURI, element.localName) == (_IPTC, "RegionBoundary"):
            _follow_iptc(tree, element, change)
    return warnings


def _follow_working_group(tree: Tree, regions: Node, change: Change) -> Iterable[str]:
    width, height = (_first(tree.values(_DIMENSIONS, name, regions)) for name in ("w", "h"))
    upright = False
    if width and height:
        applied = _number(width), _number(height)
        upright = change.swaps and _alike(applied, (change.upright.width, change.upright.height))
        if not upright and not _alike(applied, (change.before.width, change.before.height)):
            yield "its regions were marked in a picture of another shape: kept as they are"
            return
        width.write(str(change.after.width))
        height.write(str(change.after.height))
    for element in [regions, *tree.elements(regions)]:
        values = [_first(_own(tree.values(_AREA, name, element), element)) for name in ("x", "y", "w", "h")]
        if values[0] and values[1]:
            _follow_area(tree, element, values, change, upright=upright)


def _follow_area(
    tree: Tree, element: Node, values: Sequence[Value | None], change: Change, *, upright: bool
) -> None:
    """An area: its centre, then its width and height; shares of those of the picture, or pixels."""
    unit = _first(tree.values(_AREA, "unit", element))
    in_pixels = unit is not None and unit.text == "pixel"
    if upright and not in_pixels:
        return
    numbers = [_number(value) if value else 0.0 for value in values]
    if in_pixels:
        moved = (*change.pixel(*numbers[:2]), *change.pixels(*numbers[2:]))
    else:
        moved = (*change.point(*numbers[:2]), *change.extent(*numbers[2:]))
    for value, before, number in zip(values, numbers, moved, strict=True):
        if value and before != number:
            value.write(_text(number))


def _follow_microsoft(rectangle: Value, change: Change) -> None:
    """Left, top, width and height in one text; shares of those of the picture."""
    parts = re.split(r"[,\s]+", rectangle.text)
    with suppress(ValueError):
        left, top, width, height = (float(part) for part in parts)
        moved = _box(left, top, width, height, change)
        if change.turned:
            rectangle.write(", ".join(_text(number) for number in moved))


def _follow_iptc(tree: Tree, boundary: Node, change: Change) -> None:
    """A rectangle, a circle or the corners of a polygon; shares of width and height, or pixels."""
    unit = _first(tree.values(_IPTC, "rbUnit", boundary))
    in_pixels = unit is not None and unit.text == "pixel"
    width, height = (_first(tree.values(_IPTC, name, boundary)) for name in ("rbW", "rbH"))
    extent = (_number(width) if width else 0.0, _number(height) if height else 0.0)
    across, down = change.before.width, change.before.height
    # A circle's radius is a share of the picture's width.
    for radius in tree.values(_IPTC, "rbRx", boundary):
        in_stored_pixels = _number(radius) * (1 if in_pixels else across)
        scaled = in_stored_pixels * change.across
        radius.write(_text(scaled if in_pixels else scaled / change.after.width))
    for x, y in zip(tree.values(_IPTC, "rbX", boundary), tree.values(_IPTC, "rbY", boundary), strict=False):
        left, top = _number(x), _number(y)
        share = (left / across, top / down, extent[0] / across, extent[1] / down)
        box = _box(*(share if in_pixels else (left, top, *extent)), change)
        if in_pixels:
            sides = (change.after.width, change.after.height) * 2
            box = tuple(part * side for part, side in zip(box, sides, strict=True))
        for value, number in zip((x, y, width, height), box, strict=True):
            if value and abs(_number(value) - number) > 1e-9:
                value.write(_text(number))


def _box(left: float, top: float, width: float, height: float, change: Change) -> tuple[float, ...]:
    """Where a box goes: its left, its top, its width and its height, as shares."""
    (x1, y1), (x2, y2) = change.point(left, top), change.point(left + width, top + height)
    return min(x1, x2), min(y1, y2), abs(x2 - x1), abs(y2 - y1)


def _alike(one: tuple[float, float], other: tuple[int, int]) -> bool:
    """Whether two sizes have one shape."""
    product, expected = one[0] * other[1], one[1] * other[0]
    return abs(product - expected) <= _SAME_SHAPE * max(product, expected)


def _own(values: list[Value], element: Node) -> list[Value]:
    """Values that are attributes of an element, or elements right below it."""
    return [
        value
        for value in values
        if (value.element if value.attribute else value.element.parentNode) is element
    ]


def _first(values: list[Value]) -> Value | None:
    return values[0] if values else None


def _number(value: Value) -> float:
    try:
        return float(value.text)
    except ValueError:
        return 0.0


def _text(number: float) -> str:
    return f"{number:.9g}"
