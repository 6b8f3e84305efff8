"""Live feeds: messages in MLLP frames, answered only once they are durable.

The transport knows nothing of what a message means; an adapter's receiver does.

References
----------
HL7 MLLP release 1: <VT> message <FS><CR>, one answer for each message, in order.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import structlog

from vitruvian.base.errors import VitruvianError
from vitruvian.ingest.engine.library import adapters

START, END = b"\x0b", b"\x1c\x0d"
_TOGETHER = 500
_WAITING = 5_000
_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Feed:
    """Where a live feed's messages go, and what holds for all of them.

    ``tell_unmapped``: a message that is kept but cannot be mapped is answered with an error.
    """

    lake: Any  # lake.Lake; typed there
    access: Any  # trust.Access; typed there
    site: str
    time_zone: str | None = None
    tell_unmapped: bool = False


class Receiver(Protocol):
    """What an adapter does with messages as they come."""

    def receive(self, messages: Sequence[bytes], /) -> list[bytes | None]:
        """Store messages durably; give the answer of each, None for "no answer wanted"."""
        ...

    def absorb(self) -> int:
        """Map what was received so far onto the timeline; how many messages."""
        ...


@dataclass(frozen=True)
class Listening:
    """How a listener listens."""

    host: str = "127.0.0.1"
    port: int = 2575
    absorb_every_seconds: float = 2.0
    message_bytes: int = 64 << 20


@runtime_checkable
class Listens(Protocol):
    """An adapter that can take a live feed."""

    def receiver(self, feed: Feed) -> Receiver:
        """Its receiver for this feed."""
        ...


@runtime_checkable
class Serves(Protocol):
    """An adapter that can receive objects over a protocol of its own."""

    def server(self, feed: Feed, listening: Listening) -> AbstractContextManager[int]:
        """Listen while the context is open; it gives the port."""
        ...


def server_of(name: str) -> Serves | None:
    """The adapter of that name that receives objects; None when it is absent or does not."""
    for adapter in adapters():
        if adapter.manifest.name == name and isinstance(adapter, Serves):
            return adapter
    return None


def receiver_of(name: str, feed: Feed) -> Receiver | None:
    """The receiver of the adapter of that name; None when it is absent or takes files only."""
    for adapter in adapters():
        if adapter.manifest.name == name and isinstance(adapter, Listens):
            return adapter.receiver(feed)
    return None


class MllpListener:
    """Takes frames from any number of connections and answers them in order."""

    def __init__(self, receiver: Receiver, listening: Listening) -> None:
        self._receiver = receiver
        self._listening = listening
        self._queue: asyncio.Queue[tuple[bytes, asyncio.Future[bytes | None]]] = asyncio.Queue(
            _WAITING
        )
        self._server: asyncio.Server | None = None
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def port(self) -> int:
        """The port it listens on."""
        assert self._server is not None  # noqa: S101  asked for after `start` only
        return int(self._server.sockets[0].getsockname()[1])

    async def start(self) -> None:
        """Map what an earlier run left over, then listen."""
        await asyncio.to_thread(self._receiver.absorb)
        listening = self._listening
        self._server = await asyncio.start_server(
            self._serve, listening.host, listening.port, limit=listening.message_bytes
        )
        self._tasks = [asyncio.create_task(self._store()), asyncio.create_task(self._absorb())]

    async def stop(self) -> None:
        """Stop taking messages, then map what was taken."""
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.to_thread(self._receiver.absorb)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answers: asyncio.Queue[asyncio.Future[bytes | None] | None] = asyncio.Queue(_WAITING)
        answering = asyncio.create_task(_answer(answers, writer))
        try:
            while frame := await _read_frame(reader):
                answer = asyncio.get_running_loop().create_future()
                await self._queue.put((frame, answer))
                await answers.put(answer)
        except asyncio.LimitOverrunError:
            _log.warning("message too long", limit=self._listening.message_bytes)
        finally:
            await answers.put(None)
            with contextlib.suppress(ConnectionError, asyncio.CancelledError):
                await answering
            writer.close()

    async def _store(self) -> None:
        """Everything that waits is stored with one commit, then answered."""
        while True:
            waiting = [await self._queue.get()]
            while len(waiting) < _TOGETHER and not self._queue.empty():
                waiting.append(self._queue.get_nowait())
            try:
                answers = await asyncio.to_thread(
                    self._receiver.receive, [frame for frame, _ in waiting]
                )
            except VitruvianError as fault:
                _log.error("messages not stored, not answered", reason=type(fault).__name__)
                _fail(waiting)
                continue
            for (_, future), answer in zip(waiting, answers, strict=True):
                if not future.done():
                    future.set_result(answer)

    async def _absorb(self) -> None:
        while True:
            await asyncio.sleep(self._listening.absorb_every_seconds)
            try:
                await asyncio.to_thread(self._receiver.absorb)
            except VitruvianError as fault:
                _log.error("received messages wait to be mapped", reason=type(fault).__name__)


def wait_until_stopped() -> None:
    """Wait until the process is asked to end (SIGINT, SIGTERM)."""
    asyncio.run(_until_stopped())


async def _until_stopped() -> None:
    stopped, loop = asyncio.Event(), asyncio.get_running_loop()
    for asked in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(asked, stopped.set)
    await stopped.wait()


def listen(receiver: Receiver, listening: Listening, *, announce: Callable[[str], None]) -> None:
    """Listen until the process is asked to end (SIGINT, SIGTERM), then map what was taken."""
    asyncio.run(_listen(MllpListener(receiver, listening), listening, announce))


async def _listen(
    listener: MllpListener, listening: Listening, announce: Callable[[str], None]
) -> None:
    await listener.start()
    announce(f"MLLP on {listening.host} port {listener.port}")
    await _until_stopped()
    await listener.stop()


class _NotStoredError(ConnectionError):
    """The message is not durable: the connection ends without an answer, the sender repeats."""


def _fail(waiting: Sequence[tuple[bytes, asyncio.Future[bytes | None]]]) -> None:
    for _, future in waiting:
        if not future.done():
            future.set_exception(_NotStoredError())


async def _answer(
    answers: asyncio.Queue[asyncio.Future[bytes | None] | None], writer: asyncio.StreamWriter
) -> None:
    try:
        while (future := await answers.get()) is not None:
            answer = await future
            if answer is not None:
                writer.write(START + answer + END)
                await writer.drain()
    except ConnectionError:
        writer.close()


async def _read_frame(reader: asyncio.StreamReader) -> bytes:
    """The next message without its frame; empty when the sender has gone."""
    try:
        data = await reader.readuntil(END)
    except (asyncio.IncompleteReadError, ConnectionError):
        return b""
    _, _, frame = data.rpartition(START)
    return frame.removesuffix(END) or b"\r"
