"""Metastases with their places."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from vitruvian.derive.engine.extractor import Finding
from vitruvian.derive.library.oncology.tumours.sides import without_sides
from vitruvian.derive.library.oncology.ways import AROUND, SITE_NEAR, in_course, way
from vitruvian.derive.records.tumour import METASTASIS
from vitruvian.derive.text import Mention, Note

# So far before a word stands what it counts.
CLOSE = 10
DISTANT = "M1"
# Bone and lymph node, and the organs of ICD-O that are such.
_WIDER = {"C41.9": ("C40", "C41"), "C77.9": ("C77",)}


def is_exertion(note: Note, mention: Mention) -> bool:
    """Whether METs of an exercise test are meant."""
    said = note.folded.shown[max(0, mention.start - CLOSE) : mention.end]
    return way("exertion", note.pack.language).search(said) is not None


def spread_of(
    note: Note, tumours: Sequence[Mention], sites: Sequence[Mention]
) -> Iterator[Mention]:
    """The word "metastatic" before a tumour whose places stand beside, and "M1 (liver)"."""
    text, language = note.folded.folded, note.pack.language
    before, to_places = way("metastatic", language), way("to_places", language)
    for start, end, _ in tumours:
        low = max(0, start - AROUND)
        said = before.search(text[low:start])
        if said is None:
            continue
        begin, opened = low + said.start(), to_places.match(text[end : end + SITE_NEAR])
        if opened and (not opened["loose"] or _closes(note, end + opened.end(), sites)):
            yield Mention(begin, end + opened.end(), "after")
        else:
            yield Mention(begin, end, "headed")
    if DISTANT in note.folded.shown:
        for found in way("distant", language).finditer(note.folded.shown):
            yield Mention(*found.span(), "after")


def _closes(note: Note, start: int, sites: Sequence[Mention]) -> bool:
    """Whether places from here on are told as those of the spread: "with lung involvement"."""
    listed = _behind(note, Mention(start, start, "after"), sites, start)
    behind = note.folded.folded[listed[-1].end : listed[-1].end + SITE_NEAR] if listed else ""
    return bool(listed) and way("closes", note.pack.language).match(behind) is not None


def metastases(
    note: Note, mention: Mention, sites: Sequence[Mention], taken: set[Mention]
) -> Iterator[Finding]:
    """One finding a place: "liver and lung metastases", "metastatic to bone"."""
    mention = _trimmed(note, mention, sites)
    behind = note.folded.folded[mention.end : mention.end + AROUND]
    if way("unanswered", note.pack.language).match(behind):
        return
    chosen = _places(note, mention, sites)
    if isinstance(mention.meaning, tuple):
        # The word itself names the place: "levermetastaser".
        chosen = [*chosen, mention]
    context = in_course(note, mention.start, mention.end)
    if not chosen and mention.meaning == "before":
        start, end = mention.start, mention.end
        yield Finding(start, end, "problem", METASTASIS, "Metastasis", context)
    for site in chosen:
        taken.add(site)
        start, end = min(site.start, mention.start), max(site.end, mention.end)
        yield Finding(
            start, end, "problem", METASTASIS, "Metastasis", context,
            body_site=site.meaning[1], value_code=f"ICDO3//{site.meaning[0]}",
        )  # fmt: skip


def _places(note: Note, mention: Mention, sites: Sequence[Mention]) -> Sequence[Mention]:
    """The places of a word of spread: before it, behind it, or above it in its statement."""
    meaning, edge = mention.meaning, mention.end
    opened = way("opens", note.pack.language).match(note.folded.folded[edge : edge + SITE_NEAR])
    if meaning == "before" and opened:
        edge += opened.end()
    is_open = meaning == "after" or (opened and meaning != "short")
    behind = _behind(note, mention, sites, edge) if is_open else []
    first_ones = meaning != "headed" and (meaning != "after" or not behind)
    ahead = _ahead(note, mention, sites) if first_ones else []
    # "Bone metastases in the femur": the narrower place counts.
    chosen = behind if _narrower(behind, ahead) else ahead or behind
    if not chosen and meaning in {"before", "headed"}:
        chosen = _told_of(note, mention, sites)
    seen = _seen_at(note, mention, chosen, sites) if meaning == "before" else []
    return seen or chosen


def _trimmed(note: Note, mention: Mention, sites: Sequence[Mention]) -> Mention:
    """Without an "in" behind which no place stands: "metastasis in this patient"."""
    if mention.meaning != "after" or _behind(note, mention, sites, mention.end):
        return mention
    said = note.words[mention.start : mention.end].rpartition(" ")[0]
    if not way("metastasis_in", note.pack.language).fullmatch(said):
        return mention
    return Mention(mention.start, mention.start + len(said), "before")


def _told_of(note: Note, mention: Mention, sites: Sequence[Mention]) -> list[Mention]:
    """The place that its statement begins with: "Liver: multiple metastases"."""
    first, _ = note.sentence_of(mention.start)
    told_of, text = way("told_of", note.pack.language), note.folded.folded
    low = max(first, mention.start - AROUND)
    before = [one for one in sites if low <= one.start and one.end <= mention.start]
    if told := [one for one in before[-1:] if told_of.match(text[one.end : mention.start])]:
        return told
    headed = way("headed_by", note.pack.language)
    heads = [one for one in sites if first <= one.start <= first + CLOSE]
    return [one for one in heads[:1] if headed.match(text[one.end : mention.start])]


def _seen_at(
    note: Note, mention: Mention, chosen: Sequence[Mention], sites: Sequence[Mention]
) -> list[Mention]:
    """The places of what is called a metastasis: "uptake in the femur, likely bone metastasis"."""
    first, _ = note.sentence_of(mention.start)
    start = min(one.start for one in (*chosen, mention))
    before = [one for one in sites if first <= one.start and one.end <= start]
    text, language = note.folded.folded, note.pack.language
    if not before or any(one.start > mention.start for one in chosen):
        return []
    if not way("told_as", language).match(text[before[-1].end : start]):
        return []
    seen, several = before[-1:], way("list", language)
    for one in reversed(before[:-1]):
        if not several.match(without_sides(note, one.end, seen[-1].start)):
            break
        seen.append(one)
    within = not chosen or all(_is_within(one, chosen) for one in seen)
    return seen if within else []


def _is_within(place: Mention, wider: Sequence[Mention]) -> bool:
    """Whether a place is one of the bones or nodes that are told only as such."""
    families = [_WIDER.get(one.meaning[0], ()) for one in wider]
    return all(place.meaning[0].startswith(family) for family in families if family) and any(
        families
    )


def _narrower(places: Sequence[Mention], others: Sequence[Mention]) -> bool:
    """Whether the first are places within the second: of bones, or of nodes."""
    families = [{str(one.meaning[0])[:2] for one in each} for each in (places, others)]
    return bool(places) and (not others or families[0] == families[1])


def _ahead(note: Note, mention: Mention, sites: Sequence[Mention]) -> list[Mention]:
    """The sites before "metastases"; a comma joins them only where an "and" follows."""
    first, _ = note.sentence_of(mention.start)
    chosen: list[Mention] = []
    several, joining = way("list", note.pack.language), way("and", note.pack.language)
    seen_as = way("seen_as", note.pack.language)
    edge, joined = mention.start, False
    for site in reversed([s for s in sites if first <= s.start and s.end <= mention.start]):
        between = without_sides(note, site.end, edge)
        joined = joined or bool(joining.search(between))
        if not chosen and seen_as.match(between):
            return [site]
        if not several.match(between) or (chosen and not joined):
            break
        chosen.append(site)
        edge = site.start
    return chosen


def _behind(note: Note, mention: Mention, sites: Sequence[Mention], edge: int) -> list[Mention]:
    """The sites behind "metastatic to", up to the first word that is no part of a list."""
    _, last = note.sentence_of(mention.start)
    chosen: list[Mention] = []
    several, origin = way("list", note.pack.language), way("origin", note.pack.language)
    for site in (s for s in sites if edge <= s.start < last):
        if not several.match(without_sides(note, edge, site.start)) or origin.match(
            note.folded.folded[site.end : site.end + SITE_NEAR]
        ):
            break
        if chosen and _is_one_place(note, chosen[-1], site):
            chosen[-1] = chosen[-1]._replace(end=site.end)
        else:
            chosen.append(site)
        edge = site.end
    return chosen


def _is_one_place(note: Note, one: Mention, other: Mention) -> bool:
    """Whether two names stand side by side for one place: "T8 vertebral body"."""
    apart = note.folded.folded[one.end : other.start]
    return bool(one.meaning == other.meaning and not apart.strip())
