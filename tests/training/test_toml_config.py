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
    ],
)
def test_what_makes_no_sense_is_a_usage_error_that_shows_the_value(change, words):
    with pytest.raises(UsageError, match=words):
        build_config({**QUICK, **change})


def test_a_missing_key_is_named():
    with pytest.raises(UsageError, match="lacks 'scale'"):
        build_config({name: value for name, value in QUICK.items() if name != "scale"})


def test_a_file_that_is_no_toml_is_a_usage_error(tmp_path):
    (tmp_path / "a.toml").write_text("scale = = 2")
    with pytest.raises(UsageError, match="is not TOML"):
        read_settings(tmp_path / "a.toml")


def test_a_file_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(TrainingError, match="cannot read"):
        read_settings(tmp_path / "a.toml")
