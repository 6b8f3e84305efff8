"""The current version of every FHIR resource, byte for byte, as NDJSON: one file a type.

References
----------
HL7 FHIR Bulk Data Access 2.0.0, Export: the output files.
https://hl7.org/fhir/uv/bulkdata/export.html
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from vitruvian.lake import Lake, Reader, building
from vitruvian.research.export.spans import Span, rows_by_subject, spans
from vitruvian.research.export.wish import Wish, pinned

ROWS_A_SPAN = 20_000
# Records of other formats have a type with a slash or a hash in it: HL7v2/ADT_A01.
_SQL = """
    SELECT resource_type, bytes FROM resource
    WHERE NOT deleted AND regexp_full_match(resource_type, '[A-Z][A-Za-z]+') AND {whose}
    ORDER BY resource_type, subject_id, resource_id, version_id"""
_LINE_BREAKS = bytes.maketrans(b"\r\n", b"  ")


@dataclass(frozen=True)
class FhirReport:
    """How many resources were written, by type."""

    resources: Mapping[str, int]

    @property
    def total(self) -> int:
        """Of all types."""
        return sum(self.resources.values())


def export_fhir(lake: Lake, to: Path, wish: Wish, *, rows_a_span: int = ROWS_A_SPAN) -> FhirReport:
    """Write the current version of every FHIR resource, with the bytes it came with.

    Line breaks between the words of a record become spaces, since a line is a resource; JSON
    allows none inside a word. Records of other formats are left out: `MEDS` has what they say.
    The same state as of the same instants gives the same bytes.

    Parameters
    ----------
    lake
        Where from.
    to
        A folder that does not exist, or an empty one.
    wish
        Who asks, as of when.
    rows_a_span
        About how many resources are held in memory at once.

    Raises
    ------
    NotEmpty
        When something lies in that folder.
    StorageFailed
        When the disk does not take it; then nothing is left of it.
    """
    written: Counter[str] = Counter()
    with building(to, doing="exporting") as place, pinned(lake, wish, into="FHIR") as reader:
        rows = rows_by_subject(reader, "resource")
        done = 0
        with ExitStack() as files:
            opened: dict[str, BinaryIO] = {}
            for span in (None, *spans(rows, persons={}, rows_a_span=rows_a_span)):
                for kind, line in _lines(reader, span):
                    if kind not in opened:
                        path = place / f"{kind}.ndjson"
                        opened[kind] = files.enter_context(path.open("wb"))
                    opened[kind].write(line)
                    written[kind] += 1
                done += 0 if span is None else span.rows
                wish.progress(done, sum(rows.values()))
        _write_list(reader, place, written)
    return FhirReport(resources=dict(sorted(written.items())))


def _lines(reader: Reader, span: Span | None) -> Iterator[tuple[str, bytes]]:
    """Type and line of every resource of some subjects; of nobody, when there is no span."""
    whose = "subject_id IS NULL" if span is None else "subject_id BETWEEN ? AND ?"
    params = [] if span is None else [span.low, span.high]
    found = reader.query(_SQL.format(whose=whose), tables=["resource"], params=params)
    for batch in found.to_batches(max_chunksize=1_000):
        kinds, bodies = batch.column(0).to_pylist(), batch.column(1).to_pylist()
        for kind, body in zip(kinds, bodies, strict=True):
            yield kind, body.strip().translate(_LINE_BREAKS) + b"\n"


def _write_list(reader: Reader, place: Path, written: Mapping[str, int]) -> None:
    """What was written, in the words of the bulk data standard."""
    at = reader.as_of.recorded_at or reader.snapshot.published_at
    known = reader.as_of.known_at
    said = {
        "transactionTime": at.isoformat(),
        "knownAt": known.isoformat() if known else None,
        "output": [
            {"type": kind, "url": f"{kind}.ndjson", "count": count}
            for kind, count in sorted(written.items())
        ],
    }
    (place / "export.json").write_text(json.dumps(said, indent=2) + "\n", "utf-8")
