"""TNM categories, stage groups and performance status in a note."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from vitruvian.derive.engine.extractor import Finding, knowledge
from vitruvian.derive.library.oncology.tumours.words import words_of
from vitruvian.derive.library.oncology.ways import (
    ENGLISH,
    as_written,
    counted,
    holds,
    in_course,
    search,
    way,
)
from vitruvian.derive.text import AFFIRMED, Mention, Note, Pattern, Terms

FOLDER = Path(__file__).parent
NEAR = 90
# So far before a stage the tumour may be named in an earlier sentence, with nothing else that has
# stages between.
EARLIER = 250
# No formula is longer than this.
TOGETHER = 40

# Whole notes are searched with these: google-re2 answers in linear time whatever the text.
_PREFIX = r"(?:mr|us?|[yra]{0,2}[pc]|[yra])"
# N or M alone counts with a prefix, or in a note that has a T.
_ALONE = Pattern(
    rf"(?:^|[^\w])(?P<p>{_PREFIX})?(?P<axis>[NM])(?P<v>\+|[0-3X][a-d]?(?:\(?(?:mi|sn|i[+-])\)?)?)"
    r"(?:\b|$|[ ).,;])"
)
# "(sn)" says how a node was looked at, "(i+)" that only single cells were seen, "(sm2)" how deep
# within the layer: no categories of their own.
_HOW = re.compile(r"\(?(?:sn|i[+-]|sm[123])\)?$|\([a-z0-9,]{1,6}\)$")
# M has no 2 and no 3: "T3 P3 M2" are the three scores of a grade.
_OF_M = frozenset("01X")
# A bare "T4" is a hormone or a vertebra: alone it counts with a prefix only.
_CATEGORIES = {
    "t": ("21905-5", "21899-0", "Primary tumour (T)"),
    "n": ("21906-3", "21900-6", "Regional lymph nodes (N)"),
    "m": ("21907-1", "21901-4", "Distant metastases (M)"),
}
_ROMAN = {"0": "0", "1": "I", "2": "II", "3": "III", "4": "IV",
          "\u2160": "I", "\u2161": "II", "\u2162": "III", "\u2163": "IV"}  # fmt: skip
STAGE, ECOG, KARNOFSKY = "LOINC//21908-9", "LOINC//89247-1", "LOINC//89243-0"
MOST_KARNOFSKY = 100


@cache
def _formula_of(language: str) -> Pattern:
    """A formula, which begins with its T."""
    and_, clinical = as_written("tnm_and", language), as_written("tnm_clinical", language)
    return Pattern(
        rf"\b(?P<tp>{_PREFIX})? ?T(?P<t>is|[0-4X][a-d]?(?:\([a-z0-9,]{{1,6}}\))?|a)"
        rf"(?:[ ,;/]{{0,2}}(?:{and_})?(?P<np>{_PREFIX})?N"
        r"(?P<n>\+|[0-3X][a-c]?(?:\(?(?:mi|sn|i[+-])\)?)?)(?: ?\(\d{1,3}/\d{1,3}\))?)?"
        rf"(?:(?: (?:[LV][01X]|Pn[01X]|R[012X])){{0,4}}[ ,;/]{{0,2}}(?:{and_}|{clinical})?"
        rf"(?P<mp>{_PREFIX})?M(?P<m>[01X][a-d]?))?(?:\b|$|[ ).,;])"
    )


def tnm(note: Note) -> Iterator[Finding]:
    """T, N and M with their prefix: clinical unless a p says pathological."""
    shown, language = note.folded.shown, note.pack.language
    if not holds(shown, "tnm_word", language):
        return
    formula = _formula_of(language)
    ends = [0]
    prefix = ""
    for found in formula.finditer(shown):
        own = (found["tp"] or "").strip()
        # "A T3 tumour", "aT3": an article, and found at autopsy.
        is_article = way("article", language).fullmatch(own) is not None
        is_article = is_article and shown[formula.span(found, "t")[0] - 2] == " "
        own = "" if is_article else own
        is_alone = found["n"] is None and found["m"] is None and not own
        if is_alone and not _stands_alone(note, found, is_article=is_article):
            continue
        prefix = own
        ends.append(found.end())
        yield from _formula(note, found, prefix)
    for found in _ALONE.finditer(shown):
        axis, span = found["axis"].lower(), _ALONE.span(found, "v")
        if any(end - TOGETHER <= span[0] < end for end in ends):
            continue
        if axis == "m" and found["v"][0] not in _OF_M:
            continue
        if found["p"] or (len(ends) > 1 and (axis == "m" or _is_node(note, span[0] - 1))):
            how = found["p"] or ("c" if axis == "m" else prefix)
            yield _category(note, axis, found["v"], prefix=how, span=span)


def _is_node(note: Note, start: int) -> bool:
    """Whether an N without a prefix is told as such: "Nodes: N0"."""
    before = note.folded.folded[max(0, start - TOGETHER) : start]
    return way("tnm_node", note.pack.language).search(before) is not None


def _stands_alone(note: Note, found: Any, *, is_article: bool) -> bool:
    """Whether a T without a prefix is a category: "a T3 carcinoma", "T category: T3", "T4b"."""
    language, (start, end) = note.pack.language, _formula_of(note.pack.language).span(found, "t")
    if is_article and _is_of_tumour(note, found.end()):
        return True
    folded = note.folded.folded
    if way("tnm_told", language).search(folded[max(0, start - TOGETHER) : start - 1]):
        return True
    if way("tnm_tumour", language).match(folded[end : end + _NAMED_BEHIND]):
        return True
    # A vertebra or a sequence of a scan has no letter.
    near = (one for one in _tumours(note) if abs(one.start - start) < EARLIER)
    return found["t"][-1:] in _LETTERS and next(near, None) is not None


_LETTERS = frozenset("abcd")


def _is_of_tumour(note: Note, end: int) -> bool:
    """Whether a tumour is named right behind: "a T3 squamous cell carcinoma"."""
    behind = note.folded.folded[end : end + _NAMED_BEHIND]
    return way("tumour_word", note.pack.language).search(behind) is not None or any(
        0 <= one.start - end <= _NAMED_BEHIND for one in _tumours(note)
    )


_NAMED_BEHIND = 24


def _formula(note: Note, found: Any, prefix: str) -> Iterator[Finding]:
    for axis in ("t", "n", "m"):
        category = found[axis]
        if category is None:
            continue
        own = found["np"] if axis == "n" else found["mp"] if axis == "m" else None
        # The prefix of T holds for N; M is clinical unless it carries its own p.
        how = own or (prefix if axis != "m" else "c")
        span = _formula_of(note.pack.language).span(found, axis)
        yield _category(note, axis, category, prefix=how, span=span)


def _category(
    note: Note, axis: str, category: str, *, prefix: str, span: tuple[int, int]
) -> Finding:
    clinical, pathological, name = _CATEGORIES[axis]
    code = pathological if "p" in prefix else clinical
    start, end = span[0] - 1, span[1]
    category = _HOW.sub("", category)
    # "Negative for metastasis, pN0": a category is told, never denied.
    context = note.context(start, end)._replace(polarity=AFFIRMED.polarity)
    return Finding(
        start, end, "problem", f"LOINC//{code}", name, context,
        text_value=f"{prefix}{axis.upper()}{category}", method=prefix or None,
    )  # fmt: skip


def stages(note: Note, formulas: list[Finding]) -> Iterator[Finding]:
    """Stage groups of cancer, and of nothing else that has stages.

    Parameters
    ----------
    note
        The note.
    formulas
        What `tnm` found in it.
    """
    language = note.pack.language
    words_ = words(language)
    if not words_[0]:
        return
    told = list(_behind_formulas(note, formulas))
    yield from told
    if not holds(note.folded.folded, "stage_word", language):
        return
    last = -1
    for found in search("stage", language).finditer(note.folded.shown):
        start, end = found.span()
        if any(one.start < end and start < one.end for one in told) or _is_interval(
            found, language
        ):
            continue
        if _OR_ANOTHER.match(note.folded.shown, end):
            continue
        near_formula = any(abs(one.start - start) < NEAR for one in formulas)
        # Nothing but a cancer has a Roman stage with a letter.
        own = bool(found["sub"]) and not found["stage"].isdigit()
        # "Stage IIA at diagnosis, now stage IV": one tumour is spoken of.
        again = last >= note.sentence_of(start)[0]
        if not _about_cancer(note, start, end, words=words_, own=own or near_formula or again):
            continue
        last = start
        group = _group(note, start, end, f"{found['stage']} {found['sub'] or ''}")
        yield _without_modifier(note, group)


def _behind_formulas(note: Note, formulas: list[Finding]) -> Iterator[Finding]:
    """Stage groups right behind a formula of TNM, without the word: "T3 N1 M0, IIIB"."""
    behind = way("stage_behind", note.pack.language)
    for number, one in enumerate(formulas):
        beyond = formulas[number + 1].start if number + 1 < len(formulas) else len(note.words)
        found = behind.match(note.folded.shown[one.end : one.end + TOGETHER])
        if found and one.end + found.end() <= beyond:
            at = one.end + found.start(1)
            yield _group(note, at, one.end + found.end(found.lastindex or 1),
                         f"{found[1]} {found[2] or ''}")  # fmt: skip


def _without_modifier(note: Note, group: Finding) -> Finding:
    """A lymphoma's stage, its letters (B symptoms, extranodal, bulky) told apart from it."""
    value = group.text_value or ""
    number = value.rstrip("ABESX")
    if number == value or not (
        _OF_LYMPHOMA.search(note.folded.folded, group.start, group.end) or _is_lymphoma(note, group)
    ):
        return group
    return group._replace(text_value=number, method=value.removeprefix(number))


