"""How far a load has come: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol, TextIO

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn

_LINE_EVERY_BYTES = 256 << 20


class Watcher(Protocol):
    """Somebody who wants to know how far it has come."""

    def advance(self, byte_count: int, records: int) -> None:
        """So many more bytes and records are done."""
        ...


class Silent:
    """Says nothing."""

    def advance(self, byte_count: int, records: int) -> None:
        """Say nothing."""


class PlainLines:
    """One line for every quarter of a gibibyte."""

    def __init__(self, total_bytes: int, out: TextIO) -> None:
        self._total, self._out = total_bytes, out
        self._bytes = self._records = self._said = 0

    def advance(self, byte_count: int, records: int) -> None:
        """Add up, and say so from time to time."""
        self._bytes += byte_count
        self._records += records
        if self._bytes - self._said >= _LINE_EVERY_BYTES:
            self._said = self._bytes
            self._out.write(self._sentence() + "\n")
            self._out.flush()

    def _sentence(self) -> str:
        mib = 1 << 20
        done, total = self._bytes // mib, max(self._total, self._bytes) // mib
        return f"read {done:,} of {total:,} MiB, {self._records:,} records"


class Bar:
    """A bar on a terminal."""

    def __init__(self, total_bytes: int, progress: Progress) -> None:
        self._progress = progress
        self._task = progress.add_task("ingest", total=total_bytes, records=0)
        self._records = 0

    def advance(self, byte_count: int, records: int) -> None:
        """Move the bar."""
        self._records += records
        self._progress.update(self._task, advance=byte_count, records=self._records)


@contextmanager
def watch(total_bytes: int, *, out: TextIO | None = None) -> Iterator[Watcher]:
    """A bar when ``out`` (standard error by default) is a terminal, plain lines otherwise."""
    stream = out or sys.stderr
    if not stream.isatty():
        yield PlainLines(total_bytes, stream)
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TextColumn("{task.fields[records]:,} records"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(file=stream)) as progress:
        yield Bar(total_bytes, progress)
