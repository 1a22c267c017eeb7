"""A server of SFTP on loopback for tests, of paramiko's parts: a folder for whoever knows a password."""

from __future__ import annotations

import contextlib
import os
import socket
import threading

import paramiko
from paramiko import SFTP_OK, SFTPAttributes


class Door(paramiko.ServerInterface):
    """Lets in who knows the password."""

    def __init__(self, password):
        self._password = password

    def check_auth_password(self, username, password):
        return paramiko.AUTH_SUCCESSFUL if password == self._password else paramiko.AUTH_FAILED

    def check_channel_request(self, kind, chanid):
        return paramiko.OPEN_SUCCEEDED


class Handle(paramiko.SFTPHandle):
    """An open file."""

    def stat(self):
        return SFTPAttributes.from_stat(os.fstat(self.readfile.fileno()))


class Files(paramiko.SFTPServerInterface):
    """The files of a folder; in folders named ``locked`` nothing may be written."""

    def __init__(self, server, folder):
        self._folder = folder

    def _place(self, path):
        return self._folder / path.lstrip("/")

    def list_folder(self, path):
        return _told(
            lambda: [SFTPAttributes.from_stat(e.stat(), e.name) for e in self._place(path).iterdir()]
        )

    def stat(self, path):
        return _told(lambda: SFTPAttributes.from_stat(self._place(path).stat()))

    lstat = stat

    def open(self, path, flags, attr):
        def opened():
            writes = bool(flags & (os.O_WRONLY | os.O_RDWR))
            if writes and self._place(path).parent.name == "locked":
                return paramiko.SFTP_PERMISSION_DENIED
            handle = Handle(flags)
            handle.readfile = handle.writefile = self._place(path).open("wb+" if writes else "rb")
            return handle

        return _told(opened)

    def remove(self, path):
        return _told(lambda: self._place(path).unlink() or SFTP_OK)

    def mkdir(self, path, attr):
        return _told(lambda: self._place(path).mkdir() or SFTP_OK)

    def posix_rename(self, oldpath, newpath):
        return _told(lambda: self._place(oldpath).replace(self._place(newpath)) and SFTP_OK)


def _told(call):
    try:
        return call()
    except OSError as error:
        return paramiko.SFTPServer.convert_errno(error.errno)


@contextlib.contextmanager
def serve(folder, password):
    """Serves a folder; yields the port, and the key that the server shows."""
    key = paramiko.ECDSAKey.generate()
    listener = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=_accept, args=(listener, key, folder, password), daemon=True).start()
    yield listener.getsockname()[1], key
    listener.close()


def _accept(listener, key, folder, password):
    with contextlib.suppress(OSError):
        while True:
            client, _ = listener.accept()
            transport = paramiko.Transport(client)
            transport.add_server_key(key)
            transport.set_subsystem_handler("sftp", paramiko.SFTPServer, Files, folder)
            with contextlib.suppress(paramiko.SSHException, EOFError):
                transport.start_server(server=Door(password))
