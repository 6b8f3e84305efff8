"""Which genome a file speaks of; never guessed, never mixed.

References
----------
VCF 4.3, section 1.4.7 (contig) and 1.4.8 (assembly, reference).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from vitruvian.ingest.errors import SourceBroken
from vitruvian.ingest.library.vcf.mapping import build_words, lengths

HANDLED = ("GRCh37", "GRCh38")


class UnknownBuild(SourceBroken):
    """The header does not say of which genome it speaks, or of one that is not handled."""

    code = "unknown-build"

    def __init__(self, fault: str) -> None:
        super().__init__(
            f"The VCF's genome build is not known: {fault}",
            expected="GRCh37 or GRCh38 in ##contig lengths, contig assembly or ##reference",
            remedy="Add the header with bcftools reheader; nothing of it was loaded.",
        )


def plain_contig(name: str) -> str:
    """A chromosome's name without chr; M is MT.

    Examples
    --------
    >>> plain_contig("chr7"), plain_contig("chrM"), plain_contig("GL000192.1")
    ('7', 'MT', 'GL000192.1')
    """
    plain = re.sub(r"^chr", "", name, flags=re.IGNORECASE)
    return "MT" if plain in ("M", "MT") else plain


_TWO = "its header names chromosomes or references of two builds"
_NOTHING = "neither contig lengths nor a reference name it"
_OTHER = "it is of another genome, or of two"


def build_of(contigs: Mapping[str, int], words: Iterable[str]) -> str:
    """The build that contig lengths and words of a header agree on.

    Parameters
    ----------
    contigs
        Length by contig name as in the file.
    words
        Values of ``##reference``, ``##assembly`` and contig ``assembly``.

    Raises
    ------
    UnknownBuild
        When nothing tells, when it is another genome, or when two builds are told.
    """
    told = _by_name(words)
    measured = _by_length(contigs)
    if len(measured) > 1 or (measured and told - measured - {"other"}):
        raise UnknownBuild(_TWO)
    found = measured or told
    if not found:
        raise UnknownBuild(_NOTHING)
    if len(found) > 1 or "other" in found:
        raise UnknownBuild(_OTHER)
    return found.pop()


def _by_length(contigs: Mapping[str, int]) -> set[str]:
    found: set[str] = set()
    for name, length in contigs.items():
        for build in HANDLED:
            if lengths()[build].get(plain_contig(name)) == length:
                found.add(build)
    return found


def _by_name(words: Iterable[str]) -> set[str]:
    texts = [word.lower() for word in words]
    return {
        build
        for build, names in build_words().items()
        if any(re.search(rf"(?<![a-z0-9]){re.escape(n)}", text) for n in names for text in texts)
    }
