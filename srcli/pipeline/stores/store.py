"""One place in a store, by fsspec: reading, writing whole objects, and what went wrong in words."""

from __future__ import annotations

import re
import time
from contextlib import nullcontext, suppress
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from threading import Lock
from typing import TYPE_CHECKING, Any, BinaryIO, TypeVar

from srcli.core.errors import InputError, MissingExtra, OutputError, SrcliError, UsageError
from srcli.core.names import printable
from srcli.pipeline.stores.address import EXTRAS, is_address, shown, similar_scheme
from srcli.pipeline.stores.errors import NotThere, keep_logs_quiet, passes, told

if TYPE_CHECKING:
    from collections.abc import Callable

_Result = TypeVar("_Result")

OBJECT_STORES = {"s3", "s3a", "gs", "gcs", "az", "abfs", "abfss", "adl", "oci", "memory"}
"""Where an object appears when it was sent whole; elsewhere it is sent under another name and renamed."""
SFTP = {"sftp", "ssh"}
ONE_AT_A_TIME = SFTP | {"ftp", "ftps"}
"""Clients with one connection, which lose answers where two threads ask."""
CAN_REFUSE = {"s3", "s3a", "gs", "gcs", "az", "abfs", "abfss"}
"""Stores that refuse an object whose name another machine took at the same moment."""
OF_ONE_MACHINE = {"file", "local", "memory"}
READ_ONLY = {"http", "https", "zip", "tar", "libarchive", "github", "data"}
TRIES, FIRST_PAUSE_S = 5, 0.5


@dataclass(frozen=True, slots=True)
class Entry:
    """One object.

    Attributes:
        key: its path, as the file system of the store names it.
        bytes: its size; -1 where the store doesn't tell.
        version: what changes with its content: the store's own tag, or the time.
    """

    key: str
    bytes: int
    version: str


