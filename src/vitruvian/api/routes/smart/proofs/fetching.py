"""Fetching a small JSON document from an address that an administrator wrote down.

Whoever can make a server fetch an address of their choice can look around inside the hospital.
So addresses come from declarations only, never from a token; the scheme is https; the name must
lead to public machines only, and the connection goes to the very machine that was looked up;
nothing is followed; what comes is small and comes soon.

References
----------
OWASP Server-Side Request Forgery Prevention Cheat Sheet (2025).
SMART App Launch 2.2.0, Client Authentication: Asymmetric, "Registering Using JWKS URL".
"""

# ruff: noqa: TRY003 - one class of complaint, whose sentence names the fault

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any  # JSON
from urllib.parse import SplitResult, urlencode, urlsplit

import orjson

from vitruvian.base.errors import Unavailable
from vitruvian.lake.apps.registry import LOOPBACK

SECONDS = 5.0
MOST_BYTES = 64 * 1024
KEPT_SECONDS = 300.0
LEAST_SECONDS = 30.0


class NotFetched(Unavailable):
    """A document that another server keeps could not be fetched."""

    def __init__(self, why: str) -> None:
        super().__init__(
            f"A document of another server could not be fetched: {why}. "
            "Check the address that was declared, and try again."
        )


def machine_of(host: str, port: int) -> str:
    """The public machine that a name leads to; raises `NotFetched` when any is inside."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise NotFetched("its name leads nowhere") from None
    machines = [str(one[4][0]) for one in found]
    if not machines or not all(ipaddress.ip_address(one).is_global for one in machines):
        raise NotFetched("its name leads to a machine that is not public")
    return machines[0]


class _Pinned(HTTPSConnection):
    """A connection to one machine that must prove to carry the name."""

    def __init__(self, host: str, port: int, *, machine: str) -> None:
        self._tls = ssl.create_default_context()
        super().__init__(host, port, timeout=SECONDS, context=self._tls)
        self._machine = machine

    def connect(self) -> None:
        """Connect to the machine that was looked up, not to what the name says by now."""
        plain = socket.create_connection((self._machine, self.port), SECONDS)
        self.sock = self._tls.wrap_socket(plain, server_hostname=self.host)


@dataclass(frozen=True)
class Sent:
    """What goes along: a form, unless it is only asked for, and the Authorization header."""

    form: Mapping[str, str] | None = None
    authorization: str | None = None
    accept: str = "application/json"
    most_bytes: int = MOST_BYTES


PLAIN = Sent()


def fetch_json(address: str) -> Any:
    """The JSON document at an https address of a public machine; raises `NotFetched`."""
    return _answer(_public, address, PLAIN)


def fetch_inside(address: str, sent: Sent = PLAIN) -> Any:
    """The same of a machine that a declaration names, inside the hospital or on this machine."""
    return _answer(_declared, address, sent)


def _public(parts: SplitResult) -> HTTPConnection:
    if parts.scheme != "https" or not parts.hostname or parts.username is not None:
        raise NotFetched("its address is not https")
    port = parts.port or 443
    return _Pinned(parts.hostname, port, machine=machine_of(parts.hostname, port))


def _declared(parts: SplitResult) -> HTTPConnection:
    host = parts.hostname or ""
    if parts.scheme == "http" and host in LOOPBACK:
        return HTTPConnection(host, parts.port or 80, timeout=SECONDS)
    if parts.scheme != "https" or not host or parts.username is not None:
        raise NotFetched("its address is not https")
    context = ssl.create_default_context()
    return HTTPSConnection(host, parts.port or 443, timeout=SECONDS, context=context)


def _answer(connect: Callable[[SplitResult], HTTPConnection], address: str, sent: Sent) -> Any:
    try:
        parts = urlsplit(address)
        connection = connect(parts)
    except ValueError:
        raise NotFetched("its address cannot be read") from None
    path = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    try:
        _ask(connection, path, sent)
        answer = connection.getresponse()
        data = answer.read(sent.most_bytes + 1)
    except (OSError, HTTPException, UnicodeError):
        raise NotFetched("the server did not answer over TLS") from None
    finally:
        connection.close()
    if answer.status != HTTPStatus.OK or len(data) > sent.most_bytes:
        most = sent.most_bytes // 1024
        raise NotFetched(f"the answer is another one than 200, or larger than {most} KiB")
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        raise NotFetched("the answer is not JSON") from None


def _ask(connection: HTTPConnection, path: str, sent: Sent) -> None:
    headers = {"accept": sent.accept}
    if sent.authorization is not None:
        headers["authorization"] = sent.authorization
    if sent.form is None:
        connection.request("GET", path, headers=headers)
        return
    headers["content-type"] = "application/x-www-form-urlencoded"
    connection.request("POST", path, body=urlencode(sent.form), headers=headers)


class Keys:
    """Keys fetched lately; an unknown key is looked for anew, but not all the time."""

    def __init__(self, fetch: Callable[[str], Any] = fetch_json) -> None:
        self.fetch = fetch
        self._guard = threading.Lock()
        self._kept: dict[str, tuple[float, Mapping[str, Any]]] = {}

    def at(self, address: str, *, kid: str) -> Mapping[str, Any]:
        """The JWK Set at an address; raises `NotFetched`."""
        now = time.monotonic()
        with self._guard:
            at, kept = self._kept.get(address, (0.0, None))
        if kept is not None:
            named = any(one.get("kid") == kid for one in kept["keys"])
            if now - at < (KEPT_SECONDS if named else LEAST_SECONDS):
                return kept
        found = self.fetch(address)
        listed = found.get("keys") if isinstance(found, dict) else None
        if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
            raise NotFetched("the answer is no JWK Set")
        with self._guard:
            self._kept[address] = (now, {"keys": listed})
        return {"keys": listed}


KEYS = Keys()


def fetched_keys(address: str, *, kid: str) -> Mapping[str, Any]:
    """The JWK Set at a declared address, fetched or remembered."""
    return KEYS.at(address, kid=kid)
