"""Gives work to the workers of a cluster, as much as keeps them busy, and again what a lost one had.

A worker has one chunk of tasks under way and one waiting, so that it need not wait for the next. Chunks take
about ``CHUNK_S`` seconds by the pace that the worker has shown, and get smaller towards the end, so that all
end at about the same time.
"""

from __future__ import annotations

import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count, islice, takewhile
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Protocol

from srcli.core.cancel import CancelToken
from srcli.core.errors import InputError, MachineError
from srcli.pipeline.cluster.machines import Answered, Joined, Lost, Refused
from srcli.pipeline.cluster.orders import Unseen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from srcli.pipeline.cluster.machines import Cluster, Happening
    from srcli.pipeline.cluster.orders import Answer, Order

CHUNK_S = 4.0
MOST_IN_CHUNK = 32
MOST_CHUNK_BYTES = 2**26
"""A chunk of pictures that are sent as bytes has no more, unless one alone does."""
READY = 64
"""Tasks that are looked at ahead of their turn, for each worker."""
MOST_KILLS = 2
"""Workers that die over a task, which is alone with the last of them, before it is left alone."""
MOST_LOSSES = 6
"""Workers that are lost with a task for whatever reason; machines that die again and again are no chance."""
TICK_S, SHORT_TICK_S = 0.5, 0.02
"""How long it waits for happenings; shorter where tasks may be added meanwhile."""
TELL_AFTER_S, PATIENCE_S = 30.0, 600.0


class Task(Protocol):
    """Something that a worker is to do."""

    @property
    def name(self) -> str:
        """For messages."""

    @property
    def folder(self) -> Path:
        """Where its input lies; a machine sees all of it or nothing."""

    @property
    def goes_alone(self) -> bool:
        """Whether it is enough for a worker at a time."""

    def order(self, key: int, *, with_data: bool, again: bool) -> Order | None:
        """What to send; None where it turns out to be done.

        Args:
            key: names the answer.
            with_data: whether the machine does not see its input.
            again: whether a worker that is gone had it.

        Raises:
            SrcliError: it can't be done.
        """

    def take(self, answer: Answer) -> None:
        """It was done."""

    def fail(self, error: Exception) -> None:
        """It can't be done."""


@dataclass(slots=True, eq=False)
class _Waiting:
    """A task on its way.

    Attributes:
        task: the task.
        kills: workers that died over it, or over one of those that were with it, in words.
        losses: workers that were lost with it, for whatever reason.
    """

    task: Task
    kills: list[str] = field(default_factory=list)
    losses: int = 0


@dataclass(slots=True)
class _Hand:
    """A worker: its chunks of tasks that were not answered yet, by the keys of the orders."""

    machine: str
    chunks: deque[dict[int, _Waiting]] = field(default_factory=deque)
    sizes: deque[int] = field(default_factory=deque)
    began_s: float = 0.0
    pace_s: float | None = None

    @property
    def has_suspect(self) -> bool:
        return any(waiting.kills for chunk in self.chunks for waiting in chunk.values())


