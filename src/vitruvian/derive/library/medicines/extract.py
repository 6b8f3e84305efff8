"""Medicines named in a note, with dose, route and frequency, and what was done with them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from vitruvian.derive.engine.extractor import Finding, OfTables, knowledge, lines_of
from vitruvian.derive.text import Mention, Note, Terms

FOLDER = Path(__file__).parent
ENGLISH = "en"
# How far a dose may follow the name, and an act come before it, in characters.
TAIL, BEFORE, AFTER = 110, 60, 24


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
        Terms(_all_names(said, language)),
        Terms((word, act) for act, words in acts.items() for word in words),
        Terms((word, act) for act, words in after.items() for word in words),
    )


def _all_names(said: Mapping[str, Any], language: str) -> Iterator[tuple[str, Medicine]]:
    """International names are read in every language that has a table; then its own."""
    if not said:
        return
    common = dict(names_of(knowledge(FOLDER, "terms", ENGLISH)["medicines"]))
    yield from common.items()
    if language != ENGLISH:
        yield from local_names(said.get("names", ""), common)


class Ways(NamedTuple):
    """How one language writes doses, for the few dozen characters about a name."""

    dose: re.Pattern[str]
    route: re.Pattern[str]
    often: re.Pattern[str]
    dose_before: re.Pattern[str]
    place_end: re.Pattern[str]
    # What says that the number is a laboratory value: "calcium 9.2 mg/dL".
    per_volume: re.Pattern[str]
    units: Mapping[str, str]
    decimal: str


@cache
def ways(language: str) -> Ways:
    """The patterns of a language; English where it has none of its own."""
    said = knowledge(FOLDER, "terms", language).get("doses", {})
    common = knowledge(FOLDER, "terms", ENGLISH)["doses"]
    both = {**common, **said, "units": {**common["units"], **said.get("units", {})}}
    patterns = {name: re.compile(both[name]) for name in _PATTERNS}
    return Ways(**patterns, units=both["units"], decimal=both["decimal"])


_PATTERNS = ("dose", "route", "often", "dose_before", "place_end", "per_volume")


def local_names(table: str, common: Mapping[str, Medicine]) -> Iterator[tuple[str, Medicine]]:
    """Names in another language: "English name | names", or "ATC | name | names" of new ones."""
    for first, *rest in lines_of(table):
        medicine = common.get(first) or Medicine(f"ATC//{first}", rest[0])
        for term in rest[-1].split(","):
            yield term.strip(), medicine


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
    how = ways(note.pack.language)
    tail = tail_of(note, end, limit=limit)
    dose = how.dose.match(tail)
    if dose is not None and how.per_volume.match(tail, dose.end()):
        dose = None
    ahead = None if dose else how.dose_before.search(note.folded.folded[max(0, start - 24) : start])
    act, state = act_of(note, start, end, acts, after)
    words = dose_words(dose or ahead, rest=tail[dose.end() :] if dose else tail[:40], how=how)
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
    unit = how.units.get(dose["unit"], dose["unit"])
    return plain._replace(
        numeric_value=number_of(dose["number"], decimal=how.decimal),
        value_as_sent=dose["number"], unit_as_sent=dose["unit"], unit=unit,
    )  # fmt: skip


def number_of(sent: str, *, decimal: str) -> float:
    """A number as a language writes it.

    Examples
    --------
    >>> number_of("2,500", decimal="."), number_of("2,5", decimal=",")
    (2500.0, 2.5)
    """
    if decimal == ",":
        return float(sent.replace(" ", "").replace(",", "."))
    return float(sent.replace(",", ""))


def tail_of(note: Note, end: int, *, limit: int | None) -> str:
    """The characters behind a name up to the next name or the next statement."""
    stop = end + TAIL if limit is None else min(end + TAIL, limit)
    tail = note.folded.folded[end:stop]
    shown = note.folded.shown[end:stop]
    over = ways(note.pack.language).place_end.search(shown)
    return tail if over is None else tail[: over.start() + (0 if over[0] == "\n" else 1)]


def dose_words(dose: re.Match[str] | None, *, rest: str, how: Ways) -> str:
    """Dose, route and frequency for people."""
    route, often = how.route.search(rest), how.often.search(rest)
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
