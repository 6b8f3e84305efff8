"""A VCF on its way: its header read, its lines on disk, so that memory stays bounded."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Any, BinaryIO, Self, cast

import numpy as np

from vitruvian.ingest.engine.adapter import Source
from vitruvian.ingest.errors import Malformed
from vitruvian.ingest.library.vcf.reading.header import Header, read_header
from vitruvian.ingest.library.vcf.reading.lines import whole_lines
from vitruvian.ingest.library.vcf.rows.block import Piece

if TYPE_CHECKING:
    import pyarrow as pa

_IN_MEMORY = 64 << 20
_NO_LIMIT = 1 << 62


@dataclass
class Spooled:
    """One file: header, lines, hash of its unpacked content."""

    source: Source
    header: Header
    lines: BinaryIO
    digest: Any  # hashlib's own type has no public name
    records: int = 0
    _first: bool = field(default=True, repr=False)

    @staticmethod
    def begin(source: Source, header: bytes) -> Spooled:
        """Start with a header.

        Raises
        ------
        Malformed, UnknownBuild
            When the header cannot be used; nothing of the file is then loaded.
        """
        read = read_header(header)
        spool = cast("BinaryIO", tempfile.SpooledTemporaryFile(_IN_MEMORY))  # noqa: SIM115  closed by close
        return Spooled(source, read, spool, hashlib.sha256(header))

    def add(self, batch: pa.RecordBatch) -> None:
        """Take a run of whole lines.

        Raises
        ------
        Malformed
            When the very first line has another number of columns than the header.
        """
        column = batch["bytes"]
        offsets = np.frombuffer(column.buffers()[1], np.int64)
        data = column.buffers()[2]
        first, last = (int(offsets[column.offset + n]) for n in (0, len(column)))
        run = data.slice(first, last - first)
        if self._first:
            self._first = False
            self._expect_columns(column[0].as_py())
        self.digest.update(run)
        self.lines.write(run)
        self.records += len(column)

    def _expect_columns(self, line: bytes) -> None:
        found = line.count(b"\t") + 1
        if found != self.header.columns:
            fault = f"its lines have {found} columns and its header {self.header.columns}"
            raise Malformed("VCF", fault, record=1)

    @property
    def content_hash(self) -> str:
        """Hash of header and lines: equal for the same file packed in another way."""
        return str(self.digest.hexdigest())

    def pieces(self) -> Iterator[Piece]:
        """The lines again, run by run."""
        self.lines.seek(0)
        record, offset = 1, len(self.header.content)
        for data in whole_lines(self.lines, b"", limit=_NO_LIMIT, columns=0):
            yield Piece(data, record, offset, self.records)
            record += data.count(b"\n")
            offset += len(data)

    def close(self) -> None:
        """Give the disk back."""
        self.lines.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
