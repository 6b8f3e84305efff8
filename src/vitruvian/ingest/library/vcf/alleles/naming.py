"""GA4GH identifiers of alleles: the same in every laboratory.

An identifier is given only where it is certain: to letters on a chromosome of the build, and to
insertions and deletions only where the site gives the genome, for without it nobody knows whether
they stand in a repeat. Symbolic alleles and breakends have none.

References
----------
GA4GH Variation Representation Specification 2.0, "Computed Identifiers".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache, partial

import pyarrow as pa

from vitruvian.ingest.library.vcf.alleles.align import Reference
from vitruvian.ingest.library.vcf.mapping import lengths
from vitruvian.ingest.library.vcf.reading.header import Header
from vitruvian.terms.genome import Change, allele_id, fully_justified, literal_id, refget_accession

_MITOCHONDRION = 16_569
"""Letters of NC_012920.1, which both builds have; the chrM of UCSC's hg19 has 16,571."""
_LETTERS = frozenset({"snv", "mnv", "insertion", "deletion", "delins"})
_COLUMNS = ("contig", "position", "ref", "alt", "kind")
Sequence = Callable[[str], tuple[str, int] | None]


def vrs_ids(alleles: pa.Table, header: Header, reference: Reference | None) -> pa.Array:
    """The identifier of each allele; null where none is certain.

    Parameters
    ----------
    alleles
        Columns contig, position (1-based), ref, alt, kind; trimmed.
    reference
        The genome as letters, where the site gives it.
    """
    return pa.array(_each(alleles, _sequences(header), reference), pa.string())


def _each(
    alleles: pa.Table, sequence: Sequence, reference: Reference | None
) -> Iterator[str | None]:
    columns = [alleles[name].to_pylist() for name in _COLUMNS]
    for contig, position, ref, alt, kind in zip(*columns, strict=True):
        known = sequence(contig) if kind in _LETTERS and position else None
        if known is None or position + len(ref) - 1 > known[1]:
            yield None
        elif kind == "snv":
            yield literal_id(known[0], (position - 1, position), alt)
        else:
            change = Change(position, ref, alt)
            letters = _letters(reference, contig, change) if len(ref) != len(alt) else None
            allele = fully_justified(known[0], change, letters)
            yield None if allele is None else allele_id(allele)


def _letters(
    reference: Reference | None, contig: str, change: Change
) -> Callable[[int, int], str] | None:
    """Letters of a chromosome, unless they are other ones than the record names."""
    if reference is None:
        return None
    first = change.position - 1
    if reference.bases(contig, first, first + len(change.ref)) != change.ref:
        return None
    return partial(reference.bases, contig)


def _sequences(header: Header) -> Sequence:
    """Accession and length of the sequence that a contig's name stands for in this file."""

    @cache
    def sequence(contig: str) -> tuple[str, int] | None:
        accession = refget_accession(header.build, contig)
        length = lengths()[header.build].get(contig, _MITOCHONDRION)
        said = header.lengths.get(contig)
        doubtful = contig == "MT" and header.build == "GRCh37" and said is None
        if accession is None or doubtful or said not in (None, length):
            return None
        return accession, length

    return sequence
