"""How many requests are worked on at once, and how long each may take.

More than that are answered at once with 429 or 503 and a time to wait, so that a server under load
keeps answering those it has begun. What runs over its time is stopped in the engine, and keeps its
place until it has stopped.

References
----------
RFC 6585 (2012), section 4: 429. RFC 9110 (2022), 10.2.3: Retry-After; 15.6.4: 503.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vitruvian.api.guard.refusing import refuse
from vitruvian.base.errors import TooMany, Unavailable
from vitruvian.lake.engines.duckdb import Stops

# A monitor is answered when nobody else is.
WATCHED = frozenset({"/health", "/metrics"})


@dataclass(frozen=True)
class Bounds:
    """What one server takes on.

    Parameters
    ----------
    at_once
        Requests that are worked on at the same time; some wait for a thread.
    of_one
        The same from one machine, so that one cannot take every place.
    seconds
        From the last byte of the request to the first of the answer.
    """

    at_once: int = 256
    of_one: int = 128
    seconds: float = 60.0


class TooBusy(TooMany):
    """As many requests are being answered as this server answers at once."""

    retry_after = 1

    def __init__(self) -> None:
        super().__init__(
            "This server answers as many requests at once as it can. Ask again in a second."
        )


class TookTooLong(Unavailable):
    """A request needed more time than one request gets."""

    retry_after = 30

    def __init__(self, *, seconds: float) -> None:
        super().__init__(
            f"The answer was not ready within {seconds:g} seconds, and the work was stopped. Ask "
            "for less at once, or ask again when the server is less busy."
        )


class Load:
    """The layer that bounds number and time."""

    def __init__(self, app: ASGIApp, *, bounds: Bounds) -> None:
        self.app = app
        self._bounds = bounds
        self._running: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Work on one request, or refuse it."""
        if scope["type"] != "http" or scope["path"] in WATCHED:
            await self.app(scope, receive, send)
            return
        client = scope["client"][0] if scope.get("client") else "unknown"
        if not self._room_for(client):
            await refuse(TooBusy(), scope, receive, send)
            return
        self._running[client] += 1
        try:
            await Run(self.app, self._bounds.seconds).serve(scope, receive, send)
        finally:
            self._running[client] -= 1
            self._running += Counter()  # forgets machines that have none left

    def _room_for(self, client: str) -> bool:
        bounds, running = self._bounds, self._running
        return running.total() < bounds.at_once and running[client] < bounds.of_one


class Run:
    """One request within its time."""

    def __init__(self, app: ASGIApp, seconds: float) -> None:
        self._app = app
        self._seconds = seconds
        self._stops = Stops()
        self._heard_at = time.monotonic()
        self._begun = self._over = False

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve it, or answer that it took too long."""

        async def hear() -> Message:
            message = await receive()
            self._heard_at = time.monotonic()  # an upload takes as long as it takes
            return message

        async def say(message: MutableMapping[str, Any]) -> None:
            if not self._over:
                self._begun = True
                await send(message)

        with self._stops.watching():
            work = asyncio.ensure_future(self._app(scope, hear, say))
        try:
            await self._until_begun(work)
            if not work.done() and not self._begun:
                self._over = True
                self._stops.stop()
                await refuse(TookTooLong(seconds=self._seconds), scope, receive, send)
            await work  # its place is free when it has stopped, and not before
        except asyncio.CancelledError:
            work.cancel()
            raise

    async def _until_begun(self, work: asyncio.Future[None]) -> None:
        while not work.done() and not self._begun:
            left = self._heard_at + self._seconds - time.monotonic()
            if left <= 0:
                return
            await asyncio.wait({work}, timeout=left)
