"""What was done with a medicine: taken, ordered, given, planned, stopped; or an allergy to it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from vitruvian.derive.engine.extractor import Finding
from vitruvian.derive.text import Context, Note, Terms

# How far a word before and a word behind may stand, in characters.
BEFORE, AFTER, CLOSE = 60, 22, 3
ALLERGIC, STOPPED, NOT_TAKEN, NOTHING = "allergic", "stopped", "not_taken", "nothing"
# What may stand between two medicines of one list: doses, and nothing that says anything else.
_LISTED = re.compile(r"[\s,;/&+-]*(?:(?:and|or|plus|with)\b[\s,]*)?$")
# Where another statement begins.
_OVER = re.compile(r"[.;\n]\s|[.;\n]$|, and |, but ")


class Words(NamedTuple):
    """The words of one language."""

    names: Terms
    # Words before and words after a name that say what was done.
    acts: Terms
    after: Terms
    # "Changed Lipitor to rosuvastatin".
    changes: Terms
    to: Terms
    conditions: Terms
    sections: Mapping[str, str]


class Told(NamedTuple):
    """A medicine as read, and what is needed to read the next one of its list."""

    finding: Finding
    act: str
    # From here on words belong to the next medicine; whether words said what was done with this.
    over: int
    by_words: bool


class Said(NamedTuple):
    """What was done with a medicine."""

    act: str
    context: Context
    over: int
    by_words: bool


class About(NamedTuple):
    """One medicine and what is known of it before its act is asked for."""

    note: Note
    start: int
    end: int
    # The characters behind the name that may still be about it.
    tail: str
    has_dose: bool
    # How many of them are its dose, route and frequency.
    told: int
    # Given into a vein or a muscle, and no word of how often: a single dose.
    once: bool


def act_of(one: About, words: Words, before: Told | None) -> Said:
    """What words about a medicine, its list, or its section say was done with it."""
    note, start, end = one.note, one.start, one.end
    context = note.context(start, end)
    behind = _behind(one, words)
    if behind is not None:
        return Said(behind[0], context, behind[1], by_words=False)
    first, _ = note.sentence_of(start)
    since = max(first, start - BEFORE, before.over if before else 0)
    changed = _changed(one, since, words)
    if changed is not None:
        return Said(changed, context, end, by_words=True)
    near = [one for one in words.acts.find(note.words[since:start]) if one.meaning != NOTHING]
    act = str(near[-1].meaning) if near else None
    if act is None and before is not None and _same_list(note, before, start):
        act = before.act if before.by_words else None
    if act == NOT_TAKEN:
        return Said("reported", context._replace(polarity="negated"), end, by_words=True)
    by_words = act is not None
    act = act or _of_section(one, words) or ("administered" if one.once else "reported")
    if act != ALLERGIC and words.conditions.find(note.words[since:start]):
        act = "planned" if act in {"ordered", "reported"} else act
    if act in {"ordered", "planned"} and context.polarity == "negated":
        act = "reported"
    return Said(act, context, end, by_words)


def _behind(one: About, words: Words) -> tuple[str, int] | None:
    """The word behind the name and its dose: "eplerenone 25 mg stopped"."""
    note, end = one.note, one.end
    over = _OVER.search(note.folded.shown, end, end + len(one.tail))
    stop = over.start() + 1 if over else end + len(one.tail)
    for word in words.after.find(note.words[end:stop])[:1]:
        close = CLOSE if word.meaning == ALLERGIC else AFTER
        if word.start - one.told <= close and word.meaning != NOTHING:
            return str(word.meaning), end + word.end
    return None


def _changed(one: About, since: int, words: Words) -> str | None:
    """Whether one medicine took the place of another."""
    text, start, end = one.note.words, one.start, one.end
    low = max(0, since - BEFORE)
    if not any(low <= told.start < start for told in one.note.find(words.changes)):
        return None
    if words.to.find(text[max(0, start - 5) : start]):
        return "ordered"
    behind = words.to.find(text[end : end + len(one.tail) + 4])
    return STOPPED if behind and behind[0].start <= CLOSE else None


def _same_list(note: Note, before: Told, start: int) -> bool:
    """Whether only the dose of the medicine before stands between the two."""
    first, _ = note.sentence_of(start)
    finding = before.finding
    if finding.start < first:
        return False
    between = note.folded.folded[max(finding.end, before.over) : start]
    told = finding.dose_text or ""
    return bool(_LISTED.search(between)) and len(between) <= len(told) + AFTER


def _of_section(one: About, words: Words) -> str | None:
    """What the section says of medicines: a dose in a plan is an order."""
    section = one.note.section_of(one.start)
    if section == "allergies" and not one.has_dose:
        return ALLERGIC
    return words.sections.get(section) if one.has_dose else None
