"""ONNX files of any origin, made whole: weights inside, in an operator set that onnxruntime takes."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

from srcli.core.errors import DamagedModel, MissingExtra, UnknownModel, UnsuitableModel
from srcli.importers.converted import Converted
from srcli.importers.foreign import first_line
from srcli.importers.order import put_in_order
from srcli.importers.quantised_ends import open_ends

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from onnx import GraphProto, ModelProto, TensorProto

LARGEST_BYTES = 2**31 - 1
"""The most that one protobuf message can hold."""

OLDEST_OPSET, TARGET_OPSET = 7, 18
"""onnxruntime promises to run operator sets from 7 on; older ones are raised."""

NEWEST_IR = 10
"""The newest version of the file format that every supported onnxruntime reads (1.23 and later). What newer
versions add, integers and floats of four bits, no generator here has."""

OUR_DOMAINS = ("", "ai.onnx", "ai.onnx.ml", "com.microsoft")
"""Where the operators that onnxruntime brings come from; others need a library of their own."""


def require_onnx(what: str) -> None:
    """Raise MissingExtra unless the onnx package is there."""
    if find_spec("onnx") is None:
        raise MissingExtra(what, extra="import")


def read_onnx(path: Path) -> Converted:
    """Read an ONNX file; layout, range and element type stay what they are, which the engine finds out.

    Raises:
        MissingExtra: the onnx package is not installed.
        UnknownModel: there is no such file.
        DamagedModel: the file is not ONNX, or only a part of one, or its graph is broken.
        UnsuitableModel: onnxruntime does not run it, or its weights lie where they have no business to lie.
    """
    require_onnx("importing an ONNX file")
    model = parse_onnx(_read_bytes(path), path)
    put_in_order(model.graph)
    _take_weights_in(model, path)
    _check_operators(model, path)
    model = _raise_opset(model, path)
    open_ends(model)
    model.ir_version = min(model.ir_version, NEWEST_IR)
    return Converted(path.stem, to_bytes(model, path), architecture="unknown", source=path.name)


def parse_onnx(content: bytes, path: Path) -> ModelProto:
    """The model in a file's bytes.

    Raises:
        DamagedModel: they are no ONNX model.
    """
    import onnx
    from google.protobuf.message import DecodeError

    try:
        model: ModelProto = onnx.load_model_from_string(content)
    except (DecodeError, ValueError) as error:
        raise DamagedModel(f"{path} is not an ONNX file, or only a part of one") from error
    if not model.graph.node or not model.graph.output:
        raise DamagedModel(f"{path} is not an ONNX file, or only a part of one")
    return model


def to_bytes(model: ModelProto, path: Path) -> bytes:
    """A model as the bytes of a file, after a check of its graph.

    Raises:
        DamagedModel: the graph is broken.
        UnsuitableModel: it is too large.
    """
    import onnx

    if model.ByteSize() > LARGEST_BYTES:
        raise UnsuitableModel(f"{path} holds more than 2 GiB, which is more than an ONNX file can")
    try:
        onnx.checker.check_model(model)
        content: bytes = model.SerializeToString()
    except (onnx.checker.ValidationError, ValueError) as error:
        raise DamagedModel(f"the graph in {path} is broken: {first_line(error)}") from error
    return content


def has_inner_graphs(graph: GraphProto) -> bool:
    """Whether an operator holds a graph of its own, such as the body of a loop."""
    return any(
        attribute.HasField("g") or attribute.graphs for node in graph.node for attribute in node.attribute
    )


def tensors(graph: GraphProto) -> Iterator[TensorProto]:
    """All weights and constants of a graph, and of the graphs inside its operators."""
    yield from graph.initializer
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.HasField("t"):
                yield attribute.t
            yield from attribute.tensors
            for inner in (*([attribute.g] if attribute.HasField("g") else ()), *attribute.graphs):
                yield from tensors(inner)


def _read_bytes(path: Path) -> bytes:
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise UnsuitableModel(f"{path} has more than 2 GiB, which is more than an ONNX file can have")
        return path.read_bytes()
    except OSError as error:
        raise UnknownModel(f"cannot read {path}: {error.strerror}") from error


def _take_weights_in(model: ModelProto, path: Path) -> None:
    """Read weights that lie in files beside the model into it.

    A file elsewhere is refused: a model has no business to make a program read what its author names.
    """
    import onnx
    from onnx import external_data_helper

    folder = path.resolve().parent
    for tensor in tensors(model.graph):
        if tensor.data_location != onnx.TensorProto.EXTERNAL:
            continue
        named = {entry.key: entry.value for entry in tensor.external_data}.get("location", "")
        _check_beside(folder, named, path)
        try:
            external_data_helper.load_external_data_for_tensor(tensor, str(folder))
        except (OSError, ValueError, RuntimeError, onnx.checker.ValidationError) as error:
            raise DamagedModel(
                f"cannot read the weights of {path} in {named}: {first_line(error)}"
            ) from error
        tensor.data_location = onnx.TensorProto.DEFAULT
        del tensor.external_data[:]


def _check_beside(folder: Path, named: str, path: Path) -> None:
    """Raise UnsuitableModel unless a file of weights lies in the model's own folder, and is no link."""
    place = folder / named
    inside = not any(mark in named for mark in ("/", "\\", "\0")) and named not in ("", ".", "..")
    if not inside or place.is_symlink():
        raise UnsuitableModel(f"{path} wants its weights from {named!r}, which is not a file beside it")
    if not place.is_file():
        raise DamagedModel(f"the weights of {path} are missing: {place}", hint=f"put {named} beside it")


def _check_operators(model: ModelProto, path: Path) -> None:
    known = {function.domain for function in model.functions}
    for node in model.graph.node:
        if node.domain not in OUR_DOMAINS and node.domain not in known:
            raise UnsuitableModel(
                f"{path} needs the operator {node.domain}.{node.op_type}, which onnxruntime does not have"
            )


def _raise_opset(model: ModelProto, path: Path) -> ModelProto:
    """The model in an operator set that onnxruntime promises to run."""
    from onnx import version_converter

    versions = [entry.version for entry in model.opset_import if entry.domain in ("", "ai.onnx")]
    if not versions or versions[0] >= OLDEST_OPSET:
        return model
    try:
        raised: ModelProto = version_converter.convert_version(model, TARGET_OPSET)
    except Exception as error:
        # The converter is C++ and raises what it likes; whatever it is, the model can't be raised.
        raise UnsuitableModel(
            f"{path} is written in operator set {versions[0]}, and can't be raised to {TARGET_OPSET}: "
            f"{first_line(error)}"
        ) from error
    return raised
