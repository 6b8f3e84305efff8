"""Identifiers of alleles that every laboratory computes alike (GA4GH VRS 2.0).

An identifier is a digest of where on which sequence, and what stands there instead; two
laboratories that never spoke to each other give the same allele the same identifier.

References
----------
GA4GH Variation Representation Specification 2.0, "Computed Identifiers" (serialisation, digest)
and "Allele"; GA4GH sha512t24u: the first 24 bytes of SHA-512, base64url (Hart and Prlic 2020,
doi:10.1371/journal.pone.0239883). GA4GH refget 2.0.
"""

from __future__ import annotations

import tomllib
from binascii import b2a_base64
from dataclasses import dataclass
from functools import cache
from hashlib import sha512
from pathlib import Path

_TABLE = Path(__file__).with_name("refget.toml")
_DIGEST_BYTES = 24
_URL_SAFE = bytes.maketrans(b"+/", b"-_")


@dataclass(frozen=True)
class Literal:
    """What stands in an allele's place, letter by letter."""

    sequence: str


@dataclass(frozen=True)
class Repeated:
    """What stands there, as letters of the reference repeated (ReferenceLengthExpression).

    Parameters
    ----------
    length
        Letters in all, 0 for a plain deletion.
    unit
        Letters of the repeated unit.
    """

    length: int
    unit: int


State = Literal | Repeated


@dataclass(frozen=True)
class Allele:
    """A change of a sequence, fully justified.

    Parameters
    ----------
    accession
        ``SQ.`` and the digest of the sequence.
    start, end
        0-based, end exclusive, as between letters.
    """

    accession: str
    start: int
    end: int
    state: State


@cache
def _accessions() -> dict[str, dict[str, str]]:
    return tomllib.loads(_TABLE.read_text("utf-8"))


def refget_accession(build: str, contig: str) -> str | None:
    """The refget accession of a chromosome; None for any other sequence.

    Parameters
    ----------
    build
        GRCh37 or GRCh38.
    contig
        Chromosome without chr; MT for the mitochondrion.

    Examples
    --------
    >>> refget_accession("GRCh38", "7"), refget_accession("GRCh38", "GL000192.1")
    ('SQ.F-LrLMe1SRpfUZHkQmvkVKFEGaoDeHul', None)
    """
    return _accessions().get(build, {}).get(contig)


def digest_of(text: str) -> str:
    """The GA4GH digest sha512t24u of a text.

    Examples
    --------
    >>> digest_of("ACGT")
    'aKF498dAxcJAqme6QYQ7EZ07-fiw8Kw2'
    """
    octets = sha512(text.encode()).digest()[:_DIGEST_BYTES]
    return b2a_base64(octets, newline=False).translate(_URL_SAFE).decode("ascii")


def location_digest(accession: str, start: int, end: int) -> str:
    """The digest of a SequenceLocation; start is 0-based, end exclusive."""
    return digest_of(
        f'{{"end":{end},"sequenceReference":{{"refgetAccession":"{accession}",'
        f'"type":"SequenceReference"}},"start":{start},"type":"SequenceLocation"}}'
    )


def allele_id(allele: Allele) -> str:
    """The computed identifier of an allele.

    Notes
    -----
    The allele must be fully justified, else the identifier is of another representation of the
    same change: see ``fully_justified``.

    Examples
    --------
    >>> chromosome_19 = refget_accession("GRCh38", "19")
    >>> allele_id(Allele(chromosome_19, 44908821, 44908822, Literal("T")))
    'ga4gh:VA.0AePZIWZUNsUlQTamyLrjm2HWUw2opLt'
    """
    state = allele.state
    if isinstance(state, Literal):
        return literal_id(allele.accession, (allele.start, allele.end), state.sequence)
    told = f'"length":{state.length},"repeatSubunitLength":{state.unit}'
    place = location_digest(allele.accession, allele.start, allele.end)
    return "ga4gh:VA." + digest_of(
        f'{{"location":"{place}","state":{{{told},"type":"ReferenceLengthExpression"}},'
        '"type":"Allele"}'
    )


def literal_id(accession: str, place: tuple[int, int], sequence: str) -> str:
    """The identifier where letters stand in a place: of substitutions, by the million.

    Examples
    --------
    >>> chromosome_19 = refget_accession("GRCh38", "19")
    >>> literal_id(chromosome_19, (44908821, 44908822), "T")
    'ga4gh:VA.0AePZIWZUNsUlQTamyLrjm2HWUw2opLt'
    """
    where = location_digest(accession, *place)
    return "ga4gh:VA." + digest_of(
        f'{{"location":"{where}","state":{{"sequence":"{sequence}",'
        '"type":"LiteralSequenceExpression"},"type":"Allele"}'
    )
