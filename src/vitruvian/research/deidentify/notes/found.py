"""What was found in a note, and which of two findings that overlap holds."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple, get_args

Kind = Literal[
    "patient",
    "staff",
    "date",
    "age",
    "sex",
    "relative",
    "profession",
    "street",
    "place",
    "country",
    "hospital",
    "institution",
    "phone",
    "fax",
    "email",
    "url",
    "record",
    "insurance",
    "contact",
    "licence",
    "national",
    "account",
    "device",
    "label",
]
KINDS: tuple[Kind, ...] = tuple(kind for kind in get_args(Kind) if kind != "label")

# A label tells nothing about anybody; it is found so that no name grows over it.
SURE, LIKELY, GUESSED = 3, 2, 1


class Finding(NamedTuple):
    """A stretch of the text, half-open in code points, and what it tells about a person.

    ``weight`` says how it was found: by a field, a checksum or a known name (3), by a pattern or
    a list (2), by its shape alone (1).
    """

    start: int
    end: int
    kind: Kind
    weight: int = LIKELY


def settled(found: Iterable[Finding]) -> list[Finding]:
    """Findings in order, none overlapping another: the surer holds, then the longer.

    What the weaker one covers beside the stronger stays covered, so that nothing found twice is
    half shown.

    Examples
    --------
    >>> kept = settled([Finding(0, 9, "patient", 1), Finding(4, 12, "record", 3)])
    >>> [(one.start, one.end, one.kind) for one in kept]
    [(0, 4, 'patient'), (4, 12, 'record')]
    """
    ranked = sorted(set(found), key=lambda one: (-one.weight, one.start - one.end, one.start))
    kept: list[Finding] = []
    starts: list[int] = []
    ends: list[int] = []
    for one in ranked:
        pieces = list(_free(one.start, one.end, starts, ends))
        for start, end in pieces:
            place = bisect_left(starts, start)
            starts.insert(place, start)
            ends.insert(place, end)
            kept.append(one._replace(start=start, end=end))
    return sorted(kept)


def _free(start: int, end: int, starts: list[int], ends: list[int]) -> Iterator[tuple[int, int]]:
    """The parts of a stretch that nothing stands on yet."""
    number = bisect_right(ends, start)
    while start < end and number < len(starts) and starts[number] < end:
        if start < starts[number]:
            yield start, starts[number]
        start = max(start, ends[number])
        number += 1
    if start < end:
        yield start, end


__all__ = ["GUESSED", "KINDS", "LIKELY", "SURE", "Finding", "Kind", "settled"]
