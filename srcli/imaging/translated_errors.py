"""The one place where errors of the picture libraries and of the system become ours."""

from __future__ import annotations

import errno
import re
import struct
import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING

from PIL import Image, UnidentifiedImageError

from srcli.core.errors import InputError, OutputError, SrcliError
from srcli.core.reasons import why
from srcli.imaging.limits import TooManyPixels, TooMuchError, raised_pillow_limit

if TYPE_CHECKING:
    from collections.abc import Iterator

_SIGNS_OF_AN_END = (
    "truncat",
    "ran out of data",
    "premature end",
    "unexpected end",
    "end of stream",
)
_UNSUPPORTED = "unsupported "
_TRUNCATED = "truncated: the file ends before its picture does"

# What decoders raise on damaged files, beside OSError: Pillow documents none of these.
_DAMAGE = (
    ValueError,
    SyntaxError,
    EOFError,
    LookupError,
    TypeError,
    AttributeError,
    ArithmeticError,
    RuntimeError,
    Warning,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
)


@contextmanager
def reading(name: str) -> Iterator[None]:
    """Turn whatever goes wrong inside into an ``InputError`` that begins with ``cannot read <name>``."""
    try:
        with raised_pillow_limit():
            yield
    except SrcliError:
        raise
    except MemoryError as error:
        raise InputError(f"cannot read {name}: not enough memory for a picture of that size") from error
    except TooMuchError as error:
        raise InputError(f"cannot read {name}: {error}", hint=error.hint) from error
    except OSError as error:
        raise InputError(f"cannot read {name}: {_system_reason(error) or _damage(error)}") from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _beyond_pillow(error, name) from error
    except _DAMAGE as error:
        raise InputError(f"cannot read {name}: {_damage(error)}") from error


@contextmanager
def writing(name: str) -> Iterator[None]:
    """Turn whatever the system or an encoder refuses into an ``OutputError``: ``cannot write <name>``."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        reason = _system_reason(error) or str(error)
        raise OutputError(f"cannot write {name}: {reason}", hint=_HINTS.get(error.errno or 0)) from error
    except MemoryError as error:
        raise OutputError(f"cannot write {name}: not enough memory to encode it") from error


_HINTS = {errno.ENOSPC: "free some space, or choose another folder with -o"}


def _system_reason(error: OSError) -> str | None:
    """Why the system refused, in lower case; None where a decoder raised the error on its own account."""
    if error.errno is None:
        return None
    return why(error)


def _damage(error: Exception) -> str:
    """What a decoder said, in our words where we know it."""
    text = str(error)
    if isinstance(error, EOFError) or any(sign in text.lower() for sign in _SIGNS_OF_AN_END):
        return _TRUNCATED
    if isinstance(error, UnidentifiedImageError):
        return "damaged or truncated, or of a kind that is not supported"
    said = text[:1].lower() + text[1:]
    if said.startswith(_UNSUPPORTED):
        return f"{said.removeprefix(_UNSUPPORTED)} is not supported"
    return f"damaged ({said})" if text else "damaged"


def _beyond_pillow(error: Exception, name: str) -> TooManyPixels:
    """What Pillow says where it refuses a picture for its size, with the number of pixels that it names."""
    found = re.search(r"\((\d+) pixels\)", str(error))
    megapixels = f"{int(found[1]) / 1e6:.0f} megapixels, " if found else ""
    message = f"cannot read {name}: it declares {megapixels}more than srcli decodes"
    return TooManyPixels(message, int(found[1]) if found else None)
