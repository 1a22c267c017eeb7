import pytest
import torch

from srcli.core.errors import UsageError
from srcli.training.pyramid import add_reduced
from srcli.training.run import prepare


def test_photographs_are_added_at_half_their_size_and_at_half_of_that():
    pictures = [
        torch.randint(0, 256, (3, 40, 61), dtype=torch.uint8),
        torch.zeros(3, 20, 90, dtype=torch.uint8),
    ]
    pyramid = add_reduced(pictures, 2, 10)
    assert [tuple(p.shape[1:]) for p in pyramid] == [(40, 61), (20, 90), (20, 30), (10, 45), (10, 15)]
    assert all(p.dtype == torch.uint8 for p in pyramid)
    assert float(pyramid[2].float().mean()) == pytest.approx(float(pictures[0].float().mean()), abs=2)


def test_no_halving_leaves_the_photographs_alone():
    pictures = [torch.zeros(3, 8, 8, dtype=torch.uint8)]
    assert add_reduced(pictures, 0, 4) == pictures


def test_a_run_draws_from_reduced_photographs_too_and_validates_on_none(tiny):
    plain, halved = prepare(tiny()), prepare(tiny(halvings=1))
    assert len(halved.trainer.sampler.chances) == 2 * len(plain.trainer.sampler.chances)
    assert len(halved.validator.pairs) == len(plain.validator.pairs)


def test_more_halvings_than_make_sense_are_refused(tiny):
    with pytest.raises(UsageError, match="halve photographs 9 times"):
        tiny(halvings=9)
