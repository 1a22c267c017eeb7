"""A queue in which clients take turns, so that one who sends a hundred pictures does not hold up another."""

from __future__ import annotations

from collections import OrderedDict, deque
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator

_Item = TypeVar("_Item")


class Turns(Generic[_Item]):
    """Items of several clients. The client whose turn it is gives its oldest item, then goes to the end."""

    def __init__(self) -> None:
        self._waiting: OrderedDict[str, deque[_Item]] = OrderedDict()

    def __len__(self) -> int:
        return sum(map(len, self._waiting.values()))

    def __iter__(self) -> Iterator[_Item]:
        """All items in the order in which they will be taken, if none comes."""
        lines = [deque(items) for items in self._waiting.values()]
        while lines:
            for line in lines:
                yield line.popleft()
            lines = [line for line in lines if line]

    def count(self, client: str) -> int:
        """Items of a client."""
        return len(self._waiting.get(client, ()))

    def add(self, client: str, item: _Item) -> None:
        """Put an item behind the client's others; a client that had none is the last in turn."""
        self._waiting.setdefault(client, deque()).append(item)

    def put_back(self, client: str, item: _Item) -> None:
        """Put an item that was taken before all others."""
        self._waiting.setdefault(client, deque()).appendleft(item)
        self._waiting.move_to_end(client, last=False)

    def take(self) -> _Item | None:
        """The next item; None where there is none."""
        if not self._waiting:
            return None
        client, items = self._waiting.popitem(last=False)
        item = items.popleft()
        if items:
            self._waiting[client] = items
        return item

    def first(self) -> _Item | None:
        """The item that would be taken next."""
        return next(iter(self), None)

    def remove(self, client: str, item: _Item) -> bool:
        """Take an item out; False where it does not wait."""
        items = self._waiting.get(client)
        if items is None or item not in items:
            return False
        items.remove(item)
        if not items:
            del self._waiting[client]
        return True
