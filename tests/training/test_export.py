import dataclasses
import hashlib

import numpy as np
import pytest
import torch

from srcli.core.cancel import CancelToken
from srcli.core.card import read_card
from srcli.core.errors import DeviceUnavailable, OutputError, TrainingError
from srcli.core.geometry import Size
from srcli.engine.inference import ort_session
from srcli.imaging.pixels.resize import resize
from srcli.models.store import InstalledModel
from srcli.pipeline.evaluate.card_check import compare_with_card
from srcli.training.checkpoint import load_checkpoint
from srcli.training.evaluation import enlarge_with, measure_benchmark
from srcli.training.export import export_run, restore_generator
from srcli.training.export_request import ExportRequest
from srcli.training.parity import check_parity, open_exported
from srcli.training.run import train
from srcli.training.warm_start import read_initialisers


@pytest.fixture
def run(tiny):
    config = tiny(steps=3)
    train(config, lambda _: None, CancelToken())
    return config.run


@pytest.fixture
def benchmarks(tmp_path, photographs):
    folder = tmp_path / "bench" / "BSD100"
    folder.mkdir(parents=True)
    for path in photographs.glob("*.png"):
        (folder / path.name).write_bytes(path.read_bytes())
    return folder.parent


def _sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_run_becomes_a_file_and_a_card(run, tmp_path):
    target = tmp_path / "weights" / "tiny-x2.onnx"
    exported = export_run(ExportRequest(run, target, "tiny", licence="CC0", data="waves", data_licence="CC0"))
    card = read_card(target.with_suffix(".json"))
    assert card == exported.card
    assert exported.difference <= 1e-4
    assert (card.name, card.scale, card.architecture, card.parameters) == ("tiny", 2, "plain", 96_844)
    assert (card.receptive_field, card.overlap, card.licence) == (12, 12, "CC0")
    assert card.sha256 == _sha256(target)
    assert (card.training.steps, card.training.loss, card.training.degradation) == (3, "1 l1", "bicubic")
    assert card.variants == {}


def test_one_that_keeps_the_size_is_measured_on_what_it_repairs(tiny, tmp_path, benchmarks):
    config = tiny(steps=2, scale=1, degradation="compressed")
    train(config, lambda _: None, CancelToken())
    target = tmp_path / "repair-x1.onnx"
    card = export_run(ExportRequest(config.run, target, "repair", benchmarks=benchmarks, half=True)).card
    assert (card.scale, card.training.degradation) == (1, "compressed")
    assert [(figure.degradation, figure.shave) for figure in card.quality] == [
        ("JPEG 40", 0),
        ("noise 15", 0),
    ]
    assert all(20 < figure.psnr_db < 60 for figure in card.quality)
    model = InstalledModel(card, target)
    assert all(found.agrees for found in compare_with_card(model, benchmarks))


def test_an_overparameterised_run_is_folded_and_equals_what_was_trained(tiny, tmp_path):
    config = tiny(steps=3, architecture="fast", overparameterised=True)
    train(config, lambda _: None, CancelToken())
    target = tmp_path / "tiny-x2.onnx"
    exported = export_run(ExportRequest(config.run, target, "tiny"))
    assert exported.difference <= 1e-4
    assert exported.card.parameters == 148_364
    assert "middle" not in "".join(read_initialisers(target))


def test_variants_that_hold_lie_beside_the_file(run, tmp_path, benchmarks, photographs):
    target = tmp_path / "tiny-x2.onnx"
    request = ExportRequest(run, target, "tiny", benchmarks=benchmarks, half=True, calibration=photographs)
    card = export_run(request).card
    assert card.fp16_safe
    assert set(card.variants) == {"fp16", "int8"}
    for variant in card.variants.values():
        assert _sha256(tmp_path / variant.file) == variant.sha256
    assert card.variants["int8"].psnr_loss_db is not None
    assert [figure.benchmark for figure in card.quality] == ["BSD100"]


