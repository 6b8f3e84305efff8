"""Biomarkers of a tumour with their answer: mutated, wild type, positive, negative, pending."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from vitruvian.derive.engine.extractor import Finding, knowledge, lines_of
from vitruvian.derive.library.oncology.scores import SCORED, grade, is_signed, share
from vitruvian.derive.library.oncology.ways import ENGLISH, way
from vitruvian.derive.text import AFFIRMED, Mention, Note, Terms

FOLDER = Path(__file__).parent
BEHIND, BEFORE = 60, 44
# More names share no answer; a text of nothing but names is read in good time.
LIST_AT_MOST = 24
PAIR = 2
# A name of so many letters is another word too.
SHORT = 2
# A name whose answer is nobody's fact; an answer that nobody knows.
OTHER, UNTOLD = "other", "untold"

# These run on the few dozen characters behind a name, never on a whole note.
_IN_SITU = re.compile(r"\b(?:fish|ish|cish|dish|in situ)\b")
_NEXT_ONE = re.compile(r"^ (?:for|of|in)\b")


class Marker(NamedTuple):
    """A biomarker: its code, name and kind of answer; a stand-alone answer, or None."""

    code: str
    name: str
    kind: str
    answer: str | None = None
    # Code and name of the second gene of a name for two.
    also: tuple[str, str] | None = None
    # Whether the name means either of the two: "BRCA".
    either: bool = False


def found(note: Note) -> Iterator[Finding]:
    """One finding a biomarker with an answer; a name alone is no fact."""
    names, answers, meaning = tables(note.pack.language)
    mentions = [m for m in note.find(names) if _is_meant(note, m)]
    last: Finding | None = None
    for number, mention in enumerate(mentions):
        if mention.meaning.kind == OTHER:
            continue
        if mention.meaning.answer is not None:
            if not _said_again(note, last, mention):
                last = _finding(note, mention, mention.end, mention.meaning.answer)
                yield last
            continue
        answer = None
        is_repair = mention.meaning.kind in {"repair", "system"}
        if is_repair:
            first = mentions[_first_of_list(note, mentions, number, "shared")].start
            answer = _ahead(note, mention, first, (answers, meaning))
        answer = answer or _answer(_About(note, mentions, number), answers, meaning)
        if answer is None:
            # "Intact MLH1, MSH2 and PMS2": only where none of them has an answer behind it.
            first = mentions[_first_of_list(note, mentions, number, "names")].start
            answer = _ahead(note, mention, first, (answers, meaning))
        # "If BRCA1 is mutated" tells no answer.
        if answer is None or answer.context.temporality == "hypothetical":
            continue
        if _says_which(answer, mention.meaning) and not _is_partner(note, last, answer):
            last = answer
            yield answer
            yield from _also(answer, mention.meaning)


def _said_again(note: Note, last: Finding | None, mention: Mention) -> bool:
    """Whether an answer only repeats the one before in short: "unstable (MSI-H)"."""
    return (
        last is not None
        and (last.code, last.text_value) == (mention.meaning.code, mention.meaning.answer)
        and note.folded.folded[last.end : mention.start] in {" (", "/", " / ", ", ", ": "}
    )


def _is_partner(note: Note, last: Finding | None, answer: Finding) -> bool:
    """Whether the name stands in that of a fusion told already: "RET fusion (KIF5B-RET)"."""
    return (
        last is not None
        and last.code == answer.code
        and note.folded.folded[answer.start - 1 : answer.start] == "-"
        and note.sentence_of(answer.start)[0] <= last.start
    )


def _says_which(answer: Finding, marker: Marker) -> bool:
    """Whether the answer holds for the gene: a mutation of "BRCA" does not say in which."""
    return not marker.either or answer.text_value in {"wild-type", "negative", "pending"}


def _also(answer: Finding, marker: Marker) -> Iterator[Finding]:
    """The answer of the second gene of a name for two: "BRCA1/2 negative"."""
    if marker.also is not None:
        yield answer._replace(code=marker.also[0], code_text=marker.also[1])


class _About:
    """One name among those of a note, and how far its answer may stand."""

    def __init__(self, note: Note, mentions: list[Mention], number: int) -> None:
        self.note, self.mention = note, mentions[number]
        at = number
        last = min(len(mentions), number + LIST_AT_MOST) - 1
        while at < last and _joined(note, mentions[at].end, mentions[at + 1].start):
            at += 1
        # A list of names shares the answer behind the last one, and the no before the first.
        self.list_end = mentions[at].end
        self.first, self.first_change = (
            mentions[_first_of_list(note, mentions, number, joined)].start
            for joined in ("names", "changes")
        )
        end = self.list_end + BEHIND
        self.is_next = at + 1 < len(mentions) and mentions[at + 1].start <= end
        end = mentions[at + 1].start if self.is_next else end
        shown, language = note.folded.shown, note.pack.language
        self.beyond = end
        over = [way(name, language).search(shown, self.list_end, end) for name in ("over", "aside")]
        self.limit = min([found.start() for found in over if found], default=end)
        self.is_next = self.is_next and self.limit == end

    def answers(self, words: Terms) -> list[Mention]:
        """The answers behind the name, at places from its end on; none that is the next one's."""
        end = self.mention.end
        said = words.find(self.note.words[end : self.limit])
        if said and self.is_next:
            text = self.note.folded.folded[end + said[-1].end : self.limit]
            between = way("between", self.note.pack.language).match(text)
            # "Positive for ER, negative for HER2", "MMR by IHC: loss of MLH1".
            of = self.note.words[end : end + said[-1].end].endswith(" of")
            said = said[:-1] if between and (of or _NEXT_ONE.match(text)) else said
        return said[1:] if self._is_heading(said) else said

    def _is_heading(self, said: list[Mention]) -> bool:
        """Whether the first answer only tells what the second one answers."""
        if len(said) < PAIR:
            return False
        (start, first, _), (second, *_), *_ = said
        end, language = self.mention.end, self.note.pack.language
        return (
            way("change", language).match(self.note.words[end + start : end + first]) is not None
            and way("told_apart", language).match(
                self.note.folded.folded[end + first : end + second]
            )
            is not None
        )


