"""Biomarkers of a tumour with their answer: mutated, wild type, positive, negative, pending."""

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
_PERCENT = re.compile(r"^[^.;\n]{0,24}?(\d{1,3}) ?%")
_SCORE = re.compile(r"^[ :,(]{0,3}(?:score |ihc )?([0-3])\+")
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
        if mention.meaning.kind == "repair":
            answer = _ahead(
                note, mention, _first_of_list(note, mentions, number), (answers, meaning)
            )
        limit = _limit(note, mentions, number)
        answer = answer or _answer(note, mention, limit, answers, meaning)
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


def _first_of_list(note: Note, mentions: list[Mention], number: int) -> int:
    """Where the list of names that shares one answer before it begins: "loss of MLH1 and PMS2"."""
    at, shared = number, way("shared", note.pack.language)
    while at and shared.match(note.folded.folded[mentions[at - 1].end : mentions[at].start]):
        at -= 1
    return mentions[at].start


def _joined(note: Note, end: int, start: int) -> bool:
    return way("names", note.pack.language).match(note.folded.folded[end:start]) is not None


def _is_meant(note: Note, mention: Mention) -> bool:
    """A two-letter name counts in capitals only: "er" and "pr" are other words too."""
    length = mention.end - mention.start
    return length > SHORT + 1 or note.folded.shown[mention.start : mention.end].isupper()


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
    if variant is not None and status_is_mutated(finding):
        return finding._replace(method=(variant[1] or variant[2]))
    return _with_percent(finding, shown)


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
    if percent is None or int(percent[1]) > 100:  # noqa: PLR2004  # a share has at most 100 %
        return finding
    return finding._replace(numeric_value=float(percent[1]), unit="%", value_as_sent=percent[1])


def _graded(note: Note, mention: Mention, shown: str) -> Finding | None:
    """HER2 3+ (ASCO/CAP 2018: 0 and 1+ negative, 2+ equivocal, 3+ positive), or a percentage."""
    marker = mention.meaning
    score = _SCORE.match(shown) if marker.name == "HER2" else None
    if score is not None:
        status = ("negative", "negative", "equivocal", "positive")[int(score[1])]
        return _finding(note, mention, mention.end + score.end(), status)
    sign = _SIGN.match(shown) if marker.kind in {"protein", "fusion"} else None
    if sign is not None and marker.name != "HER2":
        status = "negative" if sign[1] == "-" else "positive"
        return _with_percent(_finding(note, mention, mention.end + sign.end(), status), shown)
    percent = _PERCENT.match(shown) if marker.kind == "protein" else None
    if percent is None:
        return None
    finding = _finding(note, mention, mention.end + percent.end(), "")
    return _with_percent(finding, shown)._replace(text_value=None)


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
