"""Delimited text: rows with their bytes as they came, and their fields.

References
----------
RFC 4180, Common Format and MIME Type for Comma-Separated Values (CSV) Files.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from vitruvian.ingest.engine.limits import Limits
from vitruvian.ingest.engine.tables.reading.batch import Rows
from vitruvian.ingest.errors import LineTooLong, Malformed, Truncated
from vitruvian.ingest.report import Problem, Problems

BLOCK = 4 << 20
_BOM = b"\xef\xbb\xbf"
_DELIMITERS = (b",", b"\t", b";", b"|")
_QUOTE, _NEWLINE, _RETURN = 34, 10, b"\r"
_MOST_COLUMNS = 2_000
_KIND = "table"


@dataclass(frozen=True)
class Header:
    """The first line of a text table: its bytes, its delimiter, and the columns in lower case."""

    line: bytes
    delimiter: str
    columns: tuple[str, ...]

    @property
    def quoted(self) -> bool:
        """Whether fields may stand in quotes: not where tabs divide them, as in Athena's files."""
        return self.delimiter != "\t"


def header_of(head: bytes) -> Header | None:
    """The header of a text table; None when the bytes do not begin with one."""
    line, found, _ = head.removeprefix(_BOM).partition(b"\n")
    line = line.removesuffix(_RETURN)
    if not found or not line or b"\0" in line:
        return None
    delimiter = max(_DELIMITERS, key=line.count)
    try:
        names = line.decode().split(delimiter.decode())
    except UnicodeDecodeError:
        return None
    columns = tuple(name.strip().strip('"').strip().lower() for name in names)
    if not all(columns) or len(set(columns)) < len(columns) or len(columns) > _MOST_COLUMNS:
        return None
    return Header(line, delimiter.decode(), columns)


def read_text(
    stream: BinaryIO, header: Header, limits: Limits, problems: Problems
) -> Iterator[Rows]:
    """The rows of a text table in blocks of bounded size, in order.

    A row with more or fewer fields than the header, or not in UTF-8, is reported and left out.

    Raises
    ------
    Truncated
        When the last line has no end: nobody can tell whether its last value is whole.
    LineTooLong
        When one row is longer than the limit.
    """
    first = 0
    for block in _blocks(_after_header(stream), header, limits):
        lines = _lines(block, header)
        if len(lines):
            yield _parsed(lines, header, first, problems)
            first += len(lines)


def _after_header(stream: BinaryIO) -> BinaryIO:
    stream.readline()
    return stream


def _blocks(stream: BinaryIO, header: Header, limits: Limits) -> Iterator[bytes]:
    """Whole rows, some megabytes of them at a time."""
    rest = b""
    while chunk := stream.read(BLOCK):
        data = rest + chunk
        end = _last_end(data, header)
        yield data[:end]
        rest = data[end:]
        if len(rest) > limits.line_bytes:
            raise LineTooLong(limits.line_bytes, record=0)
    if rest.strip():
        raise Truncated(_KIND)


def _ends(data: bytes, header: Header) -> np.typing.NDArray[np.int64]:
    """Where rows end: line ends outside quotes."""
    letters = np.frombuffer(data, np.uint8)
    ends: np.typing.NDArray[np.int64] = np.flatnonzero(letters == _NEWLINE)
    if not header.quoted or b'"' not in data:
        return ends
    quotes = np.flatnonzero(letters == _QUOTE)
    outside: np.typing.NDArray[np.int64] = ends[np.searchsorted(quotes, ends) % 2 == 0]
    return outside


def _last_end(data: bytes, header: Header) -> int:
    ends = _ends(data, header)
    return int(ends[-1]) + 1 if len(ends) else 0


