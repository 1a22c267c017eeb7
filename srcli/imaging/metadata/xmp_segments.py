"""XMP packets longer than a segment of a JPEG file, joined and spread (XMP Specification part 3)."""

from __future__ import annotations

import struct
from hashlib import md5
from typing import TYPE_CHECKING
from xml.dom import XMLNS_NAMESPACE

from srcli.imaging.metadata.xmp import NOTE, parse
from srcli.imaging.metadata.xmp_tree import RDF, Node

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from srcli.imaging.metadata.xmp_tree import Tree

STANDARD = b"http://ns.adobe.com/xap/1.0/\0"
EXTENSION = b"http://ns.adobe.com/xmp/extension/\0"
_HEAD = struct.Struct(">32sII")
_STANDARD_BYTES = 65533 - len(STANDARD)
_PART_BYTES = 65000
_EMPTY = f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="{RDF}"/></x:xmpmeta>'.encode()
_NOTE_BYTES = 400
"""More than what names the extension takes in the standard packet."""


def join_packets(standard: bytes | None, extensions: Iterable[bytes]) -> bytes | None:
    """One packet of the standard one and of the parts that extend it.

    Args:
        standard: the packet of the first segment.
        extensions: bodies of the other segments, without the name before them.

    Raises:
        ValueError: a packet is damaged, or parts are missing.
    """
    extension = _extension_of(extensions)
    if standard is None or extension is None:
        return standard
    tree, more = parse(standard), parse(extension)
    home, guest = _rdf(tree), _rdf(more)
    for description in list(guest.childNodes):
        home.appendChild(tree.document.importNode(_with_namespaces(description), deep=True))
    tree.remove(NOTE, lambda name: name == "HasExtendedXMP")
    return tree.packet()


def split_packet(packet: bytes) -> Iterator[bytes]:
    """The bodies of the segments that hold a packet.

    Raises:
        ValueError: it is too long for one segment, and damaged or of one piece.
    """
    if len(packet) <= _STANDARD_BYTES:
        yield STANDARD + packet
        return
    tree = parse(packet)
    extension = _move_out(tree)
    digest = md5(extension, usedforsecurity=False).hexdigest().upper().encode()
    note = tree.document.createElementNS(RDF, "rdf:Description")
    note.setAttributeNS(RDF, "rdf:about", "")
    note.setAttribute("xmlns:xmpNote", NOTE)
    note.setAttributeNS(NOTE, "xmpNote:HasExtendedXMP", digest.decode())
    _rdf(tree).appendChild(note)
    yield STANDARD + tree.packet()
    for start in range(0, len(extension), _PART_BYTES):
        part = extension[start : start + _PART_BYTES]
        yield EXTENSION + _HEAD.pack(digest, len(extension), start) + part


def _extension_of(bodies: Iterable[bytes]) -> bytes | None:
    """The parts of the first extension, each behind its digest, its whole length and its place."""
    first, data, filled = b"", bytearray(), 0
    for body in bodies:
        if len(body) < _HEAD.size:
            continue
        digest, length, start = _HEAD.unpack_from(body)
        if not first:
            first, data = digest, bytearray(min(length, 2**28))
        if digest == first:
            part = body[_HEAD.size :]
            data[start : start + len(part)] = part
            filled += len(part)
    if filled < len(data):
        raise ValueError("parts of the XMP data are missing")
    return bytes(data) or None


def _move_out(tree: Tree) -> bytes:
    """Take the longest properties out until the rest fits a segment; the packet of what was taken."""
    extension = parse(_EMPTY)
    rdf = _rdf(extension)
    left = len(tree.packet()) + _NOTE_BYTES
    for size, description, node in sorted(_properties(tree), key=lambda found: -found[0]):
        if left <= _STANDARD_BYTES:
            break
        rdf.appendChild(extension.document.importNode(_taken_out(description, node), deep=True))
        left -= size
    if len(tree.packet()) + _NOTE_BYTES > _STANDARD_BYTES:
        raise ValueError("XMP data of one piece")
    return extension.packet()


def _properties(tree: Tree) -> Iterator[tuple[int, Node, Node]]:
    """Length, description and node (attribute or element) of each property."""
    for description in _rdf(tree).childNodes:
        if description.nodeType != description.ELEMENT_NODE:
            continue
        for attribute in description.attributes.values():
            if attribute.namespaceURI not in (None, RDF, XMLNS_NAMESPACE):
                yield len(attribute.value.encode()), description, attribute
        for node in description.childNodes:
            if node.nodeType == node.ELEMENT_NODE:
                yield len(node.toxml("utf-8")), description, node


def _taken_out(description: Node, node: Node) -> Node:
    """A description that holds one property, which the other one loses."""
    shell = _with_namespaces(description).cloneNode(deep=False)
    for attribute in list(shell.attributes.values()):
        if attribute.namespaceURI not in (XMLNS_NAMESPACE, RDF):
            shell.removeAttributeNode(attribute)
    if node.nodeType == node.ATTRIBUTE_NODE:
        shell.setAttributeNS(node.namespaceURI, node.name, node.value)
        description.removeAttributeNode(node)
    else:
        shell.appendChild(description.removeChild(node))
    return shell


def _rdf(tree: Tree) -> Node:
    found = tree.document.getElementsByTagNameNS(RDF, "RDF")
    if not found:
        raise ValueError("an XMP packet without RDF")
    return found[0]


def _with_namespaces(element: Node) -> Node:
    """The element with the prefixes that are declared above it, so that it can stand elsewhere."""
    above = element.parentNode
    while element.nodeType == element.ELEMENT_NODE and above is not None and above.attributes:
        for name, value in above.attributes.items():
            if name.startswith("xmlns") and not element.hasAttribute(name):
                element.setAttribute(name, value)
        above = above.parentNode
    return element