_OF_LYMPHOMA = re.compile("ann arbor|lugano|cotswold")
# Lymphomas of ICD-O-3 but those of the skin, whose stage IB has another meaning.
_LYMPHOMA, _SKIN = re.compile(r"9(?:59|6\d|7[0-2])\d/3"), frozenset({"9700/3", "9701/3"})


def _is_lymphoma(note: Note, group: Finding) -> bool:
    """Whether the sentence names a lymphoma and no other tumour."""
    first, last = note.sentence_of(group.start)
    codes = {one.meaning[0] for one in _tumours(note) if first <= one.start < last}
    return bool(codes) and not codes & _SKIN and all(map(_LYMPHOMA.match, codes))


def _is_interval(found: Any, language: str) -> bool:
    """Whether the number counts something else: "restaged 3 months later", "staging 2"."""
    restaged = way("restaged", language).match(found.group(0))
    return found["stage"].isdigit() and restaged is not None


# "Stage III/IV", "stage IIIA-B": one of two, and nobody says which.
_OR_ANOTHER = re.compile(r"[/\u2013-](?:[IV]{1,3}[A-D]?|[A-D]|[1-4])\b")


def _group(note: Note, start: int, end: int, told: str) -> Finding:
    """A stage group: a Roman number with its letter."""
    number, _, letter = told.upper().partition(" ")
    context, language = in_course(note, start, end), note.pack.language
    first, last = note.sentence_of(start)
    if way("given_up", language).search(note.folded.folded[first:start]) or way(
        "given_up_behind", language
    ).match(note.folded.folded[end:last]):
        context = context._replace(temporality="historical")
    if way("non", language).search(note.folded.folded, note.sentence_of(start)[0], start):
        # "Non-GCB, stage IV": the no is that of the word it is written with.
        context = context._replace(polarity=AFFIRMED.polarity)
    return Finding(
        start, end, "problem", STAGE, "Cancer stage group", context,
        text_value=_roman(language).get(number, number) + letter.strip(" -"),
    )  # fmt: skip


