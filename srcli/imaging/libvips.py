"""The lazy door to libvips, which holds 16-bit colour where Pillow can't."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from srcli.core.errors import MachineError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from srcli.imaging.samples import Samples


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
    return pyvips


@contextmanager
def vips_errors() -> Iterator[None]:
    """Turn what libvips complains of into a ``ValueError`` of one line."""
    pyvips = load_vips()
    try:
        yield
    except pyvips.Error as error:
        raise ValueError(" ".join((error.detail or error.message).split())) from error


def decode_with_vips(data: bytes) -> Samples:
    """The pixels of an encoded PNG or TIFF file, (height, width, channels).

    Raises:
        EOFError: the file is truncated.
        ValueError: it is damaged.
    """
    pyvips = load_vips()
    with vips_errors():
        image = pyvips.Image.new_from_buffer(data, "", fail_on="truncated")
        pixels: Samples = np.asarray(image.numpy())
    return pixels if pixels.ndim == 3 else pixels[:, :, None]
