"""Names of people: by title, by what stands beside them, by lists, by shape; then everywhere."""

# ruff: noqa: PLR2004 -- patterns keep the signs and lengths that notes have

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from vitruvian.research.deidentify.notes.found import GUESSED, LIKELY, Finding, Kind
from vitruvian.research.deidentify.notes.note import Note, Token
from vitruvian.research.deidentify.notes.words import (
    COMMON,
    ENDING,
    EPONYM,
    FAMILY,
    GIVEN,
    JOINTS,
    ORDINARY,
    STAFF,
    TITLE,
    plain,
    traits,
    words,
)

_NAME = GIVEN | FAMILY
_SHORT_CAPITALS = 5
_MOST_WORDS = 5
_BELIEVED = 2
_FEWEST_LETTERS = 3
# A heading of a form ("Past Medical History:") is no name.
_HEADING = (":", " :")


class Part(NamedTuple):
    """Words of a run that may be one name, and the title in front of them."""

    tokens: Sequence[Token]
    title: int  # STAFF, TITLE or 0
    cut: bool  # an ordinary word stands directly before


def find_names(note: Note, taken: Sequence[Finding]) -> list[Finding]:
    """Names of people, with everything that repeats them.

    Parameters
    ----------
    note
        The note.
    taken
        What fields and other rules found already; names among it are looked for elsewhere.
    """
    german = _reads_german(note)
    found = [
        one
        for run in note.runs
        for part in _parts(note, run)
        if (one := _judged(note, part, german=german))
    ]
    return [*found, *_repeated(note, [*taken, *found])]


def _reads_german(note: Note) -> bool:
    """Whether nouns have capitals here: shape alone then says nothing."""
    return (
        sum(word in note.small for word in ("und", "der", "die", "mit", "bei", "wurde", "eine")) > 2
    )


def _parts(note: Note, run: Sequence[Token]) -> Iterator[Part]:
    """A run cut at titles and at ordinary words."""
    tokens: list[Token] = []
    title = _title_before(note, run[0])
    cut = False
    cued = _is_cue(note.before(run[0].start))
    for place, token in enumerate(run):
        known = traits(token.word)
        is_title = known & (STAFF | TITLE) and not token.initial and _titles(run, place, known)
        cue = _Cue(title, cued=cued and not cut, before=len(tokens), last=place + 1 == len(run))
        opens = _opens(run, place, known)
        if is_title or opens or _breaks(note, token, known, cue):
            if tokens:
                yield Part(tokens, title, cut)
            tokens, title, cut = [], 0, not (is_title or opens)
            cued = cued or opens
            if is_title:
                title = STAFF if known & STAFF else TITLE
        else:
            tokens.append(token)
    if tokens:
        yield Part(tokens, title, cut)


def _is_cue(word: str) -> bool:
    """Whether a person is often named behind this word."""
    cues = words().cues
    return word in cues["patient"] or word in cues["staff"] or word in cues["told"]


def _opens(run: Sequence[Token], place: int, known: int) -> bool:
    """Whether a capitalised word is what a person is to the patient, and two words more follow.

    "Datteren Svidroask Flicas" at the beginning of a sentence: what stands behind it is a name as
    it would be behind "datteren", also where its second half ends as ordinary words do.
    """
    word = plain(run[place].word)
    return (
        place + 2 < len(run)
        and not known & _NAME
        and len(word) > _FEWEST_LETTERS
        and word in words().cues["patient"]
    )


def _titles(run: Sequence[Token], place: int, known: int) -> bool:
    """Whether a word that is a title is one here: a given name is one only in small letters."""
    return not known & _NAME or run[place].stopped or place + 1 < len(run)


def _title_before(note: Note, token: Token) -> int:
    """The title in small letters in front of a run, on its line."""
    word = note.before(token.start)
    known = words()
    if word == "med" and "." not in note.text[token.start - 3 : token.start]:
        return 0  # Norwegian for "with"; "Dr. med." has its full stop
    if word in known.staff_titles:
        return STAFF
    return TITLE if word in known.titles else 0


class _Cue(NamedTuple):
    """What speaks for a name at a word of a run: a title or cue in front, words before it."""

    title: int
    cued: bool
    before: int
    last: bool

    @property
    def believed(self) -> bool:
        """Whether two words are taken as a name although they are also words."""
        return (bool(self.title) or self.cued) and self.before < _BELIEVED

    def covers(self, known: int) -> bool:
        """Whether an ordinary word is part of a name here; alone, it is after a title only."""
        alone = self.before == 0 and self.last
        return self.believed and (bool(self.title) or bool(known & ENDING) or not alone)


def _breaks(note: Note, token: Token, known: int, cue: _Cue) -> bool:
    """Whether a word is no part of a name."""
    if token.initial:
        return False
    if known & COMMON:
        named = known & _NAME or (cue.title and cue.last)
        return not (named and cue.believed and cue.before == 0)
    if known & ORDINARY and not known & _NAME:
        return not cue.covers(known)
    if not known & _NAME and plain(token.word) in note.small:
        return not (cue.believed and cue.before == 0)
    return not known & _NAME and token.word.isupper() and len(token.word) <= _SHORT_CAPITALS


