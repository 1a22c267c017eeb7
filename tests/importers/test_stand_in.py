"""spandrel without a torchvision that fits."""

import importlib
import sys

import pytest

from srcli.importers import stand_in
from srcli.importers.stand_in import FUNCTIONAL, NAMES, torchvision_or_stand_in


@pytest.fixture
def _without_torchvision(monkeypatch):
    for name in [name for name in sys.modules if name.partition(".")[0] == "torchvision"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(stand_in, "_loads", lambda: False)


@pytest.mark.usefixtures("_without_torchvision")
def test_the_names_are_there_in_the_context_only():
    with torchvision_or_stand_in():
        functional = importlib.import_module(FUNCTIONAL)
        for name in NAMES:
            with pytest.raises(RuntimeError, match="torchvision is missing"):
                getattr(functional, name)(1, fill=0)
    assert not [name for name in sys.modules if name.startswith("torchvision")]


@pytest.mark.parametrize("error", [ImportError, RuntimeError, OSError, AttributeError])
def test_a_torchvision_that_fails_is_stood_in_for(error, monkeypatch):
    def fail(name):
        sys.modules["torchvision.left"] = sys
        raise error(name)

    monkeypatch.setattr(stand_in, "import_module", fail)
    with torchvision_or_stand_in():
        assert FUNCTIONAL in sys.modules
        assert "torchvision.left" not in sys.modules
    assert FUNCTIONAL not in sys.modules


def test_a_torchvision_that_fits_is_kept(monkeypatch):
    monkeypatch.setattr(stand_in, "import_module", lambda _: None)
    monkeypatch.setitem(sys.modules, "torchvision.kept", sys)
    with torchvision_or_stand_in():
        assert FUNCTIONAL not in sys.modules
    assert sys.modules["torchvision.kept"] is sys
