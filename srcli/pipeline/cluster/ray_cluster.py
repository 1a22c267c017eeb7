"""A Ray cluster as a run sees it; Ray is loaded here only.

Each machine has as many workers as its processors, or its GPUs, are worth, and they stay there: Ray is asked
for an actor on that very machine. Machines that join get theirs within a second or two.
"""

from __future__ import annotations

import contextlib
import logging
import os
import pickle
import signal
import socket
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from srcli.core.errors import MachineError, MissingExtra, SrcliError
from srcli.core.outcome import Failure
from srcli.core.version import __version__
from srcli.pipeline.cluster.machines import Answered, Joined, Lost, Refused
from srcli.pipeline.cluster.orders import Greeting
from srcli.pipeline.cluster.shares import Share, needs_gpu
from srcli.pipeline.cluster.shipping import content_of, to_ship

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from srcli.pipeline.cluster.commission import Commission
    from srcli.pipeline.cluster.machines import Happening
    from srcli.pipeline.cluster.orders import Answer, Order
    from srcli.pipeline.cluster.shares import Shares
    from srcli.pipeline.cluster.station import Station

MOST_UNREAD = 4
"""Answers of a worker that wait here to be taken; it goes on when there are fewer."""
LOOK_S = 1.0
"""Between two looks at the machines of the cluster."""
REACH_S = 10.0
FAREWELL_S = 1.5
"""How long workers may take to end what they have under way; the command line allows three seconds in all."""
MOST_FALSE_STARTS = 3
"""Workers of a machine that are lost before they are ready; then it is left alone."""


class StationActor:
    """A station in a process of Ray's."""

    def __init__(self) -> None:
        self._station: Station | None = None

    def start(self, version: str, setup: bytes, threads: int, contents: Sequence[Any]) -> Greeting:
        """Get ready.

        Args:
            version: of srcli where the command was given.
            setup: a pickled ``Setup``, which only the same version can read.
            threads: of this worker.
            contents: references to the files of the generators.
        """
        machine = socket.gethostname()
        if version != __version__:
            problem = Failure(
                f"it has srcli {__version__}, and the command was given to srcli {version}",
                "install the same version on all machines",
                MachineError.exit_code,
            )
            return Greeting(machine, problem)
        try:
            self._station = _open_station(setup, threads, contents)
        except SrcliError as error:
            return Greeting(machine, Failure.of(error, machine))
        return Greeting(machine)

    def work(self, orders: Sequence[Order]) -> Iterator[list[Answer]]:
        """See :class:`~srcli.pipeline.cluster.station.Station`."""
        assert self._station is not None, "it is started before it gets work"
        yield from self._station.work(orders)

    def stop(self) -> None:
        """See :class:`~srcli.pipeline.cluster.station.Station`."""
        if self._station is not None:
            self._station.stop()


def _open_station(setup: bytes, threads: int, contents: Sequence[Any]) -> Station:
    import ray

    from srcli.pipeline.cluster.station import Station

    told = pickle.loads(setup)
    options = replace(told.settings.options, threads=threads)
    told = replace(told, settings=replace(told.settings, options=options))

    def content(number: int) -> Mapping[str, bytes]:
        found: Mapping[str, bytes] = ray.get(contents[number])
        return found

    return Station(told, content)


@dataclass(slots=True)
class _Worker:
    """A worker, ready or not, and what it was asked that is not answered to the end."""

    actor: Any
    node: str
    address: str
    machine: str
    streams: list[Any]
    is_ready: bool = False


