"""Which of the places in a note is that of a tumour."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from vitruvian.derive.library.oncology.tumours.words import Words
from vitruvian.derive.library.oncology.ways import (
    AROUND,
    EARLIER,
    SITE_NEAR,
    holds,
    way,
)
from vitruvian.derive.text import Mention, Note, between


def site_of(note: Note, mention: Mention, sites: Sequence[Mention]) -> Mention | None:
    """The site right before the name, or behind it with "of the" between."""
    text, best, language = note.folded.folded, None, note.pack.language
    of, seen_as, headed = (way(name, language) for name in ("of", "seen_as", "headed"))
    for site in sites:
        if site.end <= mention.start and mention.start - site.end <= AROUND:
            apart = text[site.end : mention.start]
            near = len(apart) <= SITE_NEAR and of.match(apart)
            if near or headed.match(apart) or seen_as.match(apart):
                best = site
        elif site.start >= mention.start and site.start - mention.end <= SITE_NEAR:
            inside = site.end <= mention.end
            if inside or (site.start >= mention.end and of.match(text[mention.end : site.start])):
                return best or site
    return best


def narrowed(note: Note, mention: Mention, site: Mention, sites: Sequence[Mention]) -> Mention:
    """The narrower place of the same organ beside it: "lung cancer, right upper lobe"."""
    organ, _, part = str(site.meaning[0]).partition(".")
    low, high = site.start - AROUND, site.end + AROUND
    near = [one for one in sites if low <= one.start < high and one.meaning[0][:3] == organ]
    parts = [one for one in near if not one.meaning[0].endswith(".9")]
    alone = part == "9" and len({one.meaning[0] for one in parts}) == 1
    beside = alone and any(_stand_together(note, parts[0], one) for one in (site, mention))
    return parts[0] if beside else site


def _stand_together(note: Note, one: Mention, other: Mention) -> bool:
    """Whether nothing but words of place stands between two mentions."""
    end, start = (one.end, other.start) if one.end <= other.start else (other.end, one.start)
    between = note.folded.folded[end:start]
    joined = (way(name, note.pack.language).match(between) for name in ("of", "seen_as"))
    return end <= start and any(joined)


def by_line(note: Note, start: int, sites: Sequence[Mention]) -> Mention | None:
    """The site that a line of the report before tells: "Tumour site: caecum"."""
    text, language = note.folded.folded, note.pack.language
    if not holds(text, "site_line_word", language):
        return None
    near, line = between(sites, max(0, start - EARLIER), start), way("site_line", language)
    told = [one for one in near if line.search(text[max(0, one.start - AROUND) : one.start])]
    return told[-1] if told else None


def operated(note: Note, start: int, code: str, words: Words) -> tuple[str, str] | None:
    """The organ of the operation told before: "Right colectomy: adenocarcinoma"."""
    if code not in words.of_operation:
        return None
    _, last = note.sentence_of(start)
    told = note.find(words.operations)
    low, high = max(0, start - 2 * AROUND), min(last, start + AROUND)
    near = (*reversed(between(told, low, start)), *between(told, start, high))
    now = (one for one in near if note.context(*one[:2]).temporality != "historical")
    found = next(now, None)
    return found and found.meaning


def within_own(
    note: Note, start: int, organ: tuple[str, str], sites: Sequence[Mention]
) -> Mention | None:
    """The narrower place of an organ that the kind names: "glioblastoma ... right parietal"."""
    part = organ[0].partition(".")
    if part[2] != "9":
        return None
    near = between(sites, *note.sentence_of(start))
    parts = [one for one in near if one.meaning[0].startswith(part[0]) and one.meaning != organ]
    return parts[0] if len({one.meaning for one in parts}) == 1 else None


def of_others(note: Note, site: Mention, sites: Sequence[Mention]) -> Iterator[Mention]:
    """Other organs that share the word "cancer": "breast and ovarian cancer"."""
    text, edge, shared = note.folded.folded, site.start, way("share", note.pack.language)
    for other in reversed([one for one in sites if one.end <= site.start]):
        if not shared.match(text[other.end : edge]) or other.meaning[0][:3] == site.meaning[0][:3]:
            break
        edge = other.start
        yield other
