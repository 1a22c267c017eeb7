import math
from pathlib import Path

import pytest

from srcli.core.errors import TrainingError, UsageError
from srcli.training.config import AdversaryConfig
from srcli.training.toml_config import build_config, read_settings

QUICK = {"photographs": "photos", "run": "runs/a", "architecture": "fast", "scale": 2, "steps": 5}


def test_settings_of_a_file_become_a_typed_configuration(tmp_path):
    path = tmp_path / "a.toml"
    path.write_text(
        'photographs = "photos"\nrun = "runs/a"\narchitecture = "fast"\nscale = 2\nminutes = 10\ncrop = 64\n'
        '[losses]\nl1 = 1\nfft = 0.05\n[adversary]\nloss = "relativistic"\n'
    )
    config = build_config(read_settings(path))
    assert config.photographs == Path("photos")
    assert config.minutes == 10.0
    assert config.losses == {"l1": 1.0, "fft": 0.05}
    assert config.adversary == AdversaryConfig(loss="relativistic")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"sclae": 2}, "unknown key 'sclae'"),
        ({"adversary": {"weigth": 1.0}}, "unknown key 'weigth'"),
        ({"scale": "2"}, "'scale' is '2', which is no int"),
        ({"crop": True}, "'crop' is True"),
        ({"losses": {"l1": "much"}}, r"'losses\.l1' is 'much', which is no float"),
        ({"batch": 0}, "batches of 0"),
        ({"optimiser": "sgd"}, "unknown optimiser 'sgd'"),
        ({"precision": "fp8"}, "unknown precision 'fp8'"),
        ({"steps": 0}, "budget must be positive"),
        ({"steps": 10**12}, "'steps' is 1000000000000, which is not within 0 to 1e"),
        ({"learning_rate": math.nan}, "'learning_rate' is nan, which is not within 0 to 1"),
        ({"learning_rate": math.inf}, "'learning_rate' is inf, which is not within 0 to 1"),
        ({"muon_learning_rate": -1}, "'muon_learning_rate' is -1"),
        ({"losses": {"l1": math.nan}}, r"'losses\.l1' is nan, which is not within"),
        ({"adversary": {"weight": math.inf}}, r"'adversary\.weight' is inf, which is not within"),
        ({"clip_norm": 10**400}, r"'clip_norm' is 1000\d*\.\.\.\d*000, which is no float"),
        ({"epoch_steps": 0}, "'epoch_steps' is 0, which is not within 1 to"),
        ({"seed": -1}, "'seed' is -1, which is not within 0 to"),
        ({"threads": -3}, "'threads' is -3"),
        ({"device": "tpu"}, "unknown device 'tpu'"),
        ({"run": "a\0b"}, r"'run' is 'a\\x00b', which is no Path"),
        ({"\x1b]0;title\x07": 1}, r"unknown key '\\x1b\]0;title\\x07'"),
    ],
)
def test_what_makes_no_sense_is_a_usage_error_that_shows_the_value(change, words):
    with pytest.raises(UsageError, match=words):
        build_config({**QUICK, **change})


def test_a_missing_key_is_named():
    with pytest.raises(UsageError, match="lacks 'scale'"):
        build_config({name: value for name, value in QUICK.items() if name != "scale"})


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("scale = = 2", "is not TOML: "),
        ("steps = " + "[" * 7_000 + "]" * 7_000, "nested too deeply"),
        ("steps = " + "9" * 5000, "is not TOML: .*digits"),
        ("# " + "a" * 100_000, "more than 16 KiB"),
        ("a = '\udcff'", "is not TOML"),
        ("steps = 2 # \0", "is not TOML"),
        ("[a]\nb = 1\n[a]\nb = 2", "is not TOML"),
    ],
)
def test_a_file_that_is_no_toml_is_a_usage_error_that_names_it(content, words, tmp_path):
    (tmp_path / "odd.toml").write_text(content, "utf-8", "surrogateescape")
    with pytest.raises(UsageError, match=rf"odd\.toml .*{words}") as raised:
        read_settings(tmp_path / "odd.toml")
    assert len(raised.value.message) < 300
    assert raised.value.message.isprintable()


def test_a_file_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(TrainingError, match="cannot read"):
        read_settings(tmp_path / "a.toml")
