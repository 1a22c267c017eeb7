"""XMP packets: only what describes the pixels is touched (XMP Specification, parts 1 and 2).

A packet that has nothing to say about them stays as it is, byte for byte.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING
from xml.dom import minidom
from xml.parsers.expat import ExpatError

from srcli.imaging.metadata import xmp_regions
from srcli.imaging.metadata.xmp_tree import RDF, Tree

if TYPE_CHECKING:
    from srcli.imaging.metadata.change import Change
    from srcli.imaging.metadata.xmp_tree import Value

_TIFF = "http://ns.adobe.com/tiff/1.0/"
_EXIF = "http://ns.adobe.com/exif/1.0/"
_PANORAMA = "http://ns.google.com/photos/1.0/panorama/"
_GAIN_MAP = "http://ns.adobe.com/hdr-gain-map/1.0/"
_APPLE_GAIN_MAP = "http://ns.apple.com/HDRGainMap/1.0/"
_CONTAINER = "http://ns.google.com/photos/1.0/container/"
_CAMERA = "http://ns.google.com/photos/1.0/camera/"
_DEPTH = ("http://ns.google.com/photos/1.0/depthmap/", "http://ns.google.com/photos/1.0/image/")
_CROP = "http://ns.adobe.com/camera-raw-settings/1.0/"
NOTE = "http://ns.adobe.com/xmp/note/"

_WIDTHS = ((_TIFF, "ImageWidth"), (_EXIF, "PixelXDimension"))
_HEIGHTS = ((_TIFF, "ImageLength"), (_EXIF, "PixelYDimension"))
_PANORAMA_ACROSS = (
    "CroppedAreaImageWidthPixels",
    "FullPanoWidthPixels",
    "CroppedAreaLeftPixels",
    "LargestValidInteriorRectLeft",
    "LargestValidInteriorRectWidth",
)
_PANORAMA_DOWN = (
    "CroppedAreaImageHeightPixels",
    "FullPanoHeightPixels",
    "CroppedAreaTopPixels",
    "LargestValidInteriorRectTop",
    "LargestValidInteriorRectHeight",
)
_PAIRS = (
    (_TIFF, "XResolution", "YResolution"),
    (_EXIF, "FocalPlaneXResolution", "FocalPlaneYResolution"),
)
_WIDE_ENCODINGS = {
    b"\0\0\0<": "utf-32-be",
    b"<\0\0\0": "utf-32-le",
    b"\0<": "utf-16-be",
    b"<\0": "utf-16-le",
}
# Signs that begin a tag or give an attribute; a tree of them takes some microseconds and kilobytes for each.
_MOST_MARKS = 200_000
_DEEPEST = 100
_CROP_SIDES = ("CropLeft", "CropTop", "CropRight", "CropBottom")


def parse(packet: bytes) -> Tree:
    """Read a packet.

    Raises:
        ValueError: it is damaged.
    """
    if b"<!DOCTYPE" in packet or b"<!ENTITY" in packet:
        raise ValueError("an XMP packet that declares entities")
    if packet.count(b"<") + packet.count(b"=") > _MOST_MARKS:
        raise ValueError("an XMP packet of more elements and attributes than any editor writes")
    try:
        document = minidom.parseString(_as_utf8(packet))
    except ExpatError as error:
        raise ValueError(str(error)) from error
    _check_depth(document)
    return Tree(document)


def _check_depth(document: minidom.Document) -> None:
    """Raise ValueError where elements are nested too deeply for functions that call themselves."""
    waiting: list[tuple[minidom.Node, int]] = [(document, 0)]
    while waiting:
        node, depth = waiting.pop()
        if depth > _DEEPEST:
            raise ValueError("an XMP packet that is nested too deeply")
        waiting += [(child, depth + 1) for child in node.childNodes]


def has_companions(packet: bytes | None) -> bool:
    """Whether a packet speaks of pictures or a video behind the picture; one that is damaged doesn't."""
    if packet is None:
        return False
    with suppress(ValueError):
        return _drop_companions(parse(packet))
    return False


def read_orientation(packet: bytes) -> int | None:
    """The orientation, 1..8, that a packet states; None where it states none that is known.

    Raises:
        ValueError: it is damaged.
    """
    for found in parse(packet).values(_TIFF, "Orientation"):
        with suppress(ValueError):
            if 1 <= int(found.text) <= 8:
                return int(found.text)
    return None


