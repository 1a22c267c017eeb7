"""All pictures of which the server knows something: who may see them, and when they are dropped."""

from __future__ import annotations

from collections import Counter, OrderedDict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from srcli.server.jobs import Job, Status
from srcli.server.problems import problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from srcli.server.settings import Limits
    from srcli.server.storage import Storage

_REMEMBERED = 10_000
"""So many expired pictures are told from ones that never were."""


class Registry:
    """The jobs of a server, oldest first.

    Args:
        storage: where their files lie.
        limits: how long, and how many, are kept.

    Attributes:
        outcomes: how many ended in which way.
        pixels: of all results.
        waiting_s: that jobs waited, all together.
        working_s: that jobs were worked on, all together.
    """

    def __init__(self, storage: Storage, limits: Limits) -> None:
        self._storage = storage
        self._limits = limits
        self._jobs: dict[str, Job] = {}
        self._expired: OrderedDict[str, None] = OrderedDict()
        self.outcomes: Counter[str] = Counter()
        self.pixels = 0
        self.waiting_s = self.working_s = 0.0

    def __iter__(self) -> Iterator[Job]:
        return iter(tuple(self._jobs.values()))

    def __len__(self) -> int:
        return len(self._jobs)

    def get(self, name: str) -> Job | None:
        """The job of an id, of any session."""
        return self._jobs.get(name)

    def find(self, name: str, session: str | None) -> Job:
        """The job of an id, for a session.

        Raises:
            Problem: there is none, or it is another session's.
        """
        job = self._jobs.get(name)
        if job is not None and job.owner in (None, session):
            return job
        if job is None and name in self._expired:
            minutes = self._limits.keep_seconds / 60
            raise problem(
                404, "expired", f"results are kept for {minutes:g} minutes", "send the picture again"
            )
        raise problem(404, "unknown-job", "there is no such job, or it is another session's")

    def of(self, session: str | None) -> list[Job]:
        """The jobs that a session sees without naming them."""
        return [job for job in self._jobs.values() if session is not None and job.owner == session]

    def add(self, job: Job) -> None:
        """Take a job on."""
        self._jobs[job.id] = job

    def end(self, job: Job, status: Status) -> None:
        """A job ended: what it left is kept for some time, and only what was promised."""
        job.status = status
        job.canceling = False
        job.position = job.seconds_left = None
        job.ended = datetime.now(UTC)
        job.expires = job.ended + timedelta(seconds=self._limits.keep_seconds)
        self.outcomes[status] += 1
        begun = job.started or job.ended
        self.waiting_s += (begun - job.created).total_seconds()
        self.working_s += (job.ended - begun).total_seconds()
        if status is Status.SUCCEEDED:
            self.pixels += job.pixels
            self._storage.count(job.place)
        else:
            self._storage.remove(job.place)
        job.touch()

    def remove(self, job: Job) -> None:
        """Forget a job and remove its files."""
        if self._jobs.pop(job.id, None) is not None:
            self._storage.remove(job.place)

    def expire(self) -> None:
        """Drop what has been kept long enough."""
        now = datetime.now(UTC)
        for job in self:
            if job.expires is not None and job.expires <= now:
                self.remove(job)
                self._remember(job)

    def make_room(self, size: int) -> None:
        """Drop results that clients have, oldest first, until so many bytes are free, or none is left."""
        for job in self:
            full = len(self._jobs) >= self._limits.kept_jobs
            if self._storage.free_bytes >= size and not full:
                return
            if job.has_ended and (job.delivered or job.status is not Status.SUCCEEDED):
                self.remove(job)
                self._remember(job)
        if len(self._jobs) >= self._limits.kept_jobs:
            raise problem(
                507, "disk-full", f"{len(self._jobs)} results are kept, which is the limit", retry_after_s=60
            )

    def _remember(self, job: Job) -> None:
        self._expired[job.id] = None
        while len(self._expired) > _REMEMBERED:
            self._expired.popitem(last=False)
