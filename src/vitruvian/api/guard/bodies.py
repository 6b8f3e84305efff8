"""How large a request may be: told before it is read, and before anybody is signed in.

Where a route reads its body piece by piece it has a bound of its own, and only the length that the
request states is looked at here. Everywhere else the body is read here, up to the bound.
"""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vitruvian.api.guard.refusing import refuse
from vitruvian.base.errors import BadInput

MIB = 1 << 20
MOST_BYTES = MIB
# CDS Hooks sends whole Bundles as prefetched data.
WIDER: Mapping[str, int] = {"/cds-services": 8 * MIB}
# These count while they read: STOW-RS and FHIR transactions are too large to be held twice.
COUNTED_THERE: Mapping[str, int] = {"/fhir": 32 * MIB, "/api/dicomweb": 512 * MIB}


class RequestTooLarge(BadInput):
    """The request is larger than this address takes."""

    status = 413

    def __init__(self, *, most: int) -> None:
        super().__init__(
            f"The request is larger than the {most // MIB} MiB that this address takes. "
            "Send less at once."
        )


def bound_of(path: str, bounds: Mapping[str, int]) -> int | None:
    """The bound of the first of some addresses that a path lies below."""
    found = (most for top, most in bounds.items() if path == top or path.startswith(f"{top}/"))
    return next(found, None)


class Bodies:
    """The layer that holds requests to their size."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through whose body is small enough."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        counted = bound_of(scope["path"], COUNTED_THERE)
        most = counted or bound_of(scope["path"], WIDER) or MOST_BYTES
        if stated_length(Request(scope)) > most:
            await refuse(RequestTooLarge(most=most), scope, receive, send)
            return
        if counted is not None:
            await self.app(scope, receive, send)
            return
        try:
            heard = await whole(receive, most=most)
        except RequestTooLarge as refused:
            await refuse(refused, scope, receive, send)
            return
        await self.app(scope, Again(heard, receive), send)


def stated_length(request: Request) -> int:
    """How long the body says it is; 0 when it does not say."""
    said = request.headers.get("content-length", "0")
    return int(said) if said.isdecimal() else 0


async def whole(receive: Receive, *, most: int) -> list[Message]:
    """Every message of the body; raises `RequestTooLarge`."""
    heard, size = [], 0
    while True:
        message = await receive()
        heard.append(message)
        size += len(message.get("body", b""))
        if size > most:
            raise RequestTooLarge(most=most)
        if message["type"] != "http.request" or not message.get("more_body", False):
            return heard


class Again:
    """Gives what was heard once more, then goes on listening."""

    def __init__(self, heard: list[Message], receive: Receive) -> None:
        self._heard = iter(heard)
        self._receive = receive

    async def __call__(self) -> Message:
        """The next message."""
        message = next(self._heard, None)
        return await self._receive() if message is None else message
