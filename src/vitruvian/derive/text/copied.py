"""Passages that a note repeats from an earlier one of the same person: not said anew.

References
----------
Wrenn JO, Stein DM, Bakken S, Stetson PD. Quantifying clinical narrative redundancy in an
electronic health record. J Am Med Inform Assoc 2010;17:49-53, doi:10.1197/jamia.M3390: more than
half of a progress note is copied. The threshold here is our own: a single sentence that stands in
every note ("Lungs clear.") is said anew each time, a run of them is carried forward.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from vitruvian.derive.text.note import Note

# A passage is two sentences or more of together so many characters, in the same order, last seen
# not so long ago: what is repeated after a year comes from a template.
SHORTEST = 160
LONGEST_AGO = 30 * 86_400_000_000


class Passage(NamedTuple):
    """A span of the folded text that was there before, and since when (microseconds since 1970)."""

    start: int
    end: int
    since: int


class Earlier:
    """What one person's notes said so far; they are read oldest first."""

    def __init__(self) -> None:
        # When a pair of sentences was first said, and last.
        self._said: dict[tuple[str, str], tuple[int, int]] = {}

    def read(self, note: Note, time: int | None) -> list[Passage]:
        """The passages of a note that an earlier one has, and remember the note.

        A note without a time is neither earlier nor later than others.
        """
        if time is None:
            return []
        words = note.words
        places = [*note.sentence_starts, len(words)]
        pairs = list(pairwise([words[a:b].strip() for a, b in pairwise(places)]))
        # Most notes say nothing that was said before.
        if self._said.keys().isdisjoint(pairs):
            self._said.update(dict.fromkeys(pairs, (time, time)))
            return []
        known: list[int | None] = []
        for pair in pairs:
            first, last = self._said.get(pair, (time, time))
            first = first if time - last <= LONGEST_AGO else time
            known.append(first if first < time else None)
            self._said[pair] = first, time
        return list(_passages(places, known))


def _passages(places: Sequence[int], known: Sequence[int | None]) -> Iterator[Passage]:
    """Runs of sentence pairs that were said before, where they are long enough."""
    first = since = None
    for number, moment in enumerate([*known, None]):
        if moment is not None:
            first = number if first is None else first
            since = moment if since is None else max(since, moment)
            continue
        if first is not None and since is not None:
            start, end = places[first], places[number + 1]
            if end - start >= SHORTEST:
                yield Passage(start, end, since)
        first = since = None
