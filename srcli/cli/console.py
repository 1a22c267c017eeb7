"""A console that no file name, card or library can steer the terminal through."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.segment import Segment

from srcli.core.names import escaped

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import ConsoleOptions, RenderableType


class SafeConsole(Console):
    """Shows text as it stands: control characters escaped, and ``:smile:`` left alone."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401  as rich declares them
        super().__init__(highlight=False, emoji=False, **options)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Every piece of text comes through here, last of all, whatever it is a part of."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(escaped(segment.text, keep="\n"), segment.style)

    def on_broken_pipe(self) -> None:
        """Leave it to the caller: rich would end the process."""
        raise
