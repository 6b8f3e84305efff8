"""One run of lines of one file: cut, split, annotated; ready to become rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from vitruvian.ingest.engine.sql import fetched, literal
from vitruvian.ingest.library.vcf.alleles import effects, split
from vitruvian.ingest.library.vcf.alleles.align import Reference, align_left
from vitruvian.ingest.library.vcf.alleles.naming import vrs_ids
from vitruvian.ingest.library.vcf.mapping import listed
from vitruvian.ingest.library.vcf.reading.cells import Block, Places, cut
from vitruvian.ingest.library.vcf.reading.genotypes import Calls, lookup, read_calls
from vitruvian.ingest.library.vcf.reading.header import Header


@dataclass(frozen=True)
class Piece:
    """Lines as they lie in a file.

    Parameters
    ----------
    data
        Whole lines.
    first
        Record number of the first of them.
    offset
        Where they begin in the unpacked file.
    file_records
        How many lines the whole file has.
    """

    data: bytes
    first: int
    offset: int
    file_records: int


@dataclass(frozen=True)
class Told:
    """What a piece says.

    Parameters
    ----------
    records
        Record number of each line, (n,).
    alleles
        The alleles with what is said of them: row_no, allele, variant_id, ..., finding.
    row, allele
        Line and ALT index of each of them, (m,).
    calls
        The samples' cells; None for a file of sites.
    reference
        Which lines speak only of the reference, (n,).
    passed
        Which lines are not filtered out, (n,).
    spans
        First base (0-based) and end of each line, (n, 2).
    rejected
        Record numbers of lines that cannot be read.
    """

    block: Block
    records: Places
    lines: pa.Table
    alleles: pa.Table
    row: Places
    allele: Places
    calls: Calls | None
    meaning: Any
    reference: npt.NDArray[np.bool_]
    passed: npt.NDArray[np.bool_]
    spans: Places
    rejected: list[int]

    @property
    def samples(self) -> int:
        """How many samples."""
        return 0 if self.calls is None else int(self.calls.code.shape[1])

    def each(self, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """What holds for every sample alike, once for each of them."""
        return np.tile(values, self.samples)


def tell(
    connection: Any, piece: Piece, header: Header, *, reference: Reference | None = None
) -> Told:
    """Read a run of lines.

    Parameters
    ----------
    connection
        An engine; its tables ``vcf_*`` are used.
    reference
        The genome as letters, when the site gives it: indels are then left-aligned.
    """
    block, good = cut(piece.data, header.columns)
    numbers = piece.first + np.flatnonzero(good)
    columns = block.fixed().append_column("row_no", pa.array(np.arange(block.lines)))
    columns = columns.append_column("record", pa.array(numbers))
    columns = columns.append_column(
        "byte_offset", pa.array(block.starts.astype(np.int64) + piece.offset)
    )
    connection.register("vcf_columns", columns)
    split.split_lines(connection)
    connection.unregister("vcf_columns")
    effects.read_effects(connection, header)
    if reference is not None:
        align_left(connection, reference)
    alleles = _alleles(connection, piece, header)
    alleles = alleles.append_column("vrs_id", vrs_ids(alleles, header, reference))
    words = ", ".join(literal(word) for word in listed("called", "filters"))
    passed = f"coalesce(filter IN ({words}), true)"
    lines = fetched(connection, _LINES.format(passed=passed))
    return _told(block, columns, (lines, alleles), header, (piece, good))


_LINES = """
SELECT contig, coalesce(position - 1, 0) AS start,
    CASE WHEN len(alts) = 1 AND alts[1] IN ('<NON_REF>', '<*>', '.')
        THEN greatest(coalesce(said_end, 0), coalesce(position, 0) + length(ref) - 1)
        ELSE coalesce(position, 0) + length(ref) - 1 END AS finish,
    len(alts) = 1 AND alts[1] IN ('<NON_REF>', '<*>', '.') AS reference, len(alts) + 1 AS alleles,
    {passed} AS passed, bad,
    record, byte_offset
FROM vcf_line ORDER BY row_no
"""


_MORE_THAN_ALLELES = 1 << 16


def _alleles(connection: Any, piece: Piece, header: Header) -> pa.Table:
    finding = effects.finding_sql(records=piece.file_records)
    return _in_order(fetched(connection, f"""
    SELECT row_no, allele, a.variant_id, '{header.build}' AS build, a.contig, a.position,
        a.end_position, a.ref, a.alt, a.kind, a.record, a.byte_offset, a.names, a.quality, a.filter,
        e.* EXCLUDE (row_no, allele, finding), coalesce(e.finding, false) AS finding
    FROM ({split.named_alleles(header.build)}) a
    LEFT JOIN (SELECT *, {finding} AS finding FROM vcf_effect) e
        USING (row_no, allele)
    """))  # fmt: skip


def _in_order(alleles: pa.Table) -> pa.Table:
    """The alleles line by line; mostly they come like that, and the engine's sort is dear."""
    place = alleles["row_no"].to_numpy() * _MORE_THAN_ALLELES + alleles["allele"].to_numpy()
    return alleles if (np.diff(place) > 0).all() else alleles.take(np.argsort(place))


def _told(
    block: Block,
    columns: pa.Table,
    tables: tuple[pa.Table, pa.Table],
    header: Header,
    taken: tuple[Piece, npt.NDArray[np.bool_]],
) -> Told:
    lines, alleles = tables
    piece, good = taken
    counts = lines["alleles"].to_numpy()
    calls = None
    if header.samples and block.lines:
        calls = read_calls(block, columns["format"].combine_chunks(), counts)
    bad = lines["bad"].to_numpy()
    numbers = lines["record"].to_numpy()
    return Told(
        block=block,
        records=numbers,
        lines=lines,
        alleles=alleles,
        row=alleles["row_no"].to_numpy(),
        allele=alleles["allele"].to_numpy().astype(np.int64),
        calls=calls,
        meaning=None if calls is None else lookup(calls.meanings, int(counts.max(initial=1))),
        reference=lines["reference"].to_numpy(),
        passed=lines["passed"].to_numpy(),
        spans=np.stack([lines["start"].to_numpy(), lines["finish"].to_numpy()], axis=1),
        rejected=[*(piece.first + np.flatnonzero(~good)).tolist(), *numbers[bad].tolist()],
    )
