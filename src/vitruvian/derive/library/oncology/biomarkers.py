"""Biomarkers of a tumour with their answer: mutated, wild type, positive, negative, pending.

References
----------
Where only a number is told, its meaning is that of:
Allison KH et al. Estrogen and progesterone receptor testing in breast cancer: ASCO/CAP guideline
update. J Clin Oncol 2020;38:1346-1366, doi:10.1200/JCO.19.02309: positive from 1 % of nuclei.
Goldhirsch A et al. St Gallen consensus. Ann Oncol 2013;24:2206-2223, doi:10.1093/annonc/mdt303:
Ki-67 is high from 20 %.
Reck M et al. KEYNOTE-024. N Engl J Med 2016;375:1823-1833, doi:10.1056/NEJMoa1606774, and Mok TSK
et al. KEYNOTE-042. Lancet 2019;393:1819-1830, doi:10.1016/S0140-6736(18)32409-7: PD-L1 is positive
from a tumour proportion score of 1 %; Kulangara K et al. Arch Pathol Lab Med 2019;143:330-337,
doi:10.5858/arpa.2018-0043-OA: from a combined positive score of 1.
Wolff AC et al. HER2 testing: ASCO/CAP update. J Clin Oncol 2018;36:2105-2122,
doi:10.1200/JCO.2018.77.8738.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from vitruvian.derive.engine.extractor import Finding, knowledge, lines_of
from vitruvian.derive.library.oncology.ways import ENGLISH, way
from vitruvian.derive.text import AFFIRMED, Mention, Note, Terms

FOLDER = Path(__file__).parent
BEHIND, BEFORE = 60, 26
# A name of so many letters is another word too.
SHORT = 2

# These run on the few dozen characters behind a name, never on a whole note.
_PERCENT = re.compile(r"^[^.;\n]{0,24}?(?P<below>[<\u2264] ?)?(?P<number>\d{1,3}) ?%")
_SCORE = re.compile(r"^[ :,(]{0,3}(?:score |ihc ){0,2}(?:([0-3])\+|(0)(?![\d.%/]))")
_COMBINED = re.compile(
    r"^(?:[ :,(]{0,3}cps)?[ :=,]{0,3}(?:of )?(?P<below><)? ?(?P<number>\d{1,3})(?![\d%.]\d?)"
)
# From so many percent on a protein is positive, or high; below it negative, or low.
_FROM = {
    "ER": (1, "positive", "negative"), "PR": (1, "positive", "negative"),
    "PD-L1": (1, "positive", "negative"), "Ki-67": (20, "high", "low"),
}  # fmt: skip
# "ER (+)", "ALK(-)", "PR (90 % +)".
_SIGN = re.compile(r"^ ?\((?:\D{0,8}?\d{1,3} ?%,? ?)?(\+{1,3}|-)[,)]")


class Marker(NamedTuple):
    """A biomarker: its code, name and kind of answer; a stand-alone answer, or None."""

    code: str
    name: str
    kind: str
    answer: str | None = None


def found(note: Note) -> Iterator[Finding]:
    """One finding a biomarker with an answer; a name alone is no fact."""
    names, answers, meaning = tables(note.pack.language)
    mentions = [m for m in note.find(names) if _is_meant(note, m)]
    for number, mention in enumerate(mentions):
        if mention.meaning.answer is not None:
            yield _finding(note, mention, mention.end, mention.meaning.answer)
            continue
        answer = None
        is_repair = mention.meaning.kind == "repair"
        if is_repair:
            first = _first_of_list(note, mentions, number, "shared")
            answer = _ahead(note, mention, first, (answers, meaning))
        limit = _limit(note, mentions, number)
        answer = answer or _answer(note, mention, limit, answers, meaning)
        if is_repair and answer is None:
            # "Intact MLH1, MSH2 and PMS2": only where none of them has an answer behind it.
            first = _first_of_list(note, mentions, number, "names")
            answer = _ahead(note, mention, first, (answers, meaning))
        if answer is not None:
            yield answer


def _limit(note: Note, mentions: list[Mention], number: int) -> int:
    """How far the answer may stand: a list of names shares the answer behind the last one."""
    at = number
    while at + 1 < len(mentions) and _joined(note, mentions[at].end, mentions[at + 1].start):
        at += 1
    end = mentions[at].end + BEHIND
    if at + 1 < len(mentions):
        end = min(end, mentions[at + 1].start)
    over = way("over", note.pack.language).search(note.folded.shown, mentions[at].end, end)
    return over.start() if over else end


def _first_of_list(note: Note, mentions: list[Mention], number: int, joined: str) -> int:
    """Where the list of names that shares one answer before it begins: "loss of MLH1 and PMS2"."""
    at, shared = number, way(joined, note.pack.language)
    while at and shared.match(note.folded.folded[mentions[at - 1].end : mentions[at].start]):
        at -= 1
    return mentions[at].start


def _joined(note: Note, end: int, start: int) -> bool:
    return way("names", note.pack.language).match(note.folded.folded[end:start]) is not None


def _is_meant(note: Note, mention: Mention) -> bool:
    """A two-letter name counts in capitals only: "er" and "pr" are other words too."""
    length = mention.end - mention.start
    shown = note.folded.shown[mention.start : mention.end]
    return length > SHORT + 1 or shown.isupper() or not shown.isalpha()


def _answer(
    note: Note, mention: Mention, limit: int, answers: Terms, meaning: Any
) -> Finding | None:
    start, end, marker = mention
    shown = note.folded.shown[end:limit]
    language = note.pack.language
    variant = way("variant", language).search(shown) if marker.kind == "gene" else None
    said = answers.find(note.words[end:limit])
    behind = [m for m in said if _fits(meaning, marker.kind, m.meaning)]
    if (
        behind
        and end - start <= SHORT
        and not way("close", language).match(shown[: behind[0].start])
    ):
        return _graded(note, mention, shown)
    if behind and behind[0].meaning == "pending":
        # "HER2 2+, FISH to follow": what is known already is the answer.
        graded = _graded(note, mention, shown)
        if graded is not None:
            return graded
    if behind:
        said_so = behind[0].meaning
        if said_so in _DENIED and _denied(note, start):
            said_so = _DENIED[said_so]
        status = meaning[marker.kind].get(said_so, said_so)
        finding = _finding(note, mention, end + behind[0].end, status)
    elif variant is not None:
        finding = _finding(note, mention, end + variant.end(), "mutated")
    else:
        ahead = _ahead(note, mention, start, (answers, meaning))
        return _graded(note, mention, shown) or ahead
    if marker.kind == "gene":
        return _with_variant(finding, shown, variant)
    return _with_percent(finding, shown)


_PROTEIN_CHANGE = re.compile(r"\b(?:p\.)?([A-Z]\d{1,4}[A-Z])\b")


def _with_variant(finding: Finding, shown: str, variant: Any) -> Finding:
    """A mutation with its name; "BRAF V600E positive" is one too."""
    if variant is not None and finding.text_value == "positive":
        finding = finding._replace(text_value="mutated")
    if not status_is_mutated(finding):
        return finding
    if variant is not None and variant[1]:
        return finding._replace(method=variant[1])
    behind = _PROTEIN_CHANGE.search(shown)
    if behind is not None:
        return finding._replace(method=behind[1])
    return finding._replace(method=variant[2]) if variant is not None else finding


def status_is_mutated(finding: Finding) -> bool:
    """Whether the answer is a mutation, which may carry its name."""
    return finding.text_value == "mutated"


# "No EGFR mutation": the no stands before the name.
_DENIED = {"mutated": "wild-type", "positive": "negative"}


def _denied(note: Note, start: int) -> bool:
    low = max(note.sentence_of(start)[0], start - BEFORE)
    return way("denied", note.pack.language).search(note.folded.folded[low:start]) is not None


def _fits(meaning: Any, kind: str, answer: str) -> bool:
    return bool(meaning[kind].get(answer, answer))


def _with_percent(finding: Finding, shown: str) -> Finding:
    percent = _PERCENT.match(shown)
    if percent is None or int(percent["number"]) > 100:  # noqa: PLR2004  # a share has at most 100 %
        return finding
    number = percent["number"]
    told = finding._replace(numeric_value=float(number), unit="%", value_as_sent=number)
    return told._replace(comparator="<") if percent["below"] else told


def _graded(note: Note, mention: Mention, shown: str) -> Finding | None:
    """HER2 3+ (ASCO/CAP 2018: 0 and 1+ negative, 2+ equivocal, 3+ positive), or a percentage."""
    marker = mention.meaning
    score = _SCORE.match(shown) if marker.name == "HER2" else None
    if score is not None:
        status = ("negative", "negative", "equivocal", "positive")[int(score[1] or score[2])]
        return _finding(note, mention, mention.end + score.end(), status)
    sign = _SIGN.match(shown) if marker.kind in {"protein", "fusion"} else None
    if sign is not None and marker.name != "HER2":
        status = "negative" if sign[1] == "-" else "positive"
        return _with_percent(_finding(note, mention, mention.end + sign.end(), status), shown)
    percent = _PERCENT.match(shown) if marker.kind == "protein" else None
    if percent is not None:
        finding = _finding(note, mention, mention.end + percent.end(), "")
        return _with_percent(finding, shown)._replace(text_value=_said_by(marker.name, percent))
    combined = _COMBINED.match(shown) if marker.name == "PD-L1" else None
    if combined is None or not _is_combined(note, mention, combined[0]):
        return None
    status = _said_by(marker.name, combined) or ""
    return _finding(note, mention, mention.end + combined.end(), status)


def _said_by(name: str, number: re.Match[str]) -> str | None:
    """What a number means for a protein; None where nothing says it."""
    if name not in _FROM:
        return None
    least, from_it, below_it = _FROM[name]
    value = int(number["number"])
    return below_it if value < least or (number["below"] and value <= least) else from_it


def _is_combined(note: Note, mention: Mention, behind: str) -> bool:
    """Whether the number is a combined positive score (CPS), which has no percent sign."""
    return "cps" in note.words[mention.start : mention.end] + behind.lower()


def _ahead(note: Note, mention: Mention, start: int, words: tuple[Terms, Any]) -> Finding | None:
    """An answer before the name, or before its list: "loss of MLH1", "negative for EGFR"."""
    answers, meaning = words
    first, _ = note.sentence_of(start)
    low = max(first, start - BEFORE)
    near = answers.find(note.words[low:start])
    kind = mention.meaning.kind
    if not near or not _fits(meaning, kind, near[-1].meaning):
        return None
    between = note.folded.folded[low + near[-1].end : start]
    if not way("between", note.pack.language).match(between):
        return None
    status = meaning[kind].get(near[-1].meaning, near[-1].meaning)
    return _finding(note, mention, mention.end, status)._replace(start=low + near[-1].start)


def _finding(note: Note, mention: Mention, end: int, status: str) -> Finding:
    marker = mention.meaning
    context = note.context(mention.start, mention.end)
    # The answer itself carries the no: "KRAS: no mutation" is an affirmed answer.
    context = context._replace(polarity=AFFIRMED.polarity)
    return Finding(
        mention.start, end, "genomics", marker.code, marker.name, context, text_value=status
    )


@cache
def tables(language: str) -> tuple[Terms, Terms, Any]:
    """Names of biomarkers, words of answers, and what an answer means for each kind."""
    said = knowledge(FOLDER, "terms", language)
    if not said:
        return Terms(()), Terms(()), {}
    # Genes have one name everywhere; what an answer means is the same too.
    common = knowledge(FOLDER, "terms", ENGLISH)
    names = {**dict(_names(common)), **dict(_names(said))}
    return Terms(names.items()), Terms(_answers(said)), common["meaning"]


def _names(said: Any) -> Iterator[tuple[str, Marker]]:
    for name, hgnc, kind, names in lines_of(said.get("biomarkers", {}).get("table", "")):
        code = f"HGNC//HGNC:{hgnc}" if hgnc else CODES.get(name, f"TEXT//{name.lower()}")
        for term in names.split(","):
            yield term.strip(), Marker(code, name, kind)
    for key, phrases in said.get("stand_alone", {}).items():
        name, _, answer = key.partition(":")
        code = CODES.get(name, f"TEXT//{name.lower()}")
        for phrase in phrases:
            yield phrase, Marker(code, name, "msi", answer)


def _answers(said: Any) -> Iterator[tuple[str, str]]:
    for answer, phrases in said["answers"].items():
        for phrase in phrases:
            yield phrase, answer


# LOINC where it has one code for the answer as such.
CODES = {"MSI": "LOINC//81695-9"}
