"""A note's text made plain for matching, with every place traced back to the note as sent.

Three strings with the same length and the same places:

``shown``   white space runs become one space (or one line end), letters stay
``folded``  the same in lower case, line ends as spaces
``words``   the same with everything that is no letter or digit as a space
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass, field

# White space that is not one space or one line end; it begins with a set, which is searched fast.
_RUNS = re.compile(r"\s(?:\s+|(?<=[^ \n]))")
_PLAIN = {c: " " for c in range(128) if not chr(c).isalnum()}
# str.translate is slow beyond ASCII, a few replacements are not.
_BEYOND_ASCII = [chr(c) for c in _PLAIN if chr(c).isprintable() and c != ord(" ")]
_BEYOND_ASCII += list("\n\u2013\u2014\u2018\u2019\u201c\u201d\u00b7\u2022\u00b0\u00ab\u00bb")
_BEYOND_ASCII += list("\u3002\uff0c")


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
        if len(self.starts) == 1:
            return start, end
        first = start + self.shifts[bisect_right(self.starts, start) - 1]
        last = end - 1 + self.shifts[bisect_right(self.starts, end - 1) - 1] + 1
        return first, self._with_marks(last)

    def _with_marks(self, end: int) -> int:
        """The end of a span, behind the combining characters of its last letter."""
        text = self.original
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
    if unicodedata.is_normalized("NFC", text):
        shown, starts, shifts = _collapse(text)
    else:
        shown, starts, shifts = _collapse_letter_by_letter(text)
    folded = _lower(shown).replace("\n", " ")
    return Folded(text, shown, folded, _words(folded), starts, shifts)


def _collapse(text: str) -> tuple[str, list[int], list[int]]:
    parts: list[str] = []
    starts, shifts = [0], [0]
    last = written = 0
    for run in _RUNS.finditer(text):
        begin, end = run.span()
        parts += (text[last:begin], _one_space(run[0]))
        written += begin - last + 1
        last = end
        starts.append(written)
        shifts.append(end - written)
    parts.append(text[last:])
    return "".join(parts), starts, shifts


def _one_space(run: str) -> str:
    return "\n" if "\n" in run or "\r" in run else " "


def _collapse_letter_by_letter(text: str) -> tuple[str, list[int], list[int]]:
    """The slow way, for letters sent as a base and its marks: every place has its own shift."""
    shown: list[str] = []
    shifts: list[int] = []
    place = 0
    while place < len(text):
        end = place + 1
        while end < len(text) and unicodedata.combining(text[end]):
            end += 1
        while end < len(text) and text[place].isspace() and text[end].isspace():
            end += 1
        run = text[place:end]
        if run.isspace():
            place, run = end - 1, _one_space(run)
        shifts.append(place - len(shown))
        shown.append(unicodedata.normalize("NFC", run)[0])
        place = end
    return "".join(shown), list(range(max(1, len(shown)))), shifts or [0]


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
