"""What a terminology release holds, whoever published it: concepts, and what is a kind of what."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from vitruvian.base.errors import BadInput

CONCEPT = pa.schema([
    pa.field("code", pa.string(), nullable=False),  # as SYSTEM//code
    pa.field("display", pa.string()),
    pa.field("active", pa.bool_(), nullable=False),
])  # fmt: skip
EDGE = pa.schema([
    pa.field("parent", pa.string(), nullable=False),
    pa.field("child", pa.string(), nullable=False),
])  # fmt: skip
_LONGEST_FIELD = 1 << 24


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
    concepts
        code (SYSTEM//code), display, active.
    edges
        parent and child, direct or not: the child is a kind of the parent.
    """

    name: str
    edition: str
    concepts: pa.Table
    edges: pa.Table


def table(rows: Iterable[tuple[object, ...]], schema: pa.Schema) -> pa.Table:
    """Rows as a table of one of the schemas above, each row once."""
    columns: list[tuple[object, ...]] = list(zip(*dict.fromkeys(rows), strict=True))
    arrays = [pa.array(values, field.type) for values, field in zip(columns, schema, strict=False)]
    return pa.table(arrays, schema=schema) if columns else schema.empty_table()


def lines(
    path: Path, *, delimiter: str, columns: Sequence[str], quoted: bool = False
) -> Iterator[tuple[str, ...]]:
    """The wanted columns of every line below a line of names; the names' case plays no part.

    Raises
    ------
    BadRelease
        When a column is absent, a line is shorter than the others, or it is no UTF-8 text.
    """
    csv.field_size_limit(_LONGEST_FIELD)
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.reader(
                stream,
                delimiter=delimiter,
                quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE,
            )
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
