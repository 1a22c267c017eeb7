"""Versions of pictures to look at: made when they are asked for, and kept beside the result."""

from __future__ import annotations

from secrets import token_hex
from typing import TYPE_CHECKING, Any

from srcli.server.jobs import is_tiled
from srcli.server.problems import Problem, of_failure, problem
from srcli.server.process import WorkerDied

if TYPE_CHECKING:
    from pathlib import Path

    from srcli.server.crew import Crew
    from srcli.server.jobs import Job
    from srcli.server.storage import Storage

LONGEST_REDUCED = 2048
MAKING_S = 300.0
ORIGINAL, BICUBIC, GENERATOR, REFERENCE = "original", "bicubic", "generator", "reference"


class Views:
    """Has versions made by processes of their own, so that no picture waits for another to be enlarged.

    Args:
        crew: the processes.
        storage: where files lie.
    """

    def __init__(self, crew: Crew, storage: Storage) -> None:
        self._crew = crew
        self._storage = storage

    async def pane(self, job: Job, kind: str) -> Path:
        """A file of a version that browsers show, smaller where the version is large.

        Raises:
            Problem: there is no such version, or it can't be made.
        """
        size = _size(job, kind)
        async with job.making:
            if not is_tiled(size):
                return await self._shown(job, kind)
            reduced = job.place / f"{kind}.small.png"
            if not reduced.exists():
                png = await self._png(job, kind)
                await self._ask(
                    job, {"do": "render", "source": png, "target": reduced, "longest": LONGEST_REDUCED}
                )
            return reduced

    async def tile(self, job: Job, kind: str, level: int, column: int, row: int) -> bytes:
        """One tile of a version, as PNG.

        Raises:
            Problem: there is no such version or tile, or it can't be made.
        """
        size = _size(job, kind)
        pyramid, target = job.place / f"{kind}.tif", job.place / f"tile-{token_hex(8)}"
        async with job.making:
            if not pyramid.exists():
                await self._ask(job, {"do": "cut", "source": await self._png(job, kind), "target": pyramid})
        task = {"do": "tile", "source": pyramid, "target": target, **size}
        await self._ask(job, {**task, "level": level, "column": column, "row": row}, missing=True)
        try:
            return target.read_bytes()
        finally:
            target.unlink(missing_ok=True)

    async def measure(self, job: Job, reference: Path) -> None:
        """Measure the versions of a job against a reference, which becomes one of them.

        Raises:
            Problem: the reference is no picture of the result's size.
        """
        assert job.output is not None, "a job that is measured has a result"
        async with job.making:
            versions = {GENERATOR: job.target, BICUBIC: await self._png(job, BICUBIC)}
            task: dict[str, Any] = {
                "do": "measure",
                "reference": str(reference),
                "versions": {name: str(path) for name, path in versions.items()},
                "width": job.output["width"],
                "height": job.output["height"],
                "scale": job.output["width"] / job.input["width"],
            }
            told = await self._ask(job, task)
            for file in job.place.glob(f"{REFERENCE}*"):
                file.unlink()
            reference.replace(job.place / REFERENCE)
        job.figures, job.reference = told["figures"], told["reference"]
        job.shown = job.shown - {REFERENCE} | ({REFERENCE} if told["shown"] else set())
        self._storage.count(job.place)
        job.touch()

    async def _shown(self, job: Job, kind: str) -> Path:
        """The version's own file where browsers show it, else as PNG."""
        return _file(job, kind) if kind in job.shown else await self._png(job, kind)

    async def _png(self, job: Job, kind: str) -> Path:
        """The version as a PNG file of srcli's own, upright."""
        if kind == GENERATOR and job.output and job.output["format"] == "png":
            return job.target
        png = job.place / f"{kind}.png"
        if not png.exists():
            task = {"do": "render", "source": _file(job, kind), "target": png}
            if kind == BICUBIC:
                task["wishes"] = job.wishes.to_json()
            await self._ask(job, task)
        return png

    async def _ask(self, job: Job, task: dict[str, Any], *, missing: bool = False) -> dict[str, Any]:
        words = {
            name: value if isinstance(value, (int, float, dict)) else str(value)
            for name, value in task.items()
        }
        try:
            told = await self._crew.ask({**words, "name": job.name}, MAKING_S)
        except WorkerDied as death:
            raise problem(500, "worker-died", f"the process that drew {job.name} {death.how}") from death
        if told.get("event") == "failed":
            details = of_failure(told)
            if missing and details.code == "not-a-picture":
                raise problem(404, "not-found", details.detail)
            raise Problem(details)
        self._storage.count(job.place)
        return told


def _file(job: Job, kind: str) -> Path:
    """The file that a version is made of."""
    return {GENERATOR: job.target, REFERENCE: job.place / REFERENCE}.get(kind, job.source)


def _size(job: Job, kind: str) -> dict[str, Any]:
    size = job.size_of(kind)
    if size is None:
        raise problem(404, "not-found", f"there is no version named {kind!r:.40}")
    return size
