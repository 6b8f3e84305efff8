"""One way to write each change: trimmed, then spread over all places where it could stand.

References
----------
GA4GH VRS 2.0, "Normalization" (fully-justified alleles); Holmes et al. 2020, SPDI: data model
for variants and applications at NCBI (doi:10.1093/bioinformatics/btz856), "VOCA".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from vitruvian.terms.genome.vrs import Allele, Literal, Repeated, State

Letters = Callable[[int, int], str]
_WINDOW = 256


@dataclass(frozen=True)
class Change:
    """A change as VCF writes it.

    Parameters
    ----------
    position
        1-based, first letter of ``ref``.
    ref, alt
        Letters, upper case, at least one each.
    """

    position: int
    ref: str
    alt: str


def fully_justified(accession: str, change: Change, letters: Letters | None) -> Allele | None:
    """The change as VRS asks for it; None where that cannot be known.

    Parameters
    ----------
    letters
        Letters of the sequence from a 0-based place to another, end exclusive, fewer beyond its
        ends; None where the sequence is not at hand.

    Returns
    -------
    Allele or None
        None for no change, and for an insertion or deletion without the sequence: whether it
        stands in a repeat is then not known.

    Examples
    --------
    >>> fully_justified("SQ.x", Change(5, "AG", "AT"), None)
    Allele(accession='SQ.x', start=5, end=6, state=Literal(sequence='T'))
    """
    start, ref, alt = _trimmed(change)
    if ref == alt:
        return None
    if ref and alt:
        return Allele(accession, start, start + len(ref), Literal(alt))
    if letters is None:
        return None
    return _spread(accession, (start, ref, alt), letters)


def _trimmed(change: Change) -> tuple[int, str, str]:
    """Without what both begin and end with; 0-based."""
    start, ref, alt = change.position - 1, change.ref, change.alt
    while ref and alt and ref[-1] == alt[-1]:
        ref, alt = ref[:-1], alt[:-1]
    while ref and alt and ref[0] == alt[0]:
        start, ref, alt = start + 1, ref[1:], alt[1:]
    return start, ref, alt


def _spread(accession: str, pure: tuple[int, str, str], letters: Letters) -> Allele:
    """An insertion or deletion over the whole stretch where it could stand."""
    start, ref, alt = pure
    unit, end = ref or alt, start + len(ref)
    left = _run(_leftward(letters, start), unit[::-1])
    right = _run(_rightward(letters, end), unit)
    before, after = letters(start - left, start), letters(end, end + right)
    whole_ref, whole_alt = before + ref + after, before + alt + after
    state = _state(whole_ref, whole_alt, len(unit))
    return Allele(accession, start - left, end + right, state)


def _run(letters: Iterator[str], unit: str) -> int:
    """How many letters go on repeating a unit."""
    count = 0
    for letter in letters:
        if letter != unit[count % len(unit)]:
            break
        count += 1
    return count


def _leftward(letters: Letters, start: int) -> Iterator[str]:
    while start > 0:
        first = max(start - _WINDOW, 0)
        yield from reversed(letters(first, start))
        start = first


def _rightward(letters: Letters, start: int) -> Iterator[str]:
    while window := letters(start, start + _WINDOW):
        yield from window
        start += len(window)


def _state(ref: str, alt: str, unit: int) -> State:
    """By the rules of VRS 2.0, steps 5 a to d: repeats of the reference by length, else letters."""
    if len(alt) < len(ref):
        return Repeated(len(alt), unit)
    for length in (n for n in range(unit, 0, -1) if unit % n == 0 and n <= len(ref)):
        cycle = ref[-length:]
        added = alt[len(ref) :]
        if all(letter == cycle[n % length] for n, letter in enumerate(added)):
            return Repeated(len(alt), length)
    return Literal(alt)
