"""The sizes that an ONNX file declares for its pictures: freed, or fixed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from srcli.importers.claims import channel_axis, ends
from srcli.importers.onnx_file import require_onnx

if TYPE_CHECKING:
    from collections.abc import Iterator

    from onnx import ValueInfoProto
    from onnx.onnx_ml_pb2 import TensorShapeProto

    Axis = TensorShapeProto.Dimension

NAMES = ("srcli_height", "srcli_width")
"""What freed axes are called; axes of one name are taken for equal."""


def free_sizes(model: bytes, layout: str | None = None) -> bytes | None:
    """A generator whose graph declares no height and no width; the batch stays what it is.

    Whether the operators inside take other sizes remains to be tried.

    Args:
        model: a serialised ONNX generator.
        layout: ``nchw`` or ``nhwc``, where that is known.

    Returns:
        The same operators and weights, or None where height and width are free already.

    Raises:
        UnsuitableModel: the input is no batch of pictures.
        MissingExtra: the onnx package is not installed.
    """
    require_onnx("importing an ONNX file")
    import onnx

    parsed = onnx.load_model_from_string(model)
    given, made = ends(parsed.graph)
    axis = channel_axis(given, layout)
    if not any(side.HasField("dim_value") for side in _sides(given, axis)):
        return None
    for side, name in zip(_sides(given, axis), NAMES, strict=True):
        side.dim_param = name
    # Whatever else is declared follows from the size that no longer holds.
    for side in made.type.tensor_type.shape.dim:
        side.Clear()
    del parsed.graph.value_info[:]
    content: bytes = parsed.SerializeToString()
    return content


def fix_sizes(model: bytes, side: int, layout: str | None = None) -> bytes:
    """A generator whose graph declares squares of one side.

    Raises: as ``free_sizes``.
    """
    require_onnx("importing an ONNX file")
    import onnx

    parsed = onnx.load_model_from_string(model)
    given, _ = ends(parsed.graph)
    for each in _sides(given, channel_axis(given, layout)):
        each.dim_value = side
    content: bytes = parsed.SerializeToString()
    return content


def _sides(value: ValueInfoProto, axis: int) -> Iterator[Axis]:
    """The axes of rows and columns, where ``axis`` is that of the channels."""
    yield from list(value.type.tensor_type.shape.dim)[2 if axis == 1 else 1 :][:2]
