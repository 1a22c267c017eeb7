"""Pictures in memory, read whole."""

from __future__ import annotations

import pytest

from srcli.core.errors import InputError
from srcli.imaging.decode import open_picture


def read(data):
    """What the header says, and all frames."""
    with open_picture(data, max_pixels=10**7) as picture:
        return picture.info, list(picture.frames())


def refusal(data):
    """The message of the error that reading ends with."""
    with pytest.raises(InputError) as caught:
        read(data)
    return caught.value.message
