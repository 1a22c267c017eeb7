"""Broken, foreign and hostile files: one error of srcli's, which says what and where."""

from __future__ import annotations

import re
import tracemalloc
from typing import TYPE_CHECKING

import onnx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ncnn_files import NcnnFiles, compact, floats, tagged

from srcli.core.errors import DamagedModel, ModelError, UnsuitableModel
from srcli.importers.ncnn import read_ncnn

if TYPE_CHECKING:
    from pathlib import Path

MAGIC = "7767517\n"
INPUT = "Input input 0 1 data 2=3\n"
TINY = compact(width=2)


def one(line: str, *weights: bytes) -> NcnnFiles:
    return NcnnFiles().add(line, *weights)


BROKEN_TEXTS = {
    "": "the first line is not 7767517",
    "hello\nworld\n": "the first line is not 7767517",
    MAGIC: "line 2 does not give the numbers of layers and blobs",
    MAGIC + "many 3\n": "line 2 does not give the numbers of layers and blobs",
    MAGIC + "2000000000 3\n" + INPUT: "line 2 declares 2000000000 layers, the file has 1",
    MAGIC + "1 1\nInput\n": "line 3 is no layer",
    MAGIC + "1 1\nInput input 0 2000000000 data\n": "does not name its 0 inputs and 2000000000 outputs",
    MAGIC + "1 1\nInput input 0 1 data 2=three\n": "(Input): parameter 2 is 'three', not a whole number",
    MAGIC + "1 1\nInput input 0 1 data 2\n": "line 3: '2' is no parameter",
    MAGIC + "1 1\nInput input 0 1 data 99=3\n": "parameter key 99 is out of range",
    MAGIC + "1 1\nInput input 0 1 data 2=3 2=3\n": "parameter key 2 is out of range or there twice",
    MAGIC + "1 1\nInput input 0 1 data 2=1e999\n": "'1e999' is no number",
    MAGIC + "1 1\nInput input 0 1 data 2=(1)\n": "'(1)' is no number",
    MAGIC + "1 1\nInput input 0 1 data -23302=1000000000,1\n": "has 1 values, not 1000000000",
    MAGIC + "2 2\n" + INPUT + INPUT: "two layers are named input",
    MAGIC + "2 2\n" + INPUT + "ReLU relu 1 1 data data\n": "two blobs are named data",
    MAGIC + "2 2\n" + INPUT + "ReLU relu 1 1 ghost output\n": "takes 1 inputs and gives 2 outputs",
}


@pytest.mark.parametrize("text", BROKEN_TEXTS, ids=BROKEN_TEXTS.values())
def test_broken_text(text: str, tmp_path: Path) -> None:
    param = compact().write(tmp_path)
    param.write_text(text)
    refused(param, BROKEN_TEXTS[text])


