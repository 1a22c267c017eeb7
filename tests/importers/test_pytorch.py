"""Reading PyTorch checkpoints, with no code from a file run."""

from __future__ import annotations

import argparse
import contextlib
import io
import pickle
import sys
import warnings
import zipfile
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from srcli.core.errors import (
    DamagedModel,
    MachineError,
    MissingExtra,
    SrcliError,
    UnknownModel,
    UnsuitableModel,
)
from srcli.engine.inference import ort_session
from srcli.importers import checkpoint
from srcli.importers.checkpoint import EXPORT, PACKAGES, open_checkpoint
from tests import checkpoints

checkpoints.require_spandrel()

import torch  # noqa: E402
from safetensors.torch import save  # noqa: E402
from spandrel import ImageModelDescriptor, MaskedImageModelDescriptor  # noqa: E402


def to_bytes(value):
    stream = io.BytesIO()
    torch.save(value, stream)
    return stream.getvalue()


def put(folder, content, name="tiny.pth"):
    path = folder / name
    path.write_bytes(content)
    return path


def picture(channels=3, size=(13, 18)):
    return np.random.default_rng(0).random((*size, channels), dtype=np.float32)


@pytest.mark.parametrize("suffix", [".pth", ".pt", ".ckpt", ".safetensors"])
@pytest.mark.parametrize("scale", [1, 2, 3, 4])
def test_every_kind_of_file(suffix, scale, tmp_path):
    weights = checkpoints.compact(scale)
    content = save(weights) if suffix == ".safetensors" else to_bytes(weights)
    found = open_checkpoint(put(tmp_path, content, f"tiny{suffix}"))
    assert found.run(picture()).shape == (13 * scale, 18 * scale, 3)
    converted = found.convert()
    assert (converted.name, converted.source) == ("tiny", f"tiny{suffix}")
    assert converted.architecture.startswith("RealESRGAN Compact")


@pytest.mark.parametrize("key", ["params", "params_ema", "state_dict"])
def test_weights_inside_a_training_state(key, tmp_path):
    path = put(tmp_path, to_bytes({"epoch": 3, key: checkpoints.compact()}))
    assert open_checkpoint(path).run(picture()).shape == (26, 36, 3)


def test_a_generator_for_grey_runs_on_every_plane(tmp_path):
    found = open_checkpoint(put(tmp_path, to_bytes(checkpoints.compact(channels=1))))
    result = found.run(np.repeat(picture(1), 3, axis=2))
    assert result.shape == (26, 36, 3)
    np.testing.assert_array_equal(result[:, :, 0], result[:, :, 2])


