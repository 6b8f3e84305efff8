"""What each sample's cell says: genotype, depth, quality, reads of each allele.

Letters of shapes: n lines, s samples, g distinct genotypes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from vitruvian.ingest.library.vcf.reading.cells import (
    Block,
    Places,
    Span,
    decimals,
    places_of,
    texts,
)

Numbers = npt.NDArray[np.float64]
_WORD = 8
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
        (n, s, alleles): AD, or RO and AO; nan where not said.
    fractions
        (n, s, alleles - 1): AF or FREQ of the sample; nan where not said.
    phase_set, own_filter
        (n, s) text or null; None where no line has it.
    """

    code: Places
    meanings: Sequence[Meaning]
    depth: Numbers
    quality: Numbers
    reads: Numbers
    fractions: Numbers
    phase_set: pa.Array | None
    own_filter: pa.Array | None

    def of_sample(self, number: int) -> Calls:
        """Reads and fractions of one sample; the rest is as of all."""
        one = slice(number, number + 1)
        return replace(self, reads=self.reads[:, one], fractions=self.fractions[:, one])


def read_calls(block: Block, formats: Sequence[str], alleles: Places) -> Calls:
    """All cells of a block.

    Parameters
    ----------
    formats
        FORMAT of each line, (n,).
    alleles
        Number of alleles of each line, REF included, (n,).
    """
    cells, octets = block.cells(), block.octets
    parts = _Parts(block, cells, formats)
    code, meanings = _genotypes(octets, parts.of("GT"))
    most = int(alleles.max(initial=1))
    reads = _listed(octets, parts.of("AD"), most, alleles)
    if "RO" in parts.keys and np.isnan(reads).all():
        reads[..., 0] = decimals(octets, parts.of("RO"))
        reads[..., 1:] = _listed(octets, parts.of("AO"), most - 1, alleles - 1)
    fractions = np.full((*code.shape, max(most - 1, 1)), np.nan)
    for key in sorted(_SHARES & parts.keys):
        said = _listed(octets, parts.of(key), max(most - 1, 1), alleles - 1)
        fractions = np.where(np.isnan(fractions), said, fractions)
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

    def __init__(self, block: Block, cells: Span, formats: Sequence[str]) -> None:
        self._block, self._cells = block, cells
        distinct = sorted(set(formats))
        number = {text: place for place, text in enumerate(distinct)}
        self._which = np.array([number[text] for text in formats], np.int64)
        self._listed = [text.split(":") for text in distinct]
        self.keys = {key for listed in self._listed for key in listed}

    def of(self, key: str) -> Span:
        if key not in self.keys:
            none = np.full(self._cells.start.shape, -1, np.int32)
            return Span(none, none)
        places = [listed.index(key) if key in listed else -1 for listed in self._listed]
        return self._block.part(self._cells, np.array(places, np.int32)[self._which])


def _genotypes(octets: npt.NDArray[np.uint8], span: Span) -> tuple[Places, list[Meaning]]:
    """Distinct genotypes: eight bytes as one number, longer ones as text."""
    size = np.where(span.present, span.end - span.start, 0)
    if int(size.max(initial=0)) > _WORD:
        coded = texts(octets, span).dictionary_encode()
        plain = coded.dictionary.to_pylist()
        code = coded.indices.fill_null(len(plain)).to_numpy(zero_copy_only=False)
        return code.reshape(size.shape), [meaning(text) for text in [*plain, None]]
    packed = np.zeros(size.shape, np.uint64)
    last = len(octets) - 1
    for place in range(int(size.max(initial=0))):
        letter = octets[np.clip(span.start + place, 0, last)].astype(np.uint64)
        packed |= np.where(place < size, letter << np.uint64(8 * place), np.uint64(0))
    found, code = np.unique(packed, return_inverse=True)
    words = [int(each).to_bytes(_WORD, "little").rstrip(b"\0").decode("latin-1") for each in found]
    return code.reshape(size.shape), [meaning(text or None) for text in words]


def _listed(octets: npt.NDArray[np.uint8], span: Span, most: int, counts: Places) -> Numbers:
    """Numbers with commas between, (n, s, most); nan where not said.

    Parameters
    ----------
    most
        How many at most.
    counts
        How many each line has, (n,): lines with fewer are not looked at again.
    """
    found = np.full((*span.start.shape, max(most, 1)), np.nan)
    if not span.present.any():
        return found
    commas = places_of(octets, ord(","))
    start, rows = span.start, np.arange(len(counts))
    for place in range(most):
        rows = rows[counts[rows] > place]
        if not len(rows):
            break
        piece, rest = _before_comma(commas, Span(start[rows], span.end[rows]))
        found[rows, :, place] = decimals(octets, piece)
        start = start.copy()
        start[rows] = rest
    return found


def _before_comma(commas: Places, span: Span) -> tuple[Span, Places]:
    """The piece up to the next comma, and where the next one begins (-1 when none does)."""
    if not len(commas):
        return span, np.full(span.start.shape, -1, np.int64)
    at = np.searchsorted(commas, span.start)
    comma = commas[np.clip(at, 0, len(commas) - 1)]
    inside = span.present & (at < len(commas)) & (comma < span.end) & (comma >= span.start)
    end = np.where(inside, comma, span.end)
    return Span(span.start, end), np.where(inside, comma + 1, -1)


def shares(calls: Calls, rows: Places, alleles: Places) -> Numbers:
    """Share of reads with an allele, (rows, s): as the caller says, else from its reads."""
    said = calls.fractions[rows, :, alleles - 1]
    reads = calls.reads[rows]
    with np.errstate(invalid="ignore", divide="ignore"):
        counted = _reads_of(reads, alleles) / np.nansum(reads, axis=2)
    counted[~np.isfinite(counted)] = np.nan
    return np.where(np.isnan(said), counted, said)


def _reads_of(reads: Numbers, alleles: Places) -> Numbers:
    found: Numbers = np.take_along_axis(
        reads, np.clip(alleles, 0, reads.shape[2] - 1)[:, None, None], axis=2
    )[..., 0]
    return found


def allele_reads(calls: Calls, rows: Places, alleles: Places) -> Numbers:
    """Reads that carry an allele, (rows, s)."""
    return _reads_of(calls.reads[rows], alleles)


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
