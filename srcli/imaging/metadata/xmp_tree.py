"""The properties of an XMP packet, found by namespace and name, whatever their prefix."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"

Node: TypeAlias = Any
"""A document, an element or an attribute of minidom, whose own types allow for None everywhere."""


@dataclass(slots=True)
class Tree:
    """A packet that was read, and whether it was changed."""

    document: Node
    changed: bool = False

    def elements(self, within: Node | None = None) -> Iterator[Node]:
        """All elements, or those within one of them, in the order of the packet."""
        yield from list((within or self.document).getElementsByTagName("*"))

    def values(self, namespace: str, name: str, within: Node | None = None) -> list[Value]:
        """The simple values of a property, which XMP writes as attributes or as elements."""
        found = []
        for element in ([within] if within else []) + list(self.elements(within)):
            if element.hasAttributeNS(namespace, name):
                found.append(Value(self, element, (namespace, name)))
            if (element.namespaceURI, element.localName) == (namespace, name):
                found.append(Value(self, element, None))
        return found

    def remove(self, namespace: str, wanted: Callable[[str], bool] = lambda name: True) -> bool:
        """Take all properties of a namespace out, or those of wanted names; tells whether there were any."""
        gone = False
        for element in self.elements():
            for attribute in list(element.attributes.values()):
                if attribute.namespaceURI == namespace and wanted(attribute.localName):
                    element.removeAttributeNode(attribute)
                    gone = True
            if element.namespaceURI == namespace and wanted(element.localName) and element.parentNode:
                element.parentNode.removeChild(element)
                gone = True
        self.changed |= gone
        return gone

    def packet(self) -> bytes:
        """The packet, with the instructions before and behind its root."""
        return b"".join(node.toxml("utf-8") for node in self.document.childNodes)


@dataclass(frozen=True, slots=True)
class Value:
    """The value of a property: an attribute, or the text of an element."""

    tree: Tree
    element: Node
    attribute: tuple[str, str] | None

    @property
    def text(self) -> str:
        """What it says."""
        if self.attribute:
            return str(self.element.getAttributeNS(*self.attribute)).strip()
        texts = (node.data for node in self.element.childNodes if node.nodeType == node.TEXT_NODE)
        return "".join(texts).strip()

    def write(self, text: str) -> None:
        """Say something else."""
        if text == self.text:
            return
        self.tree.changed = True
        if self.attribute:
            self.element.getAttributeNodeNS(*self.attribute).value = text
            return
        for node in list(self.element.childNodes):
            if node.nodeType == node.TEXT_NODE:
                self.element.removeChild(node)
        self.element.appendChild(self.tree.document.createTextNode(text))
