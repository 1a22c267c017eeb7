"""One worker of a cluster: it takes orders and enlarges, the way a run on one machine does."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from functools import partial
from itertools import groupby
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING

from srcli.core.cancel import CancelToken
from srcli.core.errors import SrcliError
from srcli.core.events import Events
from srcli.core.pixel_format import PixelFormat
from srcli.engine.tiling.blend import FLOATS
from srcli.engine.tiling.elsewhere import RowOfPatches
from srcli.imaging.pixels.samples import to_samples
from srcli.pipeline.cluster.orders import Computed, Enlarged, ParcelOrder, RowOrder, Unseen
from srcli.pipeline.cluster.reach import Reach
from srcli.pipeline.cluster.shipping import unpack
from srcli.pipeline.stores.downloads import Downloads
from srcli.upscaling.file_identity import identify
from srcli.upscaling.jobs import Job
from srcli.upscaling.pool import GeneratorPool
from srcli.upscaling.report import FileReport
from srcli.upscaling.scheduler import run_batch
from srcli.upscaling.sinks import BytesSink, FileSink
from srcli.upscaling.sources import BytesSource, FileSource
from srcli.upscaling.stages import Worker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path
    from typing import TypeAlias

    from srcli.models.store import InstalledModel
    from srcli.pipeline.cluster.orders import Answer, Order, PictureOrder, Setup
    from srcli.pipeline.cluster.places import Place
    from srcli.pipeline.cluster.shipping import Content

    _Told: TypeAlias = FileReport | BaseException | None

_LEVELS = PixelFormat(partial(to_samples, depth=8), pixel_bytes=3, rounds_to_uint8=True)


class Station:
    """Enlarges pictures on a machine of a cluster.

    Args:
        setup: what all workers of the run are told.
        content: fetches the files of the generator of a number, should this machine lack it.

    Raises:
        MachineError, ModelError: it can't work here.
    """

    def __init__(self, setup: Setup, content: Callable[[int], Content]) -> None:
        self._settings = settings = setup.settings
        self._remembers = setup.remembers
        found: dict[str, list[InstalledModel]] = defaultdict(list)
        for number, shipped in enumerate(setup.models):
            found[shipped.name].append(unpack(shipped, partial(content, number)))
        self._pool = GeneratorPool(
            settings.model, settings.device, settings.options, found, keep=settings.target.keep
        )
        self._workers: dict[bool, Worker] = {}
        self._stores = Reach(setup.stores)
        self._seen: dict[Path, bool] = {}
        self._cancel = CancelToken()

    def stop(self) -> None:
        """End what is under way, soon; nothing half-written stays."""
        self._cancel.cancel()

    def work(self, orders: Sequence[Order]) -> Iterator[list[Answer]]:
        """Do what is ordered; gives answers as they come, in the order of the orders.

        Raises:
            Cancelled: it was stopped.
        """
        kept: list[PictureOrder] = []
        parcels: list[ParcelOrder] = []
        for order in orders:
            if isinstance(order, RowOrder):
                yield [self._compute(order)]
            elif isinstance(order, ParcelOrder):
                parcels.append(order)
            elif order.data is None and not _sees(order):
                yield [Unseen(order.key)]
            else:
                kept.append(order)
        for again, batch in groupby(kept, self._may_be_there):
            chosen = list(batch)
            yield from self._enlarge(chosen, [self._job(each) for each in chosen], self._worker(again=again))
        if parcels:
            with Downloads(
                each.parcel.wanted(self._stores) for each in parcels if each.data is None
            ) as downloads:
                jobs = [self._parcel_job(each, downloads) for each in parcels]
                yield from self._enlarge(parcels, jobs, self._worker(again=False))

    def _compute(self, order: RowOrder) -> Computed:
        """A row of windows of a picture that is elsewhere."""
        self._cancel.check()
        generator = next(each for each in self._pool.generators if each.card.sha256 == order.sha256)
        try:
            run = generator.compute(order.plan, _LEVELS if order.plan.rounds else FLOATS)
            patches = run.patches_of(order.part)
        except SrcliError as error:
            return Computed(order.key, error)
        session = generator.session
        where = (generator.device.name, session.provider, session.version)
        return Computed(order.key, RowOfPatches(patches, run.report(), *where))

    def _may_be_there(self, order: PictureOrder) -> bool:
        """Whether its output was perhaps written here before."""
        return order.again and self._writes(order)

    def _worker(self, *, again: bool) -> Worker:
        if again not in self._workers:
            settings = replace(self._settings, resume=self._settings.resume or again)
            self._workers[again] = Worker(settings, self._pool, remember=self._remembers)
        return self._workers[again]

    def _enlarge(
        self, orders: Sequence[PictureOrder | ParcelOrder], jobs: Sequence[Job], worker: Worker
    ) -> Iterator[list[Answer]]:
        heard: SimpleQueue[_Told] = SimpleQueue()

        def run() -> None:
            try:
                run_batch(jobs, worker, _Heard(heard), self._cancel)
                heard.put(None)
            except BaseException as error:
                # Raised again in the thread that takes the answers.
                heard.put(error)

        Thread(target=run, name="batch").start()
        # A batch tells of its pictures in their order.
        expected = zip(orders, jobs, strict=True)
        while told := _waiting(heard):
            answers: list[Answer] = []
            for each in told:
                if not isinstance(each, FileReport):
                    if answers:
                        yield answers
                    if each is not None:
                        raise each
                    return
                order, job = next(expected)
                answers.append(_answer(order.key, each, job))
            yield answers

    def _job(self, order: PictureOrder) -> Job:
        source = (
            FileSource(order.source, order.page)
            if order.data is None
            else BytesSource(order.data, order.name, order.page)
        )
        if self._writes(order):
            return Job(source, FileSink(order.target, order.named))
        return Job(source, BytesSink(str(order.target), promised=order.target if order.named else None))

    def _parcel_job(self, order: ParcelOrder, downloads: Downloads) -> Job:
        parcel = order.parcel
        return Job(
            parcel.fetched_by(downloads)
            if order.data is None
            else BytesSource(order.data, parcel.name, parcel.page),
            BytesSink(parcel.result, promised=parcel.promised)
            if order.returns
            else parcel.delivered_to(self._stores),
        )

    def _writes(self, order: PictureOrder) -> bool:
        """Whether the output is written here; only beside an input that is read here can it be noted."""
        return order.data is None and order.place is not None and self._sees_place(order.place)

    def _sees_place(self, place: Place) -> bool:
        if place.mark not in self._seen:
            self._seen[place.mark] = place.is_seen()
        return self._seen[place.mark]


class _Heard(Events[FileReport]):
    """Passes reports on to another thread."""

    def __init__(self, heard: SimpleQueue[_Told]) -> None:
        self._heard = heard

    def finished(self, outcome: FileReport) -> None:
        self._heard.put(outcome)


def _waiting(
    heard: SimpleQueue[_Told],
) -> list[FileReport | BaseException | None]:
    """What was told by now, at least one thing."""
    told = [heard.get()]
    while True:
        try:
            told.append(heard.get_nowait())
        except Empty:
            return told


def _answer(key: int, report: FileReport, job: Job) -> Enlarged:
    sink = job.target
    return Enlarged(key, report, sink.data if isinstance(sink, BytesSink) else None)


def _sees(order: PictureOrder) -> bool:
    """Whether the input that lies here is the one that is meant."""
    try:
        return identify(order.source) == order.identity
    except OSError:
        return False
