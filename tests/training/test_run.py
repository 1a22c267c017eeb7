import dataclasses
import itertools
import json

import numpy as np
import pytest
import torch
from PIL import Image

from srcli.core.cancel import CancelToken
from srcli.core.errors import TrainingError, UsageError
from srcli.training.architectures import ARCHITECTURES
from srcli.training.checkpoint import list_checkpoints, load_checkpoint
from srcli.training.config import AdversaryConfig
from srcli.training.degradations import DEGRADATIONS
from srcli.training.log import read_log
from srcli.training.run import prepare, train


class Asked:
    """A token that answers what it is told to, whenever it is looked at."""

    def __init__(self, *answers):
        self._answers = itertools.chain(answers, itertools.repeat(True))

    def is_set(self):
        return next(self._answers)


def _train(config, cancel=None):
    entries = []
    return train(config, entries.append, cancel or CancelToken()), entries


def _weights(trainer):
    return torch.cat([value.flatten().float() for value in trainer.average.generator.state_dict().values()])


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"degradation": "real", "synthetic_share": 0.3, "optimiser": "adam"},
        {"overparameterised": True},
    ],
)
def test_resuming_equals_running_once(tiny, tmp_path, changes):
    once, _ = _train(tiny(run=tmp_path / "once", steps=6, **changes))
    config = tiny(run=tmp_path / "twice", steps=6, **changes)
    # Asked before every step, and once more between epochs: it stops amid the second epoch.
    stopped, _ = _train(config, Asked(*[False] * 7))
    assert 0 < stopped.steps < 6
    assert load_checkpoint(config.run)["steps"] == stopped.steps
    resumed, _ = _train(config)
    assert resumed.steps == 6
    assert torch.equal(_weights(resumed), _weights(once))


@pytest.mark.parametrize(
    "change", [{"architecture": "fast"}, {"scale": 3}, {"overparameterised": True}, {"optimiser": "adam"}]
)
def test_a_run_is_not_resumed_as_another(tiny, change):
    _train(tiny(crop=30))
    (name,) = change
    with pytest.raises(UsageError, match=f"is a run with {name} "):
        _train(tiny(crop=30, **change))


def test_adversarial_resuming_equals_running_once(tiny, tmp_path):
    adversary = AdversaryConfig(loss="relativistic", discriminator="eight-block")
    once, _ = _train(tiny(run=tmp_path / "once", adversary=adversary, steps=4))
    half = tiny(run=tmp_path / "twice", adversary=adversary, steps=4)
    run = prepare(half)
    run.trainer.step()
    run.trainer.step()
    saved = run.trainer.state()
    other = prepare(half).trainer
    other.restore(saved)
    for _ in range(2):
        other.step()
    assert torch.equal(_weights(other), _weights(once))


def test_every_epoch_leaves_a_row_a_plot_and_a_strip(tiny):
    pytest.importorskip("matplotlib")
    config = tiny(steps=5)
    _, entries = _train(config)
    assert [entry.step for entry in entries] == [2, 4, 5]
    assert [entry.step for entry in read_log(config.run)] == [2, 4, 5]
    assert (config.run / "log.png").stat().st_size > 1000
    with Image.open(config.run / "samples" / "step-000000005.png") as strip:
        width, height = strip.size
        # Four of one of the three photographs, each cropped to even sides.
        assert (width // 4, height) in {(92, 70), (64, 88), (66, 66)}


@pytest.mark.parametrize("architecture", sorted(set(ARCHITECTURES) - {"edsr-large"}))
def test_every_architecture_trains(tiny, architecture):
    config = tiny(architecture=architecture, steps=1, batch=1)
    trainer = prepare(config).trainer
    before = _weights(trainer)
    assert torch.isfinite(trainer.step())
    assert not torch.equal(_weights(trainer), before)


def test_pairs_feed_training_and_validation(tiny, tmp_path):
    for index in range(3):
        for folder, side in (("high", 48), ("low", 24)):
            path = tmp_path / folder / f"{index}.png"
            path.parent.mkdir(exist_ok=True)
            Image.new("RGB", (side, side), (60 * index, 90, 30)).save(path)
    config = tiny(photographs=tmp_path / "high", low_resolution=tmp_path / "low", steps=1, crop=32)
    assert prepare(config).validator.pairs[0][0].shape == (3, 24, 24)
    assert _train(config)[0].steps == 1


def test_pairs_are_not_halved(tiny, tmp_path):
    with pytest.raises(UsageError, match="can't be halved"):
        tiny(low_resolution=tmp_path, halvings=1)


@pytest.mark.parametrize("degradation", sorted(DEGRADATIONS))
def test_every_degradation_feeds_training(tiny, degradation):
    assert torch.isfinite(prepare(tiny(degradation=degradation)).trainer.step())


@pytest.mark.parametrize("loss", ["bce", "least-squares", "relativistic"])
@pytest.mark.parametrize("discriminator", ["unet", "unet-small", "patch", "eight-block"])
def test_adversarial_training_moves_both_sides(tiny, loss, discriminator):
    config = tiny(
        adversary=AdversaryConfig(loss=loss, discriminator=discriminator), losses={"artefacts": 1.0}
    )
    trainer = prepare(config).trainer
    judge = trainer.adversary.discriminator
    before = [parameter.clone() for parameter in judge.parameters()]
    assert torch.isfinite(trainer.step())
    moved = [not torch.equal(old, new) for old, new in zip(before, judge.parameters(), strict=True)]
    assert any(moved)


def test_learning_brings_the_loss_down(tiny):
    trainer = prepare(tiny(steps=60, batch=4, warmup_steps=5, muon_learning_rate=0.02)).trainer
    losses = [float(trainer.step()) for _ in range(60)]
    assert np.mean(losses[-10:]) < 0.9 * np.mean(losses[:10])


def test_mixed_precision_keeps_weights_in_full_precision(tiny):
    trainer = prepare(tiny(precision="bf16")).trainer
    assert torch.isfinite(trainer.step())
    assert {parameter.dtype for parameter in trainer.generator.parameters()} == {torch.float32}


@pytest.mark.parametrize(
    ("capabilities", "expected"),
    [({"amx_bf16": True}, "bf16"), ({"avx512_bf16": False}, "fp32"), ({}, "fp32")],
)
def test_automatic_precision_is_what_the_processor_computes_in(tiny, monkeypatch, capabilities, expected):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: capabilities, raising=False)
    trainer = prepare(tiny(precision="auto")).trainer
    assert trainer.precision == expected
    assert trainer.state()["hardware"].endswith(f", {expected}")


