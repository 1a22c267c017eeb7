"""The lazy door to libvips, which holds 16-bit colour where Pillow can't."""

from __future__ import annotations

import logging
import re
import struct
import threading
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

import numpy as np

from srcli.core.errors import MachineError
from srcli.core.geometry import Size
from srcli.imaging.containers.tiff_fields import Directory, Layout, build_directory, long
from srcli.imaging.readers.vips_source import VipsSource

if TYPE_CHECKING:
    from collections.abc import Iterator

    from srcli.imaging.pixels.samples import Samples
    from srcli.imaging.readers.source import Origin

_TYPES = {"uchar": np.uint8, "ushort": np.uint16}
_DAMAGE = re.compile(
    r"premature end|bad huffman|bad arithmetic|instead of rst|too many warnings|read error"
    # Between scans and behind the last; bytes between the segments of a header are none of the picture.
    r"|extraneous bytes before marker 0x(?:c4|d[0-79ad])"
    # Of CCITT's rows that end before the picture's width or behind it; of JPEG data of another size.
    r"|premature eo[fl] at line|line length mismatch|improper jpeg",
    re.IGNORECASE,
)
"""What libjpeg and libtiff say of pixels that are lost; other warnings are of oddities that cost nothing."""


class _Complaints(logging.Handler):
    """Hands what libvips logs to the listener in the same thread."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._threads = threading.local()

    @contextmanager
    def collect(self, collected: list[str]) -> Iterator[None]:
        before = getattr(self._threads, "collected", None)
        self._threads.collected = collected
        try:
            yield
        finally:
            self._threads.collected = before

    def emit(self, record: logging.LogRecord) -> None:
        collected = getattr(self._threads, "collected", None)
        if collected is not None:
            collected.append(record.getMessage())


_complaints = _Complaints()


def load_vips() -> Any:  # noqa: ANN401
    """The pyvips module, which carries no types.

    Raises:
        MachineError: it is not installed, or finds no libvips.
    """
    try:
        import pyvips
    except (ImportError, OSError) as error:
        raise MachineError(
            f"16-bit pictures need libvips, which does not load: {error}", hint="pip install 'pyvips[binary]'"
        ) from error
    # Its cache of results would keep the last hundred pictures of a batch in memory.
    pyvips.cache_set_max(0)
    pyvips.logger.addHandler(_complaints)
    return pyvips


@contextmanager
def vips_errors(complaints: list[str] | None = None) -> Iterator[None]:
    """Turn what libvips fails with into a ``ValueError`` of one line.

    Args:
        complaints: takes what libvips only logs.
    """
    pyvips = load_vips()
    try:
        with _complaints.collect([] if complaints is None else complaints):
            yield
    except pyvips.Error as error:
        raise ValueError(_reason(error.detail or error.message)) from error


class VipsPicture:
    """A picture that libvips decodes as its rows are asked for; any damage that it notices is an error.

    Attributes:
        size: as it is stored.
        channels: of a pixel.
        dtype: uint8 or uint16.
    """

    def __init__(self, origin: Origin, **options: Any) -> None:  # noqa: ANN401
        """Read the header.

        Args:
            origin: the file.
            options: of the loader of libvips, such as ``page``.

        Raises:
            ValueError: libvips can't make a picture of it.
        """
        vips = load_vips()
        self._complaints: list[str] = []
        self._file = VipsSource(vips, origin)
        with self._file.failures(), vips_errors(self._complaints):
            self._image: Any = vips.Image.new_from_source(
                self._file.source, "", access="sequential", fail_on="error", **options
            )
            self._region: Any = vips.Region.new(self._image)
        self._is_tiff = self._image.get("vips-loader").startswith("tiff")
        if self._image.format not in _TYPES:
            raise ValueError(f"samples of the kind {self._image.format}")
        self.size = Size(self._image.height, self._image.width)
        self.channels: int = self._image.bands
        self.dtype = np.dtype(_TYPES[self._image.format])

    def fetch(self, top: int, height: int) -> Samples:
        """Decode some rows, (height, width, channels); later calls ask for lower rows.

        Raises:
            ValueError: they are damaged.
        """
        noticed = _noticed_errors() if self._is_tiff else nullcontext()
        with self._file.failures(), vips_errors(self._complaints), noticed:
            data = self._region.fetch(0, top, self.size.width, height)
        return np.frombuffer(data, self.dtype).reshape(height, self.size.width, self.channels)

    def finish(self) -> None:
        """Let go of the file, all of whose rows were read.

        libvips says then what was wrong with a JPEG file: how many warnings there were and, behind what it
        had to say of other files, the first of them.

        Raises:
            ValueError: pixels are lost.
        """
        with vips_errors(self._complaints):
            self._image = self._region = None
        last = [text.strip().rsplit("\n", 1)[-1].removeprefix("VIPS: ") for text in self._complaints]
        lost = next((line for line in last if _DAMAGE.search(line)), None)
        if lost:
            raise ValueError(_reason(lost))


def unpacks_to(data: bytes, packing: int, fill_order: int, size: int) -> bool:
    """Whether compressed bytes, such as a strip of a TIFF file, hold so many or more.

    Args:
        data: the compressed bytes.
        packing: compression, by its number in TIFF files.
        fill_order: of the bits in them, likewise.
        size: number of bytes asked for.
    """
    numbers = {256: size, 257: 1, 258: 8, 259: packing, 262: 1, 266: fill_order}
    directory = Directory({tag: long(number) for tag, number in numbers.items()})
    directory.fields |= {273: long(8), 277: long(1), 278: long(1), 279: long(len(data))}
    start = 8 + len(data) + len(data) % 2
    head = struct.pack("<2sHI", b"II", 42, start) + data + bytes(len(data) % 2)
    file = head + build_directory(directory, start, Layout("<", big=False))
    try:
        with vips_errors(), _noticed_errors():
            image = load_vips().Image.new_from_buffer(file, "", access="sequential", fail_on="error")
            image.avg()
    except ValueError:
        return False
    return True


_tiff_at_work = threading.Lock()


@contextmanager
def _noticed_errors() -> Iterator[None]:
    """Raise what libtiff says of damaged tiles, which libvips notes and passes over.

    It notes it in one place for the whole process, so that one TIFF file is decoded at a time.

    Raises:
        ValueError: it said something.
    """
    import pyvips

    with _tiff_at_work:
        pyvips.vips_lib.vips_error_clear()
        yield
        said = pyvips.ffi.string(pyvips.vips_lib.vips_error_buffer()).decode("utf-8", "replace")
        pyvips.vips_lib.vips_error_clear()
    if "tiff" in said.lower():
        raise ValueError(_reason(said))


def _reason(text: str) -> str:
    """The last reason that libvips gives, without the name of what failed: earlier files left others."""
    lines = [line for line in map(str.strip, text.splitlines()) if line]
    # Decoders look for more behind the end of a file, which is no reason of itself.
    reasons = [line.split(": ", 1)[1] for line in lines if ": " in line and ": bad seek" not in line]
    return (reasons or lines or ["libvips gives no reason"])[-1]
