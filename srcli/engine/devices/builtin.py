"""Kinds of devices whose provider is built into the onnxruntime wheel of a platform."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, ClassVar

from srcli.engine.devices.kind import Kind, Opening, Problem
from srcli.engine.runtimes.onnxruntime_session import open_on, version
from srcli.engine.runtimes.runtime import onnxruntime

if TYPE_CHECKING:
    from srcli.engine.runtimes.runtime import NativeSession


class BuiltInKind(Kind):
    """What a platform's own wheel brings.

    Attributes:
        platform: the only ``sys.platform`` that has it.
        system: that platform's name.
    """

    platform: ClassVar[str]
    system: ClassVar[str]

    def options(self, opening: Opening) -> dict[str, str]:
        """Options of the provider."""
        return {}

    def problem(self, part: str) -> Problem | None:
        """The platform, or the wheel, has none."""
        if sys.platform != self.platform:
            return Problem(f"only {self.system} has it", "--device auto")
        if self.provider in onnxruntime().get_available_providers():
            return None
        return Problem(f"{version()} was built without it", self.install)

    def version(self) -> str:
        """The wheel's."""
        return version()

    def open(self, opening: Opening) -> NativeSession:
        """A session on the provider alone."""
        return open_on([(self.provider, self.options(opening))], opening)
