"""What kind a lung nodule is, and whether there are several, as a report calls them.

References
----------
Hansell DM et al. Fleischner Society: glossary of terms for thoracic imaging. Radiology
2008;246:697-722, doi:10.1148/radiol.2462070712: a nodule is solid, part solid (semisolid) or ground
glass (nonsolid). Subsolid means either of the latter two, and is no kind of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from vitruvian.derive.engine.extractor import Finding, knowledge
from vitruvian.derive.text import Context, Mention, Note

FOLDER = Path(__file__).parent
NODULE = "nodule"
# Codes of the house, and what people call them.
KIND, NUMBER = (
    ("VITRUVIAN//NODULE_TYPE", "Kind of lung nodule"),
    ("VITRUVIAN//NODULE_NUMBER", "Number of lung nodules"),
)
ANSWERS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "solid": ("VITRUVIAN//SOLID", "solid"),
        "part_solid": ("VITRUVIAN//PART_SOLID", "part solid"),
        "ground_glass": ("VITRUVIAN//GROUND_GLASS", "ground glass"),
        "single": ("VITRUVIAN//SINGLE", "single"),
        "multiple": ("VITRUVIAN//MULTIPLE", "multiple"),
    }
)
# How far from the nodule such words may stand, and how far behind it a solid part may be told, also
# in a sentence of its own; in characters.
NEAR, PART_WITHIN = 60, 250


class Words(NamedTuple):
    """How one language speaks of nodules; its patterns run on a few dozen characters."""

    lung: tuple[str, ...]
    kind: re.Pattern[str]
    number: re.Pattern[str]
    # What parts words before a nodule, and behind it, from the nodule.
    parted_before: re.Pattern[str]
    parted_behind: re.Pattern[str]
    # What may stand between a nodule and a number behind it.
    number_behind: re.Pattern[str]
    # How the next sentence goes on about it, before the kind; and begins with it named again.
    goes_on: re.Pattern[str]
    again: re.Pattern[str]


@cache
def words_of(language: str) -> Words | None:
    """The patterns of one language; None where it has none."""
    said = knowledge(FOLDER, "terms", language).get("nodules")
    if said is None:
        return None
    lung = knowledge(FOLDER, "terms", "en")["nodules"]["lung"]
    return Words(tuple(lung), *(re.compile(said[name]) for name in Words._fields[1:]))


class Said(NamedTuple):
    """Words about a nodule: what they say, and their span in the folded text (half-open)."""

    what: str
    start: int
    end: int


def told_of(
    note: Note, mentions: list[Mention], number: int, place: str | None
) -> Iterator[Finding]:
    """Kind and number of a nodule that is there and lies in the lung.

    Parameters
    ----------
    note
        The note.
    mentions
        Its findings of imaging.
    number
        Which of them is the nodule.
    place
        Where it lies; without a place nobody knows that it is of the lung.
    """
    mention, words = mentions[number], words_of(note.pack.language)
    if words is None or mention.meaning != NODULE or not (place or "").endswith(words.lung):
        return
    around = _around(note, mentions, number)
    kind = kind_of(_said(note, mention, around, words.kind, words))
    several = only(_said(note, mention, around, words.number, words))
    for (code, name), said in ((KIND, kind), (NUMBER, several)):
        context = said and _context(note, mention, said)
        if said is not None and context is not None:
            answer, shown = ANSWERS[said.what]
            yield Finding(
                said.start, said.end, "imaging", code, name, context,
                value_code=answer, text_value=shown, body_site=place,
            )  # fmt: skip


def lung_of(names: Sequence[Mention]) -> Mention | None:
    """The last of some names of places that is a part of the lung."""
    lung = knowledge(FOLDER, "terms", "en")["nodules"]["lung"]
    return next((one for one in reversed(names) if str(one.meaning).endswith(tuple(lung))), None)


def points_back(note: Note, mentions: list[Mention], number: int, to: Mention) -> bool:
    """Whether a nodule is the one of the sentence before, named again: "The nodule is solid".

    Parameters
    ----------
    note
        The note.
    mentions
        Its findings of imaging.
    number
        Which of them may point back.
    to
        The finding read last.
    """
    mention, words = mentions[number], words_of(note.pack.language)
    first, _ = note.sentence_of(mention.start)
    if words is None or not first or not mention.meaning == NODULE == to.meaning:
        return False
    low, _ = note.sentence_of(first - 1)
    named = [one for one in mentions if low <= one.start < first and one.meaning == NODULE]
    begins = words.again.fullmatch(note.folded.folded, first, mention.start)
    return named == [to] and begins is not None


def kind_of(said: list[Said]) -> Said | None:
    """The kind; None where several are told, or only that it is subsolid.

    A solid part makes a nodule of ground glass part solid.

    Examples
    --------
    >>> kind_of([Said("ground_glass", 0, 12), Said("component", 27, 42)])
    Said(what='part_solid', start=27, end=42)
    >>> kind_of([Said("subsolid", 0, 8)]) is None
    True
    """
    by_name = {one.what: one for one in said}
    if "component" in by_name:
        return by_name["component"]._replace(what="part_solid")
    if "part_solid" in by_name and "solid" not in by_name:
        return by_name["part_solid"]
    return only(said)


def only(said: list[Said]) -> Said | None:
    """What is said alone; None where nothing is, or two things are that exclude one another."""
    told = {one.what for one in said}
    return said[0] if len(told) == 1 and told <= ANSWERS.keys() else None


def _around(note: Note, mentions: list[Mention], number: int) -> tuple[int, int]:
    """The stretch that speaks of this nodule and of no other finding."""
    mention = mentions[number]
    low = max(note.sentence_of(mention.start)[0], mention.start - NEAR)
    high = mention.end + PART_WITHIN
    if number:
        low = max(low, mentions[number - 1].end)
    if number + 1 < len(mentions):
        high = max(mention.end, min(high, mentions[number + 1].start))
    return low, high


def _said(
    note: Note, mention: Mention, around: tuple[int, int], pattern: re.Pattern[str], words: Words
) -> list[Said]:
    """What a pattern finds that speaks of the nodule, in order."""
    found = (
        Said(str(match.lastgroup), *match.span())
        for match in pattern.finditer(note.folded.folded, *around)
    )
    return [one for one in found if one.what != "denied" and _linked(note, mention, one, words)]


def _linked(note: Note, mention: Mention, said: Said, words: Words) -> bool:
    """Whether words belong to the nodule: beside it, with nothing between that parts them."""
    text = note.folded.folded
    if said.end <= mention.start:
        return words.parted_before.search(text[said.end : mention.start]) is None
    between = text[mention.end : said.start]
    if said.start < mention.end or said.what == "component":
        return True
    if said.what in {"single", "multiple"}:
        return words.number_behind.fullmatch(between) is not None
    last = note.sentence_of(mention.start)[1]
    if said.start >= last:
        return words.goes_on.fullmatch(text, last, said.start) is not None
    near = said.end <= mention.end + NEAR
    return near and words.parted_behind.search(between) is None


def _context(note: Note, mention: Mention, said: Said) -> Context | None:
    """What the text says of the nodule and of these words; None where either is denied."""
    own = note.context(said.start, said.end)
    context = note.context(mention.start, mention.end)
    if "negated" in {own.polarity, context.polarity}:
        return None
    return own if own.certainty != "certain" else context