@cache
def _roman(language: str) -> Mapping[str, str]:
    """Roman numbers by what else they are written as, in capitals."""
    numbers = knowledge(FOLDER, "terms", language).get("stage", {}).get("numbers", {})
    return {**_ROMAN, **{word.upper(): roman for word, roman in numbers.items()}}


def _about_cancer(
    note: Note, start: int, end: int, *, words: tuple[Terms, Terms], own: bool
) -> bool:
    """Whether words of cancer, and none of other staged things, stand in the sentence."""
    first, last = note.sentence_of(start)
    near, not_near = words
    low, high = max(first, start - NEAR), min(last, end + NEAR)
    named = [(one.start, one.end) for one in _tumours(note)]
    named += [(low + one.start, low + one.end) for one in near.find(note.words[low:high])]
    related = way("related", note.pack.language)
    named = [one for one in named if not related.match(note.folded.folded, one[1])]
    since = max(low, start - OTHER)
    others = not_near.find(note.words[since : min(high, end + OTHER)])
    staged = [(since + one.start, since + one.end) for one in others]
    # The "disease" of a kidney disease is no disease of cancer.
    named = [one for one in named if not any(low < one[0] < high for low, high in staged)]
    staged = [one for one in staged if not _of_a_cancer(note, one[1], named)]
    inside = [one for one in named if low <= one[0] < high and one not in staged]
    folded = note.folded.folded
    right_behind = [one for one in staged if 0 <= one[0] - end <= RIGHT_BEHIND]
    if any("," not in folded[end : one[0]] for one in right_behind):
        return False
    if staged:
        # "CKD stage 3b, prostate cancer stage II": what stands nearer is meant.
        away = min(_away(one, start, end) for one in staged)
        return any(_away(one, start, end) < away for one in inside)
    if own or inside:
        return True
    before = max(0, start - EARLIER)
    if not any(before <= one[0] < start for one in named):
        return False
    return not not_near.find(note.words[before:start])


