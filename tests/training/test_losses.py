import dataclasses

import numpy as np
import pytest
import torch

from srcli.core.errors import TrainingError, UsageError
from srcli.training.losses import LOSSES, build_loss
from srcli.training.losses.adversarial import build_adversarial_loss
from srcli.training.losses.artefacts import artefact_map
from srcli.training.losses.perception import PerceptionLoss, VggFeatures, read_weights
from srcli.training.losses.settings import LossSettings
from srcli.training.sampler import Batch
from srcli.training.shift import NOWHERE, STRIDE, draw_shift, shifted

SETTINGS = LossSettings(scale=2)


def _batch(seed=1):
    random = torch.Generator().manual_seed(seed)
    high = torch.rand(2, 3, 32, 32, generator=random)
    return Batch(high[..., ::2, ::2], high, averaged=torch.rand(2, 3, 32, 32, generator=random))


@pytest.mark.parametrize("name", sorted(LOSSES))
def test_loss_is_zero_for_the_original_and_positive_with_a_gradient_otherwise(name, tiny_perception):
    settings = LossSettings(scale=2, perception=tiny_perception)
    loss, batch = build_loss({name: 1.0}, settings), _batch()
    generated = (batch.high * 0.8 + 0.05).requires_grad_()
    if name == "artefacts":
        batch = Batch(batch.low, batch.high, averaged=batch.high)
    value = loss(generated, batch)
    value.backward()
    assert float(loss(batch.high, batch)) == pytest.approx(0, abs=1e-7)
    assert value.item() > 0
    assert torch.isfinite(generated.grad).all()
    assert float(generated.grad.abs().sum()) > 0


def test_losses_add_up_by_their_weights():
    batch = _batch()
    generated = batch.high + 0.1
    both = build_loss({"l1": 2.0, "mse": 10.0}, SETTINGS)(generated, batch)
    assert float(both) == pytest.approx(2 * 0.1 + 10 * 0.01, rel=1e-5)


def test_luma_weighs_green_most_and_does_not_see_colour_of_equal_brightness():
    loss = build_loss({"luma": 1.0}, SETTINGS)
    grey = torch.full((1, 3, 8, 8), 0.5)
    errors = [grey + 0.1 * torch.eye(3)[channel].reshape(1, 3, 1, 1) for channel in range(3)]
    red, green, blue = (float(loss(error, Batch(grey, grey))) for error in errors)
    assert green > red > blue > 0
    assert red + green + blue == pytest.approx(0.1, rel=1e-4)
    swapped = grey + torch.tensor([0.1, -0.1 * red / green, 0.0]).reshape(1, 3, 1, 1)
    assert float(loss(swapped, Batch(grey, grey))) == pytest.approx(0, abs=1e-6)


def test_chroma_is_that_of_the_metric_and_does_not_see_brightness():
    from srcli.metrics.chroma import chroma_error

    loss = build_loss({"chroma": 1.0}, SETTINGS)
    batch = _batch()
    generated = batch.high.flip(1)
    pairs = [
        (picture.permute(1, 2, 0).double().numpy() for picture in pair)
        for pair in zip(generated, batch.high, strict=True)
    ]
    figures = [chroma_error(*pair, data_range=1.0) for pair in pairs]
    assert float(loss(generated, batch)) == pytest.approx(sum(figures) / len(figures), rel=1e-4)
    assert float(loss(batch.high + 0.1, batch)) == pytest.approx(0, abs=1e-6)


def test_fourier_loss_does_not_depend_on_the_size_of_a_crop():
    loss = build_loss({"fft": 1.0}, SETTINGS)
    random = torch.Generator().manual_seed(0)
    small, large = (torch.randn(8, 3, side, side, generator=random) for side in (16, 64))
    figures = [float(loss(noise, Batch(noise, torch.zeros_like(noise)))) for noise in (small, large)]
    assert figures[0] == pytest.approx(figures[1], rel=0.1)


