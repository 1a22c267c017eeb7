"""One picture of a client, from its arrival to the end of its keeping."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from srcli.server.problems import Details
    from srcli.server.wishes import Wishes

TILED_FROM_PIXELS = 32 * 10**6
"""Versions of a picture beyond this are shown in tiles: browsers take four bytes for each pixel."""
TILE_SIDE = 512
"""As in ``srcli.imaging.pyramid``, which the web process does not load."""


class Status(StrEnum):
    """Where a picture is on its way."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"


ENDED = frozenset({Status.SUCCEEDED, Status.FAILED, Status.CANCELED})


@dataclass(slots=True, eq=False)
class Job:
    """A picture, what is to be done with it, and how far that is.

    Attributes:
        id: by which clients ask for it.
        owner: the session that sees it; None where the id is the key.
        client: whose turn it takes.
        name: of the file, as the client calls it; shown and sent back, never opened.
        wishes: the settings.
        place: the folder with its files.
        digest: SHA-256 of the upload.
        input: what the upload is: width, height, format, bytes, frames.
        result: width and height of what it is to become.
        status: where it is on its way.
        canceling: whether it is no longer wanted, and a worker has not let go of it yet.
        alone: whether it is worked on without others beside it, because a process died over several.
        done: tiles that are done.
        total: tiles in all; None before that is known.
        output: what came out, once it did.
        error: why it failed.
        figures: of versions against a reference, by the name of the version.
        reference: width and height of the reference, where there is one.
        is_video: whether it is a video instead of a picture.
        shown: versions whose own files browsers show.
        delivered: whether the client has the result.
        making: held while versions to look at are made.
    """

    id: str
    owner: str | None
    client: str
    name: str
    wishes: Wishes
    place: Path
    digest: str
    input: dict[str, Any]
    result: dict[str, int]
    status: Status = Status.QUEUED
    canceling: bool = False
    alone: bool = False
    done: int | None = None
    total: int | None = None
    position: int | None = None
    seconds_left: float | None = None
    created: datetime = field(default_factory=lambda: datetime.now(UTC))
    started: datetime | None = None
    ended: datetime | None = None
    expires: datetime | None = None
    output: dict[str, Any] | None = None
    error: Details | None = None
    figures: dict[str, dict[str, float | None]] = field(default_factory=dict)
    reference: dict[str, int] | None = None
    is_video: bool = False
    shown: set[str] = field(default_factory=set)
    delivered: bool = False
    making: asyncio.Lock = field(default_factory=asyncio.Lock)
    version: int = 0
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def has_ended(self) -> bool:
        """Whether nothing more will happen to it but its expiry."""
        return self.status in ENDED

    @property
    def source(self) -> Path:
        """The upload."""
        return self.place / "original"

    @property
    def target(self) -> Path:
        """The result."""
        return self.place / "result"

    @property
    def pixels(self) -> int:
        """Of the result, all frames together."""
        return self.result["width"] * self.result["height"] * int(self.input["frames"])

    def touch(self) -> None:
        """Tell listeners that something changed."""
        self.version += 1
        changed, self.changed = self.changed, asyncio.Event()
        changed.set()

    def to_json(self) -> dict[str, Any]:
        """The job as the API tells it."""
        address = f"v1/jobs/{self.id}"
        return {
            "id": self.id,
            "status": self.status,
            "canceling": self.canceling,
            "position": self.position,
            "done": self.done,
            "total": self.total,
            "seconds_left": self.seconds_left,
            "created": stamp(self.created),
            "started": stamp(self.started),
            "ended": stamp(self.ended),
            "expires": stamp(self.expires),
            "input": {"name": self.name, **self.input},
            "settings": self.wishes.to_json(),
            "result": self.result,
            "output": self.output and {**self.output, "href": f"{address}/output"},
            "panes": self._panes(address),
            "error": self.error.to_json() if self.error else None,
            "href": address,
            "events": f"{address}/events",
        }

    def _panes(self, address: str) -> list[dict[str, Any]]:
        if self.output is None or self.is_video:
            return []
        sizes = {"original": self.input, "bicubic": self.output, "generator": self.output}
        if self.reference:
            sizes["reference"] = self.reference
        labels = {"generator": str(self.output["model"])}
        return [
            {
                "kind": kind,
                "label": labels.get(kind, kind),
                "href": f"{address}/panes/{kind}",
                "width": size["width"],
                "height": size["height"],
                "seconds": self.output["seconds"] if kind == "generator" else None,
                "psnr": self.figures.get(kind, {}).get("psnr"),
                "ssim": self.figures.get(kind, {}).get("ssim"),
                "identical": self.figures.get(kind, {}).get("identical"),
                "tiles": self._tiles(address, kind, size),
            }
            for kind, size in sizes.items()
        ]

    def _tiles(self, address: str, kind: str, size: dict[str, Any]) -> dict[str, Any] | None:
        if not is_tiled(size):
            return None
        levels = levels_of(size["width"], size["height"])
        return {"href": f"{address}/tiles/{kind}", "size": TILE_SIDE, "levels": levels}

    def size_of(self, kind: str) -> dict[str, Any] | None:
        """Width and height of one of its versions; None where there is no such version."""
        for pane in self._panes(""):
            if pane["kind"] == kind:
                return {"width": pane["width"], "height": pane["height"]}
        return None


def stamp(time: datetime | None) -> str | None:
    """A time as JSON has it."""
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z") if time else None


def is_tiled(size: dict[str, Any]) -> bool:
    """Whether a version is shown in tiles."""
    return bool(size["width"] * size["height"] > TILED_FROM_PIXELS)


def levels_of(width: int, height: int) -> int:
    """Levels of a pyramid of tiles: halves, until one tile holds all."""
    levels = 1
    while max(width, height) > TILE_SIDE:
        width, height = -(-width // 2), -(-height // 2)
        levels += 1
    return levels
