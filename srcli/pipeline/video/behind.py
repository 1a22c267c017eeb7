"""Does work on things in a thread of its own, a few of them behind the thread that hands them over."""

from __future__ import annotations

from contextlib import contextmanager
from threading import Thread
from typing import TYPE_CHECKING, Generic, TypeVar

from srcli.upscaling.channel import Abandoned, Channel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_Item = TypeVar("_Item")


class WorkBehind(Generic[_Item]):
    """Takes things in a thread.

    Args:
        work: is given the things as they come, in the thread.
        room: how many may wait.
    """

    def __init__(self, work: Callable[[Iterator[_Item]], None], room: int = 2) -> None:
        self._channel: Channel[_Item] = Channel(room)
        self._work = work
        self._error: BaseException | None = None
        self._thread = Thread(target=self._run, name="encode")

    @contextmanager
    def sending(self) -> Iterator[Callable[[_Item], None]]:
        """Yield what hands a thing over, waiting until there is room; in the end all work is done.

        Raises:
            BaseException: what the work raised.
        """
        self._thread.start()
        try:
            with self._channel.sending() as send:
                yield send
        except Abandoned:
            # The thread failed, and tells why.
            pass
        finally:
            self._thread.join()
        if self._error is not None:
            raise self._error

    def _run(self) -> None:
        try:
            self._work(self._channel.receive())
        except Abandoned:
            pass
        except BaseException as error:
            # Raised again in the thread that hands things over.
            self._error = error
            self._channel.abandon()
