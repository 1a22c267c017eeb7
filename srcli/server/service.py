"""What the server does, without HTTP: takes pictures on, has them worked on, keeps and drops results."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from secrets import token_urlsafe
from typing import TYPE_CHECKING, Any

from srcli.server.crew import Crew
from srcli.server.jobs import Job, Status
from srcli.server.problems import Problem, of_failure, problem
from srcli.server.process import WorkerDied
from srcli.server.registry import Registry
from srcli.server.storage import Storage
from srcli.server.views import Views
from srcli.server.workshop import Workshop

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from srcli.server.settings import ServerSettings
    from srcli.server.wishes import Wishes

ID_BYTES = 24
INSPECTION_S = 30.0
"""The longest that reading a header takes, on a machine that does much else."""
BYTES_A_PIXEL = 3
"""Disk that is kept free for a result whose size is not known yet; photographs take less as PNG."""
BYTES_A_VIDEO_PIXEL = 0.25
SWEEP_S = 2.0
MOST_RETRY_S = 120.0


@dataclass(frozen=True, slots=True)
class Upload:
    """A picture that has arrived.

    Attributes:
        place: the folder with it, under the name ``original``.
        name: as the client calls it.
        size: in bytes.
        digest: SHA-256.
        wishes: what is to be done with it.
    """

    place: Path
    name: str
    size: int
    digest: str
    wishes: Wishes


@dataclass(frozen=True, slots=True)
class Client:
    """Who asks.

    Attributes:
        session: of the page; None for programs without one.
        key: whose turn their pictures take: the session, else the address.
    """

    session: str | None
    key: str


class Service:
    """The server's state and its work.

    Args:
        settings: how it is set up.

    Attributes:
        draining: since when no more pictures are taken on.
        over: set when streams have to end.
        open_connections: counts connections.
    """

    def __init__(self, settings: ServerSettings) -> None:
        self.settings = settings
        self.storage = Storage(settings.folder, settings.limits.disk_bytes)
        self.registry = Registry(self.storage, settings.limits)
        self.workshop = Workshop(settings, self.registry, self.storage.scratch)
        self.readers = Crew({"model": settings.model}, 1, self.storage.scratch)
        self.viewers = Crew({"model": settings.model}, 1, self.storage.scratch)
        self.views = Views(self.viewers, self.storage)
        self.draining: datetime | None = None
        self.over = asyncio.Event()
        self.open_connections: Callable[[], int] = lambda: 0
        self._uploads: Counter[str] = Counter()
        self._arriving: dict[str, asyncio.Future[None]] = {}
        self._sweeper: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Start what works in the background."""
        self.workshop.start()
        self._sweeper = asyncio.create_task(self._sweep())

    async def drain(self, grace_s: float) -> None:
        """Take nothing on any more, and wait until what was taken on is done and fetched, or time is over."""
        self.draining = datetime.now(UTC)
        with suppress(TimeoutError):
            async with asyncio.timeout(grace_s):
                while not self.workshop.idle or any(map(self._is_awaited, self.registry)):
                    await asyncio.sleep(0.05)

    async def close(self) -> None:
        """End everything, and remove all files."""
        self.over.set()
        if self._sweeper:
            self._sweeper.cancel()
        await asyncio.gather(self.workshop.close(), self.readers.close(), self.viewers.close())
        self.storage.close()

    @property
    def crew_deaths(self) -> int:
        """Processes that died over headers and versions to look at."""
        return self.readers.deaths + self.viewers.deaths

    async def catalogue(self) -> dict[str, Any]:
        """Models and formats, as a process tells them.

        Raises:
            Problem: it can't.
        """
        try:
            return await self.readers.hello()
        except WorkerDied as death:
            raise problem(503, "no-worker", f"a worker process {death.how}", retry_after_s=5) from death

    def state(self) -> str:
        """Whether pictures are taken on, in one word: ``ready`` where they are."""
        if self.draining:
            return "draining"
        if not self.workshop.ready:
            return "no-worker" if self.workshop.problem else "starting"
        return "ready" if self.storage.free_bytes else "disk-full"

    def check_crowd(self) -> None:
        """See that there are not too many connections.

        Raises:
            Problem: there are.
        """
        limit, seen = self.settings.limits.connections, self.open_connections()
        if seen > limit:
            detail = f"{seen} connections are open, the limit is {limit}"
            raise problem(
                503, "crowded", detail, limit=limit, seen=seen, option="--max-connections", retry_after_s=2
            )

    def check_open(self, client: Client) -> None:
        """See that a picture of a client would be taken on.

        Raises:
            Problem: it would not.
        """
        limits = self.settings.limits
        if self.draining:
            raise problem(503, "draining", "the server is about to end", retry_after_s=10)
        if self.workshop.problem:
            raise problem(503, "no-worker", self.workshop.problem, retry_after_s=5)
        if self.workshop.load_of(client.key) + self._uploads[client.key] >= limits.jobs_per_client:
            raise self._busy(
                "busy", "this client has {} pictures under way", limits.jobs_per_client, "client"
            )
        if len(self.workshop.turns) >= limits.waiting_jobs:
            raise self._busy("queue-full", "{} pictures wait", limits.waiting_jobs, "queue")

    @contextmanager
    def admitting(self, client: Client, size: int) -> Iterator[Path]:
        """Yield a folder for an upload; it is removed again unless the upload becomes a job.

        Args:
            client: who sends it.
            size: of the upload at most, in bytes.

        Raises:
            Problem: the client's picture is not taken on.
        """
        self.check_open(client)
        self.registry.make_room(size)
        place = self.storage.new_place()
        self._uploads[client.key] += 1
        try:
            # Or uploads on their way would fill the disk together.
            self.storage.promise(place, size)
            yield place
        except BaseException:
            self.storage.remove(place)
            raise
        finally:
            self._uploads[client.key] -= 1
            if not self._uploads[client.key]:
                del self._uploads[client.key]

    async def take_on(self, upload: Upload, client: Client, name: str | None = None) -> Job:
        """Look at an upload, and put it into the line.

        Args:
            upload: what arrived.
            client: who sent it.
            name: the id that the job is to have; one is made up by default.

        Raises:
            Problem: it is no picture, or too large, or its settings make no sense.
        """
        if self.workshop.has_killed(upload.digest):
            raise problem(422, "worker-died", f"{upload.name} ended the process that enlarged it, twice")
        seen = await self._inspect(upload)
        job = Job(
            id=name or token_urlsafe(ID_BYTES),
            owner=client.session,
            client=client.key,
            name=upload.name,
            wishes=upload.wishes,
            place=upload.place,
            digest=upload.digest,
            input={**seen["input"], "bytes": upload.size},
            result=seen["result"],
            is_video=bool(seen.get("video")),
            shown={"original"} if seen["shown"] else set(),
        )
        size = upload.size + int(job.pixels * (BYTES_A_VIDEO_PIXEL if job.is_video else BYTES_A_PIXEL))
        self.registry.make_room(size)
        self.storage.promise(upload.place, size)
        if len(self.workshop.turns) >= self.settings.limits.waiting_jobs:
            raise self._busy("queue-full", "{} pictures wait", self.settings.limits.waiting_jobs, "queue")
        self.registry.add(job)
        self.workshop.submit(job)
        return job

    async def unwrap(self, place: Path) -> dict[str, Any]:
        """Take the picture out of the JSON in the file ``letter``.

        Returns:
            Its ``model``, ``name``, ``size`` and ``digest``.

        Raises:
            Problem: there is none in it.
        """
        letter = place / "letter"
        told = await self._read({"do": "unwrap", "source": str(letter), "target": str(place / "original")})
        letter.unlink()
        return told

    @contextmanager
    def claiming(self, name: str) -> Iterator[None]:
        """Let others wait who send a job of the same id meanwhile."""
        self._arriving[name] = asyncio.get_running_loop().create_future()
        try:
            yield
        finally:
            self._arriving.pop(name).set_result(None)

    async def claimed(self, name: str) -> None:
        """Wait while another request sends a job of this id."""
        while name in self._arriving:
            await asyncio.shield(self._arriving[name])

    def drop(self, job: Job) -> bool:
        """A job is no longer wanted: it is forgotten if it has ended, else it ends; tells whether it had."""
        if job.has_ended:
            self.registry.remove(job)
            return True
        self.workshop.cancel(job)
        return False

    async def _inspect(self, upload: Upload) -> dict[str, Any]:
        limits = self.settings.limits
        task = {
            "do": "inspect",
            "source": str(upload.place / "original"),
            "name": upload.name,
            "wishes": upload.wishes.to_json(),
            "limits": {
                "input_pixels": limits.input_pixels,
                "output_pixels": limits.output_pixels,
                "frames": limits.frames,
                "video_frames": limits.video_frames,
            },
        }
        return await self._read(task)

    async def _read(self, task: dict[str, Any]) -> dict[str, Any]:
        try:
            told = await self.readers.ask(task, INSPECTION_S)
        except WorkerDied as death:
            detail = f"the process that read the header {death.how}"
            raise problem(422, "worker-died", detail, "it may be damaged on purpose") from death
        if told.get("event") == "failed":
            raise Problem(of_failure(told))
        return told

    def _busy(self, code: str, detail: str, limit: int, what: str) -> Problem:
        wait_s = min(MOST_RETRY_S, max(1.0, self.workshop.waiting_s()))
        options = {"client": "--max-per-client", "queue": "--max-queue"}
        return problem(
            429,
            code,
            f"{detail.format(limit)}, which is the limit",
            "try again later",
            limit=limit,
            option=options[what],
            retry_after_s=wait_s,
        )

    def _is_awaited(self, job: Job) -> bool:
        """Whether a result was made while the server drains, and its client has not fetched it yet."""
        return bool(
            job.status is Status.SUCCEEDED
            and not job.delivered
            and job.ended
            and self.draining
            and job.ended > self.draining
        )

    async def _sweep(self) -> None:
        while True:
            self.registry.expire()
            await asyncio.sleep(SWEEP_S)
