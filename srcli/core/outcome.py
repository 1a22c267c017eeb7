"""How the work on one input ended, and the one rule that makes an exit code of many such ends."""

from __future__ import annotations

import dataclasses
import traceback
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from srcli.core.errors import EXIT_INTERNAL, OutOfMemory, SrcliError
from srcli.core.out_of_memory import ran_out_of_memory

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class Failure:
    """Why the work on an input failed.

    Attributes:
        message: one lower-case sentence.
        hint: what to do about it.
        exit_code: of a command that has nothing else to tell.
        traceback: of a bug in srcli; None for an error that a person can act on.
        kind: name of the error's class; reports leave it out.
    """

    message: str
    hint: str | None = None
    exit_code: int = 1
    traceback: str | None = None
    kind: str = field(default="", compare=False)

    @classmethod
    def of(cls, error: Exception, source: str) -> Failure:
        """Why an exception ended the work on an input.

        An error from outside srcli's tree is a bug, and the message says so; a lack of memory is none.

        Args:
            error: the exception.
            source: the name of the input.
        """
        if ran_out_of_memory(error) and not isinstance(error, SrcliError):
            error = OutOfMemory(f"there is not enough memory for {source}")
        if isinstance(error, SrcliError):
            return cls(error.message, error.hint, error.exit_code, kind=type(error).__name__)
        return cls(
            f"internal error: {type(error).__name__}: {error}",
            "this is a bug in srcli; run again with --debug and report the traceback",
            EXIT_INTERNAL,
            "".join(traceback.format_exception(error)),
            type(error).__name__,
        )

    def to_error(self, source: str) -> SrcliError:
        """An error where the input can't be done without; it begins with the input's name."""
        error = SrcliError(f"{source}: {self.message}", self.hint)
        error.exit_code = self.exit_code
        return error


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The base of all reports on one input: ``failure`` is None where the work was done."""

    failure: Failure | None = None

    @property
    def error(self) -> str | None:
        """Why it failed."""
        return self.failure.message if self.failure else None

    @property
    def exit_code(self) -> int:
        """The code that it alone would give; 0 where it was done."""
        return self.failure.exit_code if self.failure else 0

    def failure_to_json(self) -> dict[str, Any]:
        """The failure as the JSON fields of every report: error, hint, exit_code, traceback."""
        failure = self.failure or Failure("", exit_code=0)
        values = dataclasses.asdict(failure)
        del values["message"], values["kind"]
        return {"error": self.error, **values}

    def to_json(self) -> dict[str, Any]:
        """All fields as JSON-ready values, those of the failure last."""
        values = dataclasses.asdict(self)
        del values["failure"]
        return values | self.failure_to_json()


def exit_code_of(codes: Iterable[int]) -> int:
    """The exit code of a run, done or planned, over several inputs.

    0 where nothing failed; where everything failed for one kind of reason, that reason's; else 1. A bug
    outranks the rest.

    Args:
        codes: of all inputs, 0 for those that did not fail.
    """
    kinds = set(codes)
    if EXIT_INTERNAL in kinds:
        return EXIT_INTERNAL
    if len(kinds) == 1:
        return kinds.pop()
    return 1 if kinds else 0
