"""Vital signs and laboratory values written in a note, with their units.

Notes
-----
A number counts when it follows the name closely, its unit is one of the analyte's, and its
value is one that a living person can have. A unit that was left out is assumed only where the
number fits the customary one, and the finding is flagged ``unit-assumed``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from vitruvian import terms
from vitruvian.derive.engine.extractor import Finding, OfTables, knowledge, lines_of
from vitruvian.derive.text import AFFIRMED, Note, Terms

FOLDER = Path(__file__).parent
TAIL = 70
# How far before a name it may be asked for, in characters.
WISHED = 24

# A unit of this table is read in every language, beside those of the language.
ENGLISH = "en"
_CLOSE = re.compile(r"[ :=]{0,2}[<>]?\d")
OF_TEN = 10
SYSTOLIC, DIASTOLIC = "LOINC//8480-6", "LOINC//8462-4"
# What a living person can have, in mm[Hg]; beyond it the pair of numbers is something else.
PRESSURES = (40.0, 300.0), (15.0, 200.0)


class Measure(NamedTuple):
    """What is measured; bounds are in the stored unit of its code."""

    code: str
    lane: str
    name: str
    unit: str | None
    low: float
    high: float
    assume: tuple[str, ...] = ()
    # The code where the unit written is one of amount of substance.
    by_unit: Mapping[str, str] = {}
    # Another quantity of the same substance: its code, unit, lowest and highest value.
    other: tuple[str, str, float, float] | None = None
    # The whole of which the number is a share: 10 in "pain 8/10".
    out_of: int | None = None


class Ways(NamedTuple):
    """How one language writes values, for the few dozen characters behind a name."""

    value: re.Pattern[str]
    pressure: re.Pattern[str]
    share: re.Pattern[str]
    signs: Mapping[str, str]
    # A number with one of these is an amount or a time, no result.
    foreign: frozenset[str]
    units: Mapping[str, str]
    # Units that mean another one behind some names.
    unit_of: Mapping[str, Mapping[str, str]]
    decimal: str
    # Words right before a name that ask for a value, and tell none: "target INR 2.5".
    wished: re.Pattern[str]


@cache
def ways(language: str) -> Ways:
    """The patterns of a language; those of English where it has none of its own."""
    said, common = (knowledge(FOLDER, "terms", each) for each in (language, ENGLISH))
    both = {**common["values"], **said.get("values", {})}
    signs = {**common["signs"], **said.get("signs", {})}
    units = {**common["units"], **said.get("units", {})}
    filled = {
        "<SIGN>": "|".join(map(re.escape, sorted(signs, key=len, reverse=True))),
        "<UNIT>": both["unit"],
    }
    told = both["value"]
    for name, pattern in filled.items():
        told = told.replace(name, pattern)
    return Ways(
        re.compile(told), re.compile(both["pressure"]), re.compile(both["share"]), signs,
        frozenset(both["foreign"]), units,
        {f"LOINC//{code}": of for code, of in said.get("unit_of", {}).items()}, both["decimal"],
        re.compile(both["wished"]),
    )  # fmt: skip


def number_of(sent: str, how: Ways) -> float:
    """A number as a language writes it."""
    if how.decimal == ",":
        return float(sent.replace(" ", "").replace(",", "."))
    return float(sent.replace(",", ""))


class Extractor(OfTables):
    """Finds the names of ``terms.<language>.toml`` with a number behind them."""

    folder = FOLDER

    def terms(self, language: str) -> tuple[Terms, ...]:
        """Names of what is measured."""
        return tables(language)[:1]

    def extract(self, note: Note) -> Iterable[Finding]:
        """One finding a value; a blood pressure is two."""
        names, as_written = tables(note.pack.language)
        text, how = note.folded.folded, ways(note.pack.language)
        for start, end, measure in note.find(names):
            if how.wished.search(text[max(0, start - WISHED) : start]):
                continue
            tail = text[end : end + TAIL]
            written = as_written.get(text[start:end])
            if written and not (
                note.folded.shown[start:end] == written and _CLOSE.match(tail) is not None
            ):
                continue
            if measure is None:
                yield from pressure(start, end, how.pressure.match(tail))
            elif (found := value(tail, measure, how)) is not None:
                yield found._replace(start=start, end=end + found.end)


@cache
def tables(language: str) -> tuple[Terms, Mapping[str, str]]:
    """Names of what is measured (None for blood pressure), and names with their capitals."""
    said = knowledge(FOLDER, "terms", language)
    as_written = said.get("as_written", {}).get("words", ())
    pressures = [(word, None) for word in said.get("pressures", ())]
    return Terms([*pressures, *_named(said, language)]), {word.lower(): word for word in as_written}


def _named(said: Mapping[str, Any], language: str) -> Iterator[tuple[str, Measure]]:
    """Every name of a language: "LOINC | names" stands for the English line of that code."""
    if language == ENGLISH:
        yield from measures_of(said)
        return
    common = {**knowledge(FOLDER, "terms", ENGLISH), "assume": said.get("assume", {})}
    known = {measure.code: measure for _, measure in measures_of(common)}
    for code, names in lines_of(said.get("names", "")):
        for term in names.split(","):
            yield term.strip(), known[f"LOINC//{code}"]


def measures_of(said: Mapping[str, Any]) -> Iterator[tuple[str, Measure]]:
    """Every name of everything measured."""
    assume, by_unit = said.get("assume", {}), said.get("by_unit", {})
    others_, out_of = said.get("other", {}), said.get("out_of", {})
    for code, lane, name, unit, low, high, others in lines_of(said.get("measurements", "")):
        measure = Measure(
            f"LOINC//{code}", lane, name, None if unit == "-" else unit, float(low), float(high),
            tuple(assume.get(code, ())), by_unit.get(code, {}),
            tuple(others_.get(code, ())) or None, out_of.get(code),
        )  # fmt: skip
        for term in (name, *others.split(",")):
            yield term.strip(), measure


def value(tail: str, measure: Measure, how: Ways) -> Finding | None:
    """The value behind a name; ``end`` counts from the end of the name. None when there is none."""
    if measure.out_of is not None:
        return share(how.share.match(tail), measure, measure.out_of)
    found = how.value.match(tail)
    if found is None:
        return None
    written = (found["unit"] or "").strip()
    if written in how.foreign:
        return None
    number = number_of(found["number"], how)
    of_name = how.unit_of.get(measure.code, {})
    unit_told = of_name.get(written) or how.units.get(written, written)
    fitting = fit(number, measure, unit_told)
    if fitting is None:
        measure, fitting = of_other(number, measure, unit_told)
    if fitting is None:
        return None
    stored, unit, flags, told = fitting
    sign = found["comparator"]
    other = measure.by_unit.get(written or told.lower())
    return Finding(
        0, found.end(), measure.lane, f"LOINC//{other}" if other else measure.code, measure.name,
        numeric_value=stored, unit=unit,
        value_as_sent=found["number"], unit_as_sent=written or None,
        comparator=how.signs[sign] if sign else None, flags=flags,
    )  # fmt: skip


Fitting = tuple[float, str, tuple[str, ...], str]


def share(found: re.Match[str] | None, measure: Measure, whole: int) -> Finding | None:
    """A number out of a whole: "pain 8/10"; a coma scale may leave the whole out."""
    if found is None or (found["whole"] and int(found["whole"]) != whole):
        return None
    number = float(found["number"])
    if not measure.low <= number <= measure.high or (not found["whole"] and whole == OF_TEN):
        return None
    return Finding(
        0, found.end(), measure.lane, measure.code, measure.name, numeric_value=number,
        unit=measure.unit, value_as_sent=found["number"],
    )  # fmt: skip


def of_other(number: float, measure: Measure, written: str) -> tuple[Measure, Fitting | None]:
    """The other quantity of the same substance, where the number or its unit says that it is."""
    if measure.other is None:
        return measure, None
    code, unit, low, high = measure.other
    if written and written.lower() != unit.lower():
        return measure, None
    other = Measure(f"LOINC//{code}", measure.lane, measure.name, None, low, high)
    flags = () if written else ("unit-assumed",)
    return other, (number, unit, flags, unit) if low <= number <= high else None


def fit(number: float, measure: Measure, written: str) -> Fitting | None:
    """The number in the stored unit, that unit, flags, and the unit it was read in.

    None when it cannot be this analyte.
    """
    known = written and written != "degrees"
    for unit in [written] if known else [measure.unit, *measure.assume]:
        if unit is None:
            continue
        factor, offset, stored = converted(measure.code, unit)
        result = number * factor + offset
        if stored is not None and measure.low <= result <= measure.high:
            assumed = not written and unit not in {"/min", "1", "kg/m2"}
            return result, stored, ("unit-assumed",) if assumed else (), unit
    return None


@cache
def converted(code: str, unit: str) -> tuple[float, float, str | None]:
    """Factor, offset and stored unit; no unit when this unit is none of the analyte's."""
    if unit == "1":
        return 1.0, 0.0, "1"
    conversion = terms.conversion(code, unit)
    if conversion.flag is not None:
        return 1.0, 0.0, None
    return conversion.factor, conversion.offset, conversion.unit


def pressure(start: int, end: int, found: re.Match[str] | None) -> Iterator[Finding]:
    """Systolic and diastolic blood pressure in mm[Hg]."""
    if found is None:
        return
    high, low = float(found["high"]), float(found["low"])
    (least, most), (lowest, highest) = PRESSURES
    if not (least <= high <= most and lowest <= low <= highest and low < high):
        return
    for code, name, group in (
        (SYSTOLIC, "Systolic blood pressure", "high"),
        (DIASTOLIC, "Diastolic blood pressure", "low"),
    ):
        yield Finding(
            start, end + found.end(), "vital", code, name, AFFIRMED,
            numeric_value=float(found[group]), unit="mm[Hg]", value_as_sent=found[group],
        )  # fmt: skip
