"""Training configurations as TOML files."""

from __future__ import annotations

import dataclasses
import tomllib
import types
import typing
from pathlib import Path
from typing import Any

from srcli.core.errors import TrainingError, UsageError
from srcli.training.config import AdversaryConfig, TrainingConfig


def read_settings(path: Path) -> dict[str, Any]:
    """The keys and values of a TOML file, unchecked.

    Raises:
        TrainingError: the file can't be read.
        UsageError: it isn't TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise TrainingError(f"cannot read {path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is not TOML: {error}") from error


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
        raise UsageError(f"unknown key '{unknown[0]}'", hint=f"known: {', '.join(hints)}")
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
    if Path in accepted and isinstance(value, str):
        return Path(value)
    if float in accepted and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if typing.get_origin(hint) is dict and isinstance(value, dict):
        return {name: _converted(f"{key}.{name}", weight, float) for name, weight in value.items()}
    if not any(
        type(value) is kind or (kind in (Path, AdversaryConfig) and isinstance(value, kind))
        for kind in accepted
    ):
        names = " or ".join(kind.__name__ for kind in accepted if kind is not types.NoneType)
        raise UsageError(f"'{key}' is {value!r}, which is no {names}")
    return value


def _kinds(hint: Any) -> tuple[type[Any], ...]:  # noqa: ANN401  any annotation
    parts = typing.get_args(hint) if isinstance(hint, types.UnionType) else (hint,)
    return tuple(typing.get_origin(part) or part for part in parts)
