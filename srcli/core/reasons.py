"""Why the system refused, in a few lower-case words."""

from __future__ import annotations

import errno

_WORDS = {
    errno.EBADF: "it is closed",
    errno.ENOENT: "no such file",
    errno.EISDIR: "it is a folder",
    errno.ELOOP: "its symbolic links lead in a circle",
    errno.ENAMETOOLONG: "the name is too long",
}


def why(error: OSError) -> str:
    """The reason that the system gave."""
    return _WORDS.get(error.errno or 0) or (error.strerror or str(error)).lower()
