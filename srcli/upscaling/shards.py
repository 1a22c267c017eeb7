"""A share of the pictures of a command that several machines run with the same words, each on its own."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass

from srcli.core.errors import UsageError

_FORM = re.compile(r"(\d{1,9})/(\d{1,9})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Shard:
    """One of the parts that pictures fall into by their names.

    A name decides alone: what else is there, in which order it is found and who asks plays no role.

    Attributes:
        index: which part, from 0.
        count: of all parts.
    """

    index: int
    count: int

    def takes(self, name: str) -> bool:
        """Whether a picture is in this part.

        Args:
            name: its path below the folder that was searched, with slashes; two spellings of one letter, as
                macOS and Linux have them, are one name.
        """
        letters = unicodedata.normalize("NFC", name).encode("utf-8", "surrogatepass")
        return int.from_bytes(hashlib.sha256(letters).digest()) % self.count == self.index


def parse_shard(word: str) -> Shard:
    """The shard ``I/N``. ``I`` may count from 0 or from 1: ``N/N`` and ``0/N`` are one shard.

    Raises:
        UsageError: the word is none.
    """
    form = _FORM.fullmatch(word)
    index, count = map(int, form.groups()) if form else (0, 0)
    if not 0 <= index <= count or count == 0:
        raise UsageError(
            f"'{word}' is no shard", hint="give its number and how many there are, such as --shard 3/16"
        )
    return Shard(index % count, count)
