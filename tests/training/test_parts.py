import pytest
import torch
from PIL import Image
from torch import nn

from srcli.core.errors import TrainingError, UsageError
from srcli.training.architectures import build_generator
from srcli.training.average import WeightAverage
from srcli.training.crops import CropStore, Places
from srcli.training.degradations import build_degradation
from srcli.training.log import Entry, add_entry, read_log
from srcli.training.optimiser import Muon, build_optimisers, orthogonalised, rate_factor
from srcli.training.photographs import find_photographs, read_pairs, read_photographs, split
from srcli.training.sampler import PairSampler


def test_the_rate_warms_up_stays_and_falls_over_the_last_share():
    assert rate_factor(0, 0.0, 10, 0.4) == pytest.approx(0.1)
    assert rate_factor(500, 0.5, 10, 0.4) == pytest.approx(1)
    assert rate_factor(500, 0.8, 10, 0.4) == pytest.approx(0.505)
    assert rate_factor(500, 1.0, 10, 0.4) == pytest.approx(0.01)
    assert rate_factor(500, 1.2, 10, 0.0) == pytest.approx(1)


def test_the_average_forgets_its_start_and_follows_the_weights():
    layer = nn.Linear(1, 1, bias=False)
    nn.init.zeros_(layer.weight)
    average = WeightAverage(layer, decay=0.9)
    nn.init.ones_(layer.weight)
    for step in range(200):
        average.update(layer, step)
    assert float(average.generator.weight) == pytest.approx(1, abs=1e-3)
    assert not average.generator.weight.requires_grad


@pytest.mark.parametrize("shape", [(8, 30), (30, 8), (16, 16)])
def test_muon_steps_have_nearly_equal_singular_values(shape):
    matrix = torch.randn(*shape, generator=torch.Generator().manual_seed(0))
    values = torch.linalg.svdvals(orthogonalised(matrix))
    assert float(values.min()) > 0.5
    assert float(values.max()) < 1.3


def test_muon_steps_weights_of_one_shape_as_it_steps_each_alone():
    random = torch.Generator().manual_seed(4)
    values = [torch.randn(shape, generator=random) for shape in ((4, 6, 3, 3), (4, 6, 3, 3), (8, 4, 1, 1))]
    together = [nn.Parameter(value.clone()) for value in values]
    alone = [nn.Parameter(value.clone()) for value in values]
    optimisers = [Muon(together, 0.02), *(Muon([weight], 0.02) for weight in alone)]
    for _ in range(3):
        gradients = [torch.randn(value.shape, generator=random) for value in values]
        for weights in (together, alone):
            for weight, gradient in zip(weights, gradients, strict=True):
                weight.grad = gradient.clone()
        for optimiser in optimisers:
            optimiser.step()
    for first, second in zip(together, alone, strict=True):
        assert torch.allclose(first, second, atol=1e-6)


def test_muon_bounds_the_norm_of_a_matrix_that_is_always_pushed_the_same_way():
    weight = nn.Parameter(torch.eye(8))
    push = torch.randn(8, 8, generator=torch.Generator().manual_seed(0))
    muon = Muon([weight], lr=0.05)
    for _ in range(1000):
        weight.grad = push.clone()
        muon.step()
    assert float(torch.linalg.matrix_norm(weight.detach(), 2)) < 1.3 / 0.3


def test_muon_takes_hidden_convolutions_and_adam_the_rest():
    generator = build_generator("fast", 2)
    adam, muon = build_optimisers(generator, "muon", 1e-3, 1e-2)
    hidden = {id(p) for p in muon.param_groups[0]["params"]}
    assert isinstance(muon, Muon)
    assert id(generator.trunk[0].first.weight) in hidden
    assert not hidden & {
        id(generator.head.weight),
        id(generator.tail.weight),
        id(generator.trunk[0].first.bias),
    }
    total = sum(len(each.param_groups[0]["params"]) for each in (adam, muon))
    assert total == len(list(generator.parameters()))


def test_adam_alone_takes_everything():
    generator = build_generator("plain", 2)
    (adam,) = build_optimisers(generator, "adam", 1e-3, 1e-2)
    assert len(adam.param_groups[0]["params"]) == len(list(generator.parameters()))


def test_photographs_are_found_in_order_below_the_folder(photographs):
    assert [path.name for path in find_photographs(photographs)] == ["a.png", "b.png", "c.png"]


def test_photographs_below_the_crop_are_left_out(photographs):
    assert [tuple(each.shape) for each in read_photographs(photographs, 66)] == [(3, 71, 93), (3, 67, 67)]


def test_the_split_is_nine_to_one_and_repeats():
    pictures = [torch.full((1,), n) for n in range(40)]
    training, held_out = split(pictures, seed=3)
    assert (len(training), len(held_out)) == (36, 4)
    assert sorted(int(p) for p in training + held_out) == list(range(40))
    assert [int(p) for p in split(pictures, seed=3)[1]] == [int(p) for p in held_out]


def test_a_single_photograph_serves_both():
    training, held_out = split([torch.zeros(1)], seed=1)
    assert (len(training), len(held_out)) == (1, 1)


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_low_crops_are_the_reduced_windows_of_the_high_ones(photographs, scale):
    # A picture whose levels are its coordinates shows where each crop came from.
    rows, columns = torch.meshgrid(torch.arange(72), torch.arange(96), indexing="ij")
    ramp = torch.stack([rows * 2, columns * 2, torch.zeros_like(rows)]).to(torch.uint8)
    sampler = PairSampler([ramp], build_degradation("bicubic", scale), scale, crop=24)
    batch = sampler.draw(6, torch.Generator().manual_seed(0))
    means = torch.nn.functional.avg_pool2d(batch.high, scale)
    inner = (slice(None), slice(None), slice(2, -2), slice(2, -2))
    assert float((means - batch.low)[inner].abs().max()) < 1.5 / 255


