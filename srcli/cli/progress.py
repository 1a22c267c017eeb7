"""Progress bars, on a terminal only: one for files, one for the tiles or frames of long pictures."""

from __future__ import annotations

import contextlib
import sys
import time
from threading import RLock
from typing import TYPE_CHECKING, Any, TypeVar

from srcli.core.events import Events
from srcli.core.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import TracebackType
    from typing import Self

_Outcome = TypeVar("_Outcome", bound=Outcome)

LONG_PICTURE_S = 1.0


class Bars:
    """Two bars on stderr that keep out of each other's way and of printed lines."""

    def __init__(self, files: int, *, shown: bool, files_unit: str = "picture") -> None:
        self._shown = shown and sys.stderr.isatty()
        self._files: Any = None
        self._tiles: Any = None
        self._started_s = 0.0
        self._going: dict[str, tuple[str, int, int]] = {}
        # Re-entrant, since a signal may find the main thread inside.
        self._lock = RLock()
        if self._shown and files > 1:
            self._files = _bar(files, files_unit)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close_tiles()
        if self._files is not None:
            self._files.close()

    def progress(self, item: str, unit: str, done: int, total: int) -> None:
        """Show how far the pictures at hand are, together; what is done within a second shows no bar.

        Of several units of one picture, the one that is told first counts.
        """
        if not self._shown:
            return
        with self._lock:
            if not self._going:
                self._started_s = time.monotonic()
            if self._going.get(item, (unit,))[0] != unit:
                return
            self._going[item] = (unit, done, total)
            self._show(unit)
            if done >= total:
                self._end(item)

    def _show(self, unit: str) -> None:
        done = sum(each[1] for each in self._going.values())
        total = sum(each[2] for each in self._going.values())
        if self._tiles is not None:
            self._tiles.total = total
            self._tiles.update(done - self._tiles.n)
        elif time.monotonic() - self._started_s > LONG_PICTURE_S:
            self._tiles = _bar(total, unit, done=done, position=0 if self._files is None else 1)

    def _end(self, item: str) -> None:
        with self._lock:
            self._going.pop(item, None)
            if not self._going:
                self._close_tiles()

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """Take the bars off the screen while a line is printed."""
        if self._files is None and self._tiles is None:
            yield
            return
        from tqdm import tqdm

        with self._lock, tqdm.external_write_mode(file=sys.stderr):
            yield

    def file_done(self, item: str = "") -> None:
        """Count a picture."""
        self._end(item)
        if self._files is not None:
            self._files.update(1)

    def _close_tiles(self) -> None:
        if self._tiles is not None:
            self._tiles.close()
            self._tiles = None


class BarEvents(Events[_Outcome]):
    """Shows work that takes one item after the other on two bars.

    Args:
        items: how many there are.
        print_outcome: prints how an item ended; by default nothing is printed.
        unit: what the items are.
    """

    def __init__(
        self, items: int, print_outcome: Callable[[_Outcome], None] | None = None, *, unit: str = "picture"
    ) -> None:
        self._bars = Bars(items, shown=True, files_unit=unit)
        self._print = print_outcome
        self._item = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.__exit__(kind, error, trace)

    def started(self, item: str) -> None:
        """Take note of the item at hand."""
        self._item = item

    def progress(self, item: str, unit: str, done: int, total: int) -> None:
        """Move the bar of the item at hand."""
        self._bars.progress(item, unit, done, total)

    def finished(self, outcome: _Outcome) -> None:
        """Print how an item ended, and count it."""
        if self._print is not None:
            with self._bars.paused():
                self._print(outcome)
        self._bars.file_done(self._item)


def _bar(total: int, unit: str, *, done: int = 0, position: int = 0) -> Any:  # noqa: ANN401  untyped
    from tqdm import tqdm

    return tqdm(
        total=total,
        initial=done,
        unit=unit,
        position=position,
        leave=False,
        file=sys.stderr,
        dynamic_ncols=True,
    )