def _first_of_list(note: Note, mentions: list[Mention], number: int, joined: str) -> int:
    """The first of a list of names that shares one answer before it: "loss of MLH1 and PMS2"."""
    at, shared, text = number, way(joined, note.pack.language), note.folded.folded
    least = max(0, number - LIST_AT_MOST)
    while at > least and shared.match(text[mentions[at - 1].end : mentions[at].start]):
        at -= 1
    return at


def _joined(note: Note, end: int, start: int) -> bool:
    return way("names", note.pack.language).match(note.folded.folded[end:start]) is not None


def _is_meant(note: Note, mention: Mention) -> bool:
    """A two-letter name counts in capitals only: "er" and "pr" are other words too."""
    length = mention.end - mention.start
    shown = note.folded.shown[mention.start : mention.end]
    return length > SHORT + 1 or shown.isupper() or not shown.isalpha()


def _answer(one: _About, answers: Terms, meaning: Any) -> Finding | None:
    note, (start, end, marker) = one.note, one.mention
    shown, language = note.folded.shown[end : one.limit], note.pack.language
    variant = way("variant", language).search(shown) if _has_variants(marker) else None
    graded = _graded(one, shown)
    probed = _in_situ(one, answers) if marker.name == SCORED else None
    behind = [probed] if probed else _fitting(one, answers, meaning)
    if behind and end - start <= SHORT:
        between = shown[max(0, one.list_end - end) : behind[0].start]
        if not way("close", language).match(between):
            return graded
    if behind and not probed and _adds_nothing(behind[0], graded, shown):
        return graded
    if behind:
        said = behind[0]
        status = _status(one, said, shown, meaning)
        finding = _finding(note, one.mention, end + said.end, status)
    elif variant is not None:
        status = "wild-type" if _denied(note, one.first) else "mutated"
        finding = _finding(note, one.mention, end + variant.end(), status)
    elif marker.kind == "msi" and _denied(note, one.first):
        return _finding(note, one.mention, end, "stable")
    else:
        return graded or _ahead(note, one.mention, start, (answers, meaning))
    if marker.kind == "gene" or variant is not None:
        return _with_variant(finding, shown, variant)
    return _with_percent(finding, shown, language) if marker.kind == "protein" else finding


def _fitting(one: _About, answers: Terms, meaning: Any) -> list[Mention]:
    """The answers behind a name that are such of its kind."""
    kind = one.mention.meaning.kind
    told = [m for m in one.answers(answers) if _fits(meaning, kind, m.meaning)]
    failed = any(m.meaning == UNTOLD for m in told) and told[0].meaning == "pending"
    # "Was requested but the block had too little tumour."
    return told[1:] if failed else told


def _adds_nothing(answer: Mention, graded: Finding | None, shown: str) -> bool:
    """Whether nobody knows it, or a score or sign before it is the answer: "HER2 2+, FISH sent"."""
    if graded is None or answer.meaning == UNTOLD:
        return bool(answer.meaning == UNTOLD)
    return answer.meaning in _LATER or " and " in shown[: answer.start] or is_signed(shown)


# Answers behind a score that take nothing from it: one still to come, how strong the stain is.
_LATER = frozenset({"pending", "stained"})


def _has_variants(marker: Marker) -> bool:
    """Whether its answer may be the name of a variant: HER2 is a gene too."""
    return marker.kind in {"gene", "fusion"} or marker.name == SCORED


def _in_situ(one: _About, answers: Terms) -> Mention | None:
    """The answer of in situ hybridisation, in the next statement too; None where there is none."""
    end = one.mention.end
    probe = _IN_SITU.search(one.note.folded.folded, end, one.beyond)
    if probe is None:
        return None
    ahead = probe.end() - end
    language, shown = one.note.pack.language, one.note.folded.shown[probe.end() : one.beyond]
    if is_signed(shown):
        signed = grade("", "protein", called="", shown=shown, language=language)
        return signed and Mention(ahead, ahead + signed.end, signed.status)
    said = answers.find(one.note.words[probe.end() : one.beyond])
    first = next((m for m in said if m.meaning and m.meaning not in _LATER), None)
    return first and Mention(first.start + ahead, first.end + ahead, first.meaning)


