"""The emergency view on the web: a banner on every page, a header on every answer, no change.

What changes something is refused here, before any route: an account's last look or a saved cohort
would be written beside the lake and lost.
"""

from __future__ import annotations

import re
from collections.abc import MutableMapping
from typing import TYPE_CHECKING, Any

from fastapi import Request
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Receive, Scope, Send

from vitruvian.api.frame import SAFE_METHODS
from vitruvian.api.problems import problem_answer
from vitruvian.api.routes.fhir.outcome import answer_failure
from vitruvian.lake.keeping.emergency import EmergencyLake, EmergencyOnly

if TYPE_CHECKING:
    from datetime import datetime

HEADER = "x-vitruvian-emergency"
# Questions that are asked in a body, because a name does not belong into an address.
QUESTIONS = re.compile(
    r"/api/(sign-in|sign-out|patients/search|patients/\d+/search)"
    r"|/api/cohorts/(check|answer|patients|why|compare|codes)"
    r"|/fhir/[A-Za-z]+/_search"
)
STYLE = (
    "position:fixed;inset:auto 0 0 0;z-index:100000;padding:0.5rem 1rem;text-align:center;"
    "font:600 0.95rem/1.4 system-ui,sans-serif;color:#fff;background:#8f1d14;"
    "border-top:3px solid #fff"
)


class EmergencyFrame:
    """The layer between the frame and the application while the emergency view is served."""

    def __init__(self, app: ASGIApp, *, lake: EmergencyLake) -> None:
        self.app = app
        self._until: datetime = lake.until

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or refuse it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        marked = Marked(send, until=f"{self._until:%Y-%m-%d %H:%M} UTC")
        if scope["method"] in SAFE_METHODS or QUESTIONS.fullmatch(scope["path"]):
            await self.app(scope, receive, marked)
            return
        request = Request(scope)
        inside_fhir = scope["path"].startswith("/fhir")
        answer = answer_failure if inside_fhir else problem_answer
        await answer(request, EmergencyOnly(until=self._until))(scope, receive, marked)


class Marked:
    """Passes an answer on with the header, a page with the banner."""

    def __init__(self, send: Send, *, until: str) -> None:
        self._send = send
        self._until = until
        self._start: MutableMapping[str, Any] | None = None
        self._page = b""

    async def __call__(self, message: MutableMapping[str, Any]) -> None:
        """Send one message of the answer; a page is held back until it is whole."""
        if message["type"] == "http.response.start":
            headers = MutableHeaders(raw=message["headers"])
            headers[HEADER] = f"read-only; stored until {self._until}"
            if headers.get("content-type", "").startswith("text/html"):
                self._start = message
                return
        if self._start is None:
            await self._send(message)
            return
        self._page += message.get("body", b"")
        if not message.get("more_body", False):
            await self._send_page(self._start)

    async def _send_page(self, start: MutableMapping[str, Any]) -> None:
        page = re.sub(rb"(<body[^>]*>)", rb"\1" + self._banner(), self._page, count=1)
        headers = MutableHeaders(raw=start["headers"])
        headers["content-length"] = str(len(page))
        headers["cache-control"] = "no-store"
        for stale in ("etag", "last-modified"):
            del headers[stale]
        await self._send(start)
        await self._send({"type": "http.response.body", "body": page})

    def _banner(self) -> bytes:
        words = (
            f"Emergency view, read-only. It shows what was stored until {self._until}, "
            "and nothing newer. Nothing can be written here."
        )
        # Room below, so that the end of a page can be scrolled out from behind the banner.
        room = "<style>body{padding-bottom:6rem}</style>"
        return f'{room}<div role="alert" style="{STYLE}">{words}</div>'.encode()
