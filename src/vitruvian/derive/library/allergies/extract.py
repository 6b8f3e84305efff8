"""Allergies named in a note, with the reaction, and the statement that none are known.

A substance counts in a list under the heading of allergies, behind "allergic to", or before
"allergy"; a medicine named anywhere else is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from vitruvian.derive.engine.extractor import Finding, OfTables, knowledge, lines_of
from vitruvian.derive.text import AFFIRMED, Mention, Note, Terms

FOLDER = Path(__file__).parent
SECTION = "allergies"
# How much behind the heading is the list, how far a reaction may stand behind a substance.
LIST_LENGTH, REACTION = 240, 48
# So far behind an allergy what is tolerated belongs to it.
BESIDE = 120
NONE_KNOWN, NO_DRUG = "SNOMED//716186003", "SNOMED//409137002"
NAMES = {NONE_KNOWN: "No known allergy", NO_DRUG: "No known drug allergy"}
# A dose says that the substance is taken.
_DOSE = re.compile(
    r"^[ ,:(]{0,3}\d{1,5}(?:[.,]\d{1,3})? ?(?:mg|mcg|ug|µg|g|ml|units?|iu|ie|ui|%)\b"
)
_OVER = re.compile(r"\s*(?:[.,;\n)。]|$)")
# What parts the heading from its list, so far behind its beginning at most.
_BEGINS, HEADING = re.compile(r":| [-\u2013]"), 40
ENGLISH = "en"
# What may stand between a reaction and its cause.
_RIGHT_BEFORE = frozenset(["", "a", "the", "oral", "iv", "topical"])


class Words(NamedTuple):
    """The words of one language."""

    substances: Terms
    before: Terms
    behind: Terms
    none: Terms
    answers: Terms
    reactions: Terms
    over: Terms
    # A substance that is borne: words right before it, and right behind.
    tolerated: Terms
    borne: Terms
    # What may stand between the substances of a list, and between one and its reaction.
    listed: re.Pattern[str]
    to_reaction: re.Pattern[str]
    # What says that a substance did it; what parts it from its reaction in a statement of its own.
    causing: re.Pattern[str]
    reacting: re.Pattern[str]
    # Behind a denial: it is about what follows only.
    of_one: re.Pattern[str]
    disproved: re.Pattern[str]


class Extractor(OfTables):
    """Finds the substances of ``terms.<language>.toml`` where they are called an allergy."""

    folder = FOLDER

    def terms(self, language: str) -> tuple[Terms, ...]:
        """Names of substances, words of allergy before and behind them, and of none."""
        words = words_of(language)
        return words.substances, words.before, words.behind, words.none

    def extract(self, note: Note) -> Iterable[Finding]:
        """One finding a substance, or one that none are known."""
        words = words_of(note.pack.language)
        yield from denials(note, words)
        mentions = note.find(words.substances)
        if not mentions:
            return
        cues = note.find(words.before)
        told: Mention | None = None
        for mention in mentions:
            if told is not None and _is_borne(note, mention, told, words):
                yield _borne(mention)
                continue
            listed = told is not None and _joined(note, told, mention, words)
            meant = listed and not _has_dose(note, mention)
            if meant or _is_meant(note, mention, cues, words):
                told = mention
                yield _with_reaction(note, allergy(note, mention, words), cues)


def denials(note: Note, words: Words) -> Iterator[Finding]:
    """None are known: by a phrase, or by the answer behind the heading."""
    phrases = note.find(words.none)
    for start, end, code in phrases:
        # "No allergy to contrast" denies one substance only.
        if not words.of_one.match(note.folded.folded, end):
            yield _denied(start, end, code)
    for place, name in zip(note.sections.starts, note.sections.names, strict=True):
        if name != SECTION:
            continue
        begins = _BEGINS.search(note.folded.folded, place, place + HEADING)
        colon = begins.end() - 1 if begins else place
        behind = note.words[colon + 1 : colon + 25]
        first = words.answers.find(behind)
        if not first or behind[: first[0].start].strip():
            continue
        end = colon + 1 + first[0].end
        # "No" is an answer, "no known drug allergies" another one, told already.
        again = any(place <= one.start < end for one in phrases)
        if not again and _OVER.match(note.folded.shown, end):
            yield _denied(place, end, NONE_KNOWN)


def _denied(start: int, end: int, code: str) -> Finding:
    context = AFFIRMED._replace(polarity="negated")
    return Finding(start, end, "allergy", code, NAMES[code], context)


def _with_reaction(note: Note, found: Finding, cues: Sequence[Mention]) -> Finding:
    """The reaction that stands before its substance: "rash with amoxicillin"."""
    before = [cue for cue in cues if cue.end <= found.start][-1:]
    if found.text_value or not before or not before[0].meaning:
        return found
    between = note.folded.folded[before[0].end : found.start].strip()
    if between not in _RIGHT_BEFORE:
        return found
    return found._replace(text_value=str(before[0].meaning))


def _is_meant(note: Note, mention: Mention, cues: Sequence[Mention], words: Words) -> bool:
    """Whether the note calls this substance an allergy."""
    first, _ = note.sentence_of(mention.start)
    text = note.folded.folded
    if _has_dose(note, mention):
        return False
    for cue in cues:
        if first <= cue.start and cue.end <= mention.start:
            between = text[cue.end : mention.start]
            # "Rash on the trunk, given penicillin": a reaction stands right before its cause.
            if cue.meaning and between.strip() not in _RIGHT_BEFORE:
                continue
            if words.listed.match(between):
                return True
            if len(between) < REACTION and "," in between and not words.over.find(between):
                return True
    behind = next((one for one in note.find(words.behind) if one.start >= mention.end), None)
    if behind is not None and not text[mention.end : behind.start].strip(" -"):
        return True
    if words.causing.match(text[mention.end : mention.end + REACTION]):
        # "Aspirin caused bronchospasm."
        return bool(words.reactions.find(note.words[mention.end : mention.end + REACTION]))
    return _is_statement(note, mention, words) or _in_list(note, mention, words)


def _is_statement(note: Note, mention: Mention, words: Words) -> bool:
    """Whether a statement is nothing but a substance and its reaction: "Cephalexin: hives"."""
    first, end = note.sentence_of(mention.start)[0], mention.end
    if note.words[first : mention.start].strip():
        return False
    told = words.reactions.find(note.words[end : end + REACTION])
    if not told or not words.reacting.match(note.folded.folded[end : end + told[0].start]):
        return False
    return _OVER.match(note.folded.shown, end + told[0].end) is not None


def _is_borne(note: Note, mention: Mention, told: Mention, words: Words) -> bool:
    """Whether the note says, beside an allergy, that this substance does no harm."""
    start, end, _ = mention
    if start > told.end + BESIDE:
        return False
    before = words.tolerated.find(note.words[max(told.end, start - REACTION) : start])
    if before and not note.words[max(told.end, start - REACTION) + before[-1].end : start].strip():
        return True
    behind = words.borne.find(note.words[end : end + 20])
    return bool(behind) and not note.folded.folded[end : end + behind[0].start].strip(" :-")


def _borne(mention: Mention) -> Finding:
    start, end, (code, name) = mention
    context = AFFIRMED._replace(polarity="negated")
    return Finding(start, end, "allergy", code, name, context)


def _has_dose(note: Note, mention: Mention) -> bool:
    """Whether a dose follows: what is taken is no allergy."""
    behind = note.folded.folded[mention.end : mention.end + REACTION]
    return _DOSE.match(behind) is not None


def _in_list(note: Note, mention: Mention, words: Words) -> bool:
    """Whether it stands in the list under the heading, before the note speaks of treatment."""
    if note.section_of(mention.start) != SECTION:
        return False
    begin = max(place for place in note.sections.starts if place <= mention.start)
    if mention.start - begin > LIST_LENGTH:
        return False
    return not words.over.find(note.words[begin : mention.start])


def _joined(note: Note, told: Mention, mention: Mention, words: Words) -> bool:
    """Whether a list joins it to the allergy before it, whose reaction may stand between."""
    if mention.start > told.end + REACTION:
        return False
    between = note.words[told.end : mention.start]
    for reaction in reversed(words.reactions.find(between)):
        between = between[: reaction.start] + between[reaction.end :]
    return bool(words.listed.match(between))


def allergy(note: Note, mention: Mention, words: Words) -> Finding:
    """One substance with its reaction."""
    start, end, (code, name) = mention
    context = note.context(start, end)
    # That the entry lies in the past does not make the allergy past.
    context = context._replace(temporality=AFFIRMED.temporality)
    if words.disproved.match(note.folded.folded[end : end + REACTION]):
        context = context._replace(polarity="negated")
    tail = note.words[end : end + REACTION]
    told = words.reactions.find(tail)
    near = told and words.to_reaction.match(note.folded.folded[end : end + told[0].start])
    return Finding(
        start, end + told[0].end if near else end, "allergy", code, name, context,
        text_value=str(told[0].meaning) if near else None,
    )  # fmt: skip


@cache
def words_of(language: str) -> Words:
    """The tables of one language; empty ones where it has none."""
    said: Mapping[str, Any] = knowledge(FOLDER, "terms", language)
    none, tolerated = said.get("none", {}), said.get("tolerated", {})
    patterns = {**knowledge(FOLDER, "terms", ENGLISH)["patterns"], **said.get("patterns", {})}
    return Words(
        Terms(_named(said.get("substances", ""))),
        Terms(_before(said)),
        Terms((word, word) for word in said.get("behind", ())),
        Terms((word, code) for code, phrases in none.items() for word in phrases),
        Terms((word, word) for word in said.get("answers", {}).get("words", ())),
        Terms((word, word) for word in said.get("reactions", {}).get("words", ())),
        Terms((word, word) for word in said.get("over", {}).get("words", ())),
        Terms((word, word) for word in tolerated.get("before", ())),
        Terms((word, word) for word in tolerated.get("behind", ())),
        *(re.compile(patterns[name]) for name in _PATTERNS),
    )


_PATTERNS = ("listed", "to_reaction", "causing", "reacting", "of_one", "disproved")


def _named(table: str) -> Iterator[tuple[str, tuple[str, str]]]:
    for rxnorm, name, others in lines_of(table):
        code = f"TEXT//{name.lower()}" if rxnorm == "-" else f"RXNORM//{rxnorm}"
        for term in others.split(","):
            yield term.strip(), (code, name)


def _before(said: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Words right before a substance, and the reaction where they tell one."""
    yield from ((word, "") for word in said.get("before", ()))
    reacted = said.get("reacted", {})
    for word in reacted.get("words", ()):
        yield from ((f"{word} {join}", word) for join in reacted.get("joins", ()))
