"""What a tumour is, where it sits, how far it went, and how it answered.

References
----------
International Classification of Diseases for Oncology, 3rd edition, first revision. WHO 2013:
morphology (8140/3) and topography (C18.2).
Kundra R et al. OncoTree: a cancer classification system for precision oncology. JCO Clin Cancer
Inform 2021;5:221-230, doi:10.1200/CCI.20.00108.
LOINC 33732-9, histology grade in cancer specimen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from operator import itemgetter
from pathlib import Path

from vitruvian.derive.engine.extractor import Finding
from vitruvian.derive.library.oncology import treatment
from vitruvian.derive.library.oncology.kinds import (
    Words,
    by_hour,
    is_meant,
    oncotree,
    place_of,
    words_of,
)
from vitruvian.derive.library.oncology.ways import (
    AROUND,
    EARLIER,
    SITE_NEAR,
    between,
    in_course,
    of_known,
    search,
    way,
)
from vitruvian.derive.records.tumour import GRADE, METASTASIS
from vitruvian.derive.text import Context, Mention, Note

FOLDER = Path(__file__).parent
# How far a grade may stand from the tumour's name.
GRADE_NEAR = 80
UNSPECIFIC, CANCER = "8000/3", "Malignant tumour"
NOTHING = "nothing"
_DISTANT = "M1"


_start = itemgetter(0)


def found(note: Note) -> Iterator[Finding]:
    """Tumours with site, side, grade; metastases; response; recurrence."""
    words = words_of(note.pack.language)
    # A word that only looks like a tumour has no meaning.
    tumours = [one for one in note.find(words.histologies) if one.meaning and is_meant(note, one)]
    spread = [one for one in note.find(words.metastases) if not _is_exertion(note, one)]
    if tumours or spread or _DISTANT in note.folded.shown:
        named_at = [one for one in spread if isinstance(one.meaning, tuple)]
        sites = [
            site for site in note.find(words.sites)
            if site.meaning and not any(one.start <= site.start < one.end for one in named_at)
        ]  # fmt: skip
        taken: set[Mention] = set()
        # "Metastatic carcinoma in two nodes" is a word of spread, and told by it.
        whole = [(one.start, one.end) for one in spread]
        own = [one for one in tumours if not any(start <= one.start < end for start, end in whole)]
        for mention in (*spread, *_spread_of(note, own, sites)):
            yield from metastases(note, mention, sites, taken)
        left = [site for site in sites if site not in taken]
        for mention in own:
            yield from tumour(note, mention, left, words)
    yield from grades(note, tumours, words)
    drugs = note.find(treatment.words_of(note.pack.language).names)
    named = sorted((*tumours, *spread, *drugs), key=_start) if tumours or spread or drugs else []
    yield from treatment.answers(note, words, named)


# Metabolic equivalents of exercise (METs), not metastases.
_EXERTION = re.compile(r"\d ?$|\b(?:optimum|achieved|than|of|to) $")


def _is_exertion(note: Note, mention: Mention) -> bool:
    """Whether METs of an exercise test are meant."""
    shown = note.folded.shown
    return shown[mention.start : mention.end] in {"METs", "METS"} and bool(
        _EXERTION.search(shown[max(0, mention.start - 10) : mention.start])
    )


def _spread_of(
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
    if _DISTANT in note.folded.shown:
        for found in way("distant", language).finditer(note.folded.shown):
            yield Mention(*found.span(), "after")


def _closes(note: Note, start: int, sites: Sequence[Mention]) -> bool:
    """Whether places from here on are told as those of the spread: "with lung involvement"."""
    listed = _behind(note, Mention(start, start, "after"), sites, start)
    behind = note.folded.folded[listed[-1].end : listed[-1].end + SITE_NEAR] if listed else ""
    return bool(listed) and way("closes", note.pack.language).match(behind) is not None


def tumour(
    note: Note, mention: Mention, sites: Sequence[Mention], words: Words
) -> Iterator[Finding]:
    """The morphology, and the place where one is said; an unspecific word alone is nothing."""
    start, _, (_, _, own) = mention
    end, code, name = _narrower_kind(note, mention, words)
    mention = Mention(start, end, mention.meaning)
    skin = note.find(words.skin) if code in words.of_skin else []
    site = Mention(start, end, own) if own else _site_of(note, mention, skin)
    site = site or _site_of(note, mention, sites) or _by_line(note, start, sites)
    site = site and _narrowed(note, mention, site, sites)
    site = site and by_hour(note, site, words)
    organ = site.meaning if site else words.own_sites.get(code)
    if organ is None and code == UNSPECIFIC:
        return
    at = site or Mention(start, end, organ)
    place = organ and place_of(note, at, max(end, at.end), words)
    kind = oncotree(organ[0] if organ else "", code, words.types)
    whole = (min(start, site.start), max(end, site.end)) if site else (start, end)
    context = of_known(note, whole[0], in_course(note, start, end))
    yield Finding(
        *whole, "problem", f"ICDO3//{code}", name, context, body_site=place,
        value_code=kind and f"ONCOTREE//{kind}",
    )  # fmt: skip
    if organ is not None:
        yield Finding(
            at.start, at.end, "problem", f"ICDO3//{organ[0]}", organ[1], context, body_site=place
        )
    if site and code == UNSPECIFIC and site.end <= start:
        others = _of_others(note, site, sites)
        yield from (found for one in others for found in _cancer_at(one, context, words))


def _of_others(note: Note, site: Mention, sites: Sequence[Mention]) -> Iterator[Mention]:
    """Other organs that share the word "cancer": "breast and ovarian cancer"."""
    text, edge, shared = note.folded.folded, site.start, way("share", note.pack.language)
    for other in reversed([one for one in sites if one.end <= site.start]):
        if not shared.match(text[other.end : edge]) or other.meaning[0][:3] == site.meaning[0][:3]:
            break
        edge = other.start
        yield other


def _cancer_at(site: Mention, context: Context, words: Words) -> Iterator[Finding]:
    """A cancer and its place, at the words of the place."""
    start, end, (organ, name) = site
    kind = oncotree(organ, UNSPECIFIC, words.types)
    yield Finding(
        start, end, "problem", f"ICDO3//{UNSPECIFIC}", CANCER, context, body_site=name,
        value_code=kind and f"ONCOTREE//{kind}",
    )  # fmt: skip
    yield Finding(start, end, "problem", f"ICDO3//{organ}", name, context, body_site=name)


def _narrower_kind(note: Note, mention: Mention, words: Words) -> tuple[int, str, str]:
    """Where the name ends, and what it is, with a kind told right behind it."""
    end, (code, name, _) = mention.end, mention.meaning
    kinds = words.kinds.get(code)
    behind = _KIND.match(note.words, end) if kinds else None
    if kinds is None or behind is None:
        return end, code, name
    for phrase, (narrow, its_name) in kinds.items():
        if note.words.startswith(f"{phrase} ", behind.end()):
            return behind.end() + len(phrase), narrow, its_name
    return end, code, name


_KIND = re.compile(r"[ ,(]{1,3}")


def _site_of(note: Note, mention: Mention, sites: Sequence[Mention]) -> Mention | None:
    """The site right before the name, or behind it with "of the" between."""
    text, best, language = note.folded.folded, None, note.pack.language
    of, seen_as = way("of", language), way("seen_as", language)
    for site in sites:
        if site.end <= mention.start and mention.start - site.end <= AROUND:
            apart = text[site.end : mention.start]
            near = len(apart) <= SITE_NEAR and of.match(apart)
            if near or _HEADED.match(apart) or seen_as.match(apart):
                best = site
        elif site.start >= mention.start and site.start - mention.end <= SITE_NEAR:
            inside = site.end <= mention.end
            if inside or (site.start >= mention.end and of.match(text[mention.end : site.start])):
                return best or site
    return best


def _narrowed(note: Note, mention: Mention, site: Mention, sites: Sequence[Mention]) -> Mention:
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


def _by_line(note: Note, start: int, sites: Sequence[Mention]) -> Mention | None:
    """The site that a line of the report before tells: "Tumour site: caecum"."""
    if _LINE not in note.folded.folded:
        return None
    text = note.folded.folded
    near = between(sites, max(0, start - EARLIER), start)
    told = [one for one in near if _SITE_LINE.search(text[max(0, one.start - AROUND) : one.start])]
    return told[-1] if told else None


_LINE = "site:"
_SITE_LINE = re.compile(
    r"(?:^|[\n.;] ?)(?:(?:primary|anatomical|anatomic|tumou?r|of|the) ?){0,3}site: ?[^.;:\n]{0,16}$"
)
# "Core biopsy, left breast: poorly differentiated invasive carcinoma", "right tonsil p16+ SCC".
_HEADED = re.compile(
    r"^(?:[^.;:]{0,24}:| )? ?(?:(?:an?|the|well|moderately|poorly|mod|diff|un|to|differentiated"
    r"|invasive|infiltrating|high|low|intermediate|grade|g?[1-4]|residual|focal|multifocal"
    r"|extensive|recurrent|keratini[sz]ing|acinar|solid|predominant|usual|conventional|classical"
    r"|classic|basaloid|type|malignant|primary|nottingham|hpv|p16|ebv|positive|negative|associated"
    r"|related|\d{1,3}(?:\.\d)?(?: ?[xX] ?\d{1,3}(?:\.\d)?){0,2} ?(?:mm|cm))"
    r"[+]?[ ,-]{1,2}){0,8}$"
)


def metastases(
    note: Note, mention: Mention, sites: Sequence[Mention], taken: set[Mention]
) -> Iterator[Finding]:
    """One finding a place: "liver and lung metastases", "metastatic to bone"."""
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
    if isinstance(meaning, tuple):
        # The word itself names the place: "levermetastaser".
        chosen = [*chosen, Mention(mention.start, mention.end, meaning)]
    context = in_course(note, mention.start, mention.end)
    if not chosen and meaning == "before":
        start, end = mention.start, mention.end
        yield Finding(start, end, "problem", METASTASIS, "Metastasis", context)
    for site in chosen:
        taken.add(site)
        start, end = min(site.start, mention.start), max(site.end, mention.end)
        yield Finding(
            start, end, "problem", METASTASIS, "Metastasis", context,
            body_site=site.meaning[1], value_code=f"ICDO3//{site.meaning[0]}",
        )  # fmt: skip


def _told_of(note: Note, mention: Mention, sites: Sequence[Mention]) -> list[Mention]:
    """The place that its statement begins with: "Liver: multiple metastases"."""
    first, _ = note.sentence_of(mention.start)
    told_of, text = way("told_of", note.pack.language), note.folded.folded
    low = max(first, mention.start - AROUND)
    before = [one for one in sites if low <= one.start and one.end <= mention.start]
    return [one for one in before[-1:] if told_of.match(text[one.end : mention.start])]


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
        between = note.folded.folded[site.end : edge]
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
        if not several.match(note.folded.folded[edge : site.start]) or origin.match(
            note.folded.folded[site.end : site.end + SITE_NEAR]
        ):
            break
        chosen.append(site)
        edge = site.end
    return chosen


def grades(note: Note, tumours: Sequence[Mention], words: Words) -> Iterator[Finding]:
    """Grade of differentiation: one that says so itself, or one close to a tumour."""
    for start, end, told in note.find(words.grades):
        grade = _of_kidney(note, start, end, tumours) if told == NOTHING else told
        if grade is None or _is_of_something_else(note, start, end):
            continue
        alone = not words.grades_alone.isdisjoint(note.words[start:end].split())
        if not alone and not _has_tumour_near(note, start, end, tumours):
            continue
        context = note.context(start, end)
        yield Finding(start, end, "problem", GRADE, "Histological grade", context, text_value=grade)
    yield from _headed_grades(note, tumours)


# The kidney's grade goes by the name of a society, as the grade group of a prostate does, which
# is none (WHO Classification of Tumours of the Urinary System, 5th edition, 2022).
_ISUP = re.compile(r"isup grade ([1-4])$")
_OF_KIDNEY = frozenset({"8310/3", "8312/3", "8260/3", "8317/3"})


def _of_kidney(note: Note, start: int, end: int, tumours: Sequence[Mention]) -> str | None:
    """The ISUP grade of a renal carcinoma; None for all else that only looks like a grade."""
    found = _ISUP.match(note.words, start, end)
    first, last = note.sentence_of(start)
    near = {one.meaning[0] for one in between(tumours, first, last)}
    return f"G{found[1]}" if found and near and near <= _OF_KIDNEY else None


def _headed_grades(note: Note, tumours: Sequence[Mention]) -> Iterator[Finding]:
    """A grade as the lines of a report tell it: "Histologic grade: 2"."""
    if _GRADE not in note.folded.folded:
        return
    for found in search("grade_line", note.pack.language).finditer(note.folded.shown):
        start, end = found.span()
        near = between(tumours, max(0, start - EARLIER), end + AROUND)
        if (found["own"] or near) and not _is_of_something_else(note, start, end):
            context, value = note.context(start, end), _NUMBERED[found["grade"].lower()]
            yield Finding(
                start, end, "problem", GRADE, "Histological grade", context, text_value=value
            )


_GRADE = "grade"
_NUMBERED = {"1": "G1", "2": "G2", "3": "G3", "4": "G4",
             "i": "G1", "ii": "G2", "iii": "G3", "iv": "G4"}  # fmt: skip


def _is_of_something_else(note: Note, start: int, end: int) -> bool:
    """Whether a side effect or another finding is graded: "grade 3 diarrhoea on irinotecan"."""
    text, language = note.folded.folded, note.pack.language
    before = way("else_graded", language).search(text[max(0, start - AROUND) : start])
    behind = way("graded_else", language).match(text[end : end + AROUND])
    return before is not None or behind is not None


def _has_tumour_near(note: Note, start: int, end: int, tumours: Sequence[Mention]) -> bool:
    first, last = note.sentence_of(start)
    return any(
        max(first, start - GRADE_NEAR) <= one.start and one.end <= min(last, end + GRADE_NEAR)
        for one in tumours
    )
