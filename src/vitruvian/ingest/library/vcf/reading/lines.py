"""A VCF as records: its header, then its lines, verbatim, without a loop over lines."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import BinaryIO

import numpy as np
import pyarrow as pa

from vitruvian.ingest.engine.adapter import RECORDS, Source
from vitruvian.ingest.errors import LineTooLong, Truncated

HEADER, LINES = "header", "lines"
_CHUNK = 8 << 20
_SITE_COLUMNS = 8


def read_vcf(source: Source) -> Iterator[pa.RecordBatch]:
    """The header as record 0, then the lines from 1 on, in order.

    Raises
    ------
    Truncated
        When the file ends within its header or within a line.
    LineTooLong
        When one line is longer than the limit.
    """
    with source.open() as stream:
        header, rest = _header(stream, limit=source.limits.line_bytes)
        yield one_record(header, 0, HEADER)
        columns = header.rstrip(b"\r\n").rsplit(b"\n", 1)[-1].count(b"\t") + 1
        runs = whole_lines(stream, rest, limit=source.limits.line_bytes, columns=columns)
        yield from _ahead(_batches(runs))


def _batches(runs: Iterator[bytes]) -> Iterator[pa.RecordBatch]:
    record = 1
    for data in runs:
        batch = lines_batch(data, record)
        record += batch.num_rows
        yield batch


def _ahead(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The same, each unpacked and cut on a second thread while the one before is hashed."""
    with ThreadPoolExecutor(1, thread_name_prefix="vcf") as thread:
        coming = thread.submit(next, batches, None)
        while (batch := coming.result()) is not None:
            coming = thread.submit(next, batches, None)
            yield batch


def _header(stream: BinaryIO, *, limit: int) -> tuple[bytes, bytes]:
    """The header up to and with the column line, and what was read beyond it."""
    held = b""
    while chunk := stream.read(_CHUNK):
        held += chunk
        start = held.find(b"\n#CHROM")
        end = held.find(b"\n", start + 1) if start >= 0 else -1
        if end >= 0:
            return held[: end + 1], held[end + 1 :]
        if len(held) > limit:
            raise LineTooLong(limit, record=0)
    start = held.find(b"\n#CHROM")
    if start < 0:
        raise Truncated("VCF", record=0)
    return held + b"\n", b""


def whole_lines(stream: BinaryIO, rest: bytes, *, limit: int, columns: int) -> Iterator[bytes]:
    """Runs of whole lines, each run ending with a line end."""
    held = rest
    while True:
        cut = held.rfind(b"\n") + 1
        if cut:
            yield held[:cut]
            held = held[cut:]
        if len(held) > limit:
            raise LineTooLong(limit, record=0)
        chunk = stream.read(_CHUNK)
        if not chunk:
            break
        held += chunk
    if held.strip():
        _expect_whole(held, columns)
        yield held + b"\n"


def _expect_whole(line: bytes, columns: int) -> None:
    """A last line without an end is taken only when its last cell is as long as FORMAT says.

    A file cut short ends like that; so do some files written by hand.
    """
    cells = line.split(b"\t")
    if len(cells) != columns or (
        columns > _SITE_COLUMNS and cells[-1].count(b":") < cells[_SITE_COLUMNS].count(b":")
    ):
        raise Truncated("VCF")


def lines_batch(data: bytes, first: int) -> pa.RecordBatch:
    """Whole lines as records, without copying their bytes."""
    ends = np.flatnonzero(np.frombuffer(data, np.uint8) == ord("\n"))
    offsets = np.concatenate([[0], ends + 1]).astype(np.int64)
    count = len(ends)
    content = pa.LargeBinaryArray.from_buffers(
        pa.large_binary(), count, [None, pa.py_buffer(offsets), pa.py_buffer(data)]
    )
    records = pa.array(np.arange(first, first + count, dtype=np.int64))
    return pa.record_batch(
        {
            "record": records,
            "locator": pa.nulls(count, pa.string()).fill_null(""),
            "bytes": content,
            "context": pa.nulls(count, pa.string()).fill_null(LINES),
        },
        schema=RECORDS,
    )


def one_record(data: bytes, record: int, kind: str) -> pa.RecordBatch:
    """One record by itself."""
    return pa.record_batch(
        {
            "record": pa.array([record], pa.int64()),
            "locator": pa.array([f"record {record}"], pa.string()),
            "bytes": pa.array([data], pa.large_binary()),
            "context": pa.array([kind], pa.string()),
        },
        schema=RECORDS,
    )
