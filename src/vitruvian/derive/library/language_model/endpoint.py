"""One question to the site's own language model, over HTTP and within bounds.

No proxy is used and no redirect followed: the text of a note goes to the host that the site named,
and nowhere else. Neither question nor answer is logged or quoted in an error.

References
----------
RFC 1122, section 3.2.1.3 and RFC 4291, section 2.5.3: the loopback addresses.
"""

from __future__ import annotations

import ipaddress
import os
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from threading import Event, Timer
from urllib.parse import urlsplit

from vitruvian.derive.errors import EndpointNotOurs, EndpointSilent

URL, MODEL = "VITRUVIAN_LANGUAGE_MODEL", "VITRUVIAN_LANGUAGE_MODEL_NAME"
HOSTS, KEY = "VITRUVIAN_LANGUAGE_MODEL_HOSTS", "VITRUVIAN_LANGUAGE_MODEL_KEY"
SECONDS = "VITRUVIAN_LANGUAGE_MODEL_SECONDS"
LONGEST_WAIT = 120.0
MOST_BYTES = 2 * 1024 * 1024
ANSWERED, TOO_MANY, SERVER_FAILED, REDIRECTED = 200, 429, 500, range(300, 400)
# Said of the endpoint itself, not of one note: going on would not help.
SET_UP_WRONG = frozenset({401, 403, 404, 405})


class NoAnswer(Exception):
    """One question got none; the reason is a word for the count, and says nothing of the note."""

    def __init__(self, reason: str, *, endpoint_failed: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.endpoint_failed = endpoint_failed


@dataclass(frozen=True)
class Endpoint:
    """Where the model answers, and how long one answer may take in all, in seconds."""

    host: str
    port: int
    path: str
    secure: bool
    model: str
    seconds: float = LONGEST_WAIT
    key: str = field(default="", repr=False)

    def ask(self, question: bytes) -> bytes:
        """The body of the answer.

        Raises
        ------
        NoAnswer
            When this question got none: too slow, too long, refused, or the server failed.
        EndpointSilent
            When nobody listens there, or it says that it is set up differently.
        """
        kind = HTTPSConnection if self.secure else HTTPConnection
        connection = kind(self.host, self.port, timeout=self.seconds)
        try:
            connection.connect()
        except OSError as fault:
            raise EndpointSilent(why=type(fault).__name__) from None
        try:
            _check_peer(connection.sock, self.host)
            with _no_longer_than(self.seconds, connection.sock) as late:
                return self._answer(connection, question, late)
        finally:
            connection.close()

    def _answer(self, connection: HTTPConnection, question: bytes, late: Event) -> bytes:
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self.key:
            headers["Authorization"] = f"Bearer {self.key}"
        try:
            connection.request("POST", self.path, body=question, headers=headers)
            response = connection.getresponse()
            body = response.read(MOST_BYTES + 1)
        except (OSError, HTTPException, ValueError) as fault:
            # The socket has a clock of its own, which may strike first.
            slow = late.is_set() or isinstance(fault, TimeoutError)
            reason = "timed-out" if slow else "connection-broken"
            raise NoAnswer(reason, endpoint_failed=True) from None
        if late.is_set():
            raise NoAnswer("timed-out", endpoint_failed=True)
        _check_status(response)
        if len(body) > MOST_BYTES:
            raise NoAnswer("too-long", endpoint_failed=True)
        return body


def endpoint_from_settings() -> Endpoint:
    """The endpoint that the environment names.

    Raises
    ------
    EndpointNotOurs
        When its address is none, or its host is neither this machine nor a declared one.
    """
    try:
        parts = urlsplit(os.environ.get(URL, ""))
        port = parts.port
    except ValueError:
        raise EndpointNotOurs(fault="the address cannot be read", setting=URL) from None
    host, secure = parts.hostname or "", parts.scheme == "https"
    if parts.scheme not in {"http", "https"} or not host or parts.query or parts.username:
        raise EndpointNotOurs(fault="the address is not like http://127.0.0.1:8080/v1", setting=URL)
    declared = {name.strip().lower() for name in os.environ.get(HOSTS, "").split(",")}
    if not is_loopback(host) and host not in declared:
        raise EndpointNotOurs(fault="the host is neither this machine nor declared", setting=HOSTS)
    if not is_loopback(host) and not secure:
        raise EndpointNotOurs(fault="another machine is asked without encryption", setting=URL)
    return Endpoint(
        host, port or (443 if secure else 80), f"{parts.path.rstrip('/')}/chat/completions",
        secure, model_named(), _seconds(), os.environ.get(KEY, ""),
    )  # fmt: skip


def model_named() -> str:
    """The model's name as the endpoint knows it."""
    return os.environ.get(MODEL, "")


def is_loopback(host: str) -> bool:
    """Whether a host is this machine.

    Examples
    --------
    >>> [is_loopback(host) for host in ("localhost", "127.0.0.1", "::1", "127.0.0.1.example.org")]
    [True, True, True, False]
    """
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _seconds() -> float:
    """How long one answer may take."""
    try:
        told = float(os.environ.get(SECONDS, LONGEST_WAIT))
    except ValueError:
        told = 0.0
    if not 0 < told <= 3600:  # noqa: PLR2004 (an hour for one note is a fault)
        raise EndpointNotOurs(
            fault="seconds for one answer are not between 0 and 3600", setting=SECONDS
        )
    return told


def _check_peer(connected: socket.socket, host: str) -> None:
    """A name that means this machine must lead to it."""
    peer = str(connected.getpeername()[0])
    if is_loopback(host) and not is_loopback(peer.removeprefix("::ffff:")):
        raise EndpointNotOurs(fault="the name of this machine leads to another one", setting=URL)


@contextmanager
def _no_longer_than(seconds: float, connected: socket.socket) -> Iterator[Event]:
    """Hang up after so many seconds, however busily the other side sends."""
    late = Event()

    def hang_up() -> None:
        late.set()
        with suppress(OSError, ssl.SSLError):
            connected.shutdown(socket.SHUT_RDWR)

    watch = Timer(seconds, hang_up)
    watch.daemon = True
    watch.start()
    try:
        yield late
    finally:
        watch.cancel()


def _check_status(response: HTTPResponse) -> None:
    status = response.status
    if status == ANSWERED:
        return
    if status in SET_UP_WRONG or status in REDIRECTED:
        raise EndpointSilent(why=f"HTTP {status}")
    failed = status == TOO_MANY or status >= SERVER_FAILED
    raise NoAnswer(f"http-{status}", endpoint_failed=failed)
