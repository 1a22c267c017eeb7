"""Hands things from one thread to another, a few at a time, and ends both when either fails."""

from __future__ import annotations

from collections import deque
from contextlib import contextmanager
from threading import Condition, Thread
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from srcli.core.cancel import CancelToken

_Item = TypeVar("_Item")


class Abandoned(Exception):
    """The thread at the other end gave up. Not an error of its own: the other end knows the reason."""


class Channel(Generic[_Item]):
    """A short queue between a sender and a receiver.

    Args:
        room: nothing more is sent while things of this weight wait; None for any weight.
        weigh: the weight of a thing; each weighs one by default.
        cancel: looked at whenever a thing is sent or received.
    """

    def __init__(
        self,
        room: int | None = 1,
        weigh: Callable[[_Item], int] = lambda _: 1,
        cancel: CancelToken | None = None,
    ) -> None:
        self.room = room
        self._weigh = weigh
        self._check = cancel.check if cancel else _go_on
        self._items: deque[_Item] = deque()
        self._changed = Condition()
        self._finished = False
        self._abandoned = False

    @contextmanager
    def sending(self) -> Iterator[Callable[[_Item], None]]:
        """Yield what sends a thing, waiting until there is room; the end of the block ends the channel.

        Raises:
            Abandoned: when sending, the receiver gave up.
            Cancelled: when sending, that was asked for.
        """
        try:
            yield self._put
        except BaseException:
            self.abandon()
            raise
        with self._changed:
            self._finished = True
            self._changed.notify_all()

    def receive(self) -> Iterator[_Item]:
        """Things as they come, until the sender ends.

        Raises:
            Abandoned: the sender gave up.
            Cancelled: that was asked for.
        """
        try:
            while (item := self._take()) is not None:
                yield item
                # Not held while the next is waited for.
                del item
        finally:
            self.abandon()

    def stop_sending(self) -> None:
        """Give up unless all was sent; what waits to be received then goes on waiting."""
        with self._changed:
            if self._finished:
                return
        self.abandon()

    def abandon(self) -> None:
        """Give up, at either end; nothing happens where all was sent and received."""
        with self._changed:
            self._abandoned = not self._finished or bool(self._items)
            self._items.clear()
            self._changed.notify_all()

    def _put(self, item: _Item) -> None:
        self._check()
        with self._changed:
            self._changed.wait_for(lambda: self._abandoned or self._has_room())
            if self._abandoned:
                raise Abandoned
            self._items.append(item)
            self._changed.notify_all()

    def _has_room(self) -> bool:
        return self.room is None or sum(map(self._weigh, self._items)) < self.room

    def _take(self) -> _Item | None:
        self._check()
        with self._changed:
            self._changed.wait_for(lambda: self._items or self._finished or self._abandoned)
            if self._abandoned:
                raise Abandoned
            item = self._items.popleft() if self._items else None
            self._changed.notify_all()
            return item


def _go_on() -> None:
    """Nobody cancels."""


class ReadAhead(Generic[_Item]):
    """Reads ahead in a thread, by a few things, so that who takes them rarely waits.

    Args:
        things: what is read.
        room: how many may lie ready.
    """

    def __init__(self, things: Iterator[_Item], room: int = 2) -> None:
        self._channel: Channel[_Item] = Channel(room)
        self._error: BaseException | None = None
        self._thread = Thread(target=self._run, args=(things,), name="read")

    def items(self) -> Iterator[_Item]:
        """The things; their errors are raised here."""
        self._thread.start()
        try:
            yield from self._channel.receive()
        except Abandoned:
            self._thread.join()
            if self._error is not None:
                raise self._error from None
            raise
        finally:
            self.close()

    def close(self) -> None:
        """End the thread; what it had read is dropped."""
        self._channel.abandon()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self, things: Iterator[_Item]) -> None:
        try:
            with self._channel.sending() as send:
                for thing in things:
                    send(thing)
        except Abandoned:
            pass
        except BaseException as error:
            # Raised again in the thread that takes the things.
            self._error = error
