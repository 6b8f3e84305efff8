"""What surrounds every request: its id, its log line, its headers, its last safety net.

The log line holds method, route template and status; never a query, a body, an address
with ids in it, or a name.

References
----------
OWASP Secure Headers Project, 2025: the headers of ``SECURITY``. RFC 6797 (2012), section 7.2:
Strict-Transport-Security is said over encrypted connections only.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import MutableMapping
from typing import Any, Protocol

import structlog
from fastapi import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vitruvian.api.guard.load import WATCHED
from vitruvian.api.guard.tls import CameInTheClear
from vitruvian.api.metrics import Metrics
from vitruvian.api.problems import MissingHeader, UnknownHost, on_unforeseen, problem_answer
from vitruvian.base.errors import VitruvianError

log = structlog.get_logger("vitruvian.access")
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
SECURITY = {
    "content-security-policy": (
        "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; "
        "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}
# The workstation is somebody else's program: its reader of segmentations writes functions as
# text. The exception stops at its own addresses; everything else of the policy holds there too.
WORKSTATION = {
    "content-security-policy": SECURITY["content-security-policy"].replace(
        "script-src 'self';", "script-src 'self' 'unsafe-eval';"
    )
}
ENCRYPTED_FROM_NOW_ON = {"strict-transport-security": "max-age=31536000"}
# Seconds to wait, where a failure does not say it itself.
WAIT = {429: "60", 503: "10"}
# What the pages are made of; everything else may be about patients.
STATIC = ("/assets/", "/workstation/", "/favicon")
PREFIXES = frozenset({"/api", "/cds-services", "/fhir"})
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def host_of(request: Request) -> str:
    """The host a request was sent to, without port and brackets."""
    named = request.headers.get("host", "")
    return named.rpartition("]")[0].lstrip("[") or named.partition(":")[0]


def template_of(scope: Scope) -> str:
    """The route's path with the names of its parts, never their values."""
    template = str(getattr(scope.get("route"), "path", "none"))
    # A route of an included router tells its path without the prefix it was included under.
    inside = "/" + str(scope["path"]).lstrip("/").partition("/")[0]
    if inside not in PREFIXES or template == "none" or template.startswith(inside):
        return template
    return inside + template


class Answers(Protocol):
    """Whom a server answers."""

    @property
    def hosts(self) -> frozenset[str]:
        """The names it answers for; empty for every name."""

    @property
    def encrypted_only(self) -> bool:
        """Whether it refuses what comes in the clear."""


class Frame:
    """The outermost layer of the application."""

    def __init__(self, app: ASGIApp, *, metrics: Metrics, settings: Answers) -> None:
        self.app = app
        self.metrics = metrics
        self.settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request inside the frame."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        scope["vitruvian.request_id"] = secrets.token_hex(8)
        sender = Sender(send, scope)
        began = time.perf_counter()
        await self._serve(scope, receive, sender)
        self._note(scope, status=sender.status, seconds=time.perf_counter() - began)

    async def _serve(self, scope: Scope, receive: Receive, sender: Sender) -> None:
        request = Request(scope)
        refusal = self._refusal(request)
        if refusal is not None:
            await problem_answer(request, refusal)(scope, receive, sender)
            return
        try:
            await self.app(scope, receive, sender)
        except Exception as error:  # noqa: BLE001 - the last net: nothing unforeseen leaves in words
            answer = await on_unforeseen(request, error)
            if sender.status == 0:
                await answer(scope, receive, sender)

    def _refusal(self, request: Request) -> VitruvianError | None:
        hosts = self.settings.hosts
        if hosts and host_of(request) not in hosts:
            return UnknownHost()
        clear = request.url.scheme != "https" and request.url.path not in WATCHED
        if self.settings.encrypted_only and clear:
            return CameInTheClear()
        changes = request.method not in SAFE_METHODS and request.url.path.startswith("/api")
        if changes and request.headers.get("x-vitruvian") != "1":
            return MissingHeader()
        return None

    def _note(self, scope: Scope, *, status: int, seconds: float) -> None:
        template = template_of(scope)
        self.metrics.count(method=scope["method"], route=template, status=status, seconds=seconds)
        log.info(
            "request",
            request_id=scope["vitruvian.request_id"],
            method=scope["method"],
            route=template,
            status=status,
            milliseconds=round(seconds * 1000, 1),
        )


class Sender:
    """Passes an answer on, with our headers on it, and remembers its status."""

    def __init__(self, send: Send, scope: Scope) -> None:
        self._send = send
        self._path: str = scope["path"]
        self._request_id: str = scope["vitruvian.request_id"]
        self._encrypted = scope["scheme"] == "https"
        self.status = 0

    async def __call__(self, message: MutableMapping[str, Any]) -> None:
        """Send one message of the answer."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message = self._with_headers(message)
        await self._send(message)

    def _with_headers(self, message: Message) -> Message:
        ours = SECURITY | {"x-request-id": self._request_id}
        if self._path.startswith("/workstation/"):
            ours |= WORKSTATION
        if self._encrypted:
            ours |= ENCRYPTED_FROM_NOW_ON
        theirs = {name for name, _ in message.get("headers", [])}
        if self._path.startswith("/api") or not self._said_or_static(theirs):
            ours["cache-control"] = "no-store"
        if self.status in WAIT and b"retry-after" not in theirs:
            ours["retry-after"] = WAIT[self.status]
        added = [(name.encode(), value.encode()) for name, value in ours.items()]
        return {**message, "headers": [*message.get("headers", []), *added]}

    def _said_or_static(self, headers: set[bytes]) -> bool:
        """Whether an answer says itself who may keep it, or is about nobody."""
        return b"cache-control" in headers or self._path.startswith(STATIC)