def _lines(block: bytes, header: Header) -> pa.Array:
    """Each row's bytes, without its line end; empty lines left out."""
    ends = _ends(block, header)
    starts = np.concatenate(([0], ends + 1)).astype(np.int64)
    buffers = [None, pa.py_buffer(starts), pa.py_buffer(block)]
    lines = pa.Array.from_buffers(pa.large_binary(), len(ends), buffers)
    bare = pc.binary_slice(lines, 0, -1)
    returned = pc.equal(pc.binary_slice(bare, -1), pa.scalar(_RETURN, pa.large_binary()))
    if pc.any(returned).as_py():
        bare = pc.if_else(returned, pc.binary_slice(bare, 0, -1), bare)
    return bare.filter(pc.greater(pc.binary_length(bare), 0))


def _parsed(lines: pa.Array, header: Header, first: int, problems: Problems) -> Rows:
    record = pa.array(np.arange(first, first + len(lines)), pa.int64())
    fields = _fields(lines, header)
    if fields is None:
        good = _good(lines, header, first, problems)
        lines, record = lines.filter(good), record.filter(good)
        fields = _fields(lines, header) if len(lines) else _none(header)
        if fields is None:  # pragma: no cover  a row that reads alone reads in company
            what = "rows do not read twice alike"
            raise Malformed(_KIND, what)
    head = pa.scalar(header.line, pa.large_binary())
    data = pc.binary_join_element_wise(head, lines, pa.scalar(b"\n", pa.large_binary()))
    return Rows(record, data, fields)


def _fields(lines: pa.Array, header: Header) -> pa.Table | None:
    """Every column as text; None when a row does not fit the header or is not UTF-8."""
    misfits: list[int | None] = []

    def misfit(row: pa.csv.InvalidRow) -> str:
        misfits.append(row.number)
        return "skip"

    text = b"\n".join(lines.to_pylist()) + b"\n"
    if not _is_utf8(text):  # asked before: the reader would tell its own fault to standard error
        return None
    try:
        table = pa.csv.read_csv(
            pa.BufferReader(text),
            read_options=pa.csv.ReadOptions(
                use_threads=False, column_names=list(header.columns), block_size=len(text) + 1
            ),
            parse_options=pa.csv.ParseOptions(
                delimiter=header.delimiter,
                quote_char='"' if header.quoted else False,
                newlines_in_values=header.quoted,
                ignore_empty_lines=len(header.columns) > 1,
                invalid_row_handler=misfit,
            ),
            convert_options=pa.csv.ConvertOptions(
                column_types=dict.fromkeys(header.columns, pa.string()),
                strings_can_be_null=True,
                null_values=[""],
            ),
        )
    except pa.ArrowInvalid:
        return None
    return None if misfits or table.num_rows != len(lines) else table


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _none(header: Header) -> pa.Table:
    return pa.table({name: pa.array([], pa.string()) for name in header.columns})


def _good(lines: pa.Array, header: Header, first: int, problems: Problems) -> pa.Array:
    """Which rows fit the header; each of the others is reported. Only for blocks with a fault."""
    good = []
    for place, line in enumerate(lines.to_pylist()):
        fault = _fault(line, header)
        good.append(fault is None)
        if fault is not None:
            code, message = fault
            problems.add(Problem(first + place, None, code, message, rejects=True, unread=True))
    return pa.array(good)


def _fault(line: bytes, header: Header) -> tuple[str, str] | None:
    """What is wrong with one row, and its kind; None when nothing is."""
    try:
        text = line.decode()
    except UnicodeDecodeError:
        return "not-utf-8", "The row is not in UTF-8. Expected UTF-8; export the table again."
    try:
        rows = _rows(text, header)
    except csv.Error:
        return "broken-row", (
            f"The row cannot be split into fields, or one holds over {csv.field_size_limit()} "
            "characters. Expected the quoting of RFC 4180."
        )
    found, wanted = len(rows[0]) if rows else 0, len(header.columns)
    if found == wanted and len(rows) == 1:
        return None
    message = f"The row has {found} fields. Expected {wanted}, as many as the header names."
    return "wrong-field-count", message


def _rows(text: str, header: Header) -> list[list[str]]:
    return list(
        csv.reader(
            io.StringIO(text, newline=""),
            delimiter=header.delimiter,
            quoting=csv.QUOTE_MINIMAL if header.quoted else csv.QUOTE_NONE,
        )
    )
