"""Training configurations as TOML files."""

from __future__ import annotations

import dataclasses
import reprlib
import tomllib
import types
import typing
from pathlib import Path
from typing import Any

from srcli.core.errors import TrainingError, UsageError
from srcli.core.names import printable
from srcli.core.pipes import open_to_read
from srcli.training.config import MOST_OF_ALL, AdversaryConfig, TrainingConfig

LARGEST_BYTES = 2**14
"""The largest file of settings: all of them, with comments, are some kilobytes. Python's reader takes time by
the square of what is nested: 64 KiB of nothing but ``a.a.a`` take 18 seconds, 16 KiB one."""


def read_settings(path: Path) -> dict[str, Any]:
    """The keys and values of a TOML file, unchecked.

    Raises:
        InputError: it is a pipe that nobody writes into.
        TrainingError: the file can't be read.
        UsageError: it isn't TOML, or too large for settings.
    """
    name = printable(path)
    try:
        with open_to_read(path) as file:
            content = file.read(LARGEST_BYTES + 1)
    except OSError as error:
        raise TrainingError(f"cannot read {name}: {error.strerror}") from error
    if len(content) > LARGEST_BYTES:
        raise UsageError(f"{name} has more than 16 KiB: these are no settings of a training")
    try:
        return tomllib.loads(content.decode("utf-8"))
    except RecursionError as error:
        raise UsageError(f"{name} is not TOML that can be read: it is nested too deeply") from error
    except ValueError as error:
        # Beside what is no TOML or no text: a number of more digits than Python turns into an integer.
        raise UsageError(f"{name} is not TOML: {error}") from error


def build_config(settings: dict[str, Any]) -> TrainingConfig:
    """A checked configuration from keys named as the fields of ``TrainingConfig``; paths are text.

    Raises:
        UsageError: a key is unknown or missing, or a value has the wrong type or makes no sense.
    """
    values = dict(settings)
    if isinstance(values.get("adversary"), dict):
        values["adversary"] = AdversaryConfig(**_checked(AdversaryConfig, values["adversary"]))
    return TrainingConfig(**_checked(TrainingConfig, values))


def _checked(kind: type[Any], settings: dict[str, Any]) -> dict[str, Any]:
    hints = typing.get_type_hints(kind)
    unknown = sorted(set(settings) - set(hints))
    if unknown:
        raise UsageError(f"unknown key '{printable(unknown[0])}'", hint=f"known: {', '.join(hints)}")
    missing = [field.name for field in dataclasses.fields(kind) if _is_missing(field, settings)]
    if missing:
        raise UsageError(f"the configuration lacks '{missing[0]}'")
    return {key: _converted(key, value, hints[key]) for key, value in settings.items()}


def _is_missing(field: dataclasses.Field[Any], settings: dict[str, Any]) -> bool:
    required = field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
    return required and field.name not in settings


def _converted(key: str, value: Any, hint: Any) -> Any:  # noqa: ANN401  the values of a TOML file
    """The value as the field's type: text becomes a path, a whole number may stand for a real one."""
    accepted = _kinds(hint)
    if Path in accepted and isinstance(value, str) and "\0" not in value:
        return Path(value)
    if float in accepted and type(value) is int and abs(value) <= MOST_OF_ALL:
        return float(value)
    if typing.get_origin(hint) is dict and isinstance(value, dict):
        return {name: _converted(f"{key}.{name}", weight, float) for name, weight in value.items()}
    if not any(
        type(value) is kind or (kind in (Path, AdversaryConfig) and isinstance(value, kind))
        for kind in accepted
    ):
        names = " or ".join(kind.__name__ for kind in accepted if kind is not types.NoneType)
        raise UsageError(f"'{printable(key)}' is {reprlib.repr(value)}, which is no {names}")
    return value


def _kinds(hint: Any) -> tuple[type[Any], ...]:  # noqa: ANN401  any annotation
    parts = typing.get_args(hint) if isinstance(hint, types.UnionType) else (hint,)
    return tuple(typing.get_origin(part) or part for part in parts)
