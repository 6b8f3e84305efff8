"""What each sample's cell says: genotype, depth, quality, reads of each allele.

Letters of shapes: n lines, s samples, g distinct genotypes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from vitruvian.ingest.library.vcf.reading.cells import Block, Places, Span, decimals, texts

Numbers = npt.NDArray[np.float64]
_WORD, _HALF_A_WORD = 8, 4
_ALLELE = re.compile(r"[0-9]{1,4}")
_SHARES = frozenset({"AF", "VAF", "FREQ"})


@dataclass(frozen=True)
class Meaning:
    """One distinct GT: alleles in order (None for a dot), phased or not."""

    text: str | None
    alleles: tuple[int | None, ...]
    phased: bool

    @property
    def called(self) -> bool:
        """Whether any allele is known."""
        return any(each is not None for each in self.alleles)

    def copies(self, allele: int) -> int | None:
        """How many copies of an allele; None when that cannot be known.

        Examples
        --------
        >>> meaning("0/1").copies(1), meaning("./1").copies(2), meaning("./.").copies(1)
        (1, None, None)
        """
        count = sum(each == allele for each in self.alleles)
        return count if count or (self.alleles and None not in self.alleles) else None


def meaning(text: str | None) -> Meaning:
    """A genotype as sent, taken apart (VCF 4.3, section 1.6.2)."""
    parts = [part for part in re.split(r"[/|]", text or "") if part]
    alleles = tuple(int(part) if _ALLELE.fullmatch(part) else None for part in parts)
    phased = text is not None and "|" in text and "/" not in text.lstrip("/|")
    return Meaning(text, alleles, phased)


@dataclass(frozen=True)
class Calls:
    """The samples' cells of one block.

    Parameters
    ----------
    code
        (n, s): which of ``meanings`` each cell has.
    meanings
        The g distinct genotypes.
    depth, quality
        (n, s), nan where not said.
    reads
        (alleles, n, s): AD, or RO and AO; nan where not said.
    fractions
        (alleles - 1, n, s): AF or FREQ of the sample, nan where not said; None where no line has
        them.
    phase_set, own_filter
        (n, s) text or null; None where no line has it.
    """

    code: Places
    meanings: Sequence[Meaning]
    depth: Numbers
    quality: Numbers
    reads: Numbers
    fractions: Numbers | None
    phase_set: pa.Array | None
    own_filter: pa.Array | None


def read_calls(block: Block, formats: pa.Array, alleles: Places) -> Calls:
    """All cells of a block.

    Parameters
    ----------
    formats
        FORMAT of each line, (n,).
    alleles
        Number of alleles of each line, REF included, (n,).
    """
    octets, parts = block.octets, _Parts(block, formats)
    code, meanings = _genotypes(octets, parts.of("GT"))
    most = int(alleles.max(initial=1))
    reads = _listed(block, parts.of("AD"), most, alleles)
    if "RO" in parts.keys and np.isnan(reads).all():
        reads[0] = decimals(octets, parts.of("RO"))
        reads[1:] = _listed(block, parts.of("AO"), most - 1, alleles - 1)
    fractions = None
    for key in sorted(_SHARES & parts.keys):
        said = _listed(block, parts.of(key), most - 1, alleles - 1)
        fractions = said if fractions is None else np.where(np.isnan(fractions), said, fractions)
    return Calls(
        code=code,
        meanings=meanings,
        depth=decimals(octets, parts.of("DP")),
        quality=decimals(octets, parts.of("GQ")),
        reads=reads,
        fractions=fractions,
        phase_set=texts(octets, parts.of("PS")) if "PS" in parts.keys else None,
        own_filter=texts(octets, parts.of("FT")) if "FT" in parts.keys else None,
    )


class _Parts:
    """The pieces of cells by their FORMAT key."""

    def __init__(self, block: Block, formats: pa.Array) -> None:
        self._block, self._cells = block, block.cells()
        coded = formats.dictionary_encode()
        self._which = coded.indices.to_numpy()
        self._listed = [text.split(":") for text in coded.dictionary.to_pylist()]
        self.keys = {key for listed in self._listed for key in listed}

    def of(self, key: str) -> Span:
        if key not in self.keys:
            none = np.full(self._cells.start.shape, -1, np.int32)
            return Span(none, none)
        places = [listed.index(key) if key in listed else -1 for listed in self._listed]
        return self._block.part(self._cells, np.array(places, np.int32)[self._which])


def _genotypes(octets: npt.NDArray[np.uint8], span: Span) -> tuple[Places, list[Meaning]]:
    """Distinct genotypes: up to eight bytes as one number, longer ones as text."""
    size = np.where(span.present, span.end - span.start, 0)
    longest = int(size.max(initial=0))
    if longest > _WORD:
        coded = texts(octets, span).dictionary_encode()
        plain = coded.dictionary.to_pylist()
        code = coded.indices.fill_null(len(plain)).to_numpy(zero_copy_only=False)
        return code.reshape(size.shape), [meaning(text) for text in [*plain, None]]
    kind: Any = np.uint32 if longest <= _HALF_A_WORD else np.uint64
    packed = np.zeros(size.shape, kind)
    for place in range(longest):
        letter = np.where(place < size, octets[span.start + place], 0)
        packed |= letter.astype(kind) << kind(8 * place)
    coded = pa.array(packed.ravel()).dictionary_encode()
    found = (each.to_bytes(_WORD, "little") for each in coded.dictionary.to_pylist())
    words = [each.rstrip(b"\0").decode("latin-1") or None for each in found]
    return coded.indices.to_numpy().reshape(size.shape), [meaning(text) for text in words]


def _listed(block: Block, span: Span, most: int, counts: Places) -> Numbers:
    """Numbers with commas between, (most, n, s), at least one; nan where not said.

    Parameters
    ----------
    most
        How many at most.
    counts
        How many each line has, (n,): lines with fewer are not looked at again.
    """
    found = np.full((max(most, 1), *span.start.shape), np.nan)
    if not span.present.any():
        return found
    rows, start, end = np.arange(len(counts)), span.start, span.end
    comma = np.searchsorted(block.commas, start)
    for place in range(most):
        more = counts[rows] > place
        if not more.all():
            rows, start, end, comma = (each[more] for each in (rows, start, end, comma))
        until = block.commas[comma]
        inside = (start >= 0) & (until < end)
        piece = Span(start, np.where(inside, until, end))
        found[place, rows] = decimals(block.octets, piece)
        start, comma = np.where(inside, until + 1, -1), comma + inside
    return found


def shares(calls: Calls, rows: Places, alleles: Places) -> Numbers:
    """Share of reads with an allele, (rows, s): as the caller says, else from its reads."""
    with np.errstate(invalid="ignore", divide="ignore"):
        counted = allele_reads(calls, rows, alleles) / np.nansum(calls.reads, axis=0)[rows]
    shown: Numbers = np.where(np.isfinite(counted), counted, np.nan)
    if calls.fractions is None:
        return shown
    said: Numbers = calls.fractions[alleles - 1, rows]
    return np.where(np.isnan(said), shown, said)


def allele_reads(calls: Calls, rows: Places, alleles: Places) -> Numbers:
    """Reads that carry an allele, (rows, s)."""
    found: Numbers = calls.reads[np.minimum(alleles, len(calls.reads) - 1), rows]
    return found


def lookup(meanings: Sequence[Meaning], most: int) -> Mapping[str, Any]:
    """Tables from genotype to what it says: copies (g, most + 1), ploidy, phased, called, text."""
    copies = np.full((len(meanings), most + 1), -1, np.int8)
    for row, each in enumerate(meanings):
        for allele in range(most + 1):
            count = each.copies(allele)
            copies[row, allele] = -1 if count is None else min(count, 127)
    return {
        "copies": copies,
        "ploidy": np.array([min(len(each.alleles), 127) for each in meanings], np.int8),
        "phased": np.array([each.phased for each in meanings]),
        "called": np.array([each.called for each in meanings]),
        "text": pa.array([each.text for each in meanings], pa.string()),
    }
