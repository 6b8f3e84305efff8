"""The header of a VCF: samples, genome build, date, who annotated.

References
----------
VCF 4.3, section 1.4; Ensembl VEP, "VCF output" (CSQ); SnpEff, "Variant annotations in VCF format"
1.0 (ANN).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from vitruvian.ingest.errors import Malformed
from vitruvian.ingest.library.vcf.reading.build import build_of, plain_contig

FIXED = b"#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"
_SITE_COLUMNS = 8
# Lines of a header that may name other samples.
_OF_OTHERS = re.compile(rb"^##(?:SAMPLE|PEDIGREE|pedigreeDB|[^=]*[Cc]ommand|[^=]*[Cc]md)")
_CONTIG = re.compile(r"^##contig=<(.*)>\s*$", re.MULTILINE)
_PAIR = re.compile(r'(\w+)=("[^"]*"|[^,]*)')
_NAMED = re.compile(r"^##(?:reference|assembly|source_GENOME_REFERENCE)=(.*)$", re.MULTILINE)
_DATE = re.compile(r"^##fileDate=\s*\"?(\d{4})-?(\d{2})-?(\d{2})\b", re.MULTILINE | re.IGNORECASE)
_ANNOTATION = re.compile(r"^##INFO=<ID=(CSQ|ANN),.*?Description=\"([^\"]*)\"", re.MULTILINE)


@dataclass(frozen=True)
class Annotation:
    """Where an annotator writes, and the names of its parts in order."""

    key: str
    fields: tuple[str, ...]


@dataclass(frozen=True)
class Header:
    """What the header says.

    Parameters
    ----------
    samples
        Names in column order; empty for a file of sites.
    build
        GRCh37 or GRCh38.
    file_date
        The day it was written, when it says so.
    annotation
        CSQ or ANN; None when nobody annotated.
    content
        Its verbatim bytes, the #CHROM line included.
    lengths
        Stated length of each contig, by its name without chr; only those that are stated.
    """

    samples: tuple[str, ...]
    build: str
    file_date: date | None
    annotation: Annotation | None
    content: bytes
    lengths: Mapping[str, int] = field(default_factory=dict)

    @property
    def columns(self) -> int:
        """How many columns each line has."""
        line = self.content.rstrip(b"\r\n").rsplit(b"\n", 1)[-1]
        return line.count(b"\t") + 1

    def of_sample(self, number: int) -> bytes:
        """The header as one sample may see it: no other sample is named."""
        if len(self.samples) <= 1:
            return self.content
        *meta, last = self.content.rstrip(b"\r\n").split(b"\n")
        own = last.rstrip(b"\r").split(b"\t")
        kept = [line for line in meta if not _OF_OTHERS.match(line)]
        line = b"\t".join([*own[:9], own[9 + number]])
        return b"\n".join([*kept, line]) + b"\n"


def read_header(content: bytes) -> Header:
    """Take a header apart.

    Raises
    ------
    Malformed
        When its last line is not the column line of VCF, or a sample stands twice.
    UnknownBuild
        When it does not say of which genome it speaks.
    """
    text = content.decode("utf-8", errors="replace")
    column_line = text.rstrip("\r\n").rsplit("\n", 1)[-1]
    columns = column_line.split("\t")
    samples = tuple(columns[9:])
    rest = columns[_SITE_COLUMNS:]
    if not column_line.encode().startswith(FIXED) or (rest and rest[0] != "FORMAT"):
        raise Malformed("VCF", "its column line is not #CHROM to INFO, FORMAT, samples")
    if len(set(samples)) < len(samples):
        raise Malformed("VCF", "a sample name stands twice in its column line")
    contigs = list(_contigs(text))
    lengths = {
        plain_contig(pairs.get("ID", "")): int(pairs["length"])
        for pairs in contigs
        if pairs.get("length", "").isdigit()
    }
    words = [found.strip() for found in _NAMED.findall(text)]
    words += [pairs.get("assembly", "") for pairs in contigs]
    build = build_of(lengths, words)
    return Header(samples, build, _file_date(text), _annotation(text), content, lengths)


def _contigs(text: str) -> Iterator[dict[str, str]]:
    for inside in _CONTIG.findall(text):
        yield {key: value.strip('"') for key, value in _PAIR.findall(inside)}


def _file_date(text: str) -> date | None:
    found = _DATE.search(text)
    if found is None:
        return None
    try:
        return date(*(int(part) for part in found.groups()))
    except ValueError:
        return None


def _annotation(text: str) -> Annotation | None:
    told = dict(_ANNOTATION.findall(text))
    for key in ("CSQ", "ANN"):
        if key in told:
            names = [name.strip(" '\"") for name in told[key].rsplit(": ", 1)[-1].split("|")]
            return Annotation(key, tuple(names))
    return None
