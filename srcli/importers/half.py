"""ONNX generators at half precision."""

from __future__ import annotations

import logging
import warnings

from srcli.core.errors import UnsuitableModel
from srcli.core.silent_imports import import_onnxruntime
from srcli.importers.foreign import first_line
from srcli.importers.onnx_file import require_onnx


def to_half(model: bytes) -> bytes:
    """A generator that computes in float16, and takes and gives what it did before.

    Args:
        model: a serialised ONNX generator in float32.

    Raises:
        MissingExtra: the onnx package is not installed.
        UnsuitableModel: the graph can't be converted.
    """
    require_onnx("half precision")
    import onnx

    # A tool that turns files into files; inference stays in the engine.
    float16 = import_onnxruntime("onnxruntime.transformers.float16")
    try:
        logging.disable(logging.WARNING)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            half = float16.convert_float_to_float16(onnx.load_model_from_string(model), keep_io_types=True)
        content: bytes = half.SerializeToString()
    except Exception as error:
        # A tool in Python that trusts graphs to be as its authors know them.
        raise UnsuitableModel(
            f"the generator can't be turned to half precision: {first_line(error)}"
        ) from error
    finally:
        logging.disable(logging.NOTSET)
    return content
