"""Networks of ncnn (https://github.com/Tencent/ncnn), a pair of files ``.param`` and ``.bin``, as ONNX."""

from __future__ import annotations

from srcli.importers.ncnn.parity import ncnn_output
from srcli.importers.ncnn.reader import read_ncnn

__all__ = ["ncnn_output", "read_ncnn"]
