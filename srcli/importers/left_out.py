"""What training programs keep beside weights, such as scores and settings: read over, and never made.

PyTorch's reader for weights alone calls what it is told to allow, with arguments from the file. NumPy's
makers of arrays and types believe what a file tells of their memory, so none of them is called: a file that
names them gets objects in their place that hold nothing.
"""

from __future__ import annotations

from typing import Any, Self

_NUMPY = [
    f"numpy.{core}.multiarray.{name}" for core in ("core", "_core") for name in ("scalar", "_reconstruct")
]
_KINDS = [
    f"numpy.dtypes.{kind}DType"
    for kind in ("Float64", "Float32", "Float16", "Int64", "Int32", "UInt8", "Bool", "Object", "Str")
]
NAMES = (*_NUMPY, "numpy.dtype", "numpy.ndarray", *_KINDS, "argparse.Namespace")
"""What is read over, by module and name."""


class LeftOut:
    """Stands for an object that is not made, whatever it would have been made of."""

    __slots__ = ()

    def __new__(cls, *_: object, **__: object) -> Self:
        """The same nothing for all arguments."""
        return super().__new__(cls)

    def __setstate__(self, _: object) -> None:
        """Take no state."""


def left_out() -> list[Any]:
    """For ``torch.serialization.safe_globals``: an object that holds nothing for each of ``NAMES``."""
    return [(LeftOut, name) for name in NAMES]
