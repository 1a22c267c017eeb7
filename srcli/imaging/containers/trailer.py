"""What follows a picture in its file or stream: nothing, most often, or the next picture of a pipe."""

from __future__ import annotations

from typing import TYPE_CHECKING

from srcli.imaging.containers.sniff import HEAD_BYTES, sniff_format

if TYPE_CHECKING:
    from typing import BinaryIO

_PADDING = b"\0\r\n "
_SMALLEST = 4


def describe_rest(stream: BinaryIO, end: int) -> str | None:
    """A note about what follows the end of a picture; None where there is nothing to speak of."""
    size = stream.seek(0, 2) - end
    if size < _SMALLEST:
        return None
    head = head_of_rest(stream, end)
    if sniff_format(head):
        return "a further picture behind it is dropped"
    return f"{size} bytes behind its picture are dropped" if head else None


def head_of_rest(stream: BinaryIO, end: int) -> bytes:
    """The first bytes of what follows the end of a picture; nothing where that only fills up."""
    stream.seek(end)
    return stream.read(HEAD_BYTES).lstrip(_PADDING)
