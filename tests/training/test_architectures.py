from functools import partial

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.functional import conv2d

from srcli.core.errors import UsageError
from srcli.models.store import shipped_folder
from srcli.training.architectures import ARCHITECTURES, build_generator, sides_multiple
from srcli.training.architectures.best import ResidualGenerator
from srcli.training.architectures.edsr import EdsrGenerator
from srcli.training.architectures.fast import GatedGenerator
from srcli.training.architectures.layers import convolution
from srcli.training.architectures.overparameterised import (
    OverparameterisedConvolution,
    can_grow,
    fold,
    overparameterise,
)
from srcli.training.architectures.plain import PlainGenerator
from srcli.training.architectures.refined import RefinedGenerator
from srcli.training.architectures.srgan import NearestSrganGenerator, SrganGenerator
from srcli.training.architectures.swish import SwishGenerator
from srcli.training.architectures.unshuffled import UnshuffledGenerator
from srcli.training.describe import measure_cost
from srcli.training.evaluation import enlarge_with
from srcli.training.fitting import take_weights
from srcli.training.onnx_file import write_onnx
from srcli.training.parity import check_parity, open_exported
from srcli.training.warm_start import read_initialisers

PARAMETERS = {
    ("srgan", 2): 1_402_883,
    ("srgan", 4): 1_550_659,
    ("rir", 2): 1_551_235,
    ("rir", 4): 1_699_011,
    ("srgan-nearest", 4): 2_039_555,
    ("edsr", 2): 1_369_859,
    ("edsr", 3): 1_554_499,
    ("edsr", 4): 1_517_571,
    ("edsr-large", 2): 40_729_603,
    ("edsr-large", 4): 43_089_923,
    ("swish", 2): 150_963,
    ("swish", 4): 165_443,
    ("fast", 2): 148_364,
    ("fast", 3): 152_699,
    ("fast", 4): 158_768,
    ("balanced", 4): 410_352,
    ("best", 2): 4_082_028,
    ("best", 4): 4_113_168,
    ("plain", 2): 96_844,
    ("plain", 3): 101_179,
    ("plain", 4): 107_248,
    ("unshuffled", 4): 1_727_136,
    ("refined", 4): 406_187,
    ("refined-wide", 4): 1_629_575,
}


def _build_without_values(name, scale):
    with torch.device("meta"):
        return build_generator(name, scale)


@pytest.mark.parametrize(("name", "scale"), PARAMETERS)
def test_has_the_published_or_designed_number_of_parameters(name, scale):
    generator = _build_without_values(name, scale)
    assert sum(p.numel() for p in generator.parameters() if p.requires_grad) == PARAMETERS[name, scale]


def test_nearest_srgan_holds_batch_statistics_beside_its_trainable_parameters():
    generator = _build_without_values("srgan-nearest", 4)
    statistics = sum(b.numel() for name, b in generator.named_buffers() if "running" in name)
    assert sum(p.numel() for p in generator.parameters()) + statistics == 2_043_779


@pytest.mark.parametrize("name", sorted(set(ARCHITECTURES) - {"edsr-large"}))
def test_exported_file_computes_what_the_generator_computes(name, tmp_path):
    torch.manual_seed(1)
    generator = build_generator(name, 3 if name in ("swish", "plain", "srgan-nearest") else 4).eval()
    model = tmp_path / "model.onnx"
    write_onnx(generator, model)
    assert (
        check_parity(open_exported(model, sides_multiple(generator)), enlarge_with(generator, "cpu")) <= 1e-4
    )


@pytest.mark.parametrize("scale", [1, 2, 3, 4])
@pytest.mark.parametrize(
    "build",
    [
        partial(GatedGenerator, channels=8, blocks=2),
        partial(PlainGenerator, channels=8, layers=3),
        partial(ResidualGenerator, channels=8, blocks=1),
        partial(EdsrGenerator, channels=8, blocks=2),
        partial(SwishGenerator, blocks=1),
        partial(SrganGenerator, groups=2, blocks=1, nested=True),
        partial(NearestSrganGenerator, blocks=1, wide=8),
        partial(UnshuffledGenerator, channels=8, blocks=1),
        partial(RefinedGenerator, channels=8, blocks=1, fine=4),
        partial(RefinedGenerator, channels=8, blocks=1, unshuffle=2, fine=4),
    ],
)
def test_receptive_field_bounds_the_reach_of_a_pixel(build, scale):
    generator = build(scale)
    for parameter in generator.parameters():
        # All weights positive, so that no path from a pixel to another cancels out; small, so that no tanh is
        # saturated.
        parameter.data = parameter.data.abs() * 0.1 + 1e-4
    generator = generator.double().eval()
    reach = generator.receptive_field
    side, middle = 2 * reach + 6, reach + 2
    picture = torch.rand(1, 3, side, side, dtype=torch.float64, requires_grad=True)
    one_pixel = slice(middle * scale, (middle + 1) * scale)
    generator(picture)[..., one_pixel, one_pixel].sum().backward()
    rows = picture.grad.abs().sum(dim=(0, 1, 3)).nonzero().flatten()
    assert int((rows - middle).abs().max()) == reach


