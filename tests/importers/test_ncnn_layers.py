"""Every layer against ncnn's own runtime, on a picture with odd sides."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import onnx
import onnxruntime
import pytest
from ncnn_files import NcnnFiles, floats, tagged

from srcli.importers.ncnn.graph import INPUT, Blob, Graph
from srcli.importers.ncnn.model import serialised
from srcli.importers.ncnn.network import read_network

if TYPE_CHECKING:
    from pathlib import Path

HEIGHT, WIDTH = 13, 19
TOLERANCE = 2e-5
RANDOM = np.random.default_rng(3)


def normal(*shape: int) -> np.ndarray:
    return RANDOM.normal(0, 0.5, shape).astype(np.float32)


def single(line: str, *weights: bytes) -> NcnnFiles:
    """A network of one layer, ``KIND name PARAMETERS``."""
    kind, _, rest = line.partition(" ")
    return NcnnFiles().add(f"{kind} layer 1 1 data output {rest}", *weights)


def double(line: str, *weights: bytes, second: str = "Noop other 1 1 b c") -> NcnnFiles:
    """A network of one layer of two inputs, the second one the picture after another layer."""
    kind, _, rest = line.partition(" ")
    files = NcnnFiles().add("Split split 1 2 data a b").add(second, *weights)
    return files.add(f"{kind} layer 2 1 a c output {rest}")


def convolution(parameters: str, count: int, outputs: int = 5, kind: str = "fp32") -> NcnnFiles:
    values = tagged(normal(count), kind)
    return single(f"Convolution 0={outputs} 5=1 6={count} {parameters}", values, floats(normal(outputs)))


def deconvolution(parameters: str, count: int, outputs: int = 5) -> NcnnFiles:
    values = tagged(normal(count), "fp16")
    return single(f"Deconvolution 0={outputs} 5=1 6={count} {parameters}", values, floats(normal(outputs)))


def rounding(outputs: int, kind: str, then: float | None = None) -> NcnnFiles:
    """A convolution for 8-bit integers, and where wanted one behind it that takes them as they are."""
    count, scales = outputs * 27, RANDOM.uniform(80, 150, outputs)
    values = RANDOM.integers(-127, 128, count) if kind == "int8" else normal(count) / 2
    stored = (tagged(values, kind), floats(normal(outputs)), floats(scales), floats([42]))
    line = f"Convolution first 1 1 data {{}} 0={outputs} 1=3 4=1 5=1 6={count} 9=1 8={{}}"
    if then is None:
        return NcnnFiles().add(line.format("output", 2), *stored)
    files = NcnnFiles().add(line.format("between", 102), *stored, floats([then]))
    more = RANDOM.integers(-127, 128, 8 * outputs)
    line = f"Convolution second 1 1 between output 0=8 1=1 6={8 * outputs} 8=2"
    return files.add(line, tagged(more, "int8"), floats([100] * 8), floats([then]))


POSITIVE = "UnaryOp other 1 1 b c 0=7"

CASES = {
    "convolution": convolution("1=3 4=1", 135),
    "convolution without padding": convolution("1=3", 135),
    "convolution in steps": convolution("1=3 3=2 4=1", 135),
    "convolution, rows and columns apart": convolution("1=3 11=2 2=2 12=1 3=1 13=2 4=2 14=0 15=1 16=1", 90),
    "convolution that keeps the size": convolution("1=3 4=-233", 135),
    "convolution that keeps the size, even": convolution("1=2 3=2 4=-233", 60),
    "convolution that keeps the size, from above": convolution("1=2 3=2 4=-234", 60),
    "convolution, half": convolution("1=3 4=1", 135, kind="fp16"),
    "convolution, odd number of halves": convolution("1=1", 9, 3, kind="fp16"),
    "convolution, raw": convolution("1=3 4=1", 135, kind="raw"),
    "convolution, table": convolution("1=3 4=1", 135, kind="table"),
    "convolution, ReLU": convolution("1=3 9=1", 135),
    "convolution, leaky ReLU": convolution("1=3 9=2 -23310=1,0.2", 135),
    "convolution, modern array": convolution("1=3 9=3 10=-0.5,0.25", 135),
    "convolution, clip": convolution("1=3 9=3 -23310=2,-0.5,0.25", 135),
    "convolution, sigmoid": convolution("1=3 9=4", 135),
    "convolution, mish": convolution("1=3 9=5", 135),
    "convolution, hard swish": convolution("1=3 9=6 -23310=2,0.166667,0.5", 135),
    "convolution without bias": single("Convolution 0=2 1=1 6=6", tagged(normal(6))),
    "convolution by channel": single(
        "ConvolutionDepthWise 0=3 1=3 4=1 5=1 6=27 7=3", tagged(normal(27)), floats(normal(3))
    ),
    "convolution in groups": single("ConvolutionDepthWise 0=6 1=3 6=54 7=3", tagged(normal(54))),
    "deconvolution": deconvolution("1=4 3=2 4=1", 240),
    "deconvolution without padding": deconvolution("1=4 3=2", 240),
    "deconvolution, rows and columns apart": deconvolution("1=3 11=2 3=3 13=2 4=1 14=0 15=0 16=1", 90),
    "deconvolution, more": deconvolution("1=3 3=2 4=1 18=1", 135),
    "deconvolution, spread": deconvolution("1=3 2=2 3=2 9=2 -23310=1,0.1", 135),
    "deconvolution by channel": single("DeconvolutionDepthWise 0=3 1=4 3=2 4=1 6=48 7=3", tagged(normal(48))),
    "deconvolution in groups": single("DeconvolutionDepthWise 0=6 1=2 3=2 6=24 7=3", tagged(normal(24))),
    "dense": NcnnFiles()
    .add("Pooling pool 1 1 data mean 0=1 4=1")
    .add("InnerProduct layer 1 1 mean output 0=5 1=1 2=15 9=4", tagged(normal(15)), floats(normal(5))),
    "dense as convolution": NcnnFiles()
    .add("Pooling pool 1 1 data mean 0=1 4=1")
    .add("Convolution layer 1 1 mean output 0=5 1=1 5=1 6=15", tagged(normal(15)), floats(normal(5))),
    "convolution of 8-bit integers": rounding(8, "int8"),
    "convolution of floats that become 8-bit integers": rounding(8, "fp32"),
    "convolution of 8-bit integers for another one": rounding(8, "int8", then=2.5),
    "convolution by channel of 8-bit integers": single(
        "ConvolutionDepthWise 0=3 1=3 4=1 5=1 6=27 7=3 8=1",
        tagged(RANDOM.integers(-127, 128, 27), "int8"),
        floats(normal(3)),
        floats([90, 120, 150]),
        floats([42]),
    ),
    "convolution by channel of 8-bit integers, one scale": single(
        "ConvolutionDepthWise 0=3 1=3 4=1 6=27 7=3 8=2",
        tagged(RANDOM.integers(-127, 128, 27), "int8"),
        floats([90]),
        floats([42]),
    ),
    "dense, of 8-bit integers": NcnnFiles()
    .add("Pooling pool 1 1 data mean 0=0 4=1")
    .add(
        "InnerProduct layer 1 1 mean output 0=5 1=1 2=15 8=2 9=1",
        tagged(RANDOM.integers(-127, 128, 15), "int8"),
        floats(normal(5)),
        floats([100, 110, 120, 130, 140]),
        floats([50]),
    ),
    "PReLU": single("PReLU 0=3", floats([0.1, 0.2, -0.3])),
    "PReLU, one slope": single("PReLU 0=1", floats([0.1])),
    "ReLU": single("ReLU"),
    "leaky ReLU": single("ReLU 0=0.1"),
    "clip": single("Clip 0=-0.25 1=0.5"),
    "clip from below": single("Clip 0=0.0"),
    "sigmoid": single("Sigmoid"),
    "tanh": single("TanH"),
    "swish": single("Swish"),
    "mish": single("Mish"),
    "softplus": single("Softplus"),
    "ELU": single("ELU 0=0.3"),
    "SELU": single("SELU"),
    "hard sigmoid": single("HardSigmoid 0=0.166667 1=0.5"),
    "hard swish": single("HardSwish 0=0.166667 1=0.5"),
    "GELU": single("GELU"),
    "absolute": single("AbsVal"),
    **{
        f"two blobs, operation {kind}": double(f"BinaryOp 0={kind}", second=POSITIVE)
        for kind in (0, 1, 2, 3, 4, 5, 7)
    },
    "two blobs, division the other way": NcnnFiles()
    .add("Split split 1 2 data a b")
    .add("UnaryOp other 1 1 a c 0=7")
    .add("BinaryOp layer 2 1 c b output 0=8"),
    "two blobs, power": NcnnFiles()
    .add("Split split 1 2 data a b")
    .add("UnaryOp other 1 1 a c 0=7")
    .add("BinaryOp layer 2 1 c b output 0=6"),
    "two blobs, power the other way": double("BinaryOp 0=9", second=POSITIVE),
    **{
        f"a number, operation {kind}": single(f"BinaryOp 0={kind} 1=1 2=0.75")
        for kind in (0, 1, 2, 3, 4, 5, 7, 9)
    },
    "a number, power of positive ones": NcnnFiles()
    .add("UnaryOp other 1 1 data c 0=7")
    .add("BinaryOp layer 1 1 c output 0=6 1=1 2=1.5"),
    "a factor for each channel": double("BinaryOp 0=2", second="Pooling other 1 1 b c 0=1 4=1"),
    "for each channel a list first": NcnnFiles()
    .add("Split split 1 2 data a b")
    .add("Pooling other 1 1 a c 0=0 4=1")
    .add("BinaryOp layer 2 1 c b output 0=1"),
    **{f"function {kind}": single(f"UnaryOp 0={kind}") for kind in (0, 1, 2, 3, 4, 7, 9, 10, 14, 16, 18)},
    **{
        f"function {kind} of positive numbers": NcnnFiles()
        .add("UnaryOp first 1 1 data a 0=7")
        .add(f"UnaryOp layer 1 1 a output 0={kind}")
        for kind in (5, 6, 8, 15)
    },
    "product": double("Eltwise 0=0", second=POSITIVE),
    "sum": double("Eltwise 0=1", second=POSITIVE),
    "sum with factors": double("Eltwise 0=1 -23301=2,0.2,1.0", second=POSITIVE),
    "maximum": double("Eltwise 0=2", second=POSITIVE),
    "scale": single("Scale 0=3 1=1", floats(normal(3)), floats(normal(3))),
    "scale by a blob": double("Scale 0=-233", second="Pooling other 1 1 b c 0=1 4=1"),
    "bias": single("Bias 0=3", floats(normal(3))),
    "batch norm": single(
        "BatchNorm 0=3 1=0.001", floats(normal(3)), floats(normal(3)), floats([0.5, 1, 2]), floats(normal(3))
    ),
    "nearest": single("Interp 0=1 1=2.0 2=3.0"),
    "nearest, smaller": single("Interp 0=1 1=0.5 2=0.5"),
    "bilinear": single("Interp 0=2 1=2.0 2=2.0"),
    "bilinear, a fraction": single("Interp 0=2 1=1.5 2=0.75"),
    "bilinear from corner to corner": single("Interp 0=2 1=2.0 2=2.0 6=1"),
    "bicubic": single("Interp 0=3 1=3.0 2=2.0"),
    "bicubic, half of odd sides": single("Interp 0=3 1=5.000000e-01 2=5.000000e-01"),
    "bicubic, three quarters": single("Interp 0=3 1=0.75 2=0.75"),
    "bicubic, a quarter": single("Interp 0=3 1=0.25 2=0.25"),
    "bicubic, two thirds apart": single("Interp 0=3 1=0.6666667 2=0.5"),
    "bicubic from corner to corner": single("Interp 0=3 1=0.5 2=0.5 6=1"),
    "bilinear to a size": single("Interp 0=2 3=17 4=11"),
    "nearest to a blob's size": double("Interp 0=1 5=1", second="Interp other 1 1 b c 0=1 1=2.0 2=2.0"),
    "pixel shuffle": NcnnFiles().convolve("a", "data", 3, 12).add("PixelShuffle layer 1 1 a output 0=2"),
    "pixel shuffle, other order": NcnnFiles()
    .convolve("a", "data", 3, 18)
    .add("PixelShuffle layer 1 1 a output 0=3 1=1"),
    "crop by ends": single("Crop -23309=2,4,3 -23310=2,-4,-2 -23311=2,-2,-1"),
    "crop by open ends": single("Crop -23309=3,1,-233,5 -23310=3,3,-233,2147483647 -23311=3,0,1,2"),
    "crop by sizes": single("Crop 0=2 1=3 2=1 3=5 4=6 5=2"),
    "crop by rests": single("Crop 0=2 1=3 2=0 3=-233 4=-233 5=-233 6=1 7=2"),
    "crop like another": double("Crop 0=4 1=3", second="Crop other 1 1 b c 0=0 1=0 3=7 4=6 5=-233"),
    "padding": single("Padding 0=1 1=2 2=3 3=4 4=0 5=0.5"),
    "padding with the rim": single("Padding 0=1 1=2 2=3 3=4 4=1"),
    "padding, mirrored": single("Padding 0=1 1=2 2=3 3=4 4=2"),
    "largest of all": single("Pooling 0=0 4=1"),
    "mean of all": single("Pooling 0=1 4=1"),
    "mean of all, adaptive": single("Pooling 0=1 7=1 8=1"),
    "largest of windows": single("Pooling 0=0 1=2 2=2 5=1"),
    "largest of windows, to the end": single("Pooling 0=0 1=3 2=2 5=0"),
    "mean of windows": single("Pooling 0=1 1=3 2=1 3=1 5=1"),
    "mean of windows with their padding": single("Pooling 0=1 1=3 2=1 3=1 5=1 6=1"),
    "largest of windows, same size": single("Pooling 0=0 1=3 2=2 5=2"),
    "mean of rows": single("Reduction 0=3 1=0 -23303=1,1 4=1 5=1"),
    "sum over channels": single("Reduction 0=0 1=0 -23303=1,0 4=1 5=1"),
    "largest of rows and columns": single("Reduction 0=4 1=0 -23303=2,1,2 4=0 5=1"),
    "joined": double("Concat", second=POSITIVE),
    "joined along rows": double("Concat 0=1", second=POSITIVE),
    "joined along columns": double("Concat 0=-1", second=POSITIVE),
    "in parts": NcnnFiles()
    .convolve("a", "data", 3, 7)
    .add("Slice part 1 3 a b c d -23300=3,2,-233,-233")
    .add("Noop layer 1 1 c output")
    .add("Concat all 3 1 b d output whole"),
    **{f"order {order}": single(f"Permute 0={order}") for order in range(6)},
    "other shape": single("Reshape 0=0 1=0 2=3"),
    "rows and columns in one": single("Reshape 0=-1 1=3"),
    "flat": single("Flatten"),
    "shuffled": NcnnFiles().convolve("a", "data", 3, 6).add("ShuffleChannel layer 1 1 a output 0=2"),
    "shuffled back": NcnnFiles().convolve("a", "data", 3, 6).add("ShuffleChannel layer 1 1 a output 0=2 1=1"),
    "stored blob": NcnnFiles()
    .add("MemoryData memory 0 1 stored 0=1 1=1 2=3", floats(normal(3)))
    .add("BinaryOp layer 2 1 data stored output 0=0"),
    "dropout": single("Dropout"),
}


@pytest.fixture(scope="module")
def picture() -> np.ndarray:
    return np.random.default_rng(1).normal(0, 1, (3, HEIGHT, WIDTH)).astype(np.float32)


@pytest.mark.parametrize("case", CASES)
def test_layer_computes_what_ncnn_computes(case: str, tmp_path: Path, picture: np.ndarray) -> None:
    param = CASES[case].write(tmp_path)
    expected = run_with_ncnn(param, picture)
    result, followed = run_translated(param, picture)
    assert result.shape == expected.shape
    assert result.shape == followed
    assert np.abs(result - expected).max() <= TOLERANCE * max(1, np.abs(expected).max())


def run_translated(param: Path, picture: np.ndarray) -> tuple[np.ndarray, tuple[int, ...]]:
    """The bare network's output through onnxruntime, and the shape that the translation followed."""
    network, graph = read_network(param, param.with_suffix(".bin")), Graph()
    output = network.add_to(graph, Blob(INPUT, picture.shape))
    graph.finish(output.name)
    model = onnx.load_from_string(serialised(graph))
    model.graph.output[0].type.tensor_type.ClearField("shape")  # here it need not be a picture
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    both = np.stack([picture, picture[:, ::-1, ::-1]])
    return session.run(None, {"input": both})[0][0], output.shape


def run_with_ncnn(param: Path, picture: np.ndarray) -> np.ndarray:
    """The bare network's output through ncnn."""
    ncnn = pytest.importorskip("ncnn", reason="ncnn is not installed")
    network, net = read_network(param, param.with_suffix(".bin")), ncnn.Net()
    net.opt.use_vulkan_compute = False
    for name in ("fp16_packed", "fp16_storage", "fp16_arithmetic", "bf16_storage"):
        setattr(net.opt, f"use_{name}", False)
    assert net.load_param(str(param)) == 0
    assert net.load_model(str(param.with_suffix(".bin"))) == 0
    extractor = net.create_extractor()
    extractor.input(network.input, ncnn.Mat(picture).clone())
    status, result = extractor.extract(network.output)
    assert status == 0
    return np.array(result)
