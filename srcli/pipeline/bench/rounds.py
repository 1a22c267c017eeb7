"""One case made ready, and three ways through it: as users run it, stage by stage, and the bare session."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from srcli.core.errors import UsageError
from srcli.core.events import Events
from srcli.core.outcome import Failure
from srcli.engine.sessions.session import Session
from srcli.pipeline.bench.clock import Clock, WatchedSession
from srcli.upscaling.generator import RunOptions
from srcli.upscaling.model_ref import DEFAULT_SCALE, ModelRef
from srcli.upscaling.report import FileReport
from srcli.upscaling.run import prepare_run
from srcli.upscaling.settings import Existing, UpscaleSettings
from srcli.upscaling.target import Target

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import numpy.typing as npt

    from srcli.engine.runtimes.runtime import NativeSession
    from srcli.pipeline.bench.measurement import Case
    from srcli.upscaling.generator import Generator

    Feed: TypeAlias = tuple[Sequence[str] | None, dict[str, npt.NDArray[Any]]]


class Rounds:
    """A case that is ready to run, with its generator loaded.

    Args:
        case: what to run.
        pictures: files, folders or globs.
        folder: where outputs go; they replace those of the round before.

    Raises:
        SrcliError: whatever ``srcli upscale`` would raise.

    Attributes:
        generator: the generator of the case.
        side_by_side: pictures that were enlarged at a time in the last whole run; not told of a GPU.
    """

    side_by_side = 1

    def __init__(self, case: Case, pictures: Sequence[str], folder: Path) -> None:
        scale = _scale_of(case)
        options = RunOptions(tile=case.tile, precision=case.precision, threads=case.threads)
        settings = UpscaleSettings(
            target=Target(keep=True) if scale == 1 else Target(float(scale)),
            model=case.model,
            device=case.device,
            options=options,
            existing=Existing.OVERWRITE,
        )
        self._run = prepare_run(pictures, f"{folder}/", settings)
        for report in self._run.failures:
            if report.failure:
                raise report.failure.to_error(report.input)
        generators = self._run.pool.chain(scale)
        if [generator.scale for generator in generators] != [scale]:
            raise UsageError(f"{case.model} has no x{scale} generator", hint="srcli models list")
        (self.generator,) = generators
        session = self.generator.session
        self._clock = Clock()
        self._wide = self._watch(session)
        shares = self._run.pool.side_by_side > 1 and session.device.kind.shares_threads
        self._narrow = self._watch(self._narrowed().session) if shares else []
        self._alike = partial(
            Session,
            device=session.device,
            precision=session.precision,
            traits=session.traits,
            gives_levels=session.gives_levels,
        )
        self._as_users_run_it = self._alike(*self._wide, batch_pixels=session.batch_pixels)
        self._one_by_one = self._alike(self._wide[0])

    def whole(self) -> tuple[float, list[FileReport]]:
        """Seconds from files to files, as ``srcli upscale`` does it, and what became of each picture."""
        self._take(self._as_users_run_it)
        heard = _Reports()
        started_s = time.perf_counter()
        self._run.start(heard)
        seconds = time.perf_counter() - started_s
        if any(watched.fed for watched in self._narrow):
            self.side_by_side = self._run.pool.side_by_side
        for report in heard.reports:
            if report.failure:
                raise report.failure.to_error(report.input)
        return seconds, heard.reports

    def stages(self) -> dict[str, float]:
        """Seconds of each stage, one after the other, picture by picture."""
        worker = self._run.worker
        self._take(self._one_by_one)
        self._clock.start()
        for job in self._run.jobs:
            work = worker.load(job)
            self._clock.lap("decode")
            if isinstance(work, FileReport):
                raise (work.failure or Failure("it was made already")).to_error(work.input)
            # One stage after the other: all rows wait for the encoder.
            work.rows.room = None
            work.tell = self._clock.progress
            worker.enlarge(work)
            work.close()
            self._clock.lap("blend")
            worker.store(work)
            self._clock.lap("encode")
        return dict(self._clock.seconds)

    def windows(self) -> list[tuple[int, ...]]:
        """The shapes that the bare session was fed in the last run."""
        return [fed.shape for watched in (*self._wide, *self._narrow) for fed in watched.fed]

    def raw(self) -> float:
        """Seconds of the bare sessions on what they were fed in the last run, as many at a time as there."""
        seconds = _run_all([(watched.bare, _like(watched)) for watched in self._wide])
        sharers = self._run.pool.side_by_side
        for watched in self._narrow:
            feeds = _like(watched)
            seconds += _run_all([(watched.bare, feeds[first::sharers]) for first in range(sharers)])
        return seconds

    def _take(self, session: Session) -> None:
        """Run through this session from now on, and remember anew what it and its narrow twin are fed."""
        self.generator.session = session
        if self._narrow:
            # A run may have closed the one before.
            self._narrowed().session = self._alike(*self._narrow)
        for watched in (*self._wide, *self._narrow):
            watched.fed.clear()

    def _narrowed(self) -> Generator:
        return self._run.pool.narrow([self.generator])[0]

    def _watch(self, session: Session) -> list[WatchedSession]:
        return [WatchedSession(runtime, self._clock) for runtime in session.runtimes]


class _Reports(Events[FileReport]):
    """Keeps the reports of a run."""

    def __init__(self) -> None:
        self.reports: list[FileReport] = []

    def finished(self, outcome: FileReport) -> None:
        """Keep a report."""
        self.reports.append(outcome)


def _like(watched: WatchedSession) -> list[Feed]:
    """Noise in the shapes that a session was fed, in the same order, for the same outputs."""
    name = watched.get_inputs()[0].name
    random = np.random.default_rng(0)
    arrays = {
        (fed.shape, fed.kind): random.random(fed.shape, dtype=np.float32).astype(fed.kind)
        for fed in dict.fromkeys(watched.fed)
    }
    return [(fed.names, {name: arrays[fed.shape, fed.kind]}) for fed in watched.fed]


def _run_all(work: Sequence[tuple[NativeSession, list[Feed]]]) -> float:
    """Seconds that sessions take, each through its own feeds, all at the same time."""
    with ThreadPoolExecutor(len(work)) as threads:
        started_s = time.perf_counter()
        for _ in threads.map(_run_each, work):
            pass
        return time.perf_counter() - started_s


def _run_each(work: tuple[NativeSession, list[Feed]]) -> None:
    session, feeds = work
    for names, arrays in feeds:
        session.run(names, arrays)


def _scale_of(case: Case) -> int:
    """The scale asked for, else the only one that there is, else the usual one."""
    if case.scale is not None:
        return case.scale
    ref = ModelRef(case.model)
    return DEFAULT_SCALE if ref.is_interpolation or ref.is_automatic else ref.find().card.scale
