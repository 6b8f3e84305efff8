"""A second place for what the audit says: a file that is only added to, or a log collector.

A collector is spoken to over TLS, or in the clear on this machine alone. A connection carries one
batch: we end our side, and only when the collector has ended its own, after reading everything, is
the batch taken as told. What was cut off is told again, so it may come twice and is never missing.

References
----------
RFC 5425 (2009), syslog over TLS. RFC 9325 (2022): TLS 1.2 at least.
"""

from __future__ import annotations

import os
import socket
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from vitruvian.base.errors import BadInput, Unavailable
from vitruvian.lake.disk.durable import fsync_path, storage_errors, write_whole
from vitruvian.trust.audit.syslog import Message, as_message, framed

SECONDS = 10.0
PORTS = {"tls": 6514, "tcp": 601}
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class BadPlace(BadInput):
    """A second place of the audit cannot be used."""

    def __init__(self, *, why: str) -> None:
        super().__init__(
            f"The second place of the audit cannot be used: {why}. Expected a file outside the "
            "lake, tls://HOST:PORT of a log collector, or tcp://127.0.0.1:PORT of one on this "
            "machine."
        )


class PlaceDown(Unavailable):
    """A log collector does not take what the audit tells."""

    def __init__(self, *, why: str) -> None:
        super().__init__(
            f"The log collector does not take what the audit tells: {why}. Nothing is lost: it is "
            "told again. See whether the collector runs, and whether its certificate is known here."
        )


class Place(Protocol):
    """Somewhere beside the lake."""

    @property
    def name(self) -> str:
        """What tells this place from others; where it got to is kept under it."""

    def tell(self, messages: Sequence[Message]) -> None:
        """Bring messages there; when this returns they are there."""


@dataclass(frozen=True)
class FilePlace:
    """A file, one message a line, without what syslog puts before it."""

    path: Path

    @property
    def name(self) -> str:
        """The whole path."""
        return str(self.path)

    def tell(self, messages: Sequence[Message]) -> None:
        """Add lines at the end, durably."""
        data = "".join(f"{one.words}\n" for one in messages).encode()
        with storage_errors("writing to the second place of the audit"):
            handle = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                end = os.fstat(handle).st_size
                torn = end and os.pread(handle, 1, end - 1) != b"\n"
                write_whole(handle, b"\n" + data if torn else data, at=end)
                os.fsync(handle)
            finally:
                os.close(handle)
            fsync_path(self.path.parent)


@dataclass(frozen=True)
class Collector:
    """A log collector that speaks syslog over a stream.

    Parameters
    ----------
    host, port
        Where it listens.
    encrypted
        Whether over TLS.
    authority
        PEM file of those who vouch for its certificate; None takes those of this machine.
    """

    host: str
    port: int
    encrypted: bool
    authority: Path | None = None

    @property
    def name(self) -> str:
        """Its address."""
        return f"{'tls' if self.encrypted else 'tcp'}://{self.host}:{self.port}"

    def tell(self, messages: Sequence[Message]) -> None:
        """Send one batch, and wait until the collector has read all of it.

        Raises
        ------
        PlaceDown
            When it cannot be reached, is not who it should be, or does not end its side.
        """
        host = socket.getfqdn()
        data = b"".join(framed(as_message(one, host=host)) for one in messages)
        try:
            with socket.create_connection((self.host, self.port), timeout=SECONDS) as plain:
                if self.encrypted:
                    with self._context().wrap_socket(plain, server_hostname=self.host) as secret:
                        secret.sendall(data)
                        _end_encrypted(secret)
                else:
                    plain.sendall(data)
                    plain.shutdown(socket.SHUT_WR)
                    _read_to_end(plain)
        except (OSError, ssl.SSLError) as error:
            why = getattr(error, "reason", None) or error.strerror or type(error).__name__
            raise PlaceDown(why=str(why)) from None

    def _context(self) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=self.authority)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        return context


def _read_to_end(connection: socket.socket) -> None:
    while connection.recv(4096):
        pass


def _end_encrypted(connection: ssl.SSLSocket) -> None:
    """Say that nothing more comes, and wait for the other side to end."""
    try:
        connection.unwrap()
    except ssl.SSLEOFError:
        return  # it ended without saying so in TLS; a reset, by contrast, is an error


def place_of(words: str, *, lake: Path, authority: Path | None = None) -> Place:
    """The place that a site names; raises `BadPlace`."""
    if "://" not in words:
        return _file(Path(words), lake)
    parts = urlsplit(words)
    try:
        port = parts.port or PORTS.get(parts.scheme, 0)
    except ValueError:
        raise BadPlace(why="its port is none") from None
    if parts.scheme not in PORTS or not parts.hostname or parts.path.strip("/"):
        raise BadPlace(why="it is neither a file nor the address of a collector")
    if parts.scheme == "tcp" and parts.hostname not in LOOPBACK:
        raise BadPlace(why="names of accounts and numbers of patients would cross a network openly")
    return Collector(parts.hostname, port, parts.scheme == "tls", authority)


def _file(path: Path, lake: Path) -> FilePlace:
    whole = path.absolute()
    if lake.resolve() in whole.resolve().parents:
        raise BadPlace(why="it lies in the folder of the lake itself")
    if whole.is_dir() or not whole.parent.is_dir():
        raise BadPlace(why="it is a folder, or its folder is not there")
    return FilePlace(whole)