def followed(packet: bytes, change: Change) -> tuple[bytes, tuple[str, ...]]:
    """The packet as it is true of the new picture, and warnings that name what had to go.

    Raises:
        ValueError: it is damaged.
    """
    tree = parse(packet)
    warnings = [
        *_follow_panorama(tree, change),
        *_follow_depth(tree, change),
        *xmp_regions.follow(tree, change),
    ]
    _follow_sizes(tree, change)
    _follow_subject(tree, change)
    _follow_crop(tree, change)
    _drop_companions(tree)
    # The parts of a packet that was spread over several segments have been joined.
    tree.remove(NOTE, lambda name: name == "HasExtendedXMP")
    return (tree.packet() if tree.changed else packet), tuple(warnings)


def _as_utf8(packet: bytes) -> bytes:
    """XML in UTF-8, from whichever Unicode encoding, without what marks its order of bytes and pads it."""
    bare = packet.lstrip(b"\xff\xfe") if packet[:2] in (b"\xff\xfe", b"\xfe\xff") else packet
    for start, encoding in _WIDE_ENCODINGS.items():
        if bare.startswith(start):
            return bare.decode(encoding, "replace").strip("\0\ufeff \r\n\t").encode()
    return packet.strip(b"\0 \r\n\t").removeprefix(b"\xef\xbb\xbf")


def _follow_sizes(tree: Tree, change: Change) -> None:
    size = change.after
    numbers = {(_TIFF, "Orientation"): 1}
    numbers |= dict.fromkeys(_WIDTHS, size.width) | dict.fromkeys(_HEIGHTS, size.height)
    for (namespace, name), number in numbers.items():
        for found in tree.values(namespace, name):
            found.write(str(number))
    _follow_focal_plane(tree, change)
    for namespace, first, second in _PAIRS if change.swaps else ():
        pairs = zip(tree.values(namespace, first), tree.values(namespace, second), strict=False)
        for one, other in pairs:
            text = one.text
            one.write(other.text)
            other.write(text)


def _follow_focal_plane(tree: Tree, change: Change) -> None:
    across, down = (change.down, change.across) if change.swaps else (change.across, change.down)
    for name, factor in (("FocalPlaneXResolution", across), ("FocalPlaneYResolution", down)):
        for found in tree.values(_EXIF, name):
            _scale_fraction(found, factor)


def _follow_panorama(tree: Tree, change: Change) -> list[str]:
    """Google's Photo Sphere XMP: a picture's place in its panorama, in pixels of this picture."""
    if change.turned:
        return ["its place in a panorama is dropped, as it is turned"] if tree.remove(_PANORAMA) else []
    for names, factor in ((_PANORAMA_ACROSS, change.across), (_PANORAMA_DOWN, change.down)):
        for name in names:
            for found in tree.values(_PANORAMA, name):
                with suppress(ValueError):
                    found.write(str(round(float(found.text) * factor)))
    return []


def _follow_depth(tree: Tree, change: Change) -> list[str]:
    """A depth map and a second view are pictures of their own, at any size, but turned as the original."""
    if not change.turned:
        return []
    gone = [tree.remove(namespace) for namespace in _DEPTH]
    return ["its depth map is dropped, as it is turned"] if any(gone) else []


def _follow_subject(tree: Tree, change: Change) -> None:
    for element in tree.elements():
        if element.namespaceURI != _EXIF or element.localName not in ("SubjectArea", "SubjectLocation"):
            continue
        items = tree.values(RDF, "li", element)
        with suppress(ValueError):
            numbers = [int(item.text) for item in items]
            if 2 <= len(numbers) <= 4:
                for item, number in zip(items, change.subject(numbers), strict=True):
                    item.write(str(number))


def _follow_crop(tree: Tree, change: Change) -> None:
    """Camera Raw's crop: shares of width and height, or of the long side for a width alone."""
    sides = [next(iter(tree.values(_CROP, name)), None) for name in _CROP_SIDES]
    if not change.turned or any(side is None for side in sides):
        return
    with suppress(ValueError):
        left, top, right, bottom = (float(side.text) for side in sides if side)
        (x1, y1), (x2, y2) = change.point(left, top), change.point(right, bottom)
        numbers = (min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2))
        for side, number in zip(sides, numbers, strict=True):
            if side:
                side.write(f"{number:.6g}")


def _drop_companions(tree: Tree) -> bool:
    """Take out what speaks of pictures and videos behind the picture, as they are not written."""
    gone = [tree.remove(namespace) for namespace in (_GAIN_MAP, _APPLE_GAIN_MAP, _CONTAINER)]
    gone.append(tree.remove(_CAMERA, lambda name: name.startswith(("MotionPhoto", "MicroVideo"))))
    return any(gone)


def _scale_fraction(found: Value, factor: float) -> None:
    numerator, _, denominator = found.text.partition("/")
    with suppress(ValueError):
        if factor != 1.0:
            found.write(f"{round(int(numerator) * factor * 100)}/{int(denominator or 1) * 100}")