NETWORKS = {
    "layer odd (Teleport): srcli can't translate this operator": one("Teleport odd 1 1 data output"),
    "layer odd (Interp): parameter 0 is 7; srcli translates 1 (nearest)": one(
        "Interp odd 1 1 data output 0=7"
    ),
    "layer odd (ReLU): parameter 5 (here 1) is not known to srcli": one("ReLU odd 1 1 data output 5=1"),
    "layer odd (Deconvolution): parameter 20 is 40; srcli translates 0 only": one(
        "Deconvolution odd 1 1 data output 0=3 1=2 3=2 6=36 20=40", tagged(range(36))
    ),
    "layer odd (Convolution): has 80 weights, where its sizes need 3 times 27": one(
        "Convolution odd 1 1 data output 0=3 1=3 6=80", tagged(range(80))
    ),
    "layer odd (Convolution): parameter 1 is 0, not within 1 to 255": one(
        "Convolution odd 1 1 data output 0=3"
    ),
    "layer odd (Convolution): the weights end at byte 20": one(
        "Convolution odd 1 1 data output 0=3 1=3 6=81", tagged(range(4))
    ),
    "layer odd (Convolution): pads by (-7, -7, -7, -7)": one("Convolution odd 1 1 data output 0=3 1=3 4=-7"),
    "layer odd (Convolution): has weights of 8-bit integers, and no scales": one(
        "Convolution odd 1 1 data output 0=3 1=1 6=9", tagged(range(9), "int8")
    ),
    "layer odd (Convolution): the weights at byte 4 are not all finite": one(
        "Convolution odd 1 1 data output 0=3 1=1 6=9", tagged([float("nan")] * 9)
    ),
    "layer odd (BatchNorm): its factor is not finite everywhere": one(
        "BatchNorm odd 1 1 data output 0=3", floats([3e38] * 3 + [0] * 3 + [1e-30] * 3 + [0] * 3)
    ),
    "layer odd (BatchNorm): its variances are not all positive": one(
        "BatchNorm odd 1 1 data output 0=3", floats([1] * 6 + [-1] * 3 + [0] * 3)
    ),
    "layer odd (Convolution): the scales of its 8-bit integers are not all positive": one(
        "Convolution odd 1 1 data output 0=3 1=1 6=9 8=1", tagged(range(9), "int8"), floats([1, 0, 1, 1])
    ),
    "layer odd (Convolution): parameter 8 is 3, no known kind of 8-bit weights": one(
        "Convolution odd 1 1 data output 0=3 1=1 6=9 8=3", tagged(range(9), "int8"), floats([1] * 4)
    ),
    "layer odd (Pooling): pools (2, 2) pixels (max) with a valid border": one(
        "Pooling odd 1 1 data output 1=2 2=3 5=1"
    ),
    "layer odd (Deconvolution): adds (2, 2) pixels to steps of (2, 2)": one(
        "Deconvolution odd 1 1 data output 0=3 1=2 3=2 6=36 18=2", tagged(range(36))
    ),
    "layer odd (PReLU): has 5 slopes for 3 channels": one("PReLU odd 1 1 data output 0=5", floats(range(5))),
    "layer odd (PixelShuffle): can't make 2 x 2 pixels of 3 channels": one(
        "PixelShuffle odd 1 1 data output 0=2"
    ),
    "layer odd (Interp): resizes by 1e+09 and 1e+09": one("Interp odd 1 1 data output 0=1 1=1e9 2=1e9"),
    "layer odd (BinaryOp): takes 1 inputs, not 2": one("BinaryOp odd 1 1 data output"),
    "layer odd (ReLU): takes 'later', which no earlier layer gives": one("ReLU odd 1 1 later output").add(
        "Noop n 1 1 data later"
    ),
    "40 bytes of weights are left over": one("ReLU odd 1 1 data output", floats(range(10))),
    "takes 4 channels, not 3": NcnnFiles(["Input input 0 1 data 2=4"]).add("ReLU relu 1 1 data output"),
    "takes 1 inputs and gives 2 outputs": one("Split two 1 2 data one two"),
    "the network gives no whole multiple": one("Interp half 1 1 data output 0=1 1=1.5 2=1.5"),
    "the network makes (3,) of a picture": one("Pooling mean 1 1 data output 4=1"),
    "pictures of one size only": one("Reshape odd 1 1 data output 0=48 1=48 2=3"),
    "layer s9 (Concat): gives a blob of": NcnnFiles().add("Noop first 1 1 data d0").add("Noop n 1 1 d0 c0"),
}
for index in range(40):
    doubling = NETWORKS["layer s9 (Concat): gives a blob of"]
    doubling.add(f"Split t{index} 1 2 c{index} l{index} r{index}")
    doubling.add(f"Concat s{index} 2 1 l{index} r{index} c{index + 1}")


@pytest.mark.parametrize("message", NETWORKS)
def test_unsuitable_network(message: str, tmp_path: Path) -> None:
    expected = re.sub(r"layer s9 \(Concat\)", "(Concat)", message)
    refused(NETWORKS[message].write(tmp_path), expected)


def test_file_that_is_missing(tmp_path: Path) -> None:
    param = compact().write(tmp_path)
    param.with_suffix(".bin").unlink()
    refused(param, "there is no file")


