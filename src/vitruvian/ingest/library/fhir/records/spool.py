"""The texts of a load's records, on disk, type by type, until they are mapped.

The engine holds key columns only: texts would fill its memory and be copied at every step.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

PAGE_BYTES = 4 << 20
TEXTS = pa.schema([pa.field("seq", pa.int64()), pa.field("resource", pa.large_string())])


def cuts(texts: Any, *, records: int, bytes_: int) -> list[int]:
    """Where to cut texts into runs of bounded length and room, first to behind the last.

    A text of more room than that stands alone, or ends a run of little else.
    """
    behind = np.cumsum(pc.binary_length(texts).to_numpy(zero_copy_only=False))
    runs = np.arange(len(texts)) // records + behind // bytes_
    return [*np.flatnonzero(np.diff(runs, prepend=-1)).tolist(), len(texts)]


@dataclass(frozen=True)
class Page:
    """Texts of one type that were written together: which, and how much room they take."""

    number: int
    first: int
    last: int
    rows: int
    byte_count: int


class Spool:
    """Pages of texts in one file that has no name; it is gone when it is closed."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115  lives as long as the load
        self._writer = pa.ipc.new_file(self._file, TEXTS)
        self._pages: dict[str, list[Page]] = {}
        self._written = 0
        self._reader: Any = None

    def write(self, resource_type: str, texts: pa.Table) -> None:
        """Add texts of one type, in ascending order of ``seq``."""
        if not texts.num_rows:
            return
        pages = math.ceil(texts.nbytes / PAGE_BYTES)
        rows = math.ceil(texts.num_rows / pages)
        for batch in texts.combine_chunks().to_batches(max_chunksize=rows):
            self._write_page(resource_type, batch)

    def _write_page(self, resource_type: str, batch: pa.RecordBatch) -> None:
        seq = batch.column("seq")
        self._writer.write_batch(batch)
        page = Page(self._written, seq[0].as_py(), seq[-1].as_py(), batch.num_rows, batch.nbytes)
        self._pages.setdefault(resource_type, []).append(page)
        self._written += 1

    def end_writing(self) -> None:
        """Nothing more comes; from now on it can be read."""
        self._writer.close()
        self._reader = pa.ipc.open_file(pa.PythonFile(self._file, mode="r"))

    def pieces(self, resource_type: str, *, records: int, bytes_: int) -> Iterator[list[Page]]:
        """The pages of a type in runs of bounded size; a page is never cut."""
        run: list[Page] = []
        for page in self._pages.get(resource_type, []):
            rows = page.rows + sum(one.rows for one in run)
            size = page.byte_count + sum(one.byte_count for one in run)
            if run and (rows > records or size > bytes_):
                yield run
                run = []
            run.append(page)
        if run:
            yield run

    def read(self, pages: list[Page]) -> pa.Table:
        """The texts of some pages."""
        batches = [self._reader.get_batch(page.number) for page in pages]
        return pa.Table.from_batches(batches, schema=TEXTS)

    def close(self) -> None:
        """Forget everything."""
        self._file.close()
