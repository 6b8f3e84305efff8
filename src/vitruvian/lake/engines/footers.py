"""The ends of Parquet files, kept small: where in each the rows of a key lie, and how to read them.

The end of a file describes every column of every row group. Unpacked that takes about 900 bytes
each, more than a gigabyte for a million patients. As written it takes a tenth, and the description
of one row group stands by itself there. So only the places are kept; a read takes the descriptions
of its own row groups out of the file and hands Arrow an end that speaks of nothing else.

The end is a `FileMetaData` (Apache Parquet, `parquet.thrift`, format 2.6 and later) in the compact
protocol of Apache Thrift ("Thrift Compact protocol encoding"). Arrow reads it; what is read here is
only how long each part of it is.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any  # pyarrow ships no types

import pyarrow as pa
import pyarrow.parquet as pq

from vitruvian.lake.errors import Damaged

MAGIC, LENGTH_BYTES = b"PAR1", 4
# Kinds of values in the compact protocol.
BOOLEANS, BYTE, INTEGERS, DOUBLE, BINARY, LISTS, STRUCT = (1, 2), 3, (4, 5, 6), 7, 8, (9, 10), 12
STOP, ROW_GROUPS, NEXT_FIELD = 0, 4, 0x10
SEVEN_BITS, MORE = 0x7F, 0x80
LIST_NEXT, INTEGER_NEXT = b"\x19", b"\x16"  # a field right after the one before
SHORT_LIST = 15
WEIGHT_OF_A_GROUP = 256


@dataclass(frozen=True)
class Pieces:
    """Where the descriptions of row groups lie in a file.

    Parameters
    ----------
    head, tail
        What stands before and after the list of them: the columns, the schema.
    bounds
        (n + 1,) where in the file each begins, and where the last one ends.
    """

    head: bytes
    tail: bytes
    bounds: tuple[int, ...]

    def only(self, groups: Sequence[int], *, mapped: Any) -> Any:
        """The end of the file as if it had these row groups alone."""
        spans = [(self.bounds[one], self.bounds[one + 1]) for one in groups]
        told = b"".join(mapped.read_at(end - start, start) for start, end in spans)
        body = self.head + _list_of_structs(len(groups)) + told + self.tail
        length = len(body).to_bytes(LENGTH_BYTES, "little")
        return pq.read_metadata(pa.BufferReader(MAGIC + body + length + MAGIC))


@dataclass(frozen=True)
class Footer:
    """What the end of a Parquet file says of the column it is sorted by.

    Parameters
    ----------
    pieces
        Where its row groups are described; None when the end is not laid out as we know it.
    groups
        The row groups that hold keys, in order.
    lows
        The lowest key of each.
    highs
        The highest key of each; ascending.
    weights
        The bytes of every row group, unpacked.
    """

    pieces: Pieces | None
    groups: tuple[int, ...]
    lows: tuple[Any, ...]
    highs: tuple[Any, ...]
    weights: tuple[int, ...]

    @property
    def nbytes(self) -> int:
        """About how many bytes of memory it takes."""
        around = 0 if self.pieces is None else len(self.pieces.head) + len(self.pieces.tail)
        return around + WEIGHT_OF_A_GROUP * (len(self.weights) + 1)

    def holding(self, keys: Sequence[int | str]) -> list[int]:
        """The row groups in which one of these keys may be."""
        found: set[int] = set()
        for key in keys:
            place = bisect_left(self.highs, key)
            while place < len(self.lows) and self.lows[place] <= key:
                found.add(self.groups[place])
                place += 1
        return sorted(found)

    def read(
        self, mapped: Any, *, groups: Sequence[int], columns: Sequence[str], side_by_side: bool
    ) -> pa.Table:
        """Some columns of some row groups of the file."""
        metadata, numbers = None, list(groups)
        if self.pieces is not None:
            metadata, numbers = self.pieces.only(groups, mapped=mapped), list(range(len(groups)))
        with pq.ParquetFile(mapped, metadata=metadata) as parquet:
            wanted = list(columns)
            return parquet.read_row_groups(numbers, columns=wanted, use_threads=side_by_side)


def read_footer(path: Path, *, by: str) -> Footer:
    """The end of a file that is sorted by a column; raises `Damaged` when it is not."""
    metadata = pq.read_metadata(path)
    groups = [metadata.row_group(n) for n in range(metadata.num_row_groups)]
    place = _place_of(by, groups[0]) if groups else 0
    told = [(n, group.column(place).statistics) for n, group in enumerate(groups)]
    spans = [(n, one.min, one.max) for n, one in told if one and one.has_min_max]
    numbers, lows, highs = zip(*spans, strict=True) if spans else ((), (), ())
    if list(highs) != sorted(highs):
        raise Damaged(what="a table file is not in the order of its key")
    sizes = [(int(group.total_byte_size), int(group.num_rows)) for group in groups]
    pieces = None
    with suppress(ValueError, IndexError, RecursionError):
        pieces = _pieces_of(path, size=int(metadata.serialized_size), sizes=sizes)
    weights = tuple(total for total, _ in sizes)
    return Footer(pieces, tuple(numbers), tuple(lows), tuple(highs), weights)


def _place_of(name: str, group: Any) -> int:
    """Which column of a row group, and so of every other one, has that name."""
    return next(n for n in range(group.num_columns) if group.column(n).path_in_schema == name)


def _pieces_of(path: Path, *, size: int, sizes: Sequence[tuple[int, int]]) -> Pieces:
    """Where the parts of a file's end lie.

    Parameters
    ----------
    path
        The file.
    size
        Bytes of its end.
    sizes
        (n,) bytes and rows of each row group.

    Raises
    ------
    ValueError, IndexError, RecursionError
        When the end is laid out in another way.
    """
    with path.open("rb") as file:
        starts = path.stat().st_size - size - LENGTH_BYTES - len(MAGIC)
        file.seek(starts)
        data = file.read(size)
    head = _until_row_groups(data)
    opening = _list_of_structs(len(sizes))
    bounds = [head + len(opening)]
    if data[head : bounds[0]] != opening:
        raise ValueError
    for total, rows in sizes:
        if not data.startswith(LIST_NEXT, bounds[-1]):
            raise ValueError
        # After its columns a row group says these two; columns need not be looked at one by one.
        mark = INTEGER_NEXT + _number(2 * total) + INTEGER_NEXT + _number(2 * rows)
        bounds.append(_after_fields(data, data.index(mark, bounds[-1]) + len(mark)))
    if _after_fields(data, bounds[-1]) != len(data):
        raise ValueError
    return Pieces(data[:head], data[bounds[-1] :], tuple(starts + one for one in bounds))


def _list_of_structs(length: int) -> bytes:
    """How the field of a list of row groups begins."""
    if length < SHORT_LIST:
        return LIST_NEXT + bytes([length << 4 | STRUCT])
    return LIST_NEXT + bytes([SHORT_LIST << 4 | STRUCT]) + _number(length)


def _until_row_groups(data: bytes) -> int:
    """Where the field of the row groups begins: the fourth, after three that must be there."""
    at = 0
    for _ in range(ROW_GROUPS - 1):
        at = _after(data, at + 1, data[at] & 15)
    return at


def _after_fields(data: bytes, at: int) -> int:
    """Where a struct ends, from the beginning of one of its fields."""
    while data[at] != STOP:
        kind, far = data[at] & 15, data[at] < NEXT_FIELD
        at = _after(data, _read_number(data, at + 1)[1] if far else at + 1, kind)
    return at + 1


def _after(data: bytes, at: int, kind: int) -> int:
    """Where a value ends."""
    if kind in BOOLEANS:
        return at  # its value stands in the head of its field
    if kind in INTEGERS:
        return _read_number(data, at)[1]
    if kind == BINARY:
        length, at = _read_number(data, at)
        return at + length
    if kind == STRUCT:
        return _after_fields(data, at)
    if kind in LISTS:
        return _after_list(data, at)
    if kind in (BYTE, DOUBLE):
        return at + (1 if kind == BYTE else 8)
    raise ValueError


def _after_list(data: bytes, at: int) -> int:
    length, kind, at = data[at] >> 4, data[at] & 15, at + 1
    if kind in BOOLEANS:
        raise ValueError  # the end of a file holds no such list
    if length == SHORT_LIST:
        length, at = _read_number(data, at)
    for _ in range(length):
        at = _after(data, at, kind)
        if at > len(data):
            raise IndexError
    return at


def _number(value: int) -> bytes:
    """A number in groups of seven bits, the lowest first."""
    written = bytearray()
    while value > SEVEN_BITS:
        written.append(value & SEVEN_BITS | MORE)
        value >>= 7
    return bytes([*written, value])


def _read_number(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while data[at] & MORE:
        value |= (data[at] & SEVEN_BITS) << shift
        shift, at = shift + 7, at + 1
    return value | data[at] << shift, at + 1