def test_text_that_is_too_long(tmp_path: Path) -> None:
    param = compact().write(tmp_path)
    param.write_bytes(bytes(4 * 2**20 + 1))
    refused(param, "is larger than 4194304 bytes")


def test_more_layers_than_any_network_has(tmp_path: Path) -> None:
    param = compact().write(tmp_path)
    lines = [f"Noop n{index} 1 1 b{index} b{index + 1}" for index in range(20_001)]
    param.write_text("\n".join(["7767517", f"{len(lines)} 1", *lines]))
    refused(param, "has 20001 layers, 20000 at most")


def test_binary_text_is_refused_by_name(tmp_path: Path) -> None:
    param = compact().write(tmp_path)
    param.write_bytes((7767517).to_bytes(4, "little") + bytes(100))
    refused(param, "a binary .param file")


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    param = compact().write(tmp_path)
    param.write_bytes(b"7767517\n\xff\xfe")
    refused(param, "byte 8 is no UTF-8")


def test_nothing_is_allocated_for_weights_that_are_not_there(tmp_path: Path) -> None:
    param = one("Convolution c 1 1 data output 0=2000000000 1=1 6=1705032704", tagged([1])).write(tmp_path)
    tracemalloc.start()
    refused(param, "layer c (Convolution)")
    huge = one("MemoryData m 0 1 more 0=1000000 1=2000").add("BinaryOp b 2 1 data more output")
    refused(
        huge.write(tmp_path), "layer m (MemoryData): the weights end at byte 0, where 8000000000 are needed"
    )
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 10 * 2**20


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damaged_files_raise_the_declared_error_only(data: st.DataObject, tmp_path: Path) -> None:
    text, weights = TINY.text().encode(), TINY.weights
    if data.draw(st.booleans(), "damage the text"):
        text = damaged(data, text)
    else:
        weights = damaged(data, weights)
    param = tmp_path / "tiny.param"
    param.write_bytes(text)
    param.with_suffix(".bin").write_bytes(weights)
    try:
        converted = read_ncnn(param)
    except ModelError as error:
        assert str(error).startswith("cannot import tiny.param: ")  # noqa: PT017
    else:
        onnx.checker.check_model(onnx.load_from_string(converted.model))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["tiny.bin", "tiny.param"]


def damaged(data: st.DataObject, content: bytes) -> bytes:
    """Cut short, or with some bits turned over."""
    if data.draw(st.booleans(), "cut"):
        return content[: data.draw(st.integers(0, len(content) - 1), "length")]
    changed = bytearray(content)
    for bit in data.draw(st.lists(st.integers(0, 8 * len(content) - 1), min_size=1, max_size=4), "bits"):
        changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def refused(param: Path, message: str) -> None:
    """The network is refused with a message, as damaged or as unsuitable, and nothing is left behind."""
    before = sorted(param.parent.iterdir())
    with pytest.raises((DamagedModel, UnsuitableModel)) as caught:
        read_ncnn(param)
    assert message in str(caught.value)
    assert str(caught.value).startswith("cannot import tiny.param: ")
    assert sorted(param.parent.iterdir()) == before


@pytest.mark.parametrize(
    ("channels", "reason"),
    [
        (2, "takes 2 channels, not 3 or 1$"),
        (18, "takes 18 channels, not 3 or 1: 15 planes that describe the picture"),
        (19, "takes 19 channels, not 3 or 1: 16 planes that describe the picture"),
    ],
)
def test_networks_for_other_numbers_of_channels_are_named(channels, reason, tmp_path):
    """Their files seldom say how many channels they take; the first convolution's weights do."""
    files = NcnnFiles(["Input input 0 1 data"]).convolve("out", "data", channels, 12)
    files.add("PixelShuffle shuffle 1 1 out output 0=2")
    with pytest.raises(UnsuitableModel, match=reason) as caught:
        read_ncnn(files.write(tmp_path))
    assert caught.value.hint == "srcli imports networks that take nothing but the picture"