class RayCluster:
    """The workers of one run; see :class:`~srcli.pipeline.cluster.machines.Cluster`.

    Args:
        address: ``auto`` or ``HOST:PORT``.
        commission: what is to be done.
        shares: what a worker gets of a machine.

    Raises:
        MissingExtra: Ray is not installed.
        MachineError: there is no such cluster.
        DamagedModel: a generator is not what its card says.
    """

    def __init__(self, address: str, commission: Commission, shares: Shares) -> None:
        self._ray = _connect(address)
        try:
            self._begin(commission, shares)
        except BaseException:
            self._ray.shutdown()
            raise

    def _begin(self, commission: Commission, shares: Shares) -> None:
        ray = self._ray
        machines = [machine["Resources"] for machine in ray.nodes() if machine["Alive"]]
        requested = commission.settings.device
        self._shares = replace(shares, on_gpu=needs_gpu(requested, machines))
        self._found = [self._shares.of(each).workers for each in machines]
        self._setup = pickle.dumps(commission.setup(self._shares.device(requested)))
        # Each is kept by the cluster, and comes to a machine that asks for it once.
        self._contents = [ray.put(content_of(model, shipped)) for shipped, model in to_ship(commission.pool)]
        self._class = ray.remote(concurrency_groups={"control": 1})(StationActor)
        self._workers: dict[int, _Worker] = {}
        self._waiting: dict[Any, int] = {}
        self._known: set[str] = set()
        self._false_starts: dict[str, int] = {}
        self._looked_s = 0.0
        self._count = 0

    @property
    def words(self) -> str:
        """What was found, for a person."""
        what = "GPUs" if self._shares.on_gpu else "processors"
        used = sum(count > 0 for count in self._found)
        return f"cluster: {self.size} workers on the {what} of {used} machines"

    @property
    def size(self) -> int:
        """See :class:`~srcli.pipeline.cluster.machines.Cluster`."""
        return sum(self._found)

    @property
    def starting(self) -> int:
        """See :class:`~srcli.pipeline.cluster.machines.Cluster`."""
        return sum(not worker.is_ready for worker in self._workers.values())

    def send(self, worker: int, orders: Sequence[Order]) -> None:
        """See :class:`~srcli.pipeline.cluster.machines.Cluster`."""
        known = self._workers[worker]
        options = {"num_returns": "streaming", "_generator_backpressure_num_objects": MOST_UNREAD}
        stream = known.actor.work.options(**options).remote(orders)
        known.streams.append(stream)
        self._waiting[stream] = worker

    def happenings(self, limit_s: float) -> Iterable[Happening]:
        """See :class:`~srcli.pipeline.cluster.machines.Cluster`."""
        if time.monotonic() - self._looked_s > LOOK_S:
            self._look_for_machines()
        if not self._waiting:
            time.sleep(limit_s)
            return
        waiting = list(self._waiting)
        ready, _ = self._ray.wait(waiting, num_returns=1, timeout=limit_s)
        if ready:
            ready, _ = self._ray.wait(waiting, num_returns=len(waiting), timeout=0)
        for each in ready:
            # A worker that was lost over another of these has none any more.
            if each in self._waiting:
                yield from self._look_at(each, self._waiting[each])

    def close(self) -> None:
        """See :class:`~srcli.pipeline.cluster.machines.Cluster`."""
        with contextlib.suppress(Exception):
            self._stop_work()
            for worker in self._workers.values():
                self._ray.kill(worker.actor)
        self._ray.shutdown()

    def _stop_work(self) -> None:
        busy = [worker for worker in self._workers.values() if worker.streams]
        for worker in busy:
            worker.actor.stop.options(concurrency_group="control").remote()
        ends = [stream.completed() for worker in busy for stream in worker.streams]
        if ends:
            self._ray.wait(ends, num_returns=len(ends), timeout=FAREWELL_S, fetch_local=False)

    def _look_at(self, ready: Any, worker: int) -> Iterator[Happening]:  # noqa: ANN401  Ray has no types
        try:
            if ready in self._workers[worker].streams:
                yield from self._take(ready, worker)
            else:
                del self._waiting[ready]
                yield from self._greet(self._ray.get(ready), worker)
        except self._ray.exceptions.RayError as error:
            yield from self._lose(worker, error)

    def _take(self, stream: Any, worker: int) -> Iterator[Happening]:  # noqa: ANN401
        try:
            answers = self._ray.get(next(stream))
        except StopIteration:
            del self._waiting[stream]
            self._workers[worker].streams.remove(stream)
        else:
            yield Answered(worker, answers)

    def _greet(self, greeting: Greeting, worker: int) -> Iterator[Happening]:
        known = self._workers[worker]
        known.machine = f"{greeting.machine} ({known.address})"
        if greeting.problem is None:
            known.is_ready = True
            yield Joined(worker, known.machine)
            return
        self._drop(worker)
        if self._false_starts.get(known.node, 0) < MOST_FALSE_STARTS:
            self._false_starts[known.node] = MOST_FALSE_STARTS
            yield Refused(known.machine, greeting.problem)

    def _lose(self, worker: int, error: Exception) -> Iterator[Happening]:
        known = self._workers[worker]
        self._drop(worker)
        if known.is_ready:
            by_itself = "worker process has died" in str(error)
            how = "ended unexpectedly" if by_itself else "can't be reached any more"
            yield Lost(worker, how, by_itself)
            self._add(known.node, known.address)
            return
        self._false_starts[known.node] = self._false_starts.get(known.node, 0) + 1
        if self._false_starts[known.node] < MOST_FALSE_STARTS:
            self._add(known.node, known.address)
        elif self._false_starts[known.node] == MOST_FALSE_STARTS:
            reason = f"no worker starts there: {_last_line(error)}"
            failure = Failure(reason, "srcli doctor, on that machine, may tell more", MachineError.exit_code)
            yield Refused(known.machine, failure)

    def _drop(self, worker: int) -> None:
        known = self._workers.pop(worker)
        self._waiting = {each: whose for each, whose in self._waiting.items() if whose != worker}
        self._ray.kill(known.actor)

    def _look_for_machines(self) -> None:
        self._looked_s = time.monotonic()
        for machine in self._ray.nodes():
            node = machine["NodeID"]
            if machine["Alive"] and node not in self._known:
                self._known.add(node)
                share = self._shares.of(machine["Resources"])
                for _ in range(share.workers):
                    self._add(node, machine["NodeManagerAddress"], share)

    def _add(self, node: str, address: str, share: Share | None = None) -> None:
        """Start a worker on a machine, as long as that is part of the cluster."""
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        if share is None:
            found = [each for each in self._ray.nodes() if each["NodeID"] == node and each["Alive"]]
            if not found:
                return
            share = self._shares.of(found[0]["Resources"])
        actor = self._class.options(
            num_cpus=share.threads,
            num_gpus=share.gpus,
            max_restarts=0,
            scheduling_strategy=NodeAffinitySchedulingStrategy(node, soft=False),
        ).remote()
        greeting = actor.start.remote(__version__, self._setup, share.threads, self._contents)
        self._workers[self._count] = _Worker(actor, node, address, address, [])
        self._waiting[greeting] = self._count
        self._count += 1


