"""The public Python API, as the README shows it."""

from __future__ import annotations

import math
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import srcli
from srcli.core.errors import InputError, UsageError
from tests import tiny_models

SAMPLE = Path(__file__).parent / "data" / "sample.png"


@pytest.fixture
def generator(tmp_path):
    return srcli.load_generator(str(tiny_models.deep(tmp_path / "tiny.onnx", 3)), device="cpu")


def sample():
    with Image.open(SAMPLE) as picture:
        return np.asarray(picture)[:40, :50]


def test_shipped_generator_takes_a_file():
    larger = srcli.load_generator("fast", scale=2, device="cpu").upscale(SAMPLE)
    assert (larger.shape, larger.dtype) == ((264, 352, 3), np.uint8)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32, np.float64])
@pytest.mark.parametrize("channels", [None, 1, 3, 4])
def test_an_array_comes_back_in_its_own_kind(generator, dtype, channels):
    shape = (20, 31) if channels is None else (20, 31, channels)
    peak = np.iinfo(dtype).max if np.issubdtype(dtype, np.integer) else 1
    picture = (np.random.default_rng(0).random(shape) * peak).astype(dtype)
    larger = generator.upscale(picture)
    assert (larger.shape, larger.dtype) == ((60, 93, *shape[2:]), np.dtype(dtype))
    assert larger.max() <= peak


def test_a_file_and_its_array_give_the_same(generator, tmp_path):
    Image.fromarray(sample()).save(tmp_path / "crop.png")
    np.testing.assert_array_equal(generator.upscale(tmp_path / "crop.png"), generator.upscale(sample()))


@pytest.mark.parametrize("kind", ["u2", "f4", "f8"])
def test_the_order_of_bytes_does_not_matter(generator, kind):
    picture = sample().astype(f"<{kind}") * (257 if kind == "u2" else 1 / 255)
    little, big = (generator.upscale(picture.astype(f"{order}{kind}")) for order in "<>")
    assert (little.dtype, big.dtype) == (np.dtype(f"<{kind}"), np.dtype(f">{kind}"))
    np.testing.assert_array_equal(little, big)
    assert srcli.psnr(big, little, data_range=1) == math.inf


def test_views_of_any_strides_are_taken(generator):
    picture = sample()
    np.testing.assert_array_equal(
        generator.upscale(picture[::-1, ::-2]), generator.upscale(picture[::-1, ::-2].copy())
    )


def test_closing_beside_a_run_lets_it_finish(generator):
    picture = np.tile(sample(), (6, 6, 1))
    expected = generator.upscale(picture)
    with ThreadPoolExecutor(2) as pool:
        for _ in range(5):
            runs = [pool.submit(generator.upscale, picture) for _ in range(2)]
            while not all(run.done() for run in runs):
                generator.close()
            for run in runs:
                np.testing.assert_array_equal(run.result(), expected)


@pytest.mark.parametrize(
    "array",
    [
        np.full((4, 4, 3), np.nan, np.float32),
        np.full((4, 4), np.inf, np.float64),
        np.zeros((4, 4, 5), np.uint8),
        np.zeros((0, 4, 3), np.uint8),
        np.zeros((4, 4, 3), np.int32),
        np.zeros(4, np.uint8),
    ],
)
def test_what_is_no_picture_is_refused(generator, array):
    with pytest.raises(InputError, match="is no picture"):
        generator.upscale(array)


def test_scale_that_the_file_has_not(tmp_path):
    model = tiny_models.deep(tmp_path / "tiny.onnx", 3)
    with pytest.raises(UsageError, match="enlarges 3 times, not 2 times"):
        srcli.load_generator(str(model), scale=2)


