"""The processes that enlarge pictures, and the line before them."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from srcli.server.crew import MOST_BYTES, START_S
from srcli.server.jobs import Job, Status
from srcli.server.problems import Details, of_failure
from srcli.server.process import FAREWELL_S, WorkerDied, WorkerProcess
from srcli.server.turns import Turns

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from srcli.server.registry import Registry
    from srcli.server.settings import ServerSettings

LOG = logging.getLogger("srcli.server")
SMALL_PIXELS = 2**20
"""Pictures up to this are enlarged side by side, as in a batch."""
AGAIN_S = 5.0
"""Before a process is started again that did not start."""
MOST_DEATHS = 2
"""A picture over which so many processes died is refused."""
_FIRST_GUESS_S = 2.0
"""A megapixel of a result, before any was made."""
_MEMORY = 0.8
"""Weight of the past in the measured speed."""


class Workshop:
    """Has jobs worked on, clients in turn.

    Args:
        settings: of the server.
        registry: told of jobs that end.
        scratch: folder for temporary files.

    Attributes:
        turns: jobs that wait.
        running: jobs that are worked on.
        deaths: processes that died.
        problem: what the last process that did not get ready told.
    """

    def __init__(self, settings: ServerSettings, registry: Registry, scratch: Path) -> None:
        self._settings = settings
        self._registry = registry
        self._scratch = scratch
        self.turns: Turns[Job] = Turns()
        self.running: dict[Job, WorkerProcess] = {}
        self._ready: set[WorkerProcess] = set()
        self.deaths = 0
        self.problem: str | None = None
        self._killed_by: Counter[str] = Counter()
        self._seconds_a_megapixel = _FIRST_GUESS_S
        self._more = asyncio.Event()
        self._side_by_side = 1
        self._tasks: list[asyncio.Task[None]] = []
        self._farewells: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Start the processes; they get ready meanwhile."""
        self._tasks = [asyncio.create_task(self._keep_working()) for _ in range(self._settings.workers)]

    async def close(self) -> None:
        """End all processes at once."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def ready(self) -> int:
        """Processes that are ready, or at work."""
        return sum(process.alive for process in self._ready)

    @property
    def idle(self) -> bool:
        """Whether nothing waits and nothing is worked on."""
        return not self.running and not len(self.turns)

    def load_of(self, client: str) -> int:
        """Jobs of a client that wait or are worked on."""
        return self.turns.count(client) + sum(job.client == client for job in self.running)

    def has_killed(self, digest: str) -> bool:
        """Whether processes died over a picture more than once."""
        return self._killed_by[digest] >= MOST_DEATHS

    def waiting_s(self) -> float:
        """About how long until a job that comes now is begun, in seconds."""
        pixels: int = sum(job.pixels for job in (*self.turns, *self.running))
        return pixels / 1e6 * self._seconds_a_megapixel / self._settings.workers

    def submit(self, job: Job) -> None:
        """Put a job into the line."""
        self.turns.add(job.client, job)
        self._line_changed()

    def cancel(self, job: Job) -> None:
        """A job is no longer wanted: it ends now if it waits, else as soon as its process lets go of it."""
        if self.turns.remove(job.client, job):
            self._registry.end(job, Status.CANCELED)
            self._line_changed()
        elif job in self.running and not job.canceling:
            job.canceling = True
            job.touch()
            farewell = asyncio.create_task(self._insist(job, self.running[job]))
            self._farewells.add(farewell)
            farewell.add_done_callback(self._farewells.discard)

    async def _insist(self, job: Job, process: WorkerProcess) -> None:
        """Ask a process to let go of a job, and end it where it does not."""
        process.tell({"cancel": job.id})
        await asyncio.sleep(FAREWELL_S)
        if self.running.get(job) is process:
            process.kill()

    def _line_changed(self) -> None:
        ahead = sum(job.pixels for job in self.running)
        for position, job in enumerate(self.turns, 1):
            ahead += job.pixels
            job.seconds_left = self._guess_s(ahead) / self._settings.workers
            if job.position != position:
                job.position = position
                job.touch()
        if len(self.turns):
            self._more.set()
        else:
            self._more.clear()

    def _guess_s(self, pixels: int) -> float:
        return round(pixels / 1e6 * self._seconds_a_megapixel, 1)

    async def _keep_working(self) -> None:
        """The life of one process and its successors."""
        process = WorkerProcess(self._setup(), self._scratch)
        try:
            while True:
                if not process.alive:
                    await self._get_ready(process)
                jobs = await self._next_jobs()
                if not process.alive:
                    # It died while it had nothing to do.
                    self.deaths += 1
                    for job in reversed(jobs):
                        self.turns.put_back(job.client, job)
                    self._line_changed()
                    continue
                await self._work(process, jobs)
        finally:
            await process.stop()

    def _setup(self) -> dict[str, Any]:
        settings = self._settings
        return {
            "generators": True,
            "model": settings.model,
            "device": settings.device,
            "workers": settings.workers,
        }

    async def _get_ready(self, process: WorkerProcess) -> None:
        while True:
            try:
                await process.start(START_S)
            except WorkerDied as death:
                self.problem = f"a worker process {death.how} before it was ready"
            else:
                failure = process.hello.get("failure")
                self.problem = str(failure["message"]) if isinstance(failure, dict) else None
                if self.problem is None:
                    self._side_by_side = int(process.hello.get("side_by_side", 1))
                    self._ready.add(process)
                    return
                await process.stop()
            LOG.error("no pictures are taken on: %s", self.problem)
            await asyncio.sleep(AGAIN_S)

    async def _next_jobs(self) -> list[Job]:
        """The next job; or several small ones with the same settings, if they are the next."""
        await self._more.wait()
        first = self.turns.take()
        if first is None:
            self._more.clear()
            return await self._next_jobs()
        jobs = [first]
        while len(jobs) < self._side_by_side and self._goes_beside(first, self.turns.first()):
            following = self.turns.take()
            assert following is not None, "the first in line is there"
            jobs.append(following)
        self._line_changed()
        return jobs

    def _goes_beside(self, job: Job, other: Job | None) -> bool:
        return (
            other is not None
            and not job.alone
            and not other.alone
            and job.wishes == other.wishes
            and all(_is_small(each) for each in (job, other))
        )

    async def _work(self, process: WorkerProcess, jobs: Sequence[Job]) -> None:
        limit_s = self._settings.limits.job_seconds
        begun = datetime.now(UTC)
        for job in jobs:
            self.running[job] = process
            job.status, job.started, job.position = Status.RUNNING, begun, None
            job.seconds_left = self._guess_s(job.pixels)
            job.touch()
        task = {
            "do": "video" if jobs[0].is_video else "enlarge",
            "wishes": jobs[0].wishes.to_json(),
            "timeout_s": limit_s,
            "jobs": [
                {"job": job.id, "source": str(job.source), "target": str(job.target), "name": job.name}
                for job in jobs
            ],
        }
        try:
            # The process gives up by itself in time, unless a library never comes back.
            async for event in process.do(task, limit_s=2 * limit_s + FAREWELL_S):
                self._hear(event, jobs)
        except WorkerDied as death:
            self._mourn(death, [job for job in jobs if job in self.running])
            await process.stop()
        finally:
            for job in jobs:
                if self.running.pop(job, None):
                    self._fail(job, Details(500, "internal", "internal error", "this is a bug in srcli"))
            self._line_changed()
        if process.rss_bytes > MOST_BYTES:
            await process.stop()

    def _hear(self, event: dict[str, Any], jobs: Sequence[Job]) -> None:
        """Take note of what a process tells of its jobs."""
        job = next((job for job in jobs if job.id == event.get("job")), None)
        kind = event.get("event")
        if kind == "failed" and job is None:
            for each in jobs:
                self._hear({**event, "job": each.id}, jobs)
        if job is None or job not in self.running:
            return
        if kind == "progress":
            self._note_progress(job, int(event["done"]), int(event["total"]))
        elif kind == "done":
            self._learn_speed(job)
            # What it was at work on when a process died was not the reason.
            self._killed_by.pop(job.digest, None)
            del self.running[job]
            job.output = event["output"]
            job.shown |= {"generator"} if event["shown"] else set()
            self._registry.end(job, Status.SUCCEEDED)
        elif kind == "failed":
            del self.running[job]
            if event.get("kind") == "Cancelled":
                self._registry.end(job, Status.CANCELED)
            else:
                self._fail(job, of_failure(event))

    def _note_progress(self, job: Job, done: int, total: int) -> None:
        job.done, job.total = done, total
        if job.started and done:
            spent_s = (datetime.now(UTC) - job.started).total_seconds()
            job.seconds_left = round(spent_s / done * (total - done), 1)
        job.touch()

    def _learn_speed(self, job: Job) -> None:
        assert job.started is not None, "a job that ends was begun"
        spent_s = (datetime.now(UTC) - job.started).total_seconds()
        measured = spent_s / max(job.pixels / 1e6, 0.01)
        self._seconds_a_megapixel = _MEMORY * self._seconds_a_megapixel + (1 - _MEMORY) * measured

    def _mourn(self, death: WorkerDied, jobs: Sequence[Job]) -> None:
        """A process died over jobs: what had nothing to do with that is done again, alone."""
        self.deaths += 1
        # Backwards, so that those that are put back keep their order.
        for job in reversed(jobs):
            del self.running[job]
            if job.canceling:
                self._registry.end(job, Status.CANCELED)
            elif len(jobs) > 1:
                job.alone, job.status, job.done, job.total = True, Status.QUEUED, None, None
                self.turns.put_back(job.client, job)
            else:
                self._blame(job, death)

    def _blame(self, job: Job, death: WorkerDied) -> None:
        self._killed_by[job.digest] += 1
        hint = "it may be damaged on purpose; others are not affected"
        self._fail(
            job, Details(500, "worker-died", f"the process that enlarged {job.name} {death.how}", hint)
        )

    def _fail(self, job: Job, error: Details) -> None:
        job.error = error
        self._registry.end(job, Status.FAILED)


def _is_small(job: Job) -> bool:
    single = job.input["frames"] == 1 and not job.is_video
    return bool(single and job.input["width"] * job.input["height"] <= SMALL_PIXELS)