def test_low_crops_of_pairs_are_the_windows_of_their_own_pictures():
    rows, columns = torch.meshgrid(torch.arange(24), torch.arange(32), indexing="ij")
    low = torch.stack([rows * 8, columns * 8, torch.zeros_like(rows)]).to(torch.uint8)
    # Unlike anything that a degradation would make of it.
    high = 255 - low.repeat_interleave(3, 1).repeat_interleave(3, 2)
    sampler = PairSampler([high], build_degradation("real", 3), 3, crop=24, lows=[low])
    batch = sampler.draw(6, torch.Generator().manual_seed(0))
    assert torch.allclose(batch.high[:, :, ::3, ::3], 1 - batch.low)
    assert float(batch.low[:, 0].max()) > float(batch.low[:, 0].min())


def test_pairs_are_found_by_name_whatever_their_endings_and_the_scale_behind_it(tmp_path):
    for name, size in {"low/a.png": (20, 10), "low/below/b.png": (12, 12)}.items():
        save(tmp_path / name, size)
    for name, size in {"high/a_x4.bmp": (80, 40), "high/below/b.png": (48, 48)}.items():
        save(tmp_path / name, size)
    pairs = read_pairs(tmp_path / "high", tmp_path / "low", 4, 40)
    shapes = [(tuple(pair.high.shape), tuple(pair.low.shape)) for pair in pairs]
    assert shapes == [((3, 40, 80), (3, 10, 20)), ((3, 48, 48), (3, 12, 12))]
    assert len(read_pairs(tmp_path / "high", tmp_path / "low", 4, 48)) == 1


@pytest.mark.parametrize(
    ("low", "crop", "message"),
    [
        ("b.png", 40, "has no low-resolution picture"),
        ("a.png", 96, "smaller than a crop of 96"),
        ("a.png", 40, "40x80 where"),
    ],
)
def test_pairs_that_do_not_fit_are_refused_by_name(tmp_path, low, crop, message):
    save(tmp_path / "low" / low, (20, 10) if crop > 40 or low == "b.png" else (10, 19))
    save(tmp_path / "high" / "a.png", (80, 40) if crop > 40 else (40, 80))
    with pytest.raises(TrainingError, match=message):
        read_pairs(tmp_path / "high", tmp_path / "low", 4, crop)


def save(path, size):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, (90, 60, 30)).save(path)


def test_draws_repeat_with_the_state_of_chance(photographs):
    sampler = PairSampler(read_photographs(photographs, 32), build_degradation("real", 2), 2, 48, 0.5)
    first, second = (sampler.draw(4, torch.Generator().manual_seed(9)) for _ in range(2))
    assert torch.equal(first.low, second.low)
    assert torch.equal(first.high, second.high)


@pytest.mark.parametrize("turn", range(8))
def test_crops_are_the_turned_squares_of_their_pictures(turn):
    random = torch.Generator().manual_seed(turn)
    pictures = [
        torch.randint(256, (3, *size), generator=random, dtype=torch.uint8) for size in ((9, 14), (11, 8))
    ]
    places = Places(torch.tensor([1, 0]), torch.tensor([[6, 3], [0, 9]]), torch.tensor([turn, turn]))
    squares = [pictures[1][:, 6:11, 3:8], pictures[0][:, :5, 9:14]]
    for crop, square in zip(CropStore(pictures).crops(places, 5), squares, strict=True):
        expected = square.flip(1) if turn & 1 else square
        expected = expected.flip(2) if turn & 2 else expected
        assert torch.equal(crop, expected.transpose(1, 2) if turn & 4 else expected)


def test_crops_are_drawn_from_all_of_a_picture():
    rows, columns = torch.meshgrid(torch.arange(40), torch.arange(64), indexing="ij")
    ramp = torch.stack([rows, columns, rows]).to(torch.uint8)
    sampler = PairSampler([ramp], build_degradation("bicubic", 2), 2, crop=32)
    high = sampler.draw(256, torch.Generator().manual_seed(0)).high * 255
    assert (round(float(high[:, 0].min())), round(float(high[:, 0].max()))) == (0, 39)
    assert (round(float(high[:, 1].min())), round(float(high[:, 1].max()))) == (0, 63)


def test_the_log_drops_what_is_taken_again(tmp_path):
    entries = [Entry(step, step / 2, 0.1, 1.0, 30.0, 0.9, 60.0) for step in (10, 20, 30)]
    for entry in entries:
        add_entry(tmp_path, entry)
    again = Entry(20, 11.0, 0.2, 1.0, 31.0, 0.91, 50.0)
    assert add_entry(tmp_path, again) == [entries[0], again]
    assert read_log(tmp_path) == [entries[0], again]


def test_unknown_names_of_a_configuration_are_errors(tiny):
    with pytest.raises(UsageError, match="scale 5"):
        tiny(scale=5)
    with pytest.raises(UsageError, match="one budget"):
        tiny(minutes=1.0)
    with pytest.raises(UsageError, match="no multiple"):
        tiny(crop=33)
