"""How a server is set up, and the limits that it keeps."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

MIB, GIB, MEGAPIXEL = 2**20, 2**30, 10**6
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
"""Addresses that only this machine reaches."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a server takes on at most.

    Attributes:
        upload_bytes: of a picture that is sent.
        json_bytes: of a picture inside JSON, as base64.
        input_pixels: of a picture that is sent, by its header.
        output_pixels: of a result, all frames of an animation together; of a frame of a video.
        frames: of an animation.
        video_frames: of a video.
        job_seconds: that the work on one picture takes.
        waiting_jobs: pictures that wait, of all clients.
        jobs_per_client: pictures of one client that wait or are worked on.
        kept_jobs: pictures of which something is known, also those that are done.
        connections: open at the same time.
        body_seconds: that an upload takes.
        keep_seconds: that a result is kept.
        disk_bytes: of all files.
    """

    upload_bytes: int = 64 * MIB
    json_bytes: int = 24 * MIB
    input_pixels: int = 64 * MEGAPIXEL
    output_pixels: int = 200 * MEGAPIXEL
    frames: int = 200
    video_frames: int = 1500
    job_seconds: float = 600.0
    waiting_jobs: int = 64
    jobs_per_client: int = 8
    kept_jobs: int = 2000
    connections: int = 512
    body_seconds: float = 120.0
    keep_seconds: float = 3600.0
    disk_bytes: int = 4 * GIB


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """Everything about a server but its limits, which are a part of it.

    Attributes:
        host: the address to listen at.
        port: to listen at; 0 for any that is free.
        root_path: what a proxy puts before all addresses, such as ``/sr``; empty for nothing.
        token: what clients have to know; None where everyone is let in.
        allowed_hosts: names besides those of this machine by which clients may call the server.
        cors_origins: origins whose pages may use the API.
        forwarded_allow_ips: proxies that are believed about the client's address.
        folder: where uploads and results lie; None for the system's folder for temporary files.
        workers: processes that enlarge pictures.
        model: the generator where a request names none.
        device: where generators run.
        limits: what is taken on at most.
    """

    host: str = "127.0.0.1"
    port: int = 8765
    root_path: str = ""
    token: str | None = None
    allowed_hosts: tuple[str, ...] = ()
    cors_origins: tuple[str, ...] = ()
    forwarded_allow_ips: str = ""
    folder: Path | None = None
    workers: int = 1
    model: str = "auto"
    device: str = "auto"
    limits: Limits = field(default_factory=Limits)
