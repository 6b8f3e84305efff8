"""Whether a picture shows a finding, or somebody feels it, or tells of it."""

from __future__ import annotations

from bisect import bisect_left
from typing import NamedTuple

from vitruvian.derive.library.imaging.places import is_among
from vitruvian.derive.library.imaging.words import Words
from vitruvian.derive.text import Mention, Note

# So far behind a picture's name a report goes on, in characters.
FAR = 600
# And words of every day.
NEAR = 120
# Sections that tell what was found before.
BACKGROUND = frozenset({"history", "family"})


class Cues(NamedTuple):
    """Where words end that speak of pictures, and of something else; in order."""

    ends: list[int]
    pictures: list[bool]


def cues_of(note: Note, words: Words) -> Cues:
    """The words of a note that say where a finding was seen."""
    both = [(one.end - 1, True) for one in note.find(words.pictures) if _is_one(note, one, words)]
    both += [(one.end - 1, False) for one in note.find(words.bedside)]
    both.sort()
    return Cues([end for end, _ in both], [picture for _, picture in both])


def _is_one(note: Note, one: Mention, words: Words) -> bool:
    """Whether a picture's short name stands in capital letters, where it must."""
    named = one.meaning in words.capitals
    return not named or note.folded.shown[one.start : one.end].isupper()


def in_a_picture(note: Note, mention: Mention, cues: Cues, words: Words) -> bool | None:
    """Whether a picture shows a finding, as told, or because nothing else could.

    None where nobody tells; a finding that is measured was then seen in a picture, unless it lies
    on the body.

    Parameters
    ----------
    note
        The note.
    mention
        The finding.
    cues
        Its words of pictures and of the bedside.
    words
        The words of its language.
    """
    told = _told(note, mention, cues, words)
    section = note.section_of(mention.start)
    if told:
        return True
    reported = told is None and section in words.sections and any(cues.pictures)
    if reported and mention.meaning not in words.told:
        return True
    if mention.meaning in words.seen_only and section not in BACKGROUND:
        return True
    if told is False or mention.meaning in words.told or section in BACKGROUND:
        return told
    context = note.context(mention.start, mention.end)
    deep = context.temporality == "current" and is_among(note, mention, words.deep, words)
    return True if deep else None


def on_the_body(note: Note, mention: Mention, words: Words) -> bool:
    """Whether a finding lies where everybody sees it."""
    return is_among(note, mention, words.surface, words)


def _told(note: Note, mention: Mention, cues: Cues, words: Words) -> bool | None:
    """Whether the nearest word says picture; None where none does."""
    first, last = note.sentence_of(mention.start)
    after = bisect_left(cues.ends, mention.start)
    if after and cues.ends[after - 1] >= first:
        return cues.pictures[after - 1]
    if after < len(cues.ends) and cues.ends[after] < last:
        return cues.pictures[after]
    everyday = mention.meaning in words.everyday
    far = NEAR if everyday else FAR
    if after == 0 or (everyday and mention.meaning in words.told):
        return None
    if cues.ends[after - 1] < mention.start - far:
        return None
    return cues.pictures[after - 1] if _one_part(note, cues.ends[after - 1], first, words) else None


def _one_part(note: Note, start: int, end: int, words: Words) -> bool:
    """Whether no heading parts two places, other than one of a report."""
    section = note.section_of(end)
    return section in words.sections or section == note.section_of(start)
