"""Servers of SFTP are believed to be who they say only where their key is known, as ssh does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

KNOWN_HOSTS = Path("~/.ssh/known_hosts")


def known_hosts_only() -> Any:  # noqa: ANN401  a class of paramiko, which is loaded here alone
    """What decides about the key of a server: it is in the user's list, or the connection ends."""
    import paramiko

    class KnownHostsOnly(paramiko.MissingHostKeyPolicy):  # type: ignore[misc]
        def missing_host_key(self, client: Any, hostname: str, key: Any) -> None:  # noqa: ANN401
            path = KNOWN_HOSTS.expanduser()
            if path.exists() and paramiko.HostKeys(str(path)).check(hostname, key):
                return
            raise paramiko.SSHException(
                f"the key of {hostname} is not in {path}: connect with ssh once, and compare its fingerprint"
            )

    return KnownHostsOnly()
