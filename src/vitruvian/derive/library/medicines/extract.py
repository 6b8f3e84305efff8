"""Medicines named in a note, with dose, route and frequency, and what was done with them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from vitruvian.derive.engine.extractor import Finding, OfTables, knowledge, lines_of
from vitruvian.derive.library.medicines.acts import (
    AFTER,
    ALLERGIC,
    STOPPED,
    About,
    Told,
    Words,
    act_of,
)
from vitruvian.derive.text import Mention, Note, Terms

FOLDER = Path(__file__).parent
ENGLISH = "en"
# How far a dose may follow the name, in characters.
TAIL = 110
LITRE = "L"


class Medicine(NamedTuple):
    """A medicine: its code and its name."""

    code: str
    name: str


class Extractor(OfTables):
    """Finds the names of ``terms.<language>.toml`` and reads what follows them."""

    folder = FOLDER

    def terms(self, language: str) -> tuple[Terms, ...]:
        """Names of medicines, and words of one that took the place of another."""
        words = words_of(language)
        return words.names, words.changes

    def extract(self, note: Note) -> Iterable[Finding]:
        """One finding a mention; an allergy and a result of the laboratory are none."""
        words = words_of(note.pack.language)
        mentions = named_once(note, note.find(words.names))
        before: Told | None = None
        for number, mention in enumerate(mentions):
            limit = mentions[number + 1].start if number + 1 < len(mentions) else None
            tail = tail_of(note, mention.end, limit=limit)
            if ways(note.pack.language).result.match(tail) or _is_a_word(note, mention, tail):
                continue
            before = read(note, mention, tail, words, before)
            if before.act != ALLERGIC:
                yield before.finding


# A medicine's other name in brackets.
_OPENS, _CLOSES = frozenset({" (", " [", "("}), frozenset(")]")


def named_once(note: Note, mentions: list[Mention]) -> list[Mention]:
    """Mentions; a medicine named twice over, "clopidogrel (Plavix)", as one."""
    text = note.folded.folded
    if "(" not in text and "[" not in text:
        return mentions
    kept: list[Mention] = []
    for mention in mentions:
        last = kept[-1] if kept else None
        if (
            last is not None
            and last.meaning.code == mention.meaning.code
            and text[last.end : mention.start] in _OPENS
            and text[mention.end : mention.end + 1] in _CLOSES
        ):
            kept[-1] = last._replace(end=mention.end + 1)
        else:
            kept.append(mention)
    return kept


def _is_a_word(note: Note, mention: Mention, tail: str) -> bool:
    """Whether a name that is another word too stands without capitals or a dose."""
    start, end, _ = mention
    if note.folded.folded[start:end] not in with_dose():
        return False
    shown = note.folded.shown[start:end]
    return not (shown.isupper() and ways(note.pack.language).dose.match(tail))


@cache
def with_dose() -> frozenset[str]:
    """Names that are other words too."""
    return frozenset(knowledge(FOLDER, "terms", ENGLISH)["with_dose"]["words"])


@cache
def words_of(language: str) -> Words:
    """The tables of one language; empty ones where it has none."""
    said = knowledge(FOLDER, "terms", language)
    changes = said.get("changes", {})
    return Words(
        Terms(_all_names(said, language)),
        _by_act(said.get("acts", {})),
        _by_act(said.get("after", {})),
        Terms((word, word) for word in changes.get("words", ())),
        Terms((word, word) for word in changes.get("to", ())),
        Terms((word, word) for word in said.get("conditions", {}).get("words", ())),
        said.get("sections", {}),
    )


def _by_act(said: Mapping[str, Iterable[str]]) -> Terms:
    return Terms((word, act) for act, words in said.items() for word in words)


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
    result: re.Pattern[str]
    # Ways in which a single dose is given.
    single: re.Pattern[str]
    units: Mapping[str, str]
    numbers: Mapping[str, float]
    decimal: str
    # Names of what is given by the litre; of all else litres are lines of treatment.
    by_litre: frozenset[str]


@cache
def ways(language: str) -> Ways:
    """The patterns of a language; English where it has none of its own."""
    said = knowledge(FOLDER, "terms", language).get("doses", {})
    common = knowledge(FOLDER, "terms", ENGLISH)["doses"]
    both = {**common, **said, "units": {**common["units"], **said.get("units", {})}}
    patterns = {name: re.compile(both[name]) for name in _PATTERNS}
    units, numbers, decimal = both["units"], both["numbers"], both["decimal"]
    by_litre = frozenset(both["by_litre"])
    return Ways(**patterns, units=units, numbers=numbers, decimal=decimal, by_litre=by_litre)


_PATTERNS = ("dose", "route", "often", "dose_before", "place_end", "per_volume", "result", "single")


def local_names(table: str, common: Mapping[str, Medicine]) -> Iterator[tuple[str, Medicine]]:
    """Names in another language: "English name | names", or "ATC | name | names" of new ones."""
    for first, *rest in lines_of(table):
        # What English notes know has one code in every language.
        medicine = common.get(first) or common.get(rest[0]) or Medicine(f"ATC//{first}", rest[0])
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


def read(note: Note, mention: Mention, tail: str, words: Words, before: Told | None) -> Told:
    """What stands about one medicine."""
    start, end, medicine = mention
    how = ways(note.pack.language)
    dose = how.dose.match(tail)
    if dose is not None and how.per_volume.match(tail, dose.end()):
        dose = None
    dose = _no_line(dose, medicine, how)
    ahead = None if dose else how.dose_before.search(note.folded.folded[max(0, start - 24) : start])
    ahead = _no_line(ahead, medicine, how)
    rest = tail[dose.end() :] if dose else tail[:40]
    once = bool(dose and how.single.search(rest) and not how.often.search(rest))
    about = About(note, start, end, tail, bool(dose or ahead), _told(dose, rest, how), once)
    said = act_of(about, words, before)
    told = dose_words(dose or ahead, rest=rest, how=how)
    stopped = said.act == STOPPED
    plain = Finding(
        start - (len(ahead[0]) if ahead else 0),
        end + (dose.end() if dose else 0),
        "medication",
        medicine.code,
        medicine.name,
        said.context,
        act="reported" if stopped else said.act,
        state=STOPPED if stopped else None,
        dose_text=told or None,
    )
    is_second = before is not None and note.folded.folded[before.finding.end : start] in _STROKE
    told_dose = _with_dose(plain, dose or ahead, how, is_second=is_second)
    return Told(told_dose, said.act, said.over, said.by_words)


def _no_line(dose: re.Match[str] | None, medicine: Medicine, how: Ways) -> re.Match[str] | None:
    """A dose, unless it is litres of what nobody gives by the litre: "3L regorafenib"."""
    in_litres = dose is not None and in_ucum(dose["unit"], how.units) == LITRE
    return None if in_litres and medicine.name not in how.by_litre else dose


def _told(dose: re.Match[str] | None, rest: str, how: Ways) -> int:
    """Up to where the tail tells dose, route and frequency."""
    if dose is None:
        return 0
    near = (how.route.search(rest[:AFTER]), how.often.search(rest[: 2 * AFTER]))
    return dose.end() + max((one.end() for one in near if one), default=0)


# Between the two medicines of one tablet, whose doses are told behind the second.
_STROKE = frozenset("/-")


def _with_dose(
    plain: Finding, dose: re.Match[str] | None, how: Ways, *, is_second: bool
) -> Finding:
    if dose is None:
        return plain
    number = dose["number"]
    if is_second:
        said = dose.groupdict()
        number = said.get("second") or said.get("upto") or number
    return plain._replace(
        numeric_value=how.numbers.get(number) or number_of(number, decimal=how.decimal),
        value_as_sent=number,
        unit_as_sent=dose["unit"], unit=in_ucum(dose["unit"], how.units),
    )  # fmt: skip


def in_ucum(unit: str, names: Mapping[str, str]) -> str:
    """A unit as UCUM writes it, a rate part by part.

    Examples
    --------
    >>> in_ucum("mcg/kg per hr", {"mcg": "ug", "hr": "h"})
    'ug/kg/h'
    """
    return "/".join(names.get(part, part) for part in unit.replace(" per ", "/").split("/"))


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