class Hostile:
    """Unpickled without care, this makes a file."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (open, (str(self.path), "w"))


def test_code_in_a_pickle_is_not_run(tmp_path):
    made = tmp_path / "made"
    attack = to_bytes({"weight": torch.zeros(3), "more": Hostile(made)})
    for content in (attack, pickle.dumps(Hostile(made))):
        with pytest.raises(DamagedModel, match=r"holds more than weights|is damaged"):
            open_checkpoint(put(tmp_path, content))
    assert not made.exists()
    with pytest.raises(DamagedModel, match=r"holds more than weights \(.*open\); srcli runs no code"):
        open_checkpoint(put(tmp_path, attack))


def test_torchscript_is_refused(tmp_path):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("tiny/data.pkl", pickle.dumps(1))
        archive.writestr("tiny/constants.pkl", pickle.dumps(1))
        archive.writestr("tiny/code/__torch__.py", "raise SystemExit")
        archive.writestr("tiny/version", "3\n")
    with pytest.raises(DamagedModel, match=r"tiny\.pt "):
        open_checkpoint(put(tmp_path, stream.getvalue(), "tiny.pt"))


@pytest.mark.parametrize("value", [torch.zeros(2), [1, 2], 7, "text"])
def test_what_holds_no_weights_by_name(value, tmp_path):
    with pytest.raises(DamagedModel, match="not weights by name"):
        open_checkpoint(put(tmp_path, to_bytes(value)))


def test_an_unknown_architecture(tmp_path):
    with pytest.raises(UnsuitableModel, match="no architecture that spandrel") as caught:
        open_checkpoint(put(tmp_path, to_bytes({"something.weight": torch.zeros(3)})))
    assert "nearest" not in str(caught.value)
    assert caught.value.hint.startswith(
        "export it to ONNX with its own code, and import that file: torch.onnx"
    )


def test_what_an_unknown_architecture_comes_nearest_to_is_named_with_what_it_lacks(tmp_path):
    names = ["to_feat", "feats.0.safm.mfr.0", "feats.0.safm.mfr.3", "feats.0.safm.aggr"]
    names += ["feats.0.ccm.ccm.0", "feats.0.ccm.ccm.2", "to_img.0"]
    weights = {f"{name}.weight": torch.zeros(3) for name in names}
    lacking = r"spandrel \S+ knows; nearest is SAFMN, but for feats\.0\.norm1\.weight$"
    with pytest.raises(UnsuitableModel, match=lacking):
        open_checkpoint(put(tmp_path, to_bytes(weights)))


def test_the_command_for_an_unknown_architecture_works(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    network = torch.nn.Sequential(torch.nn.Conv2d(3, 12, 3, padding=1), torch.nn.PixelShuffle(2))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(EXPORT, {"torch": torch, "network": network})
    shape = ort_session.create(tmp_path / "NAME.onnx", ort_session.CPU).get_inputs()[0].shape
    assert shape[1] == 3
    assert not [side for side in shape[2:] if isinstance(side, int)]


def test_what_training_programs_keep_beside_weights(tmp_path):
    state = {
        "epoch": 3,
        "best": np.float64(32.1),
        "steps": np.int64(7),
        "curve": np.zeros(3, np.float32),
        "settings": argparse.Namespace(rate=1e-4),
        "state_dict": checkpoints.compact(),
    }
    for name in ("tiny.pth.tar", "tiny.PTH.TAR", "tiny.pkl"):
        found = open_checkpoint(put(tmp_path, to_bytes(state), name))
        assert found.convert().name == "tiny"


class Claimed:
    """Pickles as an array of a type that claims to hold no pointers, and of bytes that become one."""

    def __reduce__(self):
        scalar = np.float64(0).__reduce__()[0]
        kind = np.dtype([("pointer", object)])
        return scalar, (kind, b"A" * 8)


def test_what_is_kept_beside_weights_is_never_made(tmp_path):
    state = {
        "type": np.dtype("V8"),
        "array": np.zeros(3, object),
        "pointer": Claimed(),
        "settings": argparse.Namespace(rate=1e-4),
    }
    path = put(tmp_path, to_bytes(state | checkpoints.compact()))
    found = checkpoint._read_weights(path)
    assert {type(found[name]).__name__ for name in state} == {"LeftOut"}


@pytest.mark.parametrize("name", ["numpy.load", "codecs.open", "os.system", "builtins.eval"])
def test_nothing_else_may_be_named(name, tmp_path):
    module, word = name.split(".")
    hostile = f"c{module}\n{word}\n(Vx\ntR.".encode()
    with pytest.raises(DamagedModel, match="holds more than weights"):
        open_checkpoint(put(tmp_path, hostile, "tiny.pkl"))


def test_a_pickle_that_is_no_checkpoint(tmp_path):
    with pytest.raises(DamagedModel, match=r"tiny\.pkl"):
        open_checkpoint(put(tmp_path, pickle.dumps({"cache": [1, 2]}), "tiny.pkl"))


def test_weights_that_do_not_fit_their_architecture(tmp_path):
    weights = checkpoints.compact()
    weights["body.2.weight"] = torch.zeros(5, 7, 3, 3)
    with pytest.raises(DamagedModel, match="do not fit their architecture"):
        open_checkpoint(put(tmp_path, to_bytes(weights)))


def dncnn(channels, told, seed=0):
    """The weights of a DnCNN that is told a level as its last channel, or of one that isn't."""
    random = torch.Generator().manual_seed(seed)
    sides = [channels + told, *[8] * 7, channels]
    weights = {}
    for place, (taken, made) in enumerate(pairwise(sides)):
        weights[f"model.{2 * place}.weight"] = 0.2 * torch.randn(made, taken, 3, 3, generator=random)
        weights[f"model.{2 * place}.bias"] = torch.zeros(made)
    return weights


def test_a_network_that_is_told_a_level(tmp_path):
    path = put(tmp_path, to_bytes(dncnn(3, told=True)))
    usual, weak = open_checkpoint(path), open_checkpoint(path, level=0.5)
    assert (usual.level, weak.level) == (pytest.approx(15 / 255), 0.5)
    assert not np.allclose(usual.run(picture()), weak.run(picture()))
    exported = weak.convert()
    assert exported.architecture.endswith("told 0.5")
    session = ort_session.create_from_bytes(exported.model, ort_session.CPU, name="told")
    (found,) = ort_session.run(session, picture().transpose(2, 0, 1)[np.newaxis])
    np.testing.assert_allclose(found.transpose(1, 2, 0).clip(0, 1), weak.run(picture()), atol=1e-5)


