"""A second thread with a connection of its own: one piece of a load beside the next."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Any, Self


class Beside:
    """Does one thing at a time on a connection of its own to the same engine.

    What both connections see must not be temporary: temporary relations are those of one.
    """

    def __init__(self, connection: Any) -> None:
        self._own = connection.cursor()
        self._own.execute("SET enable_progress_bar = false")
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="beside")
        self._running: Future[None] | None = None

    def start(self, work: Callable[[Any], None]) -> None:
        """Begin, once the work before is done; it is called with the connection."""
        self.wait()
        self._running = self._thread.submit(work, self._own)

    def wait(self) -> None:
        """Until what was started is done; raises what it raised."""
        running, self._running = self._running, None
        if running is not None:
            running.result()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if kind is None:
                self.wait()
        finally:
            self.close()

    def close(self) -> None:
        """Let what runs come to its end, and go."""
        self._thread.shutdown()
        self._own.close()