class Store:
    """The file system behind an address.

    Args:
        address: a URL, or a local path, which is a store as well where the other side is one.
        machine: from where it is asked, for messages that are read elsewhere.

    Attributes:
        root: the path of the address in that file system.
        protocol: the scheme.

    Raises:
        MissingExtra: the package for this kind of store is not installed.
        UsageError: nothing knows the scheme.
    """

    def __init__(self, address: str, *, machine: str | None = None) -> None:
        try:
            from fsspec.core import url_to_fs
        except ModuleNotFoundError as error:
            raise MissingExtra(shown(address), EXTRAS.get(address.partition(":")[0], "stores")) from error
        keep_logs_quiet()
        self._asker = f" from {printable(machine)}" if machine else ""
        self.address = address
        scheme = address.partition(":")[0] if is_address(address) else "file"
        try:
            # A listing that is kept would grow with the store, and miss what others write.
            self.files, self.root = url_to_fs(address, **_options(scheme))
        except ImportError as error:
            raise MissingExtra(f"{scheme}://", EXTRAS.get(scheme, scheme)) from error
        except ValueError as error:
            raise UsageError(f"cannot open {shown(address)}: {error}", hint=similar_scheme(scheme)) from error
        except Exception as error:
            raise told(error, f"cannot open {shown(address)}{self._asker}", InputError) from error
        if scheme in OBJECT_STORES - {"memory"} and not self.root.strip("/"):
            raise UsageError(f"{shown(address)} names no bucket", hint=f"{scheme}://BUCKET/FOLDER/")
        self.protocol = scheme
        self._turn = Lock() if scheme in ONE_AT_A_TIME else nullcontext()
        self._before, self._behind = _around(address, self.root)

    @property
    def is_local(self) -> bool:
        """Whether other machines would find something else, or nothing, by the same address."""
        return not is_address(self.place) or self.place.partition(":")[0] in OF_ONE_MACHINE

    @property
    def place(self) -> str:
        """The scheme, and the server or bucket; of an archive in a store, those of the store."""
        innermost = self.address.rpartition("::")[2]
        scheme, slashes, rest = innermost.partition("://")
        return f"{scheme}{slashes}{rest.partition('/')[0]}"

    def at(self, root: str) -> Store:
        """The same store at another path."""
        other = copy(self)
        other.root = root
        return other

    def name(self, key: str) -> str:
        """The address of an object, for people."""
        if self._before is None:
            return printable(key if self.protocol == "file" else str(self.files.unstrip_protocol(key)))
        return printable(f"{self._before}{key}{self._behind}")

    def entry(self, key: str) -> Entry | None:
        """One object; None where there is none, or a folder."""
        try:
            found = self.tried(lambda: self.files.info(key), f"cannot read {self.name(key)}", InputError)
        except NotThere:
            return None
        return None if found["type"] == "directory" else entry_of(found)

    def read(self, key: str, end: int | None = None) -> bytes:
        """An object, or its first bytes.

        Raises:
            InputError: it can't be read.
        """
        data = self.tried(
            lambda: self.files.cat_file(key, end=end), f"cannot read {self.name(key)}", InputError
        )
        return bytes(data)

    def write(self, key: str, file: BinaryIO | bytes, *, overwrite: bool = True) -> None:
        """Put an object there, whole or not at all.

        Raises:
            OutputError: the store refuses, or the object is there and may not be replaced.
        """
        data = file if isinstance(file, bytes) else file.read()
        what = f"cannot write {self.name(key)}"
        if self.protocol in OBJECT_STORES:
            # What is sent in parts appears when its last part is confirmed.
            new = {"mode": "create"} if self.protocol in CAN_REFUSE and not overwrite else {}
            self.tried(lambda: self.files.pipe_file(key, data, **new), what, OutputError)
            return
        folder, _, name = key.rpartition("/")
        temporary = f"{folder}/.srcli-{token_hex(4)}"
        self.tried(lambda: self.files.makedirs(folder, exist_ok=True), what, OutputError)
        try:
            self.tried(lambda: self.files.pipe_file(temporary, data), what, OutputError)
            self.tried(lambda: self._rename(temporary, f"{folder}/{name}"), what, OutputError)
        except BaseException:
            with suppress(Exception):
                self.files.rm_file(temporary)
            raise

    def _rename(self, temporary: str, key: str) -> None:
        if self.protocol == "file":
            Path(temporary).replace(key)
            return
        try:
            self.files.mv(temporary, key)
        except OSError:
            # Not all servers of files rename onto what is there.
            if not self.files.exists(key):
                raise
            self.files.rm_file(key)
            self.files.mv(temporary, key)

    def tried(
        self, call: Callable[[], _Result], what: str, kind: type[SrcliError], tries: int = TRIES
    ) -> _Result:
        """Call a store, again after growing pauses where it may be over soon."""
        for attempt in range(tries):
            try:
                with self._turn:
                    return call()
            except Exception as error:
                if not self._passes(error) or attempt == tries - 1:
                    raise told(error, f"{what}{self._asker}", kind) from error
                time.sleep(FIRST_PAUSE_S * 2**attempt)
                self._connect_again()
        raise AssertionError("the last attempt returns or raises")

    def _passes(self, error: Exception) -> bool:
        """Sending over SFTP ends with EOFError where the connection broke, as reading cut archives does."""
        return passes(error) or (self.protocol in SFTP and isinstance(error, EOFError))

    def _connect_again(self) -> None:
        """SFTP has one connection, which does not come back by itself."""
        if self.protocol not in SFTP:
            return
        with self._turn, suppress(Exception):
            # A channel ends a moment before its connection says so, or without it.
            channel = self.files.ftp.get_channel()
            if channel.closed or channel.eof_received or not self.files.client.get_transport().is_active():
                self.files.client.close()
                self.files._connect()


def entry_of(found: dict[str, Any]) -> Entry:
    """An object as a listing tells of it."""
    tags = (
        found.get(name)
        for name in ("ETag", "etag", "md5Hash", "CRC", "mtime", "LastModified", "last_modified")
    )
    version = next((tag for tag in (*tags, found.get("created")) if tag), "")
    return Entry(
        str(found["name"]), -1 if found.get("size") is None else int(found["size"]), str(version).strip('"')
    )


def _around(address: str, root: str) -> tuple[str | None, str]:
    """What stands before and behind a path in its address, without a password; None where neither is told."""
    first, chain, rest = address.partition("::")
    if not is_address(address) or not root or not first.rstrip("/").endswith(root.rstrip("/")):
        return None, ""
    before = first.rstrip("/").removesuffix(root.rstrip("/"))
    return re.sub(r"//[^/@]*@", "//", before), f"{chain}{rest}"


def _options(scheme: str) -> dict[str, Any]:
    if scheme in SFTP:
        from srcli.pipeline.stores.known_hosts import known_hosts_only

        return {"host_key_policy": known_hosts_only(), "skip_instance_cache": True}
    if scheme in OBJECT_STORES - {"memory"}:
        return {"use_listings_cache": False, "skip_instance_cache": True}
    return {"skip_instance_cache": True} if scheme in ONE_AT_A_TIME else {}
