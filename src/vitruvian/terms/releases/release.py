"""What a terminology release holds, whoever published it: concepts, and what is a kind of what."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv as pa_csv

from vitruvian.base.errors import BadInput

CONCEPT = pa.schema([
    pa.field("code", pa.string(), nullable=False),  # as SYSTEM//code
    pa.field("display", pa.string()),
    pa.field("active", pa.bool_(), nullable=False),
])  # fmt: skip
LINK = pa.schema([  # rows of the concepts, from 0
    pa.field("parent", pa.int64(), nullable=False),
    pa.field("child", pa.int64(), nullable=False),
])  # fmt: skip
Numbers = npt.NDArray[np.int64]
_LONGEST_FIELD = 1 << 24
_BYTES_A_BLOCK = 8 << 20


class BadRelease(BadInput):
    """A folder that holds no terminology release we can read."""

    code = "bad-terminology-release"

    def __init__(self, fault: str) -> None:
        super().__init__(
            f"The terminology release cannot be read: {fault}. Expected the unpacked folder of "
            "Athena (CONCEPT.csv), SNOMED CT RF2 (Snapshot), LOINC (Loinc.csv) or RxNorm "
            "(RXNCONSO.RRF), as its publisher sends it. Unpack it and name that folder."
        )


@dataclass(frozen=True)
class Release:
    """One release.

    Parameters
    ----------
    name
        athena, snomed, loinc or rxnorm.
    edition
        As its own files say it.
    files
        What it is read from.
    concepts
        code (SYSTEM//code), display, active.
    links
        parent and child as rows of `concepts`, direct or not: the child is a kind of the parent.
        Read while it is asked, since there may be a hundred million; asked once.
    """

    name: str
    edition: str
    files: tuple[Path, ...]
    concepts: pa.Table
    links: Iterator[pa.Table]


class Places:
    """Where each of a publisher's own numbers stands among the concepts."""

    def __init__(self, numbers: Numbers) -> None:
        self._order = np.argsort(numbers, kind="stable")
        self._sorted = numbers[self._order]

    def of(self, numbers: Numbers) -> Numbers:
        """The place of each number, -1 where no concept has it."""
        if not len(self._sorted):
            return np.full(len(numbers), -1, np.int64)
        at = np.searchsorted(self._sorted, numbers).clip(max=len(self._sorted) - 1)
        return np.where(self._sorted[at] == numbers, self._order[at], -1)

    def links(self, parents: Numbers, children: Numbers) -> pa.Table:
        """Links between concepts of the release; none from a concept to itself."""
        above, below = self.of(parents), self.of(children)
        kept = (above >= 0) & (below >= 0) & (above != below)
        return pa.table([above[kept], below[kept]], schema=LINK)


def numbers_of(column: pa.ChunkedArray) -> Numbers:
    """A column of whole numbers.

    Raises
    ------
    BadRelease
        When one is missing.
    """
    if column.null_count:
        fault = "a line of it lacks its number"
        raise BadRelease(fault)
    found: Numbers = column.to_numpy()
    return found


def table(rows: Iterable[tuple[object, ...]], schema: pa.Schema) -> pa.Table:
    """Rows as a table of one of the schemas above, each row once."""
    columns: list[tuple[object, ...]] = list(zip(*dict.fromkeys(rows), strict=True))
    arrays = [pa.array(values, field.type) for values, field in zip(columns, schema, strict=False)]
    return pa.table(arrays, schema=schema) if columns else schema.empty_table()


def batches(
    path: Path, columns: Sequence[str], *, numbers: Sequence[str] = ()
) -> Iterator[pa.Table]:
    """The wanted columns of a table with tabs, below a line of names whose case plays no part.

    Parameters
    ----------
    path
        UTF-8, one row a line, nothing quoted.
    columns
        Wanted, by their names in small letters, as text.
    numbers
        Those of them that are whole numbers.

    Raises
    ------
    BadRelease
        When a column is absent, a line is shorter than the others, or it is no UTF-8 text.
    """
    with _faults(path), path.open(encoding="utf-8-sig", newline="\n") as stream:
        head = stream.readline().rstrip("\r\n")
    names = [name.strip().lower() for name in head.split("\t")]
    missing = [name for name in columns if name not in names]
    if missing:
        fault = f"{path.name} has no column {missing[0]}"
        raise BadRelease(fault)
    yield from _rows(path, "\t", names, _kinds(columns, numbers), skip=1)


def bare_batches(
    path: Path, columns: Sequence[int], *, numbers: Sequence[int] = ()
) -> Iterator[pa.Table]:
    """The wanted columns of a table with bars and without names, as `batches` gives them."""
    with _faults(path), path.open(encoding="utf-8", newline="\n") as stream:
        width = stream.readline().count("|") + 1
    if width <= max(columns):
        fault = f"{path.name} is cut short or has a line with too few columns"
        raise BadRelease(fault)
    names = [str(number) for number in range(width)]
    kinds = _kinds(list(map(str, columns)), list(map(str, numbers)))
    yield from _rows(path, "|", names, kinds, skip=0)


def _kinds(columns: Sequence[str], numbers: Sequence[str]) -> dict[str, pa.DataType]:
    return {name: pa.int64() if name in numbers else pa.string() for name in columns}


def _rows(
    path: Path, delimiter: str, names: list[str], kinds: dict[str, pa.DataType], *, skip: int
) -> Iterator[pa.Table]:
    with path.open("rb") as stream:
        told = (line for line in stream if line.strip())
        if len(list(islice(told, skip + 1))) <= skip:
            return  # Arrow refuses a table without rows
    with _faults(path):
        reader = pa_csv.open_csv(
            path,
            pa_csv.ReadOptions(column_names=names, skip_rows=skip, block_size=_BYTES_A_BLOCK),
            pa_csv.ParseOptions(delimiter=delimiter, quote_char=False),
            pa_csv.ConvertOptions(
                include_columns=list(kinds), column_types=kinds, strings_can_be_null=False
            ),
        )
        for batch in reader:
            yield pa.Table.from_batches([batch])


@contextmanager
def _faults(path: Path) -> Iterator[None]:
    """Arrow's own words quote the line; ours say which file."""
    try:
        yield
    except UnicodeDecodeError:
        fault = f"{path.name} is no table of text"
        raise BadRelease(fault) from None
    except pa.ArrowInvalid as problem:
        short = "Expected" in str(problem)
        why = "is cut short or has a line with too few columns" if short else "is no table of text"
        fault = f"{path.name} {why}"
        raise BadRelease(fault) from None


def lines(path: Path, *, delimiter: str, columns: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """The wanted columns of every line below a line of names, where cells may be quoted.

    Raises
    ------
    BadRelease
        When a column is absent, a line is shorter than the others, or it is no UTF-8 text.
    """
    csv.field_size_limit(_LONGEST_FIELD)
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.reader(stream, delimiter=delimiter)
            names = [name.strip().lower() for name in next(reader, [])]
            missing = [name for name in columns if name not in names]
            if missing:
                fault = f"{path.name} has no column {missing[0]}"
                raise BadRelease(fault)
            places = [names.index(name) for name in columns]
            yield from _cells(reader, places, path)
    except (UnicodeDecodeError, csv.Error):
        fault = f"{path.name} is no table of text"
        raise BadRelease(fault) from None


def _cells(
    reader: Iterable[list[str]], places: Sequence[int], path: Path
) -> Iterator[tuple[str, ...]]:
    longest = max(places)
    for line in reader:
        if not line:
            continue
        if len(line) <= longest:
            fault = f"{path.name} is cut short or has a line with too few columns"
            raise BadRelease(fault)
        yield tuple(line[place] for place in places)
