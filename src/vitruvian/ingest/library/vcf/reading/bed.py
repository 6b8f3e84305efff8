"""Regions of a genome as BED: 0-based, end exclusive.

References
----------
GA4GH BED 1.0: lines of comments, ``browser`` and ``track`` carry no region.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pyarrow as pa

from vitruvian.ingest.engine.adapter import Source
from vitruvian.ingest.errors import DocumentTooLarge, Malformed
from vitruvian.ingest.library.vcf.reading.build import plain_contig
from vitruvian.ingest.library.vcf.reading.lines import one_record

BED = "bed"
_FARTHEST = (1 << 31) - 1
_REGION = re.compile(rb"^([^\s#]+)[\t ]+(\d+)[\t ]+(\d+)(?:[\t ].*)?$")
_NONE = (b"#", b"track", b"browser")


def is_bed(head: bytes, *, whole: bool) -> bool:
    """Whether all lines seen are regions or comments, and one at least is a region."""
    lines = [line.rstrip(b"\r") for line in head.split(b"\n")]
    seen = [line for line in (lines if whole else lines[:-1]) if line.strip()]
    regions = [line for line in seen if not line.startswith(_NONE)]
    return bool(regions) and all(_REGION.match(line) for line in regions)


def read_bed(source: Source) -> Iterator[pa.RecordBatch]:
    """The whole file as one record.

    Raises
    ------
    DocumentTooLarge
        When it is larger than the limit for documents.
    Malformed
        When a line is no region, or a region ends before it begins.
    """
    with source.open() as stream:
        data = stream.read(source.limits.document_bytes + 1)
    if len(data) > source.limits.document_bytes:
        raise DocumentTooLarge(source.limits.document_bytes)
    regions(data)
    yield one_record(data, 0, BED)


def regions(data: bytes) -> pa.Table:
    """Contig, start and end of each region, in the order of the file."""
    contigs, starts, ends = [], [], []
    for number, line in enumerate(data.split(b"\n"), start=1):
        if not line.strip() or line.startswith(_NONE):
            continue
        found = _REGION.match(line.rstrip(b"\r"))
        if found is None or not int(found[2]) <= int(found[3]) <= _FARTHEST:
            raise Malformed("BED file", f"line {number} is no region")  # noqa: TRY003
        contigs.append(plain_contig(found[1].decode("utf-8", "replace")))
        starts.append(int(found[2]))
        ends.append(int(found[3]))
    return pa.table(
        {
            "contig": pa.array(contigs, pa.string()),
            "start": pa.array(starts, pa.int64()),
            "end": pa.array(ends, pa.int64()),
        }
    )
