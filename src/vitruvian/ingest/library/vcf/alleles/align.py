"""Insertions and deletions moved as far left as they go, where the site gives the genome.

The site names an uncompressed FASTA of a build in the environment, ``VITRUVIAN_FASTA_GRCH37`` or
``VITRUVIAN_FASTA_GRCH38``. Without it alleles are split and trimmed only.

References
----------
Tan A, Abecasis GR, Kang HM. Bioinformatics 2015 (doi:10.1093/bioinformatics/btv112), algorithm 1.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa

from vitruvian.base.errors import BadInput
from vitruvian.ingest.library.vcf.alleles.split import keep
from vitruvian.ingest.library.vcf.reading.build import plain_contig


class BadReference(BadInput):
    """The FASTA of a build or its index is not there."""

    def __init__(self, build: str, fault: str) -> None:
        super().__init__(
            f"The reference genome of {build} cannot be used: {fault}. "
            "Expected an uncompressed FASTA with the .fai of samtools faidx beside it. "
            f"Correct VITRUVIAN_FASTA_{build.upper()} or unset it."
        )


@dataclass(frozen=True)
class _Contig:
    start: int
    length: int
    bases_a_line: int
    bytes_a_line: int


@dataclass(frozen=True)
class Reference:
    """A genome as letters.

    Parameters
    ----------
    bases
        Letters of a contig from a 0-based place up to another, end exclusive, upper case;
        empty beyond what there is.
    """

    bases: Callable[[str, int, int], str]


def reference_of(build: str) -> Reference | None:
    """The genome that the site gives for a build; None when it gives none."""
    path = os.environ.get(f"VITRUVIAN_FASTA_{build.upper()}")
    return _open(Path(path), build) if path else None


@cache
def _open(path: Path, build: str) -> Reference:
    try:
        index = _index(path)
    except OSError as fault:
        raise BadReference(build, fault.strerror or "it cannot be read") from None
    except ValueError:
        raise BadReference(build, "its index is not one of samtools faidx") from None

    def bases(contig: str, start: int, end: int) -> str:
        found = index.get(contig)
        if found is None:
            return ""
        start, end = max(start, 0), min(end, found.length)
        first, last = _place(found, start), _place(found, end)
        with path.open("rb") as stream:
            stream.seek(first)
            return stream.read(max(last - first, 0)).replace(b"\n", b"").decode().upper()

    return Reference(bases)


def _place(contig: _Contig, at: int) -> int:
    line, rest = divmod(at, contig.bases_a_line)
    return contig.start + line * contig.bytes_a_line + rest


def _index(path: Path) -> dict[str, _Contig]:
    """Where each contig lies, as the ``.fai`` beside the FASTA says (samtools faidx)."""
    found = {}
    for line in path.with_name(path.name + ".fai").read_text("utf-8").splitlines():
        name, length, start, bases, size = line.split("\t")[:5]
        found[plain_contig(name)] = _Contig(int(start), int(length), int(bases), int(size))
    return found


_WINDOW = 200


def shift_left(
    reference: Reference, contig: str, position: int, alleles: tuple[str, str]
) -> tuple[int, str, str]:
    """An insertion or deletion as far left as it goes.

    Parameters
    ----------
    position
        1-based place of the first letter of the reference allele.
    alleles
        Reference and other allele, trimmed.

    Returns
    -------
    position, ref, alt
        The same change, leftmost, one letter kept.
    """
    ref, alt = alleles
    while True:
        window = reference.bases(contig, position - 1 - _WINDOW, position - 1)
        moved, ref, alt = _shift(window, ref, alt)
        position -= moved
        if moved < len(window) or not window:
            return position, ref, alt


def _shift(window: str, ref: str, alt: str) -> tuple[int, str, str]:
    """Move left through the letters before, while the last letters are the same."""
    moved = 0
    while ref[-1] == alt[-1]:
        if min(len(ref), len(alt)) == 1:
            if moved == len(window):
                break
            moved += 1
            ref, alt = window[-moved] + ref, window[-moved] + alt
        ref, alt = ref[:-1], alt[:-1]
    while len(ref) > 1 and len(alt) > 1 and ref[0] == alt[0]:
        ref, alt, moved = ref[1:], alt[1:], moved - 1
    return moved, ref, alt


_MOVED = """
SELECT s.* REPLACE (coalesce(m.position, s.position) AS position,
    coalesce(m.ref, s.ref) AS ref, coalesce(m.alt, s.alt) AS alt)
FROM vcf_split s LEFT JOIN vcf_moved m USING (row_no, allele)
"""


def align_left(connection: Any, reference: Reference) -> None:
    """Move the insertions and deletions of ``vcf_split``.

    A record that names bases that the genome does not have there is left alone.
    """
    rows = connection.execute("""
    SELECT row_no, allele, contig, position, ref, alt FROM vcf_split
    WHERE bases AND length(ref) <> length(alt) AND position IS NOT NULL
    """).fetchall()
    moved = []
    for row_no, allele, contig, position, ref, alt in rows:
        if reference.bases(contig, position - 1, position - 1 + len(ref)) == ref:
            moved.append((row_no, allele, *shift_left(reference, contig, position, (ref, alt))))
    if moved:
        columns = list(zip(*moved, strict=True))
        names = ("row_no", "allele", "position", "ref", "alt")
        connection.register("vcf_moved", pa.table(dict(zip(names, columns, strict=True))))
        keep(connection, "vcf_split", _MOVED)
        connection.unregister("vcf_moved")
