"""One chunk mapped on a second thread while the next one is prepared."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Any, Self

from vitruvian.ingest.library.fhir.timeline.raw import CHUNK, TEXT

_HANDED_OVER = "fhir_chunk_handed_over"


class Beside:
    """A connection of its own to the same engine, on which one chunk at a time is mapped.

    What the chunks of a load share (reference targets, medicines, macros) must not be temporary:
    temporary relations are those of one connection.
    """

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._own = connection.cursor()
        self._own.execute("SET enable_progress_bar = false")
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="mapping")
        self._running: Future[None] | None = None

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
                self._wait()
        finally:
            self._thread.shutdown()
            self._own.close()

    def map(self, texts: Any, work: Callable[[Any], None]) -> None:
        """Take over ``fhir_chunk`` and its texts, once the chunk before it is done.

        Parameters
        ----------
        texts
            ``seq`` and ``resource`` of the chunk's records, as Arrow.
        work
            Is called with the connection on which both can be seen; what it raises is raised by
            the next call, or at the end.
        """
        self._wait()
        self._connection.execute(f"DROP TABLE IF EXISTS {_HANDED_OVER}")
        self._connection.execute(f"ALTER TABLE {CHUNK} RENAME TO {_HANDED_OVER}")
        self._running = self._thread.submit(self._map, texts, work)

    def _map(self, texts: Any, work: Callable[[Any], None]) -> None:
        self._own.execute(f"CREATE OR REPLACE TEMP VIEW {CHUNK} AS FROM {_HANDED_OVER}")
        self._own.register(TEXT, texts)
        try:
            work(self._own)
        finally:
            self._own.unregister(TEXT)

    def _wait(self) -> None:
        running, self._running = self._running, None
        if running is not None:
            running.result()