def test_consistency_ignores_what_the_reduction_removes():
    high = torch.full((1, 3, 32, 32), 0.5)
    checkerboard = ((torch.arange(32)[:, None] + torch.arange(32)) % 2 * 2 - 1) * 0.2
    loss = build_loss({"consistency": 1.0}, SETTINGS)
    assert float(loss(high + checkerboard, Batch(high, high))) < 1e-3
    assert float(loss(high + 0.2, Batch(high, high))) == pytest.approx(0.2, rel=1e-4)


def test_artefact_map_spares_what_is_nearer_to_the_original_than_the_average_is():
    batch = _batch()
    assert float(artefact_map(batch.high * 0.99, batch.averaged, batch.high).abs().max()) == 0
    assert float(artefact_map(batch.averaged, batch.high, batch.high).max()) > 0


def test_vgg_features_come_before_the_activation_at_every_block(tiny_perception):
    features = VggFeatures(read_weights(tiny_perception))(torch.rand(1, 3, 32, 32))
    assert [tuple(each.shape[2:]) for each in features.values()] == [
        (32, 32),
        (16, 16),
        (8, 8),
        (4, 4),
        (2, 2),
    ]
    assert min(float(each.min()) for each in features.values()) < 0


def test_shipped_perception_weights_load(shared_data):
    weights = read_weights(shared_data / "nets" / "vgg16_imagenet_conv_fp16.npz")
    assert set(VggFeatures(weights)(torch.rand(1, 3, 16, 16))) >= {"conv1_2", "conv5_3"}


def test_vgg_without_weights_says_which_option_gives_them():
    with pytest.raises(UsageError) as caught:
        build_loss({"vgg": 1.0}, SETTINGS)
    assert "--perception" in caught.value.hint


def test_perception_weights_that_lack_a_layer_are_refused(tmp_path):
    np.savez(tmp_path / "empty.npz", other=np.zeros(1))
    with pytest.raises(TrainingError, match=r"conv1_1\.weight"):
        VggFeatures(read_weights(tmp_path / "empty.npz"))


def test_unknown_loss_is_named():
    with pytest.raises(UsageError, match="'l3'"):
        build_loss({"l3": 1.0}, SETTINGS)


@pytest.mark.parametrize("name", ["bce", "least-squares", "relativistic"])
def test_adversarial_losses_reward_each_side_for_its_success(name):
    game = build_adversarial_loss(name)
    low, high = torch.full((4, 1), -2.0), torch.full((4, 1), 2.0)
    assert game.for_generator(high, low) < game.for_generator(low, high)
    assert game.for_discriminator(low, high) < game.for_discriminator(high, low)


def test_unknown_adversarial_loss_is_named():
    with pytest.raises(UsageError, match="'chess'"):
        build_adversarial_loss("chess")


def test_what_strided_networks_see_depends_on_where_they_look_from(tiny_perception):
    batch = _batch()
    loss = PerceptionLoss(LossSettings(scale=2, perception=tiny_perception))
    generated = batch.high * 0.8 + 0.05
    seen = {
        float(loss(generated, dataclasses.replace(batch, shift=shift))) for shift in ((0, 0), (1, 0), (0, 7))
    }
    assert len(seen) == 3


def test_a_shifted_picture_keeps_its_pixels():
    picture = torch.arange(12.0).reshape(1, 1, 3, 4)
    moved = shifted(picture, (1, 2))
    assert float(moved[0, 0, 1, 2]) == 0
    assert sorted(moved.flatten().tolist()) == picture.flatten().tolist()
    assert torch.equal(shifted(picture, NOWHERE), picture)


def test_shifts_reach_every_place_within_the_stride():
    random = torch.Generator().manual_seed(3)
    drawn = [draw_shift(random) for _ in range(500)]
    assert {down for down, _ in drawn} == {right for _, right in drawn} == set(range(STRIDE))