def test_a_loss_that_is_no_number_stops_the_run_and_keeps_the_last_good_checkpoint(tiny, monkeypatch):
    config = tiny(steps=2)
    _train(config)
    good = load_checkpoint(config.run)["steps"]
    longer = dataclasses.replace(config, steps=6)
    monkeypatch.setattr("srcli.training.trainer.Trainer.step", _broken_step)
    with pytest.raises(TrainingError, match="no longer a number"):
        _train(longer)
    assert load_checkpoint(config.run)["steps"] == good


def _broken_step(trainer):
    trainer.steps += 1
    return torch.tensor(float("nan"))


def test_a_stop_before_the_first_step_leaves_nothing(tiny):
    config = tiny()
    trainer, entries = _train(config, Asked())
    assert (trainer.steps, entries, list_checkpoints(config.run)) == (0, [], [])


def test_minutes_are_a_budget_too(tiny):
    config = tiny(steps=None, minutes=0.01, epoch_steps=1000)
    trainer, _ = _train(config)
    assert trainer.seconds >= 0.6
    assert trainer.consumed() >= 1


def test_an_empty_folder_is_refused(tiny, tmp_path):
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(TrainingError, match="no photographs in"):
        prepare(tiny(photographs=empty))


def test_a_missing_folder_is_refused(tiny, tmp_path):
    with pytest.raises(TrainingError, match="no such folder"):
        prepare(tiny(photographs=tmp_path / "nowhere"))


def test_pictures_smaller_than_the_crop_are_refused_with_the_crop_that_fits(tiny):
    with pytest.raises(TrainingError, match="smaller than a crop of 128") as caught:
        prepare(tiny(crop=128))
    assert "71" in caught.value.hint


def test_a_checkpoint_says_what_it_came_from(tiny):
    config = tiny(steps=1, losses={"l1": 1.0, "fft": 0.05})
    _train(config)
    state = load_checkpoint(config.run)
    assert (state["architecture"], state["degradation"], state["loss"]) == (
        "plain",
        "bicubic",
        "1 l1 + 0.05 fft",
    )
    index = json.loads((list_checkpoints(config.run)[-1] / "index.json").read_text())
    assert index["version"] == 1


@pytest.mark.parametrize("losses", [{"l1": 1.0}, {"l1": 1.0, "vgg": 1.0}])
def test_crops_are_moved_where_something_sees_them_in_strides(tiny, tiny_perception, losses):
    trainer = prepare(tiny(losses=losses, perception=tiny_perception)).trainer
    loss, seen = trainer.loss, set()

    def watched(generated, batch):
        seen.add(batch.shift)
        return loss(generated, batch)

    trainer.loss = watched
    for _ in range(4):
        trainer.step()
    assert (seen == {(0, 0)}) == ("vgg" not in losses)
