"""The VCF adapter: recognises, reads, and hands over to the mapping."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from vitruvian.base.manifest import Manifest
from vitruvian.ingest.engine.adapter import PROBE_BYTES, LoadContext, Probe, Source
from vitruvian.ingest.library.vcf.loading import VcfLoading
from vitruvian.ingest.library.vcf.reading.bcf import BCF_MAGIC, as_text
from vitruvian.ingest.library.vcf.reading.bed import is_bed, read_bed
from vitruvian.ingest.library.vcf.reading.lines import read_vcf
from vitruvian.ingest.library.vcf.reading.sheet import is_sheet, read_sheet
from vitruvian.ingest.library.vcf.retrace import retrace_event
from vitruvian.ingest.report import Problems

if TYPE_CHECKING:
    import pyarrow as pa

_SURE, _LIKELY = 0.95, 0.5
_VCF_MAGIC = b"##fileformat=VCF"


class Adapter:
    """VCF and BCF, the sheets that say whose samples they hold, the BED files beside them."""

    def __init__(self, manifest: Manifest) -> None:
        self.manifest = manifest

    def score(self, probe: Probe) -> float | None:
        """Sure of a VCF by its first line, of a sheet by its columns; a BED file is likely."""
        head = probe.head.removeprefix(b"\xef\xbb\xbf")
        if head.startswith(BCF_MAGIC) or _is_vcf(probe):
            return _SURE
        if is_sheet(head):
            return _SURE
        return _LIKELY if is_bed(head, whole=probe.whole) else None

    def read(self, source: Source, problems: Problems) -> Iterator[pa.RecordBatch]:
        """The header and lines of a VCF, the lines of a sheet, or a BED file whole."""
        with source.open() as stream:
            head = stream.read(PROBE_BYTES)
        if head.startswith(BCF_MAGIC):
            yield from read_vcf(as_text(source))
        elif head.removeprefix(b"\xef\xbb\xbf").startswith(_VCF_MAGIC):
            yield from read_vcf(source)
        elif is_sheet(head):
            yield from read_sheet(source, problems)
        else:
            yield from read_bed(source)

    def begin(self, context: LoadContext) -> VcfLoading:
        """Start a bulk load."""
        return VcfLoading(context)

    def retrace(self, reader: Any, event: Mapping[str, Any]) -> tuple[Mapping[str, Any], pa.Table]:
        """An event's stored line, and the events that its bytes give today."""
        return retrace_event(reader, event)


def _is_vcf(probe: Probe) -> bool:
    """A VCF by its first line; a small one whose column line is another thing is none."""
    if not probe.head.removeprefix(b"\xef\xbb\xbf").startswith(_VCF_MAGIC):
        return False
    at = probe.head.find(b"\n#CHROM")
    line = probe.head[at + 1 :].split(b"\n", 1)[0].rstrip(b"\r")
    return (
        at < 0
        or not probe.whole
        or line.count(b"\t") >= _FEWEST_TABS
        or b"\n" not in (probe.head[at + 1 :])
    )


_FEWEST_TABS = 7
