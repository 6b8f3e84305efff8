"""Serving one lake to browsers: socket, first account, log lines, uvicorn."""

from __future__ import annotations

import gc
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

import structlog
import uvicorn
from fastapi import FastAPI

from vitruvian.api.app import Settings, create_app
from vitruvian.api.frame import LOOPBACK
from vitruvian.api.guard.tls import Certificate, NotEncrypted
from vitruvian.base.errors import Unavailable
from vitruvian.lake import Lake

FIRST_ACCOUNT = "admin"
COLLECT_AFTER = 50_000
EVERYWHERE = frozenset({"0.0.0.0", "::"})  # noqa: S104 - recognised in order to demand encryption


class PortTaken(Unavailable):
    """The address or port cannot be listened on."""

    def __init__(self, port: int) -> None:
        super().__init__(
            f"Port {port} cannot be listened on: another program holds it, or the host is not "
            "of this machine. Choose another with --port, or --port 0 for any free one."
        )


@dataclass(frozen=True)
class Address:
    """Where the server listens and how people reach it.

    Parameters
    ----------
    host, port
        Port 0 takes any free one.
    certificate
        What encrypts the connection; None leaves it in the clear.
    proxy
        Address of the reverse proxy that encrypts instead, and is believed what it says of those
        behind it; None for none.
    url
        What people type; None when it is the host and port themselves.
    """

    host: str = "127.0.0.1"
    port: int = 8420
    certificate: Certificate | None = None
    proxy: str | None = None
    url: str | None = None

    def expect_usable(self) -> None:
        """Refuse to be reached in the clear; raises `NotEncrypted` and `BadCertificate`."""
        if self.host not in LOOPBACK and self.certificate is None and self.proxy is None:
            raise NotEncrypted
        if self.certificate is not None:
            self.certificate.context()

    @property
    def hosts(self) -> frozenset[str]:
        """The names it answers for; empty for every name."""
        named = urlsplit(self.url).hostname if self.url else None
        if named is None and self.host in EVERYWHERE:
            return frozenset()
        return LOOPBACK | ({named} if named else set()) | ({self.host} - EVERYWHERE)

    def base(self, *, port: int) -> str:
        """How people reach it."""
        if self.url is not None:
            return self.url.rstrip("/")
        scheme = "http" if self.certificate is None else "https"
        return f"{scheme}://{'127.0.0.1' if self.host in EVERYWHERE else self.host}:{port}"


def sign_in_link(lake: Lake, name: str, *, base: str) -> str:
    """A one-time link; its token stands in the fragment, which no server or log sees."""
    return f"{base}/sign-in#token={lake.accounts.sign_in_link(name)}"


def first_link(lake: Lake, *, base: str) -> str | None:
    """The link of the first account until it has a password; None when others are in use."""
    if not lake.accounts.any():
        lake.accounts.create(FIRST_ACCOUNT, display_name="Administrator", role="administrator")
    account = lake.accounts.find(FIRST_ACCOUNT)
    if account is None or account.has_password:
        return None
    return sign_in_link(lake, FIRST_ACCOUNT, base=base)


def listen(address: Address) -> socket.socket:
    """A socket that listens; raises `PortTaken`."""
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    try:
        listening = socket.create_server((address.host, address.port), family=family)
    except OSError:
        raise PortTaken(address.port) from None
    # An answer is written in two parts, its head and its body. Without this the second waits
    # about 40 ms for the first to be confirmed; connections inherit it from here.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


def log_as_json() -> None:
    """Log lines as JSON on standard error."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def collect_seldom() -> None:
    """Let the garbage collector leave alone what lives as long as the server.

    A picture is thousands of small objects without cycles; looking through all of them, and
    through every imported module, in the middle of a request only costs time.
    """
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER, 20, 20)


def serve(lake: Lake, address: Address, *, announce: Callable[[str], None]) -> None:
    """Serve until stopped; what a person should read goes to `announce`, line by line."""
    address.expect_usable()
    listening = listen(address)
    port = listening.getsockname()[1]
    base = address.base(port=port)
    log_as_json()
    lake.warm()
    announce(f"Vitruvian serves at {base}")
    link = first_link(lake, base=base)
    if link is not None:
        announce("Sign in once with this link:")
        announce(link)
    settings = Settings(hosts=address.hosts, encrypted_only=address.proxy is not None)
    app = create_app(lake, settings=settings)
    collect_seldom()
    uvicorn.Server(config_of(app, address)).run(sockets=[listening])


def config_of(app: FastAPI, address: Address) -> uvicorn.Config:
    """How uvicorn runs the application; raises `BadCertificate`."""
    context = None if address.certificate is None else address.certificate.context()
    return uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
        # Only a proxy that was declared is believed about who asks, and how.
        proxy_headers=address.proxy is not None,
        forwarded_allow_ips=address.proxy,
        ssl_context_factory=None if context is None else lambda _config, _default: context,
    )
