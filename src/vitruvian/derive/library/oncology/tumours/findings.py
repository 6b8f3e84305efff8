"""What a tumour is, where it sits, how far it went, and how it answered.

References
----------
International Classification of Diseases for Oncology, 3rd edition, first revision. WHO 2013:
morphology (8140/3) and topography (C18.2).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from operator import itemgetter

from vitruvian.derive.engine.extractor import Finding
from vitruvian.derive.library.oncology import treatment
from vitruvian.derive.library.oncology.tumours.answers import answers
from vitruvian.derive.library.oncology.tumours.grades import grades
from vitruvian.derive.library.oncology.tumours.kinds import is_meant, narrower_kind, oncotree
from vitruvian.derive.library.oncology.tumours.sides import by_hour, sided
from vitruvian.derive.library.oncology.tumours.sites import (
    by_line,
    narrowed,
    of_others,
    operated,
    site_of,
    within_own,
)
from vitruvian.derive.library.oncology.tumours.spread import (
    DISTANT,
    is_exertion,
    metastases,
    spread_of,
)
from vitruvian.derive.library.oncology.tumours.words import Words, words_of
from vitruvian.derive.library.oncology.ways import in_course, of_known
from vitruvian.derive.text import Context, Mention, Note, between

UNSPECIFIC, CANCER = "8000/3", "Malignant tumour"
_start = itemgetter(0)


def found(note: Note) -> Iterator[Finding]:
    """Tumours with site, side, grade; metastases; response; recurrence."""
    words = words_of(note.pack.language)
    # A word that only looks like a tumour has no meaning.
    tumours = [
        one for one in note.find(words.histologies) if one.meaning and is_meant(note, one, words)
    ]
    spread = [one for one in note.find(words.metastases) if not is_exertion(note, one)]
    if tumours or spread or DISTANT in note.folded.shown:
        named_at = [one for one in spread if isinstance(one.meaning, tuple)]
        sites = [
            site for site in note.find(words.sites)
            if site.meaning and not any(one.start <= site.start < one.end for one in named_at)
        ]  # fmt: skip
        taken: set[Mention] = set()
        # "Metastatic carcinoma in two nodes" is a word of spread, and told by it.
        whole = [(one.start, one.end) for one in spread]
        own = [one for one in tumours if not any(start <= one.start < end for start, end in whole)]
        for mention in (*spread, *spread_of(note, own, sites)):
            yield from metastases(note, mention, sites, taken)
        left = [site for site in sites if site not in taken]
        for mention in own:
            yield from tumour(note, mention, left, words)
    yield from grades(note, tumours, words)
    drugs = note.find(treatment.words_of(note.pack.language).names)
    named = sorted((*tumours, *spread, *drugs), key=_start) if tumours or spread or drugs else []
    yield from answers(note, words, named)


def tumour(
    note: Note, mention: Mention, sites: Sequence[Mention], words: Words
) -> Iterator[Finding]:
    """The morphology, and the place where one is said; an unspecific word alone is nothing."""
    start, _, (_, _, own) = mention
    end, code, name = narrower_kind(note, mention, words)
    mention = Mention(start, end, mention.meaning)
    site = Mention(start, end, own) if own else _site(note, mention, code, sites, words)
    site = site and narrowed(note, mention, site, sites)
    site = site and by_hour(note, site, words)
    organ = site.meaning if site else operated(note, start, code, words)
    organ = organ or words.own_sites.get(code)
    part = within_own(note, start, organ, sites) if organ and not site else None
    organ = part.meaning if part else organ
    if organ is None and code == UNSPECIFIC:
        return
    at = site or Mention(start, end, organ)
    place = organ and sided(note, part or at, max(end, at.end), words, sites)
    kind = oncotree(organ[0] if organ else "", code, words.types)
    whole = (min(start, site.start), max(end, site.end)) if site else (start, end)
    context = of_known(note, whole[0], in_course(note, start, end))
    if _is_told_of(note, start, end, words):
        context = context._replace(polarity="affirmed", certainty="certain")
    yield Finding(
        *whole, "problem", f"ICDO3//{code}", name, context, body_site=place,
        value_code=kind and f"ONCOTREE//{kind}",
    )  # fmt: skip
    if organ is not None:
        yield Finding(
            at.start, at.end, "problem", f"ICDO3//{organ[0]}", organ[1], context, body_site=place
        )
    if site and code == UNSPECIFIC and site.end <= start:
        others = of_others(note, site, sites)
        yield from (found for one in others for found in _cancer_at(one, context, words))


def _site(
    note: Note, mention: Mention, code: str, sites: Sequence[Mention], words: Words
) -> Mention | None:
    """Where the words beside a tumour, or a line above it, say that it sits."""
    skin = site_of(note, mention, note.find(words.skin)) if code in words.of_skin else None
    return skin or site_of(note, mention, sites) or by_line(note, mention.start, sites)


def _is_told_of(note: Note, start: int, end: int, words: Words) -> bool:
    """Whether what is denied or asked is the return: "no sign of her lymphoma coming back"."""
    # "No myeloma relapse": the answer stands right behind.
    told = between(note.find(words.answers), start, end + 2)
    return any(one.meaning and one.end > end for one in told)


def _cancer_at(site: Mention, context: Context, words: Words) -> Iterator[Finding]:
    """A cancer and its place, at the words of the place."""
    start, end, (organ, name) = site
    kind = oncotree(organ, UNSPECIFIC, words.types)
    yield Finding(
        start, end, "problem", f"ICDO3//{UNSPECIFIC}", CANCER, context, body_site=name,
        value_code=kind and f"ONCOTREE//{kind}",
    )  # fmt: skip
    yield Finding(start, end, "problem", f"ICDO3//{organ}", name, context, body_site=name)