def test_integers_that_cost_too_much_are_not_kept(run, tmp_path, benchmarks, photographs, monkeypatch):
    monkeypatch.setattr("srcli.training.variants.LARGEST_LOSS_DB", -100.0)
    target = tmp_path / "tiny-x2.onnx"
    card = export_run(ExportRequest(run, target, "tiny", benchmarks=benchmarks, calibration=photographs)).card
    assert card.variants == {}
    assert not target.with_suffix(".int8.onnx").exists()


def test_what_brain_floats_cost_is_measured(run, tmp_path, benchmarks, monkeypatch):
    request = ExportRequest(run, tmp_path / "tiny-x2.onnx", "tiny", benchmarks=benchmarks)
    asked = []

    def choose(requested, precision):
        asked.append((requested, precision))
        return ort_session.CPU

    # The CPU's own kernels compute in full precision, which costs nothing.
    monkeypatch.setattr("srcli.training.variants.choose_device", choose)
    assert export_run(request).card.bf16_loss_db == {"BSD100": 0.0}
    assert asked == [("auto", "bf16")]


def test_what_brain_floats_cost_is_unknown_without_a_device(run, tmp_path, benchmarks, monkeypatch):
    def refuse(requested, precision):
        raise DeviceUnavailable("no device here computes in bf16")

    monkeypatch.setattr("srcli.training.variants.choose_device", refuse)
    request = ExportRequest(run, tmp_path / "tiny-x2.onnx", "tiny", benchmarks=benchmarks)
    assert export_run(request).card.bf16_loss_db == {}


def test_half_precision_that_strays_is_not_kept(run, tmp_path, monkeypatch):
    monkeypatch.setattr("srcli.training.variants.SAFE_DIFFERENCE", 0.0)
    target = tmp_path / "tiny-x2.onnx"
    card = export_run(ExportRequest(run, target, "tiny", half=True)).card
    assert not card.fp16_safe
    assert card.variants == {}
    assert not target.with_suffix(".fp16.onnx").exists()


def test_a_file_that_exists_is_replaced_only_when_told(run, tmp_path):
    target = tmp_path / "tiny-x2.onnx"
    target.write_bytes(b"mine")
    with pytest.raises(OutputError, match="exists already"):
        export_run(ExportRequest(run, target, "tiny"))
    assert target.read_bytes() == b"mine"
    export_run(ExportRequest(run, target, "tiny", overwrite=True))
    assert target.read_bytes() != b"mine"


def test_a_file_that_differs_from_the_generator_is_refused(run, tmp_path):
    target = tmp_path / "tiny-x2.onnx"
    export_run(ExportRequest(run, target, "tiny"))
    generator = restore_generator(load_checkpoint(run))
    with torch.no_grad():
        generator.tail.bias += 0.01
    with pytest.raises(TrainingError, match=r"differs from PyTorch by 0\.01"):
        check_parity(open_exported(target), enlarge_with(generator, "cpu"))


def test_the_averaged_weights_are_exported(run, tmp_path):
    target = tmp_path / "tiny-x2.onnx"
    export_run(ExportRequest(run, target, "tiny"))
    picture = np.random.default_rng(0).random((1, 3, 9, 8), dtype=np.float32)
    expected = enlarge_with(restore_generator(load_checkpoint(run)), "cpu")(picture)
    assert np.allclose(open_exported(target)(picture), expected, atol=1e-5)


def test_bicubic_scores_the_published_figure_on_set5(shared_data):
    def bicubic(batch):
        planes = batch[0].transpose(1, 2, 0)
        size = Size(planes.shape[0] * 4, planes.shape[1] * 4)
        return resize(planes, size).transpose(2, 0, 1)[None]

    figure = measure_benchmark(bicubic, shared_data / "bench" / "Set5", "bicubic", 4)
    # 28.42 dB for luma resized alone; through RGB, as here, 28.431 dB and 0.8113.
    assert figure.psnr_db == pytest.approx(28.431, abs=0.01)
    assert figure.ssim == pytest.approx(0.8113, abs=0.001)


def test_cards_stay_plain_data(run, tmp_path):
    card = export_run(ExportRequest(run, tmp_path / "tiny-x2.onnx", "tiny")).card
    assert dataclasses.asdict(card)["training"]["hardware"]
