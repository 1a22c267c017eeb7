"""Whole networks: what they become for pictures with odd sides, and that ncnn agrees."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import onnxruntime
import pytest
from ncnn_files import NcnnFiles, compact, floats, tagged

from srcli.core.errors import MissingExtra
from srcli.engine.probing.probe import probe_basics
from srcli.importers.ncnn import ncnn_output, read_ncnn, reader

if TYPE_CHECKING:
    from pathlib import Path

    from srcli.importers.converted import Converted

TOLERANCE = 2e-5
SIZES = ((31, 44), (48, 23), (5, 11), (1, 1))
"""Some are smaller than the margin, of which no more can be mirrored than there is."""


def dense_blocks() -> NcnnFiles:
    """Like ESRGAN: convolutions that see all earlier ones, then nearest neighbour and convolution twice."""
    files = NcnnFiles().convolve("head", "data", 3, 8).add("Split s0 1 4 head h0 h1 h2 h3")
    leaky = "4=1 9=2 -23310=1,2.000000e-01"
    files.convolve("c1", "h0", 8, 4, leaky).add("Split s1 1 2 c1 c1a c1b").add("Concat k1 2 1 h1 c1a k1")
    files.convolve("c2", "k1", 12, 4, leaky).add("Concat k2 3 1 h2 c1b c2 k2").convolve("c3", "k2", 16, 8)
    files.add("Eltwise sum 2 1 c3 h3 sum 0=1 -23301=2,2.000000e-01,1.000000e+00")
    for index, source in enumerate(("sum", "u0")):
        files.add(f"Interp i{index} 1 1 {source} i{index} 0=1 1=2.000000e+00 2=2.000000e+00")
        files.convolve(f"u{index}", f"i{index}", 8, 8, leaky)
    return files.convolve("output", "u1", 8, 3)


def without_padding(scale: int = 2) -> NcnnFiles:
    """Like upconv_7: convolutions that eat the rim, and a deconvolution."""
    files = NcnnFiles().convolve("a", "data", 3, 8, "9=2 -23310=1,0.1").convolve("b", "a", 8, 8)
    values = files.random.normal(0, 0.2, 8 * 3 * 16)
    line = f"Deconvolution c 1 1 b c 0=3 1=4 3={scale} 4=3 5=1 6={values.size}"
    return files.add(line, tagged(values, "fp16"), floats([0.4, 0.5, 0.6]))


def attention(*, residual: bool = False, caffe: bool = False) -> NcnnFiles:
    """Like cunet and Real-CUGAN: two pixels a step and back, channels weighed by means, and a cut detour."""
    files = NcnnFiles().convolve("a", "data", 3, 8, "9=2 -23310=1,0.1").add("Split s 1 2 a a0 a1")
    files.add(
        "Convolution down 1 1 a0 down 0=8 1=2 3=2 6=256 9=2 -23310=1,0.1",
        tagged(files.random.normal(0, 0.2, 256)),
    )
    files.add("Split t 1 2 down d0 d1").add("Pooling mean 1 1 d0 mean 0=1 4=1")
    files.add("InnerProduct share 1 1 mean share 0=8 1=0 2=64 9=4", tagged(files.random.normal(0, 0.5, 64)))
    files.add("BinaryOp weigh 2 1 d1 share weighed 0=2").convolve("mid", "weighed", 8, 8, "4=0")
    files.add("Deconvolution up 1 1 mid up 0=8 1=2 3=2 6=256", tagged(files.random.normal(0, 0.2, 256)))
    files.add("Crop cut 1 1 a1 cut -23309=2,2,2 -23310=2,-2,-2 -23311=2,-2,-1").add(
        f"{'Eltwise' if caffe else 'BinaryOp'} join 2 1 cut up join 0={int(caffe)}"
    )
    factor = 4 if residual else 2
    files.convolve("last", "join", 8, 3 * factor**2, "4=0")
    return files.add(f"PixelShuffle shuffle 1 1 last output 0={factor}")


class Case(NamedTuple):
    files: NcnnFiles
    scale: int
    multiple: int
    family: str


NETWORKS = {
    "compact": Case(compact(3), 3, 1, "srvgg"),
    "dense blocks": Case(dense_blocks(), 4, 1, "ncnn"),
    "without padding": Case(without_padding(), 2, 1, "upconv"),
    "attention": Case(attention(), 2, 2, "cugan"),
    "attention, from Caffe": Case(attention(caffe=True), 2, 2, "cunet"),
    "residual": Case(attention(residual=True), 4, 2, "cugan"),
}


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_whole_pictures_come_out_as_from_ncnn(name: str, size: tuple[int, int], tmp_path: Path) -> None:
    case = NETWORKS[name]
    param = case.files.write(tmp_path)
    height, width = (case.multiple * side for side in size)
    picture = np.random.default_rng(7).random((height, width, 3), dtype=np.float32)
    result = run(read_ncnn(param), picture)
    assert result.shape == (case.scale * height, case.scale * width, 3)
    pytest.importorskip("ncnn", reason="ncnn is not installed")
    expected = ncnn_output(param, param.with_suffix(".bin"), picture)
    assert expected.dtype == np.float32
    assert np.abs(result - expected).max() <= TOLERANCE * max(1, np.abs(expected).max())


def grey() -> NcnnFiles:
    """A network of one channel in and out, whose file tells that by its first weights alone."""
    files = NcnnFiles(["Input input 0 1 data"]).convolve("a", "data", 1, 8).convolve("b", "a", 8, 4)
    return files.add("PixelShuffle shuffle 1 1 b output 0=2")


def test_a_network_for_grey_runs_on_every_plane(tmp_path: Path) -> None:
    param = grey().write(tmp_path)
    picture = np.random.default_rng(7).random((31, 44, 3), dtype=np.float32)
    planes = [run(read_ncnn(param), picture[:, :, index : index + 1]) for index in range(3)]
    result = np.concatenate(planes, axis=2)
    assert result.shape == (62, 88, 3)
    pytest.importorskip("ncnn", reason="ncnn is not installed")
    expected = ncnn_output(param, param.with_suffix(".bin"), picture)
    assert np.abs(result - expected).max() <= TOLERANCE * max(1, np.abs(expected).max())


@pytest.mark.parametrize("name", NETWORKS)
def test_the_family_is_told(name: str, tmp_path: Path) -> None:
    case = NETWORKS[name]
    assert read_ncnn(case.files.write(tmp_path)).architecture == case.family


def test_residual_is_added_to_the_repeated_picture(tmp_path: Path) -> None:
    files = attention(residual=True)
    files.weights = bytes(len(files.weights))
    picture = np.random.default_rng(7).random((22, 30, 3), dtype=np.float32)
    result = run(read_ncnn(files.write(tmp_path)), picture)
    assert np.array_equal(result, picture.repeat(4, axis=0).repeat(4, axis=1))


def test_engine_finds_out_that_sides_have_to_be_even(tmp_path: Path) -> None:
    files = attention(residual=True)
    files.weights = bytes(len(files.weights))
    model = tmp_path / "model.onnx"
    model.write_bytes(read_ncnn(files.write(tmp_path)).model)
    traits = probe_basics(model)
    assert (traits.scale, traits.multiple, traits.minimum) == (4, 2, 2)


def test_pictures_of_a_batch_do_not_meet(tmp_path: Path) -> None:
    session = open_model(read_ncnn(attention().write(tmp_path)))
    batch = np.random.default_rng(7).random((2, 3, 24, 34), dtype=np.float32)
    both = session.run(None, {"input": batch})[0]
    single = session.run(None, {"input": batch[1:]})[0]
    assert np.abs(both[1:] - single).max() < 1e-6


def test_rim_is_computed_from_mirrored_pixels(tmp_path: Path) -> None:
    """Enlarging a mirrored picture and cutting it changes nothing."""
    converted = read_ncnn(compact().write(tmp_path))
    picture = np.random.default_rng(7).random((23, 30, 3), dtype=np.float32)
    larger = np.pad(picture, ((6, 6), (6, 6), (0, 0)), mode="reflect")
    assert np.abs(run(converted, larger)[12:-12, 12:-12] - run(converted, picture)).max() < 1e-5


def test_what_is_known_of_a_network(tmp_path: Path) -> None:
    converted = read_ncnn(compact().write(tmp_path, "my-net-x2"))
    assert converted.name == "my-net"
    assert converted.licence == "unknown"
    assert converted.source == "ncnn network my-net-x2.param"


@pytest.mark.parametrize(
    ("stem", "name"),
    [("up2x-denoise3x", "up2x-denoise3x"), ("Clear4x", "Clear"), ("net_X2", "net"), ("4x", "4x")],
)
def test_the_scale_at_the_end_is_no_part_of_a_name(tmp_path: Path, stem: str, name: str) -> None:
    assert read_ncnn(compact().write(tmp_path, stem)).name == name


def test_weights_may_lie_elsewhere(tmp_path: Path) -> None:
    param = compact().write(tmp_path)
    weights = param.with_suffix(".bin").rename(tmp_path / "other.bin")
    assert read_ncnn(param, weights).model


def test_without_onnx_the_command_that_installs_it_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "find_spec", lambda _name: None)
    with pytest.raises(MissingExtra, match="reading ncnn networks") as caught:
        read_ncnn(compact().write(tmp_path))
    assert caught.value.hint == "pip install '.[realesrgan]' in a copy of srcli's repository"


def test_without_ncnn_there_is_nothing_to_compare_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "ncnn", None)
    param = compact().write(tmp_path)
    with pytest.raises(MissingExtra, match="comparing with ncnn"):
        ncnn_output(param, param.with_suffix(".bin"), np.zeros((20, 20, 3), np.float32))


def open_model(converted: Converted) -> onnxruntime.InferenceSession:
    return onnxruntime.InferenceSession(converted.model, providers=["CPUExecutionProvider"])


def run(converted: Converted, picture: np.ndarray) -> np.ndarray:
    """(height, width, 3) through onnxruntime."""
    batch = np.ascontiguousarray(picture.transpose(2, 0, 1)[np.newaxis])
    return open_model(converted).run(None, {"input": batch})[0][0].transpose(1, 2, 0)
