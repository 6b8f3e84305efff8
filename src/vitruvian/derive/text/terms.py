"""Many thousand terms found in one pass, as whole words, the longest first.

References
----------
Aho AV, Corasick MJ. Efficient string matching. Commun ACM 1975;18(6):333-340,
doi:10.1145/360825.360855.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from typing import Any, NamedTuple

from vitruvian.derive.text.fold import fold


class Mention(NamedTuple):
    """A term found: its span (half-open, in the folded text) and what it stands for."""

    start: int
    end: int
    meaning: Any  # whatever the caller filed under the term


class Terms:
    """A set of terms, each with a meaning; where one lies inside another the longer is found.

    Letter case, punctuation and white space do not matter: "non-small cell" is found for
    "Non small-cell". With ``plurals``, a following s or es belongs to the term.
    """

    def __init__(self, entries: Iterable[tuple[str, Any]], *, plurals: bool = False) -> None:
        # Optional, and without types: what comes out of it is Any.
        self._found: Any = import_module("ahocorasick").Automaton()
        self._plurals = plurals
        anchors: set[str] = set()
        for term, meaning in entries:
            plain = " ".join(fold(term).words.split())
            if plain:
                # The space in front makes it begin where a word begins.
                self._found.add_word(f" {plain}", (len(plain), meaning))
                anchors.update(self._anchor(plain.split()))
        if len(self._found):
            self._found.make_automaton()
        self._anchors = frozenset(anchors)

    def _anchor(self, parts: list[str]) -> tuple[str, ...]:
        """The longest word of a term, in the forms in which a note may have it."""
        longest = max(reversed(parts), key=len)
        if self._plurals and longest == parts[-1]:
            return longest, f"{longest}s", f"{longest}es"
        return (longest,)

    def may_be_in(self, vocabulary: frozenset[str]) -> bool:
        """False when a text of these words surely holds no term."""
        return not self._anchors.isdisjoint(vocabulary)

    def __len__(self) -> int:
        return len(self._found)

    def find(self, words: str) -> list[Mention]:
        """Every mention in the text, in order, none overlapping another.

        Parameters
        ----------
        words
            ``Folded.words`` of the text.
        """
        if not len(self._found):
            return []
        padded = f" {words} "
        found = []
        # `last` is a place of the padded text: one ahead of its place in `words`.
        for last, (length, meaning) in self._found.iter_long(padded):
            if padded[last + 1] == " ":
                found.append(Mention(last - length, last, meaning))
            elif self._plurals and (end := self._plural_end(padded, last)):
                found.append(Mention(last - length, end, meaning))
        return found

    def _plural_end(self, padded: str, last: int) -> int:
        """Where the plural of a term ends; 0 when the word goes on otherwise."""
        for ending in ("s ", "es "):
            if padded.startswith(ending, last + 1):
                return last + len(ending) - 1
        return 0
