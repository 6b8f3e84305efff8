"""One note made ready for the rules: its capitalised runs, and what stands beside a place."""

# ruff: noqa: RUF001, PLR2004 -- patterns keep the signs and lengths that notes have

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from vitruvian.research.deidentify.notes.words import PARTICLES, STAFF, TITLE, plain, traits

# A capital letter of Latin-1 or any letter beyond it, which `str.isupper` then judges.
_CAPITAL = re.compile(r"[^\W\d_a-zß-öø-ÿ][^\W\d_]*(?:['’\-][^\W\d_]+)*")
_JOINING = frozenset(PARTICLES)
_WIDEST_GAP = 16
_LOWER = re.compile(r"(?<![\w'’-])[a-zß-öø-ÿ]{3,}")
_AFTER = re.compile(r"[ \t]?\n?(?:'s|’s)?[ \t]*([^\W\d_][\w'’\-]*)")
_SENTENCE = re.compile(r"(?:^|[.!?:;\n•*>|–—-])[\s\"'“«(\d.)]*$")
_NEAR = 40
_ENDED = frozenset(".\n")
_BETWEEN, _INNER = ' \t\n"“«(.:', "'’-"


@dataclass(frozen=True, slots=True)
class Token:
    """A word of a capitalised run; ``stopped`` when a full stop follows it at once."""

    start: int
    end: int
    word: str
    stopped: bool

    @property
    def initial(self) -> bool:
        """One letter."""
        return len(self.word) == 1


def _goes_on(last: Token, gap: str) -> bool:
    """Whether the next capitalised word belongs to the same run."""
    if gap == " ":
        return True
    if len(gap) > _WIDEST_GAP or "\n" in gap or gap[:1] not in " .\t":
        return False
    if gap[0] == ".":
        if len(last.word) > 2 and not traits(last.word) & (STAFF | TITLE):
            return False
        gap = gap[1:]
    return gap == "" or all(word.lower() in _JOINING for word in gap.replace("'", " ").split())


class Note:
    """A text with what the rules ask of it, worked out when first asked."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.stops: frozenset[int] = frozenset()  # where an address begins
        self._before: dict[int, str] = {}

    @cached_property
    def runs(self) -> list[list[Token]]:
        """Capitalised words that stand together, with the small words of names between them.

        A full stop ends a run, except behind an initial or a short title.
        """
        text = self.text
        found: list[list[Token]] = []
        last: Token | None = None
        for match in _CAPITAL.finditer(text):
            start, end = match.span()
            word = match[0]
            if not word[0].isupper() or (start and text[start - 1].isalnum()):
                continue  # "Hg" of mmHg
            token = Token(start, end, word, text[end : end + 1] == ".")
            if last is not None and _goes_on(last, text[last.end : start]):
                found[-1].append(token)
            else:
                found.append([token])
            last = token
        return found

    @cached_property
    def small(self) -> frozenset[str]:
        """Words that the note also writes small: they are ordinary here."""
        return frozenset(plain(word) for word in _LOWER.findall(self.text))

    def before(self, place: int) -> str:
        """The word in front of a place on its line or the line above, folded; "" for none."""
        if place not in self._before:
            piece = self.text[max(0, place - _NEAR) : place].rstrip(_BETWEEN)
            begin = len(piece)
            while begin and (piece[begin - 1].isalnum() or piece[begin - 1] in _INNER):
                begin -= 1
            word = plain(piece[begin:].strip(_INNER))
            crossed = self.text[max(0, place - _NEAR) + len(piece) : place]
            # Only a title speaks across a full stop or a line end.
            if not _ENDED.isdisjoint(crossed) and not traits(word) & (STAFF | TITLE):
                word = ""
            self._before[place] = word
        return self._before[place]

    def after(self, place: int) -> str:
        """The word behind a place, folded; "" when a sign stands between."""
        match = _AFTER.match(self.text, place)
        return plain(match[1]) if match else ""

    def begins(self, place: int) -> bool:
        """Whether a sentence, line or item begins there."""
        return _SENTENCE.search(self.text[max(0, place - 8) : place]) is not None

    def bounded(self, start: int, end: int) -> bool:
        """Whether no letter or digit stands directly before or behind a stretch."""
        text = self.text
        left = start == 0 or not (text[start - 1].isalnum() and text[start].isalnum())
        return left and (end >= len(text) or not (text[end - 1].isalnum() and text[end].isalnum()))

    def line_end(self, place: int) -> int:
        """Where the line ends that a place stands on."""
        end = self.text.find("\n", place)
        return len(self.text) if end < 0 else end