class Dispatcher:
    """Has tasks done by the workers of a cluster.

    Args:
        cluster: has the workers.
        tell: told of machines that come and go, in sentences.
        side_by_side: small pictures that a worker enlarges at a time.
    """

    def __init__(self, cluster: Cluster, tell: Callable[[str], None], *, side_by_side: int = 1) -> None:
        self._cluster = cluster
        self._tell = tell
        self._side_by_side = side_by_side
        self._keys = count()
        self._hands: dict[int, _Hand] = {}
        self._waiting: deque[_Waiting] = deque()
        self._suspects: deque[_Waiting] = deque()
        self._blind: set[tuple[str, Path]] = set()
        self._refused: list[Refused] = []
        self._tasks: Iterator[Task] = iter(())
        self._to_come = 0
        self._added: SimpleQueue[Task] = SimpleQueue()
        self._last_hand_s = time.monotonic()
        self._told_of_waiting = False

    def add(self, task: Task) -> None:
        """Have a task done ahead of those that wait; from any thread."""
        self._added.put(task)

    @property
    def workers(self) -> int:
        """How many there are now."""
        return len(self._hands)

    def run(
        self,
        tasks: Iterator[Task],
        most: int,
        cancel: CancelToken | None = None,
        more: Callable[[], bool] = lambda: False,
    ) -> None:
        """Have all tasks done, failed or found to be done.

        Args:
            tasks: taken a little ahead of their turn.
            most: how many there are at most.
            cancel: asks for the end.
            more: tells whether others may be added.

        Raises:
            MachineError: there is no machine that can do them, or none for too long.
            Cancelled: that was asked for.
        """
        cancel = cancel or CancelToken()
        self._tasks, self._to_come = tasks, most
        while True:
            cancel.check()
            others = more()
            self._take_added()
            self._look_ahead()
            self._hand_out()
            if not others and self._is_done():
                return
            for happening in self._cluster.happenings(SHORT_TICK_S if others else TICK_S):
                self._note(happening)
            self._check_hope()

    def _take_added(self) -> None:
        added = []
        with suppress(Empty):
            while True:
                added.append(_Waiting(self._added.get_nowait()))
        # Behind those that were added before, of which few wait.
        place = sum(1 for _ in takewhile(lambda waiting: waiting.task.goes_alone, self._waiting))
        for waiting in reversed(added):
            self._waiting.insert(place, waiting)

    def _is_done(self) -> bool:
        waits = self._waiting or self._suspects or self._to_come > 0
        return not waits and not any(hand.chunks for hand in self._hands.values())

    def _look_ahead(self) -> None:
        wanted = READY * max(1, len(self._hands)) - len(self._waiting)
        found = [_Waiting(task) for task in islice(self._tasks, max(0, wanted))]
        self._waiting.extend(found)
        self._to_come = 0 if len(found) < wanted else self._to_come - len(found)

    def _hand_out(self) -> None:
        for queued in (0, 1):
            for worker, hand in self._hands.items():
                while len(hand.chunks) == queued and self._may_take(hand):
                    if self._give(worker, hand, self._choose(hand)):
                        break

    def _may_take(self, hand: _Hand) -> bool:
        if not hand.chunks:
            return bool(self._waiting or self._suspects)
        # Workers come free for suspects, and nothing waits behind one; nor behind others towards the end.
        return len(self._waiting) > len(self._hands) and not self._suspects and not hand.has_suspect

    def _choose(self, hand: _Hand) -> list[_Waiting]:
        if self._suspects and not hand.chunks:
            return [self._suspects.popleft()]
        chosen = [self._waiting.popleft()]
        if not chosen[0].task.goes_alone:
            wanted = self._chunk(hand)
            while len(chosen) < wanted and self._waiting and not self._waiting[0].task.goes_alone:
                chosen.append(self._waiting.popleft())
        return chosen

    def _chunk(self, hand: _Hand) -> int:
        """How many tasks a worker is given at once."""
        width = self._side_by_side
        size = width if hand.pace_s is None else min(MOST_IN_CHUNK, int(CHUNK_S / max(hand.pace_s, 1e-3)))
        left = len(self._waiting) + max(0, self._to_come)
        share = -(-left // (2 * len(self._hands)))
        return max(1, min(size // width * width or size, share))

    def _give(self, worker: int, hand: _Hand, chosen: list[_Waiting]) -> bool:
        """Send tasks to a worker; False where none of them needs one."""
        orders: dict[int, Order] = {}
        chunk: dict[int, _Waiting] = {}
        sent_bytes = 0
        while chosen and sent_bytes < MOST_CHUNK_BYTES:
            waiting = chosen.pop(0)
            task, key = waiting.task, next(self._keys)
            try:
                order = task.order(
                    key, with_data=(hand.machine, task.folder) in self._blind, again=waiting.losses > 0
                )
            except Exception as error:
                task.fail(error)
                continue
            if order is not None:
                orders[key], chunk[key] = order, waiting
                sent_bytes += order.sent_bytes
        self._waiting.extendleft(reversed(chosen))
        if not orders:
            return False
        if not hand.chunks:
            hand.began_s = time.monotonic()
        hand.chunks.append(chunk)
        hand.sizes.append(len(chunk))
        self._cluster.send(worker, tuple(orders.values()))
        return True

    def _note(self, happening: Happening) -> None:
        match happening:
            case Joined(worker, machine):
                self._hands[worker] = _Hand(machine)
            case Refused(machine, failure):
                self._refused.append(happening)
                hint = f" ({failure.hint})" if failure.hint else ""
                self._tell(f"{machine} takes no part: {failure.message}{hint}")
            case Answered(worker, answers):
                for answer in answers:
                    self._answered(self._hands[worker], answer)
            case Lost():
                self._lost(happening)

    def _answered(self, hand: _Hand, answer: Answer) -> None:
        chunk = next(chunk for chunk in hand.chunks if answer.key in chunk)
        waiting = chunk.pop(answer.key)
        if isinstance(answer, Unseen):
            self._blind.add((hand.machine, waiting.task.folder))
            self._put_back([waiting])
        else:
            waiting.task.take(answer)
        if not hand.chunks[0]:
            hand.chunks.popleft()
            now_s = time.monotonic()
            hand.pace_s = (now_s - hand.began_s) / hand.sizes.popleft()
            hand.began_s = now_s

    def _lost(self, lost: Lost) -> None:
        hand = self._hands.pop(lost.worker)
        self._last_hand_s = time.monotonic()
        self._tell(f"a worker on {hand.machine} is lost: it {lost.how}")
        if not hand.chunks:
            return
        first, *others = hand.chunks
        for chunk in reversed(others):
            self._put_back(list(chunk.values()))
        for waiting in first.values():
            waiting.losses += 1
            if lost.by_itself:
                waiting.kills.append(f"on {hand.machine} it {lost.how}")
        self._put_back([waiting for waiting in first.values() if not self._give_up(waiting)])

    def _give_up(self, waiting: _Waiting) -> bool:
        """Leave a task alone that did too much harm."""
        task = waiting.task
        if len(waiting.kills) >= MOST_KILLS:
            error = InputError(
                f"{task.name} ended {MOST_KILLS} workers and is left alone: {'; '.join(waiting.kills)}",
                hint="srcli upscale, on this picture alone, may tell more",
            )
        elif waiting.losses >= MOST_LOSSES:
            error = InputError(f"{task.name} was lost with {waiting.losses} workers and is left alone")
        else:
            return False
        task.fail(error)
        return True

    def _put_back(self, tasks: list[_Waiting]) -> None:
        """Tasks to be done next, in their order; what may have killed a worker goes alone."""
        self._suspects.extend(waiting for waiting in tasks if waiting.kills)
        self._waiting.extendleft(waiting for waiting in reversed(tasks) if not waiting.kills)

    def _check_hope(self) -> None:
        if self._hands:
            self._last_hand_s, self._told_of_waiting = time.monotonic(), False
            return
        if self._refused and not self._cluster.starting:
            first = self._refused[0]
            raise first.failure.to_error(first.machine)
        waited_s = time.monotonic() - self._last_hand_s
        if waited_s > PATIENCE_S:
            raise MachineError(
                f"the cluster had no worker to offer for {PATIENCE_S / 60:.0f} minutes",
                hint="ray status tells what is free; with --resume the run goes on",
            )
        if waited_s > TELL_AFTER_S and not self._told_of_waiting:
            self._told_of_waiting = True
            self._tell("the cluster has no worker to offer yet, waiting for one")
