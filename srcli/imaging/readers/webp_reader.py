"""WebP files through Pillow, behind a look at whether lossy ones hold the pixels that they announce."""

from __future__ import annotations

import struct
from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING

from PIL import Image

from srcli.imaging.containers.trailer import describe_rest
from srcli.imaging.containers.webp_file import read_webp_file
from srcli.imaging.metadata.webp_chunks import metadata_of_webp
from srcli.imaging.readers.pillow_reader import collect_from_info, read_with_pillow

if TYPE_CHECKING:
    from srcli.imaging.containers.webp_file import WebpFile
    from srcli.imaging.readers.source import Origin, Source

_SPARE_BYTES = 5
"""More than encoders leave unread at the end of a partition: libwebp and libvpx up to three."""

_HEAD_BYTES, _BLOCK = 10, 16
_MOST_PARTITIONS = 8
_TOKEN_BYTES = 25
"""The most that a macroblock takes of a partition of nothing but zeros."""
_MOST_TOKENS = 2**22


def read_webp(origin: Origin) -> Source:
    """Read the chunks of a WebP file."""
    origin.stream.seek(0)
    data = origin.stream.read()
    file = read_webp_file(data)
    metadata = metadata_of_webp(data, file)
    source = read_with_pillow(
        origin,
        "WEBP",
        lambda image: collect_from_info(image, metadata, file.notes),
        lossless=file.is_lossless,
    )
    rest = describe_rest(origin.stream, file.end)
    return source.behind(partial(_check_amounts, origin, file)).noted(rest)


def _check_amounts(origin: Origin, file: WebpFile) -> None:
    """Look at all frames that are lossy."""
    for chunk in file.lossy:
        origin.stream.seek(chunk.start)
        _check_amount(origin.stream.read(chunk.length))


def _check_amount(picture: bytes) -> None:
    """Refuse a lossy picture that holds more than its size takes.

    Where the last partition holds too little, libwebp says so. Where it is decoded without its last bytes all
    the same, or the first is, which says how macroblocks were predicted, they belong to something else.

    Raises:
        ValueError: it does.
    """
    # An even number, as the byte that fills up an odd one would be decoded as well.
    shorter = picture[: (len(picture) - _SPARE_BYTES) // 2 * 2]
    if _is_whole(shorter) or _is_whole(_of_modes(picture)):
        raise ValueError("more pixels than its header says, or partitions of other lengths")


def _of_modes(picture: bytes) -> bytes:
    """The first partition without its last bytes; the others are zeros, which never end too early."""
    tag = int.from_bytes(picture[:3], "little")
    width, height = (-(-(side & 0x3FFF) // _BLOCK) for side in struct.unpack_from("<HH", picture, 6))
    length = max((tag >> 5) - _SPARE_BYTES, 0)
    tokens = min(_TOKEN_BYTES * width * -(-height // 2) + _BLOCK, _MOST_TOKENS)
    return b"".join(
        (
            (tag & 31 | length << 5).to_bytes(3, "little"),
            picture[3 : _HEAD_BYTES + length],
            # Lengths of partitions, as far as there are several.
            tokens.to_bytes(3, "little") * (_MOST_PARTITIONS - 1),
            bytes(_MOST_PARTITIONS * tokens),
        )
    )


def _is_whole(picture: bytes) -> bool:
    """Whether libwebp decodes it to the end."""
    padded = picture + bytes(len(picture) % 2)
    head = struct.pack("<4sI4s4sI", b"RIFF", len(padded) + 12, b"WEBP", b"VP8 ", len(picture))
    try:
        Image.open(BytesIO(head + padded), formats=["WEBP"]).load()
    except (OSError, EOFError, ValueError, SyntaxError):
        return False
    return True
