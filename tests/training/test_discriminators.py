import pytest
import torch

from srcli.core.errors import UsageError
from srcli.training.discriminators import build_discriminator


def test_eight_block_discriminator_has_the_published_number_of_parameters():
    with torch.device("meta"):
        judge = build_discriminator("eight-block", 384)
    statistics = sum(b.numel() for name, b in judge.named_buffers() if "running" in name)
    assert sum(p.numel() for p in judge.parameters()) + statistics == 306_684_737


def test_unet_discriminator_has_the_published_number_of_parameters():
    assert sum(p.numel() for p in build_discriminator("unet", 64).parameters()) == 4_376_897


def test_eight_block_discriminator_gives_one_verdict_a_crop():
    assert build_discriminator("eight-block", 32)(torch.rand(2, 3, 32, 32)).shape == (2, 1)


def test_unet_discriminator_gives_one_verdict_a_pixel():
    assert build_discriminator("unet", 32)(torch.rand(2, 3, 24, 32)).shape == (2, 1, 24, 32)


def test_patch_discriminator_gives_one_verdict_a_patch_of_72_pixels():
    judge = build_discriminator("patch", 128).double().eval()
    for parameter in judge.parameters():
        parameter.data = parameter.data.abs()
    picture = torch.rand(1, 3, 128, 128, dtype=torch.float64, requires_grad=True)
    verdicts = judge(picture)
    assert verdicts.shape == (1, 1, 14, 14)
    verdicts[0, 0, 7, 7].backward()
    rows = picture.grad.abs().sum(dim=(0, 1, 3)).nonzero().flatten()
    assert int(rows.max() - rows.min()) + 1 == 72


def test_eight_block_discriminator_refuses_crops_it_cannot_halve():
    with pytest.raises(UsageError, match="multiples of 16, not 40"):
        build_discriminator("eight-block", 40)


def test_unknown_discriminator_is_named():
    with pytest.raises(UsageError, match="'judge'"):
        build_discriminator("judge", 32)