def _status(one: _About, said: Mention, shown: str, meaning: Any) -> str:
    """What an answer means for the kind of name, turned round by a no before or behind."""
    answer, language = said.meaning, one.note.pack.language
    if answer in _DENIED:
        behind = way("not_behind", language).match(shown.lower()[said.end :])
        end = one.mention.end
        bare = way("change", language).match(one.note.words[end + said.start : end + said.end])
        no = behind or _denied(one.note, one.first_change if bare else one.first)
        answer = _DENIED[answer] if no else answer
    return str(meaning[one.mention.meaning.kind].get(answer, answer))


_CHANGE = re.compile(
    r"\b(?:p\.)?((?:[A-Z][a-z]{2}|[A-Z])\d{1,4}(?:[A-Z][a-z]{2}|[A-Z]))\b|\b(c\.\d{1,5}[\d_+-]*(?:[ACGT]>|del|dup|ins)[ACGT]*)"
)


def _with_variant(finding: Finding, shown: str, variant: Any) -> Finding:
    """A mutation with its name; "BRAF V600E positive" is one too."""
    if variant is not None and finding.text_value == "positive":
        finding = finding._replace(text_value="mutated")
    if not status_is_mutated(finding):
        return finding
    if variant is not None and variant[1]:
        return finding._replace(method=variant[1])
    behind = _CHANGE.search(shown)
    if behind is not None:
        return finding._replace(method=behind[1] or behind[2])
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


def _with_percent(finding: Finding, shown: str, language: str) -> Finding:
    """A protein with its percentage, where it is one number."""
    told = share(shown, language)
    if told is None:
        return finding
    return finding._replace(
        numeric_value=float(told.number), unit="%", value_as_sent=told.number,
        comparator=told.comparator,
    )  # fmt: skip


def _graded(one: _About, shown: str) -> Finding | None:
    """The answer of a score, a sign or a percentage; names in a list share a sign."""
    note, (start, end, marker) = one.note, one.mention
    language, called = note.pack.language, note.words[start:end]
    told, at = grade(marker.name, marker.kind, called=called, shown=shown, language=language), end
    shared = shown[one.list_end - end :]
    if told is None and one.list_end > end and is_signed(shared):
        told = grade(marker.name, marker.kind, called=called, shown=shared, language=language)
        at = one.list_end
    if told is None:
        return None
    status = _BY_SIGN.get((marker.kind, told.status), told.status)
    finding = _finding(note, one.mention, at + told.end, status)
    return _with_percent(finding, shown, language) if marker.kind == "protein" else finding


# "EGFR+" has a mutation, "MLH1-" is lost.
_BY_SIGN = {
    ("gene", "positive"): "mutated", ("gene", "negative"): "wild-type",
    ("repair", "positive"): "intact", ("repair", "negative"): "lost",
}  # fmt: skip


def _ahead(note: Note, mention: Mention, start: int, words: tuple[Terms, Any]) -> Finding | None:
    """An answer before the name, or before its list: "loss of MLH1", "negative for EGFR"."""
    answers, meaning = words
    first, _ = note.sentence_of(start)
    low = max(first, start - BEFORE)
    near = answers.find(note.words[low:start])
    kind = mention.meaning.kind
    if not near or near[-1].meaning == UNTOLD or not _fits(meaning, kind, near[-1].meaning):
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
    others = ((word, Marker("", word, OTHER)) for word in common["others"]["words"])
    names = {**dict(others), **dict(_names(common)), **dict(_names(said))}
    return Terms(names.items()), Terms(_answers(said)), common["meaning"]


def _genes(said: Any) -> Iterator[tuple[str, Marker]]:
    for name, hgnc, kind, names in lines_of(said.get("biomarkers", {}).get("table", "")):
        code = f"HGNC//HGNC:{hgnc}" if hgnc else CODES.get(name, f"TEXT//{name.lower()}")
        for term in names.split(","):
            yield term.strip(), Marker(code, name, kind)


def _names(said: Any) -> Iterator[tuple[str, Marker]]:
    yield from _genes(said)
    genes = {marker.name: marker for _, marker in _genes(said)}
    for table in ("pairs", "either"):
        for pair, phrases in said.get(table, {}).items():
            one, other = (genes[name] for name in pair.split("+"))
            both = one._replace(also=(other.code, other.name), either=table == "either")
            yield from ((phrase, both) for phrase in phrases)
    for key, phrases in said.get("stand_alone", {}).items():
        name, _, answer = key.partition(":")
        code = CODES.get(name, f"TEXT//{name.lower()}")
        for phrase in phrases:
            yield phrase, Marker(code, name, "msi", answer)


def _answers(said: Any) -> Iterator[tuple[str, str]]:
    for answer, phrases in said["answers"].items():
        for phrase in phrases:
            yield phrase, "" if answer == "nothing" else answer


# LOINC where it has one code for the answer as such.
CODES = {"MSI": "LOINC//81695-9"}
