"""Biomarkers of a tumour with their answer: mutated, wild type, positive, negative, pending."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from vitruvian.derive.engine.extractor import Finding
from vitruvian.derive.library.oncology.markers import OTHER, About, Marker, first_of_list, tables
from vitruvian.derive.library.oncology.scores import SCORED, grade, is_signed, share
from vitruvian.derive.library.oncology.ways import way
from vitruvian.derive.text import AFFIRMED, Mention, Note, Terms

BEFORE = 44
# A name of so many letters is another word too.
SHORT = 2
# An answer that nobody knows.
UNTOLD = "untold"


def found(note: Note) -> Iterator[Finding]:
    """One finding a biomarker with an answer, and one a second assay; a name alone is no fact."""
    names, answers, meaning = tables(note.pack.language)
    mentions = list(_named_once(note, [m for m in note.find(names) if _is_meant(note, m)]))
    last: Finding | None = None
    for number, mention in enumerate(mentions):
        if mention.meaning.answer is not None:
            if not _said_again(note, last, mention):
                last = _finding(note, mention, mention.end, mention.meaning.answer)
                yield last
            continue
        for answer in _told(note, mentions, number, (answers, meaning)):
            # "If BRCA1 is mutated" tells no answer.
            if answer.context.temporality == "hypothetical" or _is_turned(note, answer):
                continue
            if _says_which(answer, mention.meaning) and not _is_partner(note, last, answer):
                last = answer
                yield answer
                yield from _also(answer, mention.meaning)


def _named_once(note: Note, mentions: list[Mention]) -> Iterator[Mention]:
    """A name and the same in short behind it as one: "estrogen receptor (ER)"."""
    last: Mention | None = None
    for one in mentions:
        if last is not None and _is_same(last.meaning, one.meaning):
            between = note.folded.folded[last.end : one.start]
            if way("in_short", note.pack.language).match(between):
                closed = note.folded.folded[one.end : one.end + 1] == ")"
                last = last._replace(end=one.end + closed)
                continue
        if last is not None:
            yield last
        last = one
    if last is not None:
        yield last


def _is_same(one: Marker, other: Marker) -> bool:
    answered = one.answer is not None or other.answer is not None or OTHER in {one.kind, other.kind}
    return not answered and one == other


def _is_turned(note: Note, answer: Finding) -> bool:
    """Whether the sentence asks, or is a condition by its order: "Should EGFR be mutated, ..."."""
    first, last = note.sentence_of(answer.start)
    if note.folded.folded[answer.end : last].rstrip().endswith("?"):
        return True
    before = note.folded.folded[first : answer.start]
    return way("turned", note.pack.language).match(before) is not None


def _told(
    note: Note, mentions: list[Mention], number: int, words: tuple[Terms, Any]
) -> Iterator[Finding]:
    """The answers of one name."""
    mention = mentions[number]
    if mention.meaning.kind == OTHER:
        return
    told: list[Finding | None] = []
    if mention.meaning.kind in {"repair", "system"}:
        first = mentions[first_of_list(note, mentions, number, "shared")].start
        told = [_ahead(note, mention, first, words)]
    if not any(told):
        told = list(_by_assay(About(note, mentions, number), *words))
    if not any(told):
        # "Intact MLH1, MSH2 and PMS2": only where none of them has an answer behind it.
        first = mentions[first_of_list(note, mentions, number, "names")].start
        told = [_ahead(note, mention, first, words)]
    yield from (answer for answer in told if answer is not None)


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


def _is_meant(note: Note, mention: Mention) -> bool:
    """A two-letter name counts in capitals only: "er" and "pr" are other words too."""
    length = mention.end - mention.start
    shown = note.folded.shown[mention.start : mention.end]
    in_capitals = shown[0].isupper() and shown[-1].isupper()
    return length > SHORT + 1 or in_capitals or not shown.isalpha()


def _answer(one: About, answers: Terms, meaning: Any) -> Finding | None:
    note, (start, end, marker) = one.note, one.mention
    shown, language = one.shown(), note.pack.language
    variant = way("variant", language).search(shown) if _has_variants(marker) else None
    graded = _graded(one, shown)
    behind = _fitting(one, answers, meaning)
    behind = [] if variant and behind and _is_told(shown, variant, behind[0]) else behind
    if behind and end - start <= SHORT:
        between = shown[max(0, one.list_end - end) : behind[0].start]
        if not way("close", language).match(between):
            return graded
    if behind and _adds_nothing(behind[0], graded, shown, language):
        return graded
    ahead = _only_found(one, behind, answers, meaning)
    if ahead is not None:
        finding = ahead
    elif behind:
        said = behind[0]
        status = _status(one, said, shown, meaning)
        finding = _finding(note, one.mention, end + said.end, status)
    elif variant is not None:
        denied = _denied(note, one.first) or _denied_behind(shown[variant.end() :], language)
        status = "wild-type" if denied else "mutated"
        finding = _finding(note, one.mention, end + variant.end(), status)
    elif marker.kind == "msi" and _denied(note, one.first):
        return _finding(note, one.mention, end, "stable")
    else:
        return graded or _ahead(note, one.mention, start, (answers, meaning))
    if marker.kind == "gene" or variant is not None:
        return _with_variant(finding, shown, variant, language)
    return _with_percent(finding, shown, language) if marker.kind == "protein" else finding


def _is_told(shown: str, variant: re.Match[str], awaited: Mention) -> bool:
    """Whether what is awaited is something else than the variant: "KRAS G12C - trial requested"."""
    if awaited.meaning != "pending" or awaited.start < variant.end():
        return False
    return _APART.search(shown[variant.end() : awaited.start]) is not None


_APART = re.compile(r"[,;(\u2013]| - ")


def _fitting(one: About, answers: Terms, meaning: Any) -> list[Mention]:
    """The answers behind a name that are such of its kind."""
    kind = one.mention.meaning.kind
    told = [m for m in one.answers(answers) if _fits(meaning, kind, m.meaning)]
    failed = any(m.meaning == UNTOLD for m in told) and told[0].meaning == "pending"
    # "Was requested but the block had too little tumour."
    return told[1:] if failed else told


def _adds_nothing(answer: Mention, graded: Finding | None, shown: str, language: str) -> bool:
    """Whether nobody knows it, or a score or sign before it is the answer: "HER2 2+, FISH sent"."""
    if graded is None or answer.meaning == UNTOLD:
        return bool(answer.meaning == UNTOLD)
    another = way("another", language).search(shown[: answer.start])
    return answer.meaning in _LATER or another is not None or is_signed(shown, language)


# Answers behind a score that take nothing from it: one still to come, how strong the stain is.
_LATER = frozenset({"pending", "stained"})


def _has_variants(marker: Marker) -> bool:
    """Whether its answer may be the name of a variant: HER2 is a gene too."""
    return marker.kind in {"gene", "fusion"} or marker.name == SCORED


def _by_assay(one: About, answers: Terms, meaning: Any) -> tuple[Finding | None, Finding | None]:
    """The answer, and that of in situ hybridisation beside it: "HER2 2+, FISH amplified"."""
    in_situ, folded = way("in_situ", one.note.pack.language), one.note.folded.folded
    probe = in_situ.search(folded, one.mention.end, one.beyond)
    if probe is None or not (one.mention.meaning.kind == "fusion" or _has_score(one.mention)):
        return _answer(one, answers, meaning), None
    told = _in_situ(one, probe, answers, meaning)
    if told is None:
        return _answer(one, answers, meaning), None
    one.limit, one.is_next = min(one.limit, probe.start()), False
    first = _answer(one, answers, meaning)
    if first is not None and told.end <= first.end:
        return first, None
    if first is None or _is_change(one, first.end):
        return told._replace(start=one.mention.start), None
    same = first.text_value == told.text_value
    opened, closed = (folded.rfind(sign, first.end, probe.start()) for sign in "()")
    return first, None if same and opened > closed else told


def _has_score(mention: Mention) -> bool:
    return bool(mention.meaning.name == SCORED)


def _is_change(one: About, end: int) -> bool:
    """Whether the answer only names what the assay answers: "ALK rearrangement by FISH: no"."""
    named = one.note.words[one.mention.end + 1 : end]
    return way("change", one.note.pack.language).match(named) is not None


def _in_situ(one: About, probe: re.Match[str], answers: Terms, meaning: Any) -> Finding | None:
    """The answer of in situ hybridisation, behind its name or right before it."""
    note, low, high = one.note, probe.end(), one.beyond
    language, shown = note.pack.language, note.folded.shown
    over = way("over", language).search(shown, low, high)
    high = over.start() if over else high
    if is_signed(shown[low:high], language):
        signed = grade("", "protein", called="", shown=shown[low:high], language=language)
        return signed and _finding(note, one.mention, low + signed.end, signed.status)._replace(
            start=probe.start()
        )
    kind = one.mention.meaning.kind
    fits = [m for m in answers.find(note.words[low:high]) if _fits(meaning, kind, m.meaning)]
    told = [m for m in fits if m.meaning not in _LATER] or fits
    start = probe.start()
    if not told:
        before = answers.find(note.words[one.mention.end : start])[-1:]
        low = one.mention.end
        start = low + before[0].start if before else start
        between = note.folded.folded[low + before[0].end : probe.start()] if before else ""
        told = [m for m in before if way("by_assay", language).fullmatch(between)]
    if not told or told[0].meaning in {UNTOLD, "stained"}:
        return None
    status = str(meaning[kind].get(told[0].meaning, told[0].meaning))
    return _finding(note, one.mention, low + told[0].end, status)._replace(start=start)


def _status(one: About, said: Mention, shown: str, meaning: Any) -> str:
    """What an answer means for the kind of name, turned round by a no before or behind."""
    answer, language = said.meaning, one.note.pack.language
    if answer in _DENIED:
        behind = _denied_behind(shown[said.end :], language)
        end = one.mention.end
        bare = way("change", language).match(one.note.words[end + said.start : end + said.end])
        no = behind or _denied(one.note, one.first_change if bare else one.first)
        answer = _DENIED[answer] if no else answer
    return str(meaning[one.mention.meaning.kind].get(answer, answer))


_CHANGE = re.compile(
    r"\b(?:p\.)?((?:[A-Z][a-z]{2}|[A-Z])\d{1,4}(?:[A-Z][a-z]{2}|[A-Z]))\b|\b(c\.\d{1,5}[\d_+-]*(?:[ACGT]>|del|dup|ins)[ACGT]*)"
)


def _with_variant(finding: Finding, shown: str, variant: Any, language: str) -> Finding:
    """A mutation with its name; "BRAF V600E positive" is one too."""
    if variant is not None and finding.text_value == "positive":
        finding = finding._replace(text_value="mutated")
    if not status_is_mutated(finding):
        return finding
    if variant is not None and variant[1]:
        return finding._replace(method=variant[1])
    behind = _CHANGE.search(shown)
    if behind is not None and not _denied_behind(shown[behind.end() :], language):
        return finding._replace(method=behind[1] or behind[2])
    return finding._replace(method=_class(variant[2])) if variant is not None else finding


def _class(told: str) -> str:
    """The class of a change as the templates of CAP name it: "ex19del" is an exon 19 deletion."""
    exon, change = _EXON.search(told), _KIND_OF.search(told)
    return f"exon {exon[0]} {_CLASSES[change[0].lower()]}" if exon and change else told


_EXON, _KIND_OF = re.compile(r"\d{1,2}"), re.compile(r"(?i)del|ins|dup|skip|mut")
_CLASSES = {"del": "deletion", "ins": "insertion", "dup": "duplication", "skip": "skipping",
            "mut": "mutation"}  # fmt: skip


def status_is_mutated(finding: Finding) -> bool:
    """Whether the answer is a mutation, which may carry its name."""
    return finding.text_value == "mutated"


# "No EGFR mutation": the no stands before the name.
_DENIED = {"mutated": "wild-type", "positive": "negative"}


def _denied(note: Note, start: int) -> bool:
    low = max(note.sentence_of(start)[0], start - BEFORE)
    return way("denied", note.pack.language).search(note.folded.folded[low:start]) is not None


def _only_found(one: About, behind: list[Mention], answers: Terms, meaning: Any) -> Finding | None:
    """What was found, where words before say it: "No variants in BRCA1 or BRCA2 were detected"."""
    note, at = one.note, one.mention.end
    if not behind or not way("only_found", note.pack.language).match(
        note.words[at + behind[0].start : at + behind[0].end]
    ):
        return None
    return _ahead(note, one.mention, one.first, (answers, meaning))


def _denied_behind(shown: str, language: str) -> bool:
    return way("not_behind", language).match(shown.lower()) is not None


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


def _graded(one: About, shown: str) -> Finding | None:
    """The answer of a score, a sign or a percentage; names in a list share a sign."""
    note, (start, end, marker) = one.note, one.mention
    language, called = note.pack.language, note.words[start:end]
    told, at = grade(marker.name, marker.kind, called=called, shown=shown, language=language), end
    shared = shown[one.list_end - end :]
    if told is None and one.listed > 1 and is_signed(shared, language):
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
    said = near[-1].meaning
    if said in _DENIED and _denied(note, low + near[-1].start):
        # "Negative for mutations in KRAS and NRAS".
        said = _DENIED[said]
    status = meaning[kind].get(said, said)
    finding = _finding(note, mention, mention.end, status)._replace(start=low + near[-1].start)
    told = way("variant_ahead", note.pack.language).search(note.folded.shown[low:start])
    if told is None or not status_is_mutated(finding):
        return finding
    return finding._replace(method=told["change"] or _class(told["exon"]))


def _finding(note: Note, mention: Mention, end: int, status: str) -> Finding:
    marker = mention.meaning
    context = note.context(mention.start, mention.end)
    # The answer itself carries the no: "KRAS: no mutation" is an affirmed answer.
    context = context._replace(polarity=AFFIRMED.polarity)
    return Finding(
        mention.start, end, "genomics", marker.code, marker.name, context, text_value=status
    )