def test_metrics_take_arrays_as_they_come():
    grey = sample()[:, :, 0]
    assert srcli.psnr(grey, grey, data_range=255) == math.inf
    assert srcli.ssim(grey, grey, data_range=255) == pytest.approx(1.0)
    assert srcli.psnr(grey, grey // 2 + 64, data_range=255) < 40
    with pytest.raises(InputError, match="is no picture"):
        srcli.psnr(grey[0], grey[0], data_range=255)


def image(mode, size=(31, 20)):
    """An image of Pillow with some structure, of any mode."""
    levels = np.random.default_rng(0).integers(0, 256, (*size[::-1], 4), np.uint8)
    if mode == "I;16":
        return Image.fromarray(levels[:, :, 0].astype(np.uint16) * 257)
    made = Image.fromarray(levels[:, :, :3])
    if mode in ("RGBA", "LA"):
        made.putalpha(Image.fromarray(levels[:, :, 3]))
    return made.convert(mode)


@pytest.mark.parametrize(
    ("mode", "becomes"),
    [
        ("1", "L"),
        ("L", "L"),
        ("LA", "LA"),
        ("P", "RGB"),
        ("RGB", "RGB"),
        ("RGBA", "RGBA"),
        ("CMYK", "CMYK"),
        ("I;16", "I;16"),
    ],
)
def test_an_image_comes_back_as_one(generator, mode, becomes, tmp_path):
    given = image(mode)
    given.info["icc_profile"] = b"profile"
    larger = generator.upscale(given)
    assert (larger.mode, larger.size) == (becomes, (93, 60))
    assert larger.info["icc_profile"] == b"profile"


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA", "CMYK", "I;16"])
def test_an_image_its_file_and_its_array_give_the_same(generator, mode, tmp_path):
    given = image(mode)
    given.save(tmp_path / "picture.tif")
    from_image = generator.upscale(given, to="array")
    np.testing.assert_array_equal(generator.upscale(tmp_path / "picture.tif"), from_image)
    np.testing.assert_array_equal(np.asarray(generator.upscale(given)), from_image)
    if mode != "CMYK":
        np.testing.assert_array_equal(generator.upscale(np.asarray(given)), from_image)


def test_a_file_as_an_image(generator):
    larger = generator.upscale(SAMPLE, to="image")
    assert (larger.mode, larger.size) == ("RGB", (528, 396))


def test_arrays_of_any_range_as_images(generator):
    as_bytes = generator.upscale(sample(), to="image")
    as_floats = generator.upscale(sample() / 255.0, to="image")
    as_words = generator.upscale(sample().astype(np.uint16) * 257, to="image")
    for other in (as_floats, as_words):
        assert np.abs(np.asarray(other, int) - np.asarray(as_bytes, int)).max() <= 1


def test_a_batch_is_enlarged_picture_by_picture(generator):
    batch = np.stack([sample(), sample()[::-1]])
    larger = generator.upscale(batch)
    assert larger.shape == (2, 120, 150, 3)
    np.testing.assert_array_equal(larger[1], generator.upscale(batch[1]))
    assert [each.size for each in generator.upscale(batch, to="image")] == [(150, 120)] * 2
    assert [each.shape for each in generator.upscale_all([SAMPLE, sample()])] == [
        (396, 528, 3),
        (120, 150, 3),
    ]


@pytest.mark.parametrize("kind", ["uint8", "float32", "float64", "float16", "bfloat16"])
def test_a_tensor_comes_back_as_one(generator, kind):
    torch = pytest.importorskip("torch", reason="PyTorch is not installed: pip install 'srcli[train]'")
    dtype = getattr(torch, kind)
    values = torch.from_numpy(sample().copy()).permute(2, 0, 1)
    tensor = values if kind == "uint8" else (values / 255).to(dtype)
    larger = generator.upscale(tensor)
    assert (tuple(larger.shape), larger.dtype) == ((3, 120, 150), dtype)
    if kind == "uint8":
        np.testing.assert_array_equal(larger.permute(1, 2, 0).numpy(), generator.upscale(sample()))
    batch = generator.upscale(torch.stack([tensor, tensor.flip(1)]))
    assert torch.equal(batch[0], larger)
    assert tuple(generator.upscale(sample(), to="tensor").shape) == (3, 120, 150)
    assert generator.upscale(tensor, to="array").shape == (120, 150, 3)
    with pytest.raises(InputError, match="is no picture"):
        generator.upscale(tensor[0])


@pytest.mark.parametrize("thing", [None, 3, [[1, 2], [3, 4]], b"bytes"])
def test_other_things_are_no_pictures(generator, thing):
    with pytest.raises(InputError, match="is no picture"):
        generator.upscale(thing)


def test_kinds_that_there_are_not(generator):
    with pytest.raises(UsageError, match="no kind of picture 'jpeg'"):
        generator.upscale(sample(), to="jpeg")


def test_progress_counts_tiles(tmp_path):
    model = tiny_models.deep(tmp_path / "tiny.onnx", 2)
    generator = srcli.load_generator(str(model), device="cpu", options=srcli.RunOptions(tile=32))
    told = []
    generator.upscale(sample(), progress=lambda done, total: told.append((done, total)))
    assert told[-1][0] == told[-1][1] == len(told) > 1


def test_a_program_may_cancel(tmp_path):
    model = tiny_models.deep(tmp_path / "tiny.onnx", 2)
    generator = srcli.load_generator(str(model), device="cpu", options=srcli.RunOptions(tile=32))
    stop, told = threading.Event(), []

    def progress(done, total):
        told.append(done)
        stop.set()

    with pytest.raises(srcli.Cancelled):
        generator.upscale(sample(), progress=progress, cancel=stop)
    assert told == [1]
    with pytest.raises(srcli.Cancelled):
        generator.upscale(SAMPLE, cancel=stop)
    stop.clear()
    assert generator.upscale(sample(), cancel=stop).shape == (80, 100, 3)


def test_a_generator_is_a_context(generator):
    with generator as same:
        assert same is generator
        same.upscale(sample())
        assert "session" in vars(generator)
    assert "session" not in vars(generator)


PEAK = """
import sys
import numpy as np
import srcli
from srcli.pipeline.bench.memory import peak_bytes
generator = srcli.load_generator(sys.argv[1], device="cpu")
generator.upscale(np.zeros((64, 64, 3), np.uint8))
picture = np.zeros((int(sys.argv[2]), 512, 3), np.uint8)
before = peak_bytes()
larger = generator.upscale(picture)
print(peak_bytes() - before - larger.nbytes)
"""


def test_an_array_is_enlarged_row_by_row(tmp_path):
    """Beside the result, a taller picture takes no more memory: as floats it would take 150 MB more."""
    model = tiny_models.nearest(tmp_path / "near.onnx", 4)
    lower, higher = (
        int(
            subprocess.run(
                [sys.executable, "-c", PEAK, str(model), str(height)],
                cwd=SAMPLE.parents[2],
                capture_output=True,
                check=True,
            ).stdout
        )
        for height in (1152, 2304)
    )
    assert higher - lower < 40e6
