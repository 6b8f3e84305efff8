"""Medicines named in a note, with dose, route and frequency, and what was done with them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from vitruvian.derive.engine.extractor import Finding, OfTables, knowledge, lines_of
from vitruvian.derive.text import Mention, Note, Terms

FOLDER = Path(__file__).parent
# How far a dose may follow the name, and an act come before it, in characters.
TAIL, BEFORE, AFTER = 110, 60, 24

# These run on the few dozen characters behind a name, never on a whole note.
_DOSE = re.compile(
    r"[ ,:(]{0,3}(?:(?!of|and|or|with)[a-z]{2,12}[ ,]{1,2}){0,2}"
    r"(?P<dose>(?P<number>\d{1,3}(?:,\d{3})+|\d{1,6}(?:\.\d{1,3})?)(?:-\d{1,4}(?:\.\d{1,2})?)?"
    r"(?:/\d{1,4}(?:\.\d{1,2})?)? ?-?"
    r"(?P<unit>mg/kg|mg/m2|mcg/kg/min|mcg|ug|µg|mg|grams?|gm|g|units?/hr|units?|iu|u|meq|mmol|ml|"
    r"cc|%|milligrams?|micrograms?|tablets?|tabs?|caps?|puffs?|drops?)"
    r"(?![a-z])(?:/(?:kg|m2|hr|h|day|ml))?)"
)
_ROUTE = re.compile(
    r"\b(p\.?o\.?(?![a-z])|by mouth|orally|oral|i\.?v\.?(?![a-z])|intravenous(?:ly)?|"
    r"i\.?m\.?(?![a-z])|intramuscular(?:ly)?|s\.?c\.?(?![a-z])|subq|subcutaneous(?:ly)?|inhaled|"
    r"sublingual|topical(?:ly)?|per rectum|p\.?r\.?(?![a-z])|transdermal|patch)"
)
_OFTEN = re.compile(
    r"\b(once (?:a |per )?(?:day|daily|week|weekly)|twice (?:a |per )?(?:day|daily|week)|"
    r"(?:two|three|four|five|2|3|4) times (?:a |per )?(?:day|daily|week)|"
    r"every (?:\d{1,2}|four|six|eight|twelve|other|two|three)(?: to \d{1,2})? ?"
    r"(?:hours?|days?|weeks?|day|h)?|every (?:day|morning|evening|night)|"
    r"q\.? ?\d{1,2}(?:-\d)? ?h(?:ours?|rs?)?|q\.?o\.?d\b|q\.?d\b\.?|b\.?i\.?d\b|t\.?i\.?d\b|"
    r"q\.?i\.?d\b|q\.?h\.?s\b|q\.?a\.?m\b|q\.?p\.?m\b|at bedtime|at night|in the morning|nightly|"
    r"daily|weekly|monthly|a day|per day)"
    r"(?:\.?,? (?:p\.?r\.?n\.?|as needed))?|\bp\.?r\.?n\b|\bas needed\b"
)
_DOSE_BEFORE = re.compile(
    r"(?<![\d.,])(?P<dose>(?P<number>\d{1,3}(?:,\d{3})+|\d{0,6}(?:\.\d{1,3})?) ?-?"
    r"(?P<unit>mg|mcg|ug|µg|grams?|gm|g|units?|meq|mmol|ml|cc|%)) (?:of )?(?:plain |iv |oral )?$"
)
_PLACE_END = re.compile(r"\d\. |\n|; |\. [^a-z\d]|, and ")
# Words that say the number belongs to a laboratory value: "calcium 9.2 mg/dL".
_PER_VOLUME = re.compile(r" ?/ ?(?:d|m|100 ?m)?l\b")


class Medicine(NamedTuple):
    """A medicine: its code and its name."""

    code: str
    name: str


class Extractor(OfTables):
    """Finds the names of ``terms.<language>.toml`` and reads what follows them."""

    folder = FOLDER

    def terms(self, language: str) -> tuple[Terms, ...]:
        """Names of medicines."""
        return tables(language)[:1]

    def extract(self, note: Note) -> Iterable[Finding]:
        """One finding a mention."""
        names, acts, after = tables(note.pack.language)
        mentions = note.find(names)
        if not mentions:
            return
        for number, mention in enumerate(mentions):
            limit = mentions[number + 1].start if number + 1 < len(mentions) else None
            yield finding(note, mention, limit=limit, acts=acts, after=after)


@cache
def tables(language: str) -> tuple[Terms, Terms, Terms]:
    """Names of medicines, words before and words after them that say what was done."""
    said = knowledge(FOLDER, "terms", language)
    acts, after = said.get("acts", {}), said.get("after", {})
    return (
        Terms(names_of(said.get("medicines", ""))),
        Terms((word, act) for act, words in acts.items() for word in words),
        Terms((word, act) for act, words in after.items() for word in words),
    )


def names_of(table: str) -> Iterator[tuple[str, Medicine]]:
    """Every name of every medicine.

    Examples
    --------
    >>> dict(names_of("B01AA03 | 11289 | warfarin | coumadin"))["coumadin"]
    Medicine(code='RXNORM//11289', name='warfarin')
    """
    for atc, rxnorm, name, others in lines_of(table):
        medicine = Medicine(f"RXNORM//{rxnorm}" if rxnorm else f"ATC//{atc}", name)
        for term in (name, *(other.strip() for other in others.split(",") if other.strip())):
            yield term, medicine


def finding(
    note: Note, mention: Mention, *, limit: int | None, acts: Terms, after: Terms
) -> Finding:
    """What stands about one medicine."""
    start, end, medicine = mention
    tail = tail_of(note, end, limit=limit)
    dose = _DOSE.match(tail)
    if dose is not None and _PER_VOLUME.match(tail, dose.end()):
        dose = None
    ahead = None if dose else _DOSE_BEFORE.search(note.folded.folded[max(0, start - 24) : start])
    act, state = act_of(note, start, end, acts, after)
    words = dose_words(dose or ahead, rest=tail[dose.end() :] if dose else tail[:40])
    plain = Finding(
        start - (len(ahead[0]) if ahead and ahead["number"] else 0),
        end + (dose.end() if dose else 0),
        "medication",
        medicine.code,
        medicine.name,
        note.context(start, end),
        act=act,
        state=state,
        dose_text=words or None,
    )
    dose = dose or ahead
    if dose is None or not dose["number"]:
        return plain
    number = dose["number"].replace(",", "")
    return plain._replace(
        numeric_value=float(number), value_as_sent=dose["number"], unit_as_sent=dose["unit"],
        unit=UNITS.get(dose["unit"], dose["unit"]),
    )  # fmt: skip


UNITS = {
    "mcg": "ug", "µg": "ug", "microgram": "ug", "micrograms": "ug", "milligram": "mg",
    "milligrams": "mg", "gm": "g", "gram": "g", "grams": "g", "cc": "mL", "ml": "mL",
    "unit": "U", "units": "U", "iu": "[IU]", "u": "U", "meq": "meq", "tablet": "{tablet}",
    "tablets": "{tablet}", "tab": "{tablet}", "tabs": "{tablet}", "puff": "{puff}",
    "puffs": "{puff}", "cap": "{capsule}", "caps": "{capsule}", "drop": "[drp]", "drops": "[drp]",
}  # fmt: skip


def tail_of(note: Note, end: int, *, limit: int | None) -> str:
    """The characters behind a name up to the next name or the next statement."""
    stop = end + TAIL if limit is None else min(end + TAIL, limit)
    tail = note.folded.folded[end:stop]
    shown = note.folded.shown[end:stop]
    over = _PLACE_END.search(shown)
    return tail if over is None else tail[: over.start() + (0 if over[0] == "\n" else 1)]


def dose_words(dose: re.Match[str] | None, *, rest: str) -> str:
    """Dose, route and frequency for people."""
    route, often = _ROUTE.search(rest), _OFTEN.search(rest)
    parts = (dose and dose["dose"], route and route[0], often and often[0])
    return " ".join(part.strip() for part in parts if part)


def act_of(note: Note, start: int, end: int, acts: Terms, after: Terms) -> tuple[str, str | None]:
    """What was done with a medicine, and whether it was stopped."""
    first, _ = note.sentence_of(start)
    low = max(first, start - BEFORE)
    near = [act.meaning for act in acts.find(note.words[low:start])]
    if after.find(note.words[end : end + AFTER]):
        return "reported", "stopped"
    if not near:
        return "reported", None
    return ("reported", "stopped") if near[-1] == "stopped" else (near[-1], None)
