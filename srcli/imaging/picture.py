"""What a picture is once it is decoded: frames of planes, and what is known about the file."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from srcli.core.arrays import Plane, Planes
    from srcli.core.geometry import Size


class Mode(StrEnum):
    """The colour model of a picture; alpha is counted apart."""

    GREY = "grey"
    RGB = "rgb"
    CMYK = "cmyk"

    @property
    def channels(self) -> int:
        """Number of colour planes: 1, 3 or 4."""
        return {Mode.GREY: 1, Mode.RGB: 3, Mode.CMYK: 4}[self]


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture, or one frame of an animation as a viewer shows it.

    Attributes:
        colour: (height, width, 1, 3 or 4) float32, 0..1, in the file's own colour space. CMYK is stored as
            the light that is left, so that 1.0 means no ink and all colour models behave alike.
        alpha: (height, width) float32, 0..1, straight (the colour is not multiplied with it); None where the
            picture has none.
        duration_ms: how long an animation shows the frame.
    """

    colour: Planes
    alpha: Plane | None
    duration_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class Text:
    """A text with a keyword, as PNG has it; a comment of JPEG, GIF or PPM has the keyword ``Comment``.

    Attributes:
        keyword: such as ``Title``.
        value: the text. Bytes that are no UTF-8 in a text that should be are surrogates, and come out again.
        encoding: ``utf-8`` or ``latin-1``, as the file had it.
        language: such as ``en-GB``, or nothing.
        translated: the keyword in that language, or nothing.
    """

    keyword: str
    value: str
    encoding: str = "utf-8"
    language: str = ""
    translated: str = ""

    @classmethod
    def of_comment(cls, data: bytes) -> Text:
        """A comment of no stated encoding: UTF-8 if it can be, else Latin-1, which loses no byte."""
        try:
            return cls("Comment", data.decode())
        except UnicodeDecodeError:
            return cls("Comment", data.decode("latin-1"), "latin-1")

    @property
    def data(self) -> bytes:
        """The text as the file had it."""
        return self.value.encode(self.encoding, "surrogateescape")


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a file says about its picture beside the pixels.

    Attributes:
        icc: the ICC profile, unchanged.
        exif: an EXIF block (a TIFF structure without the ``Exif`` prefix).
        xmp: an XMP packet.
        iptc: IPTC-IIM records.
        photoshop: image resources of Photoshop but for IPTC records and thumbnails.
        geotiff: fields of GeoTIFF that say where on the globe pixels are, as an EXIF block.
        dpi: pixels per inch, horizontal and vertical.
        aspect: density of pixels in no unit, horizontal and vertical: only their ratio counts.
        text: texts and comments.
        segments: marker and body of JPEG segments of makers of cameras and programs, unchanged.
        chunks: PNG chunks about the picture that nothing else here stands for.
        colour_chunks: PNG chunks that say what the samples mean (gAMA, cHRM, sRGB, cICP, ...), unchanged.
    """

    icc: bytes | None = None
    exif: bytes | None = None
    xmp: bytes | None = None
    iptc: bytes | None = None
    photoshop: bytes | None = None
    geotiff: bytes | None = None
    dpi: tuple[float, float] | None = None
    aspect: tuple[float, float] | None = None
    text: tuple[Text, ...] = ()
    segments: tuple[tuple[int, bytes], ...] = ()
    chunks: tuple[tuple[bytes, bytes], ...] = ()
    colour_chunks: tuple[tuple[bytes, bytes], ...] = ()


@dataclass(frozen=True, slots=True)
class PictureInfo:
    """What the header of a picture file says.

    Attributes:
        format: ``PNG``, ``JPEG``, ``WEBP``, ``TIFF``, ``BMP``, ``AVIF``, ``GIF`` or ``PPM``: by content,
            never by name.
        size: after the EXIF orientation is baked in.
        mode: colour model of the frames.
        depth: bits per sample, 8 or 16.
        has_alpha: whether the frames carry alpha.
        frames: number of frames; 1 for a still picture.
        loop: how often an animation plays, 0 for ever; None where the file doesn't say or is a still picture.
        lossless: whether the file's compression loses nothing.
        metadata: what the file says beside the pixels, of the picture as it is stored.
        notes: what a person should know about how the file was read; each becomes a warning.
        jpeg_quality: of a JPEG file, 1..100 on libjpeg's scale, as its tables tell; None for others.
        orientation: EXIF orientation 1..8 that is baked into the frames.
    """

    format: str
    size: Size
    mode: Mode
    depth: int
    has_alpha: bool
    frames: int
    loop: int | None
    lossless: bool
    metadata: Metadata
    notes: tuple[str, ...] = ()
    orientation: int = 1
    jpeg_quality: int | None = None
