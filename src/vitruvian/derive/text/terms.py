"""Many thousand terms found in one pass, as whole words, the longest first.

References
----------
Aho AV, Corasick MJ. Efficient string matching. Commun ACM 1975;18(6):333-340,
doi:10.1145/360825.360855.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from importlib import import_module
from typing import Any, NamedTuple

from vitruvian.derive.text.fold import words_of

# English words that end so take "es" in the plural, or may.
_TAKES_ES = ("s", "x", "z", "h", "o")
_TAKES_S = ("h", "o")


class Mention(NamedTuple):
    """A term found: its span (half-open, in the folded text) and what it stands for."""

    start: int
    end: int
    meaning: Any  # whatever the caller filed under the term


def between(mentions: Sequence[Mention], low: int, high: int) -> Sequence[Mention]:
    """Those of some mentions in order that begin in a part of the text (half-open)."""
    return mentions[bisect_left(mentions, (low,)) : bisect_left(mentions, (high,))]


class Automaton:
    """Finds every one of some words in a text, those too that lie in others, by their ends.

    With ``spaced`` they are found between spaces only; the spaces belong to what is found.
    """

    def __init__(self, words: Iterable[str], *, spaced: bool) -> None:
        # The library is optional: imported when a text is read.
        ahocorasick = import_module("ahocorasick_rs")
        patterns = [f" {word} " for word in words] if spaced else list(words)
        # The smallest form that is fast: many thousand words stay near the processor.
        compact = ahocorasick.Implementation.ContiguousNFA
        self._search: Any = ahocorasick.AhoCorasick(
            patterns, implementation=compact, store_patterns=False
        ).find_matches_as_indexes

    def find(self, text: str) -> list[tuple[int, int, int]]:
        """The number of each word found and its place (half-open)."""
        found: list[tuple[int, int, int]] = self._search(text, overlapping=True)
        return found


class Terms:
    """A set of terms, each with a meaning; where one lies inside another the longer is found.

    Letter case, punctuation and white space do not matter: "non-small cell" is found for
    "Non small-cell". With ``plurals``, a following s or es belongs to the term.

    Words of a set with Chinese terms need no space around them, unless a letter or digit of
    ASCII stands at both sides of their edge: KRAS is found in "KRAS\u57fa\u56e0", not in "KRASX".
    """

    def __init__(self, entries: Iterable[tuple[str, Any]], *, plurals: bool = False) -> None:
        self.meanings: dict[str, Any] = {}
        for term, meaning in entries:
            plain = words_of(term)
            if plain:
                self.meanings[plain] = meaning
        self.spaced = not any(_HAN.search(word) for word in self.meanings)
        if plurals:
            more = ((form, m) for word, m in self.meanings.items() for form in plurals_of(word))
            self.meanings = {**dict(more), **self.meanings}

    @cached_property
    def _alone(self) -> Automaton:
        """An automaton of these terms only."""
        return Automaton(self.meanings, spaced=self.spaced)

    @cached_property
    def _filed(self) -> list[Any]:
        """What each term stands for, in the order of the automaton."""
        return list(self.meanings.values())

    def __len__(self) -> int:
        return len(self.meanings)

    def find(self, words: str) -> list[Mention]:
        """Every mention in the text, in order, none overlapping another.

        Parameters
        ----------
        words
            ``Folded.words`` of the text.
        """
        return apart(self._hits(words, 0, len(words)))

    def within(self, words: str, start: int, end: int) -> list[Mention]:
        """The mentions that begin in a part of the text, at their places in the whole."""
        high = words.find(" ", end + self.longest) if self.spaced else end + self.longest + 1
        part = words[start : high if high >= 0 else len(words)]
        # What begins behind the part hides nothing of it.
        return apart(self._hits(part, start, end - start))

    def _hits(self, words: str, begin: int, before: int) -> list[Mention]:
        """Every mention that begins before a place, by its end, those too that lie in others."""
        found = self._alone.find(f" {words} " if self.spaced else words)
        # Most parts of a text that are asked about hold none of the terms.
        if not found:
            return []
        make, filed = tuple.__new__, self._filed  # a third of the time of a call of Mention
        if self.spaced:
            # The space before a term is a place ahead of it in the padded text; so is the one
            # behind it, which is found with it.
            return [
                make(Mention, (start + begin, end + begin - 2, filed[number]))
                for number, start, end in found
                if start < before
            ]
        return [
            make(Mention, (start + begin, end + begin, filed[number]))
            for number, start, end in found
            if start < before and _apart(words, start, end)
        ]

    @cached_property
    def longest(self) -> int:
        """Characters of the longest term."""
        return max(map(len, self.meanings), default=0)


def apart(hits: list[Mention]) -> list[Mention]:
    """The mentions, of hits by their end, that lie in no other and overlap none before."""
    if len(hits) <= 1:
        return hits
    kept: list[Mention] = []
    for hit in hits:
        start = hit[0]
        # What ends last hides what lies in it, and yields to what begins before it.
        while kept and kept[-1][0] >= start:
            kept.pop()
        if not kept or kept[-1][1] <= start:
            kept.append(hit)
    return kept


# Ideographs; the plain ones and their first extension.
_HAN = re.compile("[\u3400-\u9fff]")


def _apart(words: str, start: int, end: int) -> bool:
    """Whether what stands at a place is no part of a longer word or number of ASCII."""
    return not (
        (start and _latin(words[start - 1]) and _latin(words[start]))
        or (end < len(words) and _latin(words[end]) and _latin(words[end - 1]))
    )


def _latin(sign: str) -> bool:
    return sign.isascii() and sign.isalnum()


class Lexicon:
    """Several sets of terms searched in one pass; each answers as if it were alone."""

    def __init__(self, sets: Iterable[Terms]) -> None:
        all_sets = dict.fromkeys(sets)
        self._sets = tuple(terms for terms in all_sets if terms.spaced)
        # Terms of a language without spaces find for themselves.
        self._others = tuple(terms for terms in all_sets if not terms.spaced)
        owners = _owners(self._sets)
        self._found = Automaton(owners, spaced=True)
        # Who knows each word, in the order of the automaton.
        self._owners = list(owners.values())

    def find(self, words: str) -> Mapping[Terms, list[Mention]]:
        """The mentions of every set.

        Parameters
        ----------
        words
            ``Folded.words`` of the text.
        """
        found: list[list[Mention]] = [[] for _ in self._sets]
        self._fill(found, words)
        others = {terms: terms.find(words) for terms in self._others}
        return {**dict(zip(self._sets, found, strict=True)), **others}

    def _fill(self, found: Sequence[list[Mention]], words: str) -> None:
        make, owners = tuple.__new__, self._owners
        # Of what is found in the padded text, the first place is the same in `words`.
        for place, start, behind in self._found.find(f" {words} "):
            end = behind - 2
            for number, meaning in owners[place]:
                kept = found[number]
                # What ends last hides what lies in it, and yields to what begins before it;
                # most stand apart from what was found before.
                if kept and kept[-1][1] > start:
                    while kept and kept[-1][0] >= start:
                        kept.pop()
                    if kept and kept[-1][1] > start:
                        continue
                kept.append(make(Mention, (start, end, meaning)))


def _owners(sets: Sequence[Terms]) -> Mapping[str, tuple[tuple[int, Any], ...]]:
    """Which sets know a word, and as what."""
    owners: dict[str, tuple[tuple[int, Any], ...]] = {}
    for number, terms in enumerate(sets):
        for word, meaning in terms.meanings.items():
            owners[word] = (*owners.get(word, ()), (number, meaning))
    return owners


def plurals_of(term: str) -> Iterator[str]:
    """The plurals a term may have in English.

    Examples
    --------
    >>> list(plurals_of("fever")), list(plurals_of("abscess")), list(plurals_of("echo"))
    (['fevers'], ['abscesses'], ['echoes', 'echos'])
    """
    if term.endswith(_TAKES_ES):
        yield f"{term}es"
    if not term.endswith(_TAKES_ES) or term.endswith(_TAKES_S):
        yield f"{term}s"


__all__ = ["Lexicon", "Mention", "Terms", "plurals_of"]