def _connect(address: str) -> Any:  # noqa: ANN401  Ray has no types
    """Ray, connected to a cluster, which hears nothing of it but work."""
    # Before it is loaded, or it would report to its makers.
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    try:
        import ray
    except ModuleNotFoundError as error:
        raise MissingExtra("--cluster", "cluster") from error
    _check_reachable(os.environ.get("RAY_ADDRESS", "") if address == "auto" else address)
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        ray.init(address=address, log_to_driver=False, logging_level=logging.CRITICAL)
    except Exception as error:
        raise _no_cluster(address, _first_line(error)) from error
    finally:
        # Ray has a SIGTERM of its own.
        for number, handler in handlers.items():
            signal.signal(number, handler)
    _silence(ray)
    return ray


def _check_reachable(address: str) -> None:
    """See that somebody listens at ``HOST:PORT``: Ray itself would try for minutes.

    Raises:
        MachineError: nobody does.
    """
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal():
        return
    try:
        socket.create_connection((host.strip("[]"), int(port)), REACH_S).close()
    except (OSError, OverflowError) as error:
        raise _no_cluster(address, str(error)) from error


def _no_cluster(address: str, reason: str) -> MachineError:
    where = "here" if address == "auto" else f"at {address}"
    return MachineError(
        f"cannot join a Ray cluster {where}: {reason}",
        hint="ray start --head --disable-usage-stats --include-dashboard=false begins one",
    )


def _silence(ray: Any) -> None:  # noqa: ANN401
    """Keep Ray from printing to standard output, whatever becomes of its workers: srcli tells that."""
    ray._private.worker._worker_logs_enabled = False


def _first_line(error: Exception) -> str:
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)


def _last_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1] if lines else type(error).__name__