# So far around a stage other things may stand that have stages.
OTHER = 40
RIGHT_BEHIND = 4
# "Stage III kidney cancer", "renal cell carcinoma": the word belongs to the tumour.
_CELL = 6


def _tumours(note: Note) -> list[Mention]:
    """The tumours that a note names."""
    named = note.find(words_of(note.pack.language).histologies)
    return [one for one in named if one.meaning]


def _of_a_cancer(note: Note, end: int, named: list[tuple[int, int]]) -> bool:
    """Whether a word is part of a tumour's name, or stands right before it."""
    near = (one for one in named if one[0] <= end + _CELL and end < one[1])
    return any("," not in note.folded.folded[end : one[0]] for one in near)


def _away(place: tuple[int, int], start: int, end: int) -> int:
    """How far a word stands from the stage; of two as near the one before it is meant."""
    return max(place[0] - end + 1, start - place[1], 0)


@cache
def words(language: str) -> tuple[Terms, Terms]:
    """Words that stand near a cancer's stage, and words that stand near other stages."""
    said = knowledge(FOLDER, "terms", language).get("stage", {})
    return (
        Terms(((word, word) for word in said.get("near", ())), plurals=language == ENGLISH),
        Terms((word, word) for word in said.get("not_near", ())),
    )


def are_told(note: Note) -> bool:
    """Whether a note may tell a stage group or a performance status: most do not."""
    text, language = note.folded.folded, note.pack.language
    return any(holds(text, f"{name}_word", language) for name in ("stage", "ecog", "karnofsky"))


def performance(note: Note) -> Iterable[Finding]:
    """ECOG (0 to 5) and Karnofsky (0 to 100)."""
    shown, language = note.folded.shown, note.pack.language
    if holds(note.folded.folded, "ecog_word", language):
        for found in search("ecog", language).finditer(shown):
            yield _status(note, found.span(), ECOG, "ECOG performance status", found["ecog"])
            yield from _earlier(note, search("ecog", language).span(found, "ecog")[1])
    if holds(note.folded.folded, "karnofsky_word", language):
        for found in search("karnofsky", language).finditer(shown):
            if int(found["kps"]) <= MOST_KARNOFSKY:
                yield _status(
                    note, found.span(), KARNOFSKY, "Karnofsky performance status", found["kps"]
                )


def _earlier(note: Note, end: int) -> Iterator[Finding]:
    """The performance status of before, told behind that of today: "PS 2 today, was 1"."""
    behind = way("ecog_earlier", note.pack.language).match(note.folded.folded[end : end + TOGETHER])
    if behind is not None:
        span = (end + behind.start("ecog"), end + behind.end())
        yield _status(note, span, ECOG, "ECOG performance status", behind["ecog"])


def _status(note: Note, span: tuple[int, int], code: str, name: str, sent: str) -> Finding:
    start, end = span
    return Finding(
        start, end, "vital", code, name, note.context(start, end), unit="{score}",
        numeric_value=float(counted(sent, note.pack.language)), value_as_sent=sent,
    )  # fmt: skip
