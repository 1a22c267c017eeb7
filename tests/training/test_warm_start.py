from pathlib import Path

import pytest
import torch

from srcli.core.cancel import CancelToken
from srcli.core.errors import DamagedModel, TrainingError
from srcli.models.store import shipped_folder
from srcli.training.architectures import build_generator
from srcli.training.fitting import spread_tail, take_weights, widen
from srcli.training.onnx_file import write_onnx
from srcli.training.run import prepare, train
from srcli.training.warm_start import read_initialisers, start_from


def test_a_spread_tail_repeats_the_details_of_the_smaller_scale():
    tail = torch.arange(12.0).reshape(12, 1)
    spread = spread_tail(tail, 2, 4).reshape(3, 4, 4)
    assert spread[0].tolist() == [[0, 0, 1, 1], [0, 0, 1, 1], [2, 2, 3, 3], [2, 2, 3, 3]]


def test_a_tail_that_keeps_the_size_is_the_mean_of_sub_pixels():
    tail = torch.arange(12.0).reshape(12, 1)
    assert spread_tail(tail, 2, 1).flatten().tolist() == [1.5, 5.5, 9.5]


def test_weights_of_another_scale_fit(photographs):
    old, new = build_generator("fast", 2), build_generator("fast", 3)
    assert take_weights(new, old.state_dict()) == len(old.state_dict())
    assert torch.equal(new.trunk[0].first.weight, old.trunk[0].first.weight)


def test_weights_of_another_architecture_are_refused():
    with pytest.raises(TrainingError, match="0 of the 1 weights"):
        take_weights(build_generator("plain", 2), {"other": torch.zeros(1)})


@pytest.mark.parametrize("overparameterised", [False, True])
@pytest.mark.parametrize("name", ["fast", "plain"])
def test_an_exported_generator_is_a_starting_point(tmp_path, name, overparameterised):
    generator = build_generator(name, 2)
    with torch.no_grad():
        for parameter in generator.parameters():
            parameter += 0.01 * torch.randn_like(parameter)
    write_onnx(generator, tmp_path / "old.onnx")
    fresh = build_generator(name, 2, overparameterised=overparameterised)
    taken = take_weights(fresh, read_initialisers(tmp_path / "old.onnx"))
    assert taken == len(generator.state_dict())
    picture = torch.rand(1, 3, 8, 8)
    assert torch.allclose(fresh(picture), generator(picture), atol=1e-6)


@pytest.mark.parametrize("scale", [2, 4])
def test_an_installed_generator_is_a_starting_point_by_its_name(scale):
    generator = build_generator("fast", scale)
    history = start_from(Path("fast"), scale, generator)
    assert history.startswith(f"fast x{scale} after ")
    expected = read_initialisers(shipped_folder() / f"fast-x{scale}.onnx")
    assert torch.equal(generator.tail.weight, expected["tail.weight"])


def test_a_starting_point_that_is_nowhere_is_named():
    with pytest.raises(TrainingError, match="'nimble'") as caught:
        start_from(Path("nimble"), 2, build_generator("plain", 2))
    assert caught.value.hint == "srcli models list"


def test_a_wider_and_deeper_generator_starts_as_the_narrower_one():
    narrow, wide = build_generator("fast", 2), build_generator("balanced", 2)
    with torch.no_grad():
        for parameter in narrow.parameters():
            parameter += 0.02 * torch.randn_like(parameter)
    assert take_weights(wide, narrow.state_dict()) == len(narrow.state_dict())
    picture = torch.rand(1, 3, 9, 11)
    wider, narrower = wide(picture), narrow(picture)
    # The sixth block is near to nothing, not nothing, so that it can learn.
    assert torch.allclose(wider, narrower, atol=0.03)
    assert not torch.allclose(picture.repeat_interleave(2, 2).repeat_interleave(2, 3), narrower, atol=0.1)


def test_a_widened_layer_keeps_its_new_channels_and_shields_the_old_ones():
    old, fresh = torch.ones(2, 1, 3, 3), torch.full((3, 2, 3, 3), 5.0)
    wider = widen(old, fresh)
    assert wider[:2, :1].eq(1).all()
    assert wider[:2, 1:].eq(0).all()
    assert wider[2:].eq(5).all()
    assert widen(torch.ones(2), torch.full((3,), 5.0)).tolist() == [1, 1, 5]


def test_a_narrower_generator_takes_nothing_from_a_wider_one():
    with pytest.raises(TrainingError, match="0 of the 1 weights"):
        take_weights(build_generator("fast", 2), {"trunk.0.gate.bias": torch.zeros(48)})


def test_sub_pixels_of_another_enlarging_stage_are_not_taken_for_channels():
    old, new = build_generator("edsr", 2), build_generator("edsr", 3)
    before = new.upsample[0].weight.clone()
    take_weights(new, old.state_dict())
    assert torch.equal(new.upsample[0].weight, before)
    assert torch.equal(new.head.weight, old.head.weight)


def test_a_run_tells_what_it_started_from_and_what_that_had_started_from(tiny, tmp_path):
    first = train(tiny(run=tmp_path / "first", steps=2), print, CancelToken())
    second = train(tiny(run=tmp_path / "second", start_from=tmp_path / "first"), print, CancelToken())
    third = train(tiny(run=tmp_path / "third", start_from=tmp_path / "second"), print, CancelToken())
    assert first.started_from == ""
    assert second.started_from == "plain x2 after 2 steps"
    assert third.started_from == "plain x2 after 4 steps; plain x2 after 2 steps"
    # A resumed run remembers.
    assert prepare(tiny(run=tmp_path / "third")).trainer.started_from == third.started_from


def test_weights_without_a_card_are_called_by_their_file(tmp_path):
    generator = build_generator("plain", 2)
    write_onnx(generator, tmp_path / "unknown.onnx")
    assert start_from(tmp_path / "unknown.onnx", 2, build_generator("plain", 2)) == "unknown.onnx"


@pytest.mark.parametrize("content", [b"", b"junk", b"\x08\x0a\x3a"])
def test_a_broken_file_is_no_starting_point(tmp_path, content):
    (tmp_path / "broken.onnx").write_bytes(content)
    with pytest.raises(DamagedModel, match=r"broken\.onnx is not an ONNX file"):
        start_from(tmp_path / "broken.onnx", 2, build_generator("plain", 2))


def test_a_generator_of_another_kind_is_no_starting_point():
    with pytest.raises(TrainingError, match="of the starting point fit this architecture") as caught:
        take_weights(build_generator("fast", 2), build_generator("plain", 2).state_dict())
    assert "the same kind" in caught.value.hint


def test_a_folded_export_is_no_starting_point_for_batch_norm(tmp_path):
    write_onnx(build_generator("swish", 2), tmp_path / "folded.onnx")
    with pytest.raises(TrainingError, match="of the starting point fit this architecture"):
        start_from(tmp_path / "folded.onnx", 2, build_generator("swish", 2))
