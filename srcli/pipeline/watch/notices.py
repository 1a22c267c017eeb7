"""Being told by the system that something happened in a folder."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from srcli.core.errors import MissingExtra

if TYPE_CHECKING:
    from collections.abc import Iterator

NETWORK_FILE_SYSTEMS = (
    "nfs", "nfs4", "cifs", "smb2", "smb3", "smbfs", "afpfs", "webdav", "davfs", "9p", "virtiofs", "vboxsf",
    "prl_fs", "vmhgfs", "ceph", "glusterfs", "lustre", "beegfs", "afs",
)  # fmt: skip
"""Kinds of file systems on which others write without this system being told; FUSE counts as well."""


class Notices:
    """A mailbox that is woken by changes in a folder, and by anyone else; safe in a signal's handler."""

    def __init__(self) -> None:
        self._box: SimpleQueue[Path | None] = SimpleQueue()

    def closed(self, path: Path) -> None:
        """A file is whole: its writer closed it, or it was moved here."""
        self._box.put(path)

    def wake(self) -> None:
        """End the wait."""
        self._box.put(None)

    def wait(self, seconds: float) -> set[Path]:
        """Wait until something happens, or the time is over.

        Returns:
            The files that are whole since the last wait.
        """
        found = set()
        try:
            found.add(self._box.get(timeout=seconds))
            while True:
                found.add(self._box.get_nowait())
        except Empty:
            pass
        return {path for path in found if path is not None}


@contextmanager
def told_by_system(folder: Path, notices: Notices, *, recursive: bool) -> Iterator[None]:
    """Put what happens in a folder into the mailbox.

    Raises:
        MissingExtra: watchdog is not installed.
    """
    try:
        from watchdog.events import FileSystemEvent, FileSystemEventHandler
        from watchdog.observers import Observer
    except ModuleNotFoundError as error:
        raise MissingExtra("being told of new files", "watch") from error

    class Handler(FileSystemEventHandler):
        def on_closed(self, event: FileSystemEvent) -> None:
            notices.closed(_path(event.src_path))

        def on_moved(self, event: FileSystemEvent) -> None:
            notices.closed(_path(event.dest_path))

        def on_created(self, _event: FileSystemEvent) -> None:
            # Where no closing is told of, the next look finds whether it stands still.
            notices.wake()

    observer = Observer()
    observer.schedule(Handler(), str(folder), recursive=recursive)
    observer.start()
    try:
        yield
    finally:
        observer.stop()
        observer.join()


def is_network_folder(folder: Path) -> bool:
    """Whether other machines may write to a folder without this one being told."""
    import psutil

    place = folder.resolve()
    mounts = [part for part in psutil.disk_partitions(all=True) if place.is_relative_to(part.mountpoint)]
    # Of several on one place, the last mounted is seen.
    nearest = max(reversed(mounts), key=lambda part: len(Path(part.mountpoint).parts), default=None)
    kind = nearest.fstype.lower() if nearest else ""
    return kind in NETWORK_FILE_SYSTEMS or kind.startswith("fuse")


def _path(name: bytes | str) -> Path:
    import os

    return Path(os.fsdecode(name))