def _judged(note: Note, part: Part, *, german: bool) -> Finding | None:
    """The name that these words are, when they are one."""
    tokens = part.tokens[:_MOST_WORDS]
    while tokens and tokens[-1].initial and not tokens[-1].stopped:
        tokens = tokens[:-1]
    full = [one for one in tokens if not one.initial]
    if not full:
        return None
    start, end = tokens[0].start, tokens[-1].end
    kind = _kind_of(note, part, start)
    if part.title:
        return Finding(start, end, kind, LIKELY)
    flags = [traits(one.word) for one in full]
    if _is_eponym(note, flags, start, end) or note.text.startswith(_HEADING, end):
        return None
    weight = _weight(note, tokens, flags, _Place(german=german, cut=part.cut))
    return Finding(start, end, kind, weight) if weight else None


def _kind_of(note: Note, part: Part, start: int) -> Kind:
    if part.title == STAFF:
        return "staff"
    return "staff" if not part.title and note.before(start) in words().cues["staff"] else "patient"


def _is_eponym(note: Note, flags: Sequence[int], start: int, end: int) -> bool:
    """Whether a disease, sign, test or device is meant."""
    cues = words().cues
    if all(flag & EPONYM for flag in flags):
        return True
    first = plain(note.text[start:end].split(" ")[0])
    if any(flag & EPONYM for flag in flags[1:]) and first in cues["eponym before"]:
        return True
    if note.after(end) in cues["eponym after"]:
        return True
    word = note.before(start)
    if word in ("de", "del", "of", "von", "av", "des"):
        small = note.text.rfind(" ", 0, max(0, start - 1))
        word = note.before(max(0, small))
    return word in cues["eponym before"]


class _Place(NamedTuple):
    german: bool
    cut: bool


def _weight(note: Note, tokens: Sequence[Token], flags: Sequence[int], at: _Place) -> int:
    """How sure it is that a person is meant; 0 for not."""
    cues = words().cues
    start = tokens[0].start
    cue = note.before(start)
    told = _is_cue(cue)
    names = sum(bool(flag & _NAME) for flag in flags)
    clear = sum(bool(flag & _NAME and not flag & ORDINARY) for flag in flags)
    if len(tokens) > 1:
        return _weight_of_many(note, tokens, flags, (told, names, clear, at))
    flag = flags[0]
    word = tokens[0].word
    if word.isupper() and len(word) <= _SHORT_CAPITALS and not told:
        return 0
    if flag & GIVEN and not flag & ORDINARY and plain(word) not in note.small:
        place = plain(word) in words().places
        return LIKELY if told or not place else 0
    if not flag and note.begins(start) and note.after(tokens[0].end) in cues["does"]:
        return GUESSED * (plain(word) not in note.small)
    if (
        told
        and not at.cut
        and (not flag & ORDINARY or flag & ENDING)
        and plain(word) not in note.small
    ):
        return LIKELY if names else GUESSED * (not at.german or not note.begins(start))
    return 0


def _weight_of_many(
    note: Note,
    tokens: Sequence[Token],
    flags: Sequence[int],
    seen: tuple[bool, int, int, _Place],
) -> int:
    told, names, clear, _ = seen
    first = flags[0]
    begins = note.begins(tokens[0].start) and first & ORDINARY
    listed = clear and (names > 1 or told or any(one.initial for one in tokens))
    if listed or (first & GIVEN and not first & ORDINARY):
        return LIKELY
    if names > 1 and first & GIVEN and not begins:
        return LIKELY
    if any(flag & ORDINARY and not flag & _NAME for flag in flags):
        return LIKELY * told
    return _weight_of_shape(note, tokens, seen)


def _weight_of_shape(
    note: Note, tokens: Sequence[Token], seen: tuple[bool, int, int, _Place]
) -> int:
    """Words that no list knows, side by side: names where nothing speaks against it."""
    told, names, clear, at = seen
    if any(one.word.isupper() and len(one.word) > 1 for one in tokens) and not names:
        return 0
    if told:
        return LIKELY
    if not clear and (at.german or at.cut):
        return 0
    return 0 if _joined(note, tokens) else GUESSED


def _joined(note: Note, tokens: Sequence[Token]) -> bool:
    """Whether an "and" stands between the words."""
    between = note.text[tokens[0].end : tokens[-1].start].split()
    return not JOINTS.isdisjoint(between)


def _repeated(note: Note, found: Sequence[Finding]) -> Iterator[Finding]:
    """Where a word of a name that was found stands again."""
    kinds: dict[str, Kind] = {}
    for one in found:
        if one.kind not in ("patient", "staff"):
            continue
        for word in note.text[one.start : one.end].replace(".", " ").replace(",", " ").split():
            known = traits(word)
            weak = known & (COMMON | EPONYM) or (known & ORDINARY and not one.weight > GUESSED)
            if len(word) >= _FEWEST_LETTERS and word[0].isupper() and not weak:
                kinds.setdefault(plain(word), one.kind)
    if not kinds:
        return
    for run in note.runs:
        for token in run:
            low = plain(token.word).removesuffix("'s")
            kind = kinds.get(low)
            if kind is None or (low in note.small and note.begins(token.start)):
                continue
            if not _is_eponym(note, [0], token.start, token.end):
                yield Finding(token.start, token.start + len(token.word), kind, GUESSED)
