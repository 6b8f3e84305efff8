"""Browsers of declared apps may read our answers from their own pages; nobody else's may.

Only the interfaces that apps are for, only origins at which a declared app answers, and never
with cookies: an app brings its token along.

References
----------
WHATWG Fetch, CORS protocol (2025). RFC 6454 (2011), section 6.2: an origin as text.
SMART App Launch 2.2.0, Considerations for Cross-Origin Resource Sharing.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vitruvian.api.routes.smart.bearer import AUDIENCES

if TYPE_CHECKING:
    from vitruvian.lake import Lake
    from vitruvian.lake.apps.registry import App

PLACES = (*AUDIENCES, "/.well-known", "/oauth/token", "/oauth/introspect", "/oauth/revoke")
USUAL_PORTS = {"https": 443, "http": 80}
METHODS = "GET, POST, PUT, PATCH, DELETE"
SENT = (
    *("accept", "authorization", "content-type", "if-match", "if-none-exist", "if-none-match"),
    *("if-modified-since", "prefer", "x-vitruvian"),
)
SHOWN = ("content-location", "etag", "last-modified", "location", "retry-after", "x-request-id")
KEPT_SECONDS = "600"


def origin_text(address: str) -> str:
    """The origin of an address as a browser writes it.

    Examples
    --------
    >>> origin_text("https://Growth.example:443/back?x=1")
    'https://growth.example'
    >>> origin_text("http://[::1]:8080/back")
    'http://[::1]:8080'
    """
    parts = urlsplit(address)
    host = parts.hostname or ""
    named = f"[{host}]" if ":" in host else host
    usual = parts.port is None or parts.port == USUAL_PORTS.get(parts.scheme)
    return f"{parts.scheme}://{named}" if usual else f"{parts.scheme}://{named}:{parts.port}"


def origins_of(apps: Iterable[App]) -> frozenset[str]:
    """The origins at which declared apps answer to their person."""
    return frozenset(origin_text(address) for app in apps for address in app.redirects)


class CrossOrigin:
    """Tells a browser that a page of a declared app may read the answer."""

    def __init__(self, app: ASGIApp, *, lake: Lake) -> None:
        self.app = app
        self._lake = lake

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or not reached(scope["path"]):
            await self.app(scope, receive, send)
            return
        said = Headers(scope=scope)
        origin = said.get("origin")
        declared = origin is not None and origin in origins_of(self._lake.apps.registry.all())
        allowed = origin if declared else None
        asks = scope["method"] == "OPTIONS" and "access-control-request-method" in said
        if asks and allowed is not None:
            await _preflight(allowed, send)
            return

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                _add(MutableHeaders(scope=message), allowed)
            await send(message)

        await self.app(scope, receive, told)


def reached(path: str) -> bool:
    """Whether an address is one that apps are for."""
    return any(path == one or path.startswith(f"{one}/") for one in PLACES)


def _add(headers: MutableHeaders, allowed: str | None) -> None:
    headers.add_vary_header("Origin")
    if allowed is not None:
        headers["access-control-allow-origin"] = allowed
        headers["access-control-expose-headers"] = ", ".join(SHOWN)


async def _preflight(origin: str, send: Send) -> None:
    """What a browser wants to know before it sends another site's request."""
    start: Message = {"type": "http.response.start", "status": 204, "headers": []}
    headers = MutableHeaders(scope=start)
    _add(headers, origin)
    headers["access-control-allow-methods"] = METHODS
    headers["access-control-allow-headers"] = ", ".join(SENT)
    headers["access-control-max-age"] = KEPT_SECONDS
    await send(start)
    await send({"type": "http.response.body", "body": b""})