def test_a_network_that_is_told_nothing(tmp_path):
    path = put(tmp_path, to_bytes(dncnn(1, told=False)))
    assert open_checkpoint(path).level is None
    with pytest.raises(UnsuitableModel, match="is told no level"):
        open_checkpoint(path, level=0.5)


class Named:
    name = "Example"


def descriptor(kind, **values):
    made = object.__new__(kind)
    made._architecture = Named()
    for name, value in {
        "_purpose": "SR",
        "scale": 4,
        "input_channels": 3,
        "output_channels": 3,
        **values,
    }.items():
        setattr(made, name, value)
    return made


@pytest.mark.parametrize(
    ("kind", "values", "reason"),
    [
        (MaskedImageModelDescriptor, {}, r"\(Example\) fills holes in pictures"),
        (ImageModelDescriptor, {"_purpose": "FaceSR"}, "draws faces"),
        (ImageModelDescriptor, {"input_channels": 4}, "takes 4 channels and gives 3"),
        (ImageModelDescriptor, {"input_channels": 4, "output_channels": 4}, "takes 4 channels and gives 4"),
    ],
)
def test_other_kinds_of_networks_are_refused(kind, values, reason, tmp_path, monkeypatch):
    monkeypatch.setattr(checkpoint, "_recognise", lambda *_: descriptor(kind, **values))
    with pytest.raises(UnsuitableModel, match=reason):
        open_checkpoint(put(tmp_path, to_bytes({"weight": torch.zeros(3)})))


class Pooled(torch.nn.Module):
    """What no exporter can trace for all sizes: pooling to a share of the size."""

    def forward(self, picture):
        half = torch.nn.functional.adaptive_max_pool2d(
            picture, (picture.shape[2] // 2, picture.shape[3] // 3)
        )
        return torch.nn.functional.interpolate(half, picture.shape[2:])


def test_a_network_that_can_not_be_exported_for_all_sizes(tmp_path, capfd):
    found = open_checkpoint(put(tmp_path, to_bytes(checkpoints.compact())))
    found._descriptor._model = Pooled()
    with pytest.raises(UnsuitableModel, match=r"PyTorch can't export .*tiny\.pth"):
        found.convert()
    assert capfd.readouterr() == ("", "")


def test_a_network_that_can_not_be_exported_at_all(tmp_path):
    found = open_checkpoint(put(tmp_path, to_bytes(checkpoints.compact())))
    found._descriptor._model = torch.nn.Bilinear(2, 2, 2)
    for export in (found.convert, found.convert_fixed):
        with pytest.raises(UnsuitableModel, match=r"PyTorch can't export .*tiny\.pth"):
            export()


def test_a_missing_file(tmp_path):
    with pytest.raises(UnknownModel, match="cannot read"):
        open_checkpoint(tmp_path / "none.pth")


@pytest.mark.parametrize("missing", PACKAGES)
def test_every_missing_package_is_named(missing, tmp_path, monkeypatch):
    monkeypatch.setattr(checkpoint, "find_spec", lambda name: None if name == missing else object())
    with pytest.raises(MissingExtra, match=missing) as caught:
        open_checkpoint(put(tmp_path, b""))
    assert caught.value.hint == "pip install '.[import]' in a copy of srcli's repository"


def test_libraries_that_do_not_fit_each_other(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "spandrel", None)
    monkeypatch.setattr(checkpoint, "find_spec", lambda _: object())
    with pytest.raises(MachineError, match="cannot load spandrel") as caught:
        open_checkpoint(put(tmp_path, b""))
    assert "spandrel" in caught.value.hint


def survive(content, path):
    path.write_bytes(content)
    with contextlib.suppress(SrcliError):
        open_checkpoint(path)


FEW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
SUFFIXES = st.sampled_from((".pth", ".safetensors"))


@FEW
@given(content=st.binary(max_size=300), suffix=SUFFIXES)
def test_any_bytes_are_survived(content, suffix, tmp_path):
    survive(content, tmp_path / f"any{suffix}")


@FEW
@given(data=st.data(), suffix=SUFFIXES)
def test_any_damage_is_survived(data, suffix, tmp_path):
    weights = checkpoints.compact(width=2, depth=1)
    content = bytearray(save(weights) if suffix == ".safetensors" else to_bytes(weights))
    # Half of the damage goes where names, shapes and sizes stand.
    reach = st.integers(0, min(len(content) - 1, data.draw(st.sampled_from((300, len(content))))))
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(reach)] = data.draw(st.integers(0, 255))
    survive(bytes(content[: data.draw(st.integers(0, len(content)))]), tmp_path / f"damaged{suffix}")