def _shake(generator):
    """Give every weight a share of chance, so that no branch is at zero any more."""
    with torch.no_grad():
        for parameter in generator.parameters():
            parameter += 0.03 * torch.randn_like(parameter)


@pytest.mark.parametrize("name", ["fast", "plain", "srgan"])
def test_an_overparameterised_generator_starts_as_the_generator_and_folds_back_into_it(name):
    torch.manual_seed(2)
    generator = build_generator(name, 3).eval()
    grown = overparameterise(generator).eval()
    picture = torch.rand(2, 3, 7, 11)
    with torch.no_grad():
        assert torch.allclose(grown(picture), generator(picture), atol=1e-6)
        _shake(grown)
        assert torch.allclose(fold(grown)(picture), grown(picture), atol=1e-6)
    assert set(fold(grown).state_dict()) == set(generator.state_dict())
    assert any("middle" in each for each in grown.state_dict())


def test_overparameterised_kernel_is_the_sum_of_its_branches_run_one_after_the_other():
    torch.manual_seed(3)
    layer = OverparameterisedConvolution(convolution(4, 4))
    _shake(layer)
    features = torch.rand(1, 4, 6, 9)
    with torch.no_grad():
        # Without padding, where no border can make a difference.
        chain = conv2d(conv2d(conv2d(features, layer.expand), layer.middle), layer.contract)
        point = conv2d(features, layer.point)[:, :, 1:-1, 1:-1]
        branches = conv2d(features, layer.weight, layer.bias) + point + chain
        assert torch.allclose(layer(features)[:, :, 1:-1, 1:-1], branches, atol=1e-5)


@pytest.mark.parametrize(
    "layer",
    [
        nn.Conv2d(4, 8, 3, padding=1),
        nn.Conv2d(4, 4, 1),
        nn.Conv2d(4, 4, 3),
        nn.Conv2d(4, 4, 3, padding=1, stride=2),
        nn.Conv2d(4, 4, 3, padding=1, groups=2),
        nn.ReLU(),
    ],
)
def test_only_convolutions_that_keep_their_shape_grow(layer):
    assert not can_grow(layer)


def test_gates_keep_a_checkerboard_of_single_pixels_within_bounds():
    generator = build_generator("fast", 2)
    take_weights(generator, read_initialisers(shipped_folder() / "fast-x2.onnx"))
    board = ((torch.arange(32)[:, None] + torch.arange(32)) % 2).float().expand(1, 3, 32, 32)
    with torch.no_grad():
        enlarged = generator(board)
    assert float(enlarged.min()) > -2
    assert float(enlarged.max()) < 3


def test_plain_enlarges_like_nearest_before_it_learns():
    torch.manual_seed(0)
    picture = torch.rand(1, 3, 5, 7)
    enlarged = build_generator("plain", 3)(picture)
    nearest = torch.nn.functional.interpolate(picture, scale_factor=3.0, mode="nearest")
    assert float((enlarged - nearest).detach().abs().max()) < 0.1


def test_cost_counts_weights_and_their_use_per_input_pixel():
    cost = measure_cost(build_generator("plain", 2))
    weights = 27 * 32 + 10 * 9 * 32 * 32 + 9 * 32 * 12
    assert cost.macs_per_pixel == weights
    assert cost.parameters == weights + 32 + 10 * 32 + 12


def test_unknown_architecture_is_named_with_the_known_ones():
    with pytest.raises(UsageError, match="'nimble'") as caught:
        build_generator("nimble", 2)
    assert "fast" in caught.value.hint


def test_fast_keeps_its_exact_size_on_odd_pictures():
    enlarged = build_generator("fast", 3)(torch.from_numpy(np.zeros((1, 3, 5, 11), np.float32)))
    assert tuple(enlarged.shape) == (1, 3, 15, 33)


def test_sides_that_are_no_multiples_are_enlarged_too():
    torch.manual_seed(4)
    generator = build_generator("unshuffled", 2)
    _shake(generator)
    picture = np.random.default_rng(1).random((1, 3, 5, 8), dtype=np.float32)
    enlarged = enlarge_with(generator, "cpu")(picture)
    assert enlarged.shape == (1, 3, 10, 16)
    padded = np.concatenate([picture, picture[:, :, -1:]], axis=2)
    with torch.no_grad():
        expected = generator(torch.from_numpy(padded))[..., :10, :].numpy()
    assert np.array_equal(enlarged, expected)
