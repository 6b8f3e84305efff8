"""A note's text made plain for matching, with every place traced back to the note as sent.

Three strings with the same length and the same places:

``shown``   white space runs become one space (or one line end), full-width letters, digits and
            signs become those of ASCII, all other letters stay
``folded``  the same in lower case, line ends as spaces
``words``   the same with everything that is no letter or digit as a space
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import accumulate

# Two patterns that skip single spaces, of which a note has hundreds, without trying them.
_SPACES = re.compile(r"   *")
_OTHERS = re.compile(r"[^\S ]\s*")
# The combining characters of Unicode begin behind this one.
_LAST_WITHOUT_MARKS = "\u02ff"
_PLAIN = {c: " " for c in range(128) if not chr(c).isalnum()}
# str.translate is slow beyond ASCII, a few replacements are not.
_BEYOND_ASCII = [chr(c) for c in _PLAIN if chr(c).isprintable() and c != ord(" ")]
_BEYOND_ASCII += list("\n\u2013\u2014\u2018\u2019\u201c\u201d\u00b7\u2022\u00b0\u00ab\u00bb")
# Signs of Chinese text: full stop, commas, brackets, and what ends a sentence.
_BEYOND_ASCII += list("\u3002\uff0c\u3001\uff1b\uff01\uff1f\u3010\u3011\u300a\u300b\u300c\u300d")
# Full-width forms stand for ASCII, except for the three that end a sentence without a space.
_WIDE = re.compile("[\uff01-\uff5e]")
_NARROW = {c: c - 0xFEE0 for c in range(0xFF01, 0xFF5F) if chr(c) not in "\uff01\uff1b\uff1f"}


@dataclass(frozen=True, slots=True)
class Folded:
    """A text ready for matching; places in it lead back to the text as sent."""

    original: str
    shown: str
    folded: str
    words: str
    # From `starts[i]` on, a place plus `shifts[i]` is the place in the original.
    starts: list[int] = field(default_factory=lambda: [0])
    shifts: list[int] = field(default_factory=lambda: [0])

    def origin(self, start: int, end: int) -> tuple[int, int]:
        """The span of the original text (half-open, in code points) behind a span here."""
        starts, shifts = self.starts, self.shifts
        if len(starts) > 1 or len(self.original) != len(self.shown):
            first = bisect_right(starts, start) - 1
            # Most spans hold no run of white space: their end is shifted as their start is.
            beyond = first + 1 == len(starts) or end <= starts[first + 1]
            last = first if beyond else bisect_right(starts, end - 1) - 1
            start, end = start + shifts[first], end + shifts[last]
        if end < len(self.original) and self.original[end] > _LAST_WITHOUT_MARKS:
            end = self._with_marks(end)
        return start, end

    def _with_marks(self, end: int) -> int:
        """The end of a span, behind the combining characters of its last letter."""
        text = self.original
        if text[end - 1].isspace():
            return end
        while end < len(text) and unicodedata.combining(text[end]):
            end += 1
        return end


def fold(text: str) -> Folded:
    r"""Make a text plain.

    Parameters
    ----------
    text
        The note as sent, in any script.

    Examples
    --------
    >>> folded = fold("Chest\r\n  PAIN, u\u0308bel")
    >>> folded.words
    'chest pain  übel'
    >>> folded.origin(0, 10)
    (0, 13)
    """
    narrow = text
    if not text.isascii() and _WIDE.search(text):
        narrow = text.translate(_NARROW)
    if text.isascii() or unicodedata.is_normalized("NFC", narrow):
        shown, starts, shifts = _collapse(narrow)
    else:
        shown, starts, shifts = _collapse_letter_by_letter(narrow)
    folded = _lower(shown).replace("\n", " ")
    return Folded(text, shown, folded, _words(folded), starts, shifts)


def words_of(term: str) -> str:
    """The words of a term as they stand in `Folded.words`, with one space between them.

    Examples
    --------
    >>> words_of("Non-Small  Cell")
    'non small cell'
    """
    # Many thousand terms are read when a program starts, nearly all of them in ASCII.
    words = _words(term.lower()) if term.isascii() else fold(term).words
    return " ".join(words.split())


def _collapse(text: str) -> tuple[str, list[int], list[int]]:
    # A text of one line, typed with two spaces behind a full stop: cut there all at once.
    if text.isascii() and text.isprintable() and "   " not in text:
        lines = text.split("  ")
        starts = list(accumulate([len(line) + 1 for line in lines[:-1]], initial=0))
        return " ".join(lines), starts, list(range(len(lines)))
    parts: list[str] = []
    starts, shifts = [0], [0]
    last = written = 0
    for begin, end in _runs(text):
        parts += (text[last:begin], _one_space(text[begin:end]))
        written += begin - last + 1
        last = end
        starts.append(written)
        shifts.append(end - written)
    parts.append(text[last:])
    return "".join(parts), starts, shifts


def _runs(text: str) -> Iterator[tuple[int, int]]:
    """White space, in order, that is not one space or one line end."""
    spaces = [run.span() for run in _SPACES.finditer(text)]
    others = [run.span() for run in _OTHERS.finditer(text)]
    if not others:
        yield from spaces
        return
    begin = last = -1
    for start, end in sorted(spaces + others):
        if start > last:
            yield from _counted(text, begin, last)
            # A single space before a line end is no run by itself.
            begin = start - 1 if start and text[start - 1] == " " else start
        last = max(last, end)
    yield from _counted(text, begin, last)


def _counted(text: str, begin: int, end: int) -> Iterator[tuple[int, int]]:
    if begin >= 0 and text[begin:end] != "\n":
        yield begin, end


def _one_space(run: str) -> str:
    return "\n" if "\n" in run or "\r" in run else " "


def _collapse_letter_by_letter(text: str) -> tuple[str, list[int], list[int]]:
    """The slow way, for letters sent as a base and its marks: every place has its own shift."""
    shown: list[str] = []
    shifts: list[int] = []
    place = 0
    while place < len(text):
        end = _end_of_letter(text, place)
        run = text[place:end]
        for sign, at in [(_one_space(run), place)] if run.isspace() else _composed(run, place):
            shifts.append(at - len(shown))
            shown.append(sign)
        place = end
    return "".join(shown), list(range(max(1, len(shown)))), shifts or [0]


def _composed(run: str, place: int) -> list[tuple[str, int]]:
    """A letter and those of its marks that it has no composed form with, each with its place."""
    places: dict[str, list[int]] = {}
    for at, sign in enumerate(run, place):
        for part in unicodedata.normalize("NFD", sign):
            places.setdefault(part, []).append(at)
    # What a letter is composed with stands first, so that places are taken from behind.
    behind = [
        (sign, places[sign].pop() if places.get(sign) else place)
        for sign in reversed(unicodedata.normalize("NFC", run))
    ]
    return behind[::-1]


def _end_of_letter(text: str, place: int) -> int:
    """Behind a run of white space, or behind a letter and its marks."""
    goes_on = str.isspace if text[place].isspace() else unicodedata.combining
    end = place + 1
    while end < len(text) and goes_on(text[end]):
        end += 1
    return end


def _lower(text: str) -> str:
    lowered = text.lower()
    if len(lowered) == len(text):
        return lowered
    # A few capital letters have no lower case of one letter; they stay as they are.
    return "".join(low if len(low := letter.lower()) == 1 else letter for letter in text)


def _words(folded: str) -> str:
    if folded.isascii():
        return folded.translate(_PLAIN)
    for sign in _BEYOND_ASCII:
        if sign in folded:
            folded = folded.replace(sign, " ")
    return folded
