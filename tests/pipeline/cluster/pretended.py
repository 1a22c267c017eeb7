"""A cluster without Ray: stations in this process, which do their work when it is asked what happened."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from srcli.pipeline.cluster.commission import commission_of, planning_pool
from srcli.pipeline.cluster.machines import Answered, Joined, Lost
from srcli.pipeline.cluster.orders import ParcelOrder, PictureOrder, RowOrder
from srcli.pipeline.cluster.run import ClusterRun
from srcli.pipeline.cluster.shipping import content_of, to_ship
from srcli.pipeline.cluster.station import Station
from srcli.upscaling.run import prepare_run

if TYPE_CHECKING:
    from collections.abc import Callable

NOWHERE = Path("/nowhere")


@dataclass
class Machine:
    """One machine with one worker at a time.

    Attributes:
        name: of the machine.
        blind: whether it sees none of the files.
        writes_elsewhere: whether it sees the inputs, and not where outputs go.
        joins_after: answers of others after which it joins.
    """

    name: str
    blind: bool = False
    writes_elsewhere: bool = False
    joins_after: int = 0

    def seen(self, order):
        if not isinstance(order, PictureOrder):
            return order
        if self.blind:
            order = replace(order, source=NOWHERE / order.source.name)
        if (self.blind or self.writes_elsewhere) and order.place is not None:
            order = replace(order, place=replace(order.place, mark=NOWHERE / "mark"))
        return order


TWO = (Machine("anna"), Machine("bert"))


@dataclass
class Worker:
    machine: Machine
    station: Station
    chunks: deque = field(default_factory=deque)


class PretendedCluster:
    """See ``srcli.pipeline.cluster.machines.Cluster``.

    Args:
        commission: what is to be done.
        machines: what there is.
        killer: tells of the name of a picture whether enlarging it ends the worker.
        loses: names of pictures with which a machine is lost, once each, before it is enlarged.
        loses_after: the same, once it is enlarged, and before that is told.
    """

    def __init__(
        self,
        commission,
        machines=TWO,
        *,
        killer: Callable[[str], bool] = lambda name: False,
        loses=(),
        loses_after=(),
    ):
        self._setup = commission.setup("cpu")
        self._contents = [content_of(model, shipped) for shipped, model in to_ship(commission.pool)]
        self._to_join = list(machines)
        self._size = len(self._to_join)
        self._workers: dict[int, Worker] = {}
        self._killer = killer
        self._loses = set(loses)
        self._loses_after = set(loses_after)
        self._answers = 0
        self.sent: list[tuple[str, list]] = []
        self.most_chunks = 0
        self.closed = False

    starting = 0

    @property
    def size(self):
        return self._size

    def send(self, worker, orders):
        known = self._workers[worker]
        known.chunks.append(list(orders))
        self.sent.append((known.machine.name, list(orders)))
        self.most_chunks = max(self.most_chunks, len(known.chunks))

    def happenings(self, limit_s):
        for machine in [each for each in self._to_join if each.joins_after <= self._answers]:
            self._to_join.remove(machine)
            yield self._join(machine)
        busy = [(number, worker) for number, worker in self._workers.items() if worker.chunks]
        if not busy:
            # As long as others think.
            time.sleep(0.002)
        for number, worker in busy:
            yield from self._work(number, worker)

    def close(self):
        self.closed = True

    def _join(self, machine):
        number = len(self.sent) * 1000 + len(self._workers)
        self._workers[number] = Worker(machine, Station(self._setup, self._contents.__getitem__))
        return Joined(number, machine.name)

    def _work(self, number, worker):
        orders = worker.chunks[0]
        for order in orders:
            name = name_of(order)
            if self._killer(name):
                yield self._lose(number, by_itself=True)
                yield self._join(worker.machine)
                return
            if name in self._loses:
                self._loses.remove(name)
                yield self._lose(number, by_itself=False)
                return
            for answers in worker.station.work([worker.machine.seen(order)]):
                if name in self._loses_after:
                    self._loses_after.remove(name)
                    yield self._lose(number, by_itself=False)
                    return
                self._answers += len(answers)
                yield Answered(number, answers)
        worker.chunks.popleft()

    def _lose(self, number, *, by_itself):
        del self._workers[number]
        return Lost(number, "ended unexpectedly" if by_itself else "can't be reached any more", by_itself)


def name_of(order):
    """Of the input, or the number of a row of windows."""
    if isinstance(order, RowOrder):
        return f"row {order.part.index}"
    return Path(order.parcel.name if isinstance(order, ParcelOrder) else order.name).name


def cluster_run(inputs, output, settings, *, recursive=False, streams=None, **pretended):
    """A run over a pretended cluster, and how to get at that, and what was told aside."""
    run = prepare_run(
        [str(each) for each in inputs],
        output,
        settings,
        recursive=recursive,
        streams=streams,
        pool=planning_pool(settings),
    )
    made, told = [], []

    def connect():
        made.append(PretendedCluster(commission_of(run), **pretended))
        return made[0]

    return ClusterRun(run, connect, told.append), made, told
