"""The lines of a file read in runs, two at the same time, and handed over in the file's order."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

from vitruvian.ingest.library.vcf.alleles.align import reference_of
from vitruvian.ingest.library.vcf.rows.block import Piece, Told, tell
from vitruvian.ingest.library.vcf.rows.tables import sample_calls
from vitruvian.ingest.library.vcf.spool import Spooled

if TYPE_CHECKING:
    import pyarrow as pa

READERS = 2
"""What numpy, the engine and the digests do for one run leaves a second core idle."""
Run = tuple[Told, "pa.RecordBatch"]


def read_runs(connection: Any, spooled: Spooled) -> Generator[Run, None, None]:
    """What each run of lines says, with its samples' calls; one run more than readers is held.

    Parameters
    ----------
    connection
        An engine; each reader has a cursor of its own, because tables ``vcf_*`` are temporary.
    """
    header, pieces = spooled.header, spooled.pieces()
    reference = reference_of(header.build)
    idle: SimpleQueue[Any] = SimpleQueue()

    def read(piece: Piece) -> Run:
        engine = idle.get()
        try:
            told = tell(engine, piece, header, reference=reference)
            return told, sample_calls(told)
        finally:
            idle.put(engine)

    with ExitStack() as stack:
        for _ in range(READERS):
            cursor = stack.enter_context(closing(connection.cursor()))
            cursor.execute("SET enable_progress_bar = false")  # of a session; not handed down
            idle.put(cursor)
        pool = stack.enter_context(ThreadPoolExecutor(READERS, thread_name_prefix="vcf"))
        reading: deque[Future[Run]] = deque()
        for piece in pieces:
            reading.append(pool.submit(read, piece))
            if len(reading) > READERS:
                yield reading.popleft().result()
        while reading:
            yield reading.popleft().result()
