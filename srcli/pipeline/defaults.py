"""Defaults of a person's own: from a file, and from variables of the environment, which go first."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_config_path

from srcli.core.errors import UsageError
from srcli.core.names import printable

FILE_VARIABLE = "SRCLI_CONFIG"
VARIABLES = {
    "model": "SRCLI_MODEL",
    "format": "SRCLI_FORMAT",
    "quality": "SRCLI_QUALITY",
    "device": "SRCLI_DEVICE",
}
"""The options that may have a default of one's own, and their variables."""
_TYPES = {"quality": int}


@dataclass(frozen=True, slots=True)
class Default:
    """The value that an option has where the command line says nothing, and where it comes from."""

    option: str
    value: str
    origin: str


def defaults_file() -> Path:
    """The file of defaults; it need not exist. ``SRCLI_CONFIG`` names it."""
    chosen = os.environ.get(FILE_VARIABLE)
    return Path(chosen) if chosen else user_config_path("srcli", appauthor=False) / "config.toml"


def read_defaults() -> dict[str, str | int]:
    """What the file sets; nothing where there is none.

    Raises:
        UsageError: it can't be read, or sets what can't be set.
    """
    file = defaults_file()
    name = printable(file)
    try:
        settings = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        if os.environ.get(FILE_VARIABLE):
            raise UsageError(f"{FILE_VARIABLE} names {name}, which is not there") from error
        return {}
    except (OSError, ValueError) as error:
        raise UsageError(
            f"cannot read {name}: {error}", hint='it has lines such as model = "photo"'
        ) from error
    for option, value in settings.items():
        if option not in VARIABLES:
            known = ", ".join(VARIABLES)
            raise UsageError(
                f"{name} sets {option!r}, which is no default of srcli", hint=f"it may set {known}"
            )
        if not isinstance(value, _TYPES.get(option, str)) or isinstance(value, bool):
            kind = "a whole number" if option in _TYPES else "a text in quotes"
            raise UsageError(f"{name} sets {option} to {value!r}", hint=f"{option} is {kind}")
    return settings


def describe_defaults() -> list[Default]:
    """The defaults that are set, and by what.

    Raises:
        UsageError: the file can't be read, or sets what can't be set.
    """
    settings = read_defaults()
    found = []
    for option, variable in VARIABLES.items():
        if os.environ.get(variable):
            found.append(Default(option, os.environ[variable], variable))
        elif option in settings:
            found.append(Default(option, str(settings[option]), printable(defaults_file())))
    return found
