"""The one tree of errors that srcli raises on purpose.

    SrcliError
    ├── UsageError            2   the command line or an argument makes no sense
    ├── InputError            1   a picture can't be read
    ├── OutputError           1   a file can't be written
    ├── TrainingError         1   a training run can't start or go on
    ├── Cancelled           130   a program asked to stop
    ├── MachineError          3   the machine lacks something
    │   ├── DeviceUnavailable
    │   ├── MissingExtra
    │   └── OutOfMemory
    └── ModelError            4   a generator is unknown, damaged or unsuitable
        ├── UnknownModel
        ├── DamagedModel
        └── UnsuitableModel

The numbers are the exit codes of a command that ends with such an error. Everything else that escapes
is a bug.
"""

from __future__ import annotations

from typing import Any

EXIT_INTERNAL = 70
"""Exit code of a command that ended with a bug."""


class SrcliError(Exception):
    """An error that a person can act on.

    Args:
        message: one lower-case sentence that shows the value seen, without a full stop.
        hint: what to do about it, where possible the next command to type.
    """

    exit_code: int = 1

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __reduce__(self) -> tuple[Any, ...]:
        # By default the class would be called with the message alone, which not every class takes.
        return _rebuilt, (type(self), self.message, self.hint), self.__dict__ or None


class UsageError(SrcliError):
    """An argument or a combination of arguments makes no sense."""

    exit_code = 2


class InputError(SrcliError):
    """A picture can't be read: missing, damaged, not a picture, or of an unsupported kind."""


class OutputError(SrcliError):
    """A file can't be written: it exists already, the format or the disk refuses, or it falls short."""


class TrainingError(SrcliError):
    """A training run can't start or go on."""


class Cancelled(SrcliError):
    """The work was given up because its caller asked for that."""

    exit_code = 130


class MachineError(SrcliError):
    """The machine lacks what was asked for."""

    exit_code = 3


class DeviceUnavailable(MachineError):
    """The device asked for can't run the generator."""


class MissingExtra(MachineError):
    """An optional dependency is not installed."""

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(
            f"{what} needs the extra '{extra}'",
            hint=f"pip install '.[{extra}]' in a copy of srcli's repository",
        )


class OutOfMemory(MachineError):
    """There is not enough memory even for the smallest allowed tile."""


class ModelError(SrcliError):
    """A generator can't serve."""

    exit_code = 4


class UnknownModel(ModelError):
    """No generator of that name and scale is installed."""


class DamagedModel(ModelError):
    """The model file differs from the hash on its card, or can't be loaded."""


class UnsuitableModel(ModelError):
    """The model file loads, but is no picture-to-picture generator that srcli can drive."""


class SizesInside(UnsuitableModel):
    """The network has the size of its pictures written into its graph, other than in its declaration."""


def _rebuilt(kind: type[SrcliError], message: str, hint: str | None) -> SrcliError:
    """An error of a class as it came out of another process."""
    error = kind.__new__(kind)
    SrcliError.__init__(error, message, hint)
    return error
