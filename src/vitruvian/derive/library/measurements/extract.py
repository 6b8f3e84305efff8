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

# These run on the few dozen characters behind a name, never on a whole note.
_UNIT = (
    r"u/ml|iu/ml|pg/ml|ng/l|nmol/l|pmol/l|mg/mmol|mg/g|ug/g|mm/hr?|ml/min(?:/1\.73 ?m2)?|/ul|"
    r"mmol/l|mmol/mol|umol/l|µmol/l|μmol/l|mg/dl|g/dl|g/l|mg/l|ug/l|ng/ml|mcg/l|meq/l|mu/l|"
    r"miu/l|uiu/ml|iu/l|u/l|x ?10\^?9/l|10\^9/l|k/ul|kg/m2|mm ?hg|kilograms?|kgs?|pounds?|lbs?|"
    r"grams?|centimeters|cm|inches|degrees fahrenheit|degrees celsius|degrees centigrade|"
    r"degrees [fc]\b|degrees|°[fc]|[fc]\b(?!\.\w)|percent|%|bpm|beats per minute|beats/minute|"
    r"breaths per minute|per minute|/min|mg|mcg|meq|units?|ml|g\b|weeks?|days?|hours?|years?|"
    r"months?|minutes?|thou(?:sand)?\b"
)
_VALUE = re.compile(
    r"(?: (?:level|count|rate|value|of the blood))?"
    r"(?: ?(?:was|is|of|at|:|=|-|,|\(|today|currently|noted|found|to be|about|approximately|up|"
    r"down|elevated|normal|stable|low|high|measured|around|now|came back|returned|fell to|"
    r"fallen to|rose to|risen to|has|peaked|dropped to|improved to|nadir|trough|last)){0,5}"
    r"[ ,]{0,3}"
    r"(?P<comparator><=|>=|<|>|≤|≥|less than|greater than|over|above|below)? ?"
    r"(?P<number>\d{1,3}(?:,\d{3})+|\d{1,4}(?:\.\d{1,3})?)"
    r"(?![\d/]|\.\d|,\d| ?(?:x|-|to) ?\d)"
    rf"(?P<unit> ?(?:{_UNIT})(?! ?\d))?"
)
_PRESSURE = re.compile(
    r"(?: (?:was|is|of|at|today|elevated|stable|on arrival|lying|sitting|now)){0,3}[ ,:=(-]{0,4}"
    r"(?P<high>\d{2,3}) ?(?:/|over) ?(?P<low>\d{2,3})(?![\d/])"
)
_SHARE = re.compile(
    r"(?: (?:score|was|is|of|at|now)){0,2}[ ,:=]{0,2}(?P<number>\d{1,2})"
    r"(?:(?: ?/ ?| out of )(?P<whole>\d{2}))?(?![\d/]|\.\d)"
)
OF_TEN = 10
_CLOSE = re.compile(r"[ :=]{0,2}[<>]?\d")
_SIGNS = {
    "less than": "<", "below": "<", "greater than": ">", "over": ">", "above": ">",
    "≤": "<=", "≥": ">=",
}  # fmt: skip
# A number with one of these is an amount or a time, no result.
_FOREIGN = frozenset(
    "mg mcg meq units unit ml g weeks week days day hours hour years year months month minutes "
    "minute grams gram".split()
)
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


class Extractor(OfTables):
    """Finds the names of ``terms.<language>.toml`` with a number behind them."""

    folder = FOLDER

    def terms(self, language: str) -> tuple[Terms, ...]:
        """Names of what is measured."""
        return tables(language)[:1]

    def extract(self, note: Note) -> Iterable[Finding]:
        """One finding a value; a blood pressure is two."""
        names, units, as_written = tables(note.pack.language)
        text = note.folded.folded
        for start, end, measure in note.find(names):
            tail = text[end : end + TAIL]
            written = as_written.get(text[start:end])
            if written and not (
                note.folded.shown[start:end] == written and _CLOSE.match(tail) is not None
            ):
                continue
            if measure is None:
                yield from pressure(start, end, tail)
            elif (found := value(tail, measure, units)) is not None:
                yield found._replace(start=start, end=end + found.end)


@cache
def tables(language: str) -> tuple[Terms, dict[str, str], Mapping[str, str]]:
    """Names of what is measured (None for blood pressure), units, and names with their capitals."""
    said = knowledge(FOLDER, "terms", language)
    pressures = [("bp", None), ("blood pressure", None)] if said else []
    measures = measures_of(said)
    as_written = said.get("as_written", {}).get("words", ())
    return (
        Terms([*pressures, *measures]),
        said.get("units", {}),
        {word.lower(): word for word in as_written},
    )


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


def value(tail: str, measure: Measure, units: dict[str, str]) -> Finding | None:
    """The value behind a name; ``end`` counts from the end of the name. None when there is none."""
    if measure.out_of is not None:
        return share(tail, measure, measure.out_of)
    found = _VALUE.match(tail)
    if found is None:
        return None
    written = (found["unit"] or "").strip()
    if written in _FOREIGN:
        return None
    number = float(found["number"].replace(",", ""))
    fitting = fit(number, measure, units.get(written, written))
    if fitting is None:
        measure, fitting = of_other(number, measure, units.get(written, written))
    if fitting is None:
        return None
    stored, unit, flags, told = fitting
    sign = found["comparator"]
    other = measure.by_unit.get(written or told.lower())
    return Finding(
        0, found.end(), measure.lane, f"LOINC//{other}" if other else measure.code, measure.name,
        numeric_value=stored, unit=unit,
        value_as_sent=found["number"], unit_as_sent=written or None,
        comparator=_SIGNS.get(sign, sign) if sign else None, flags=flags,
    )  # fmt: skip


Fitting = tuple[float, str, tuple[str, ...], str]


def share(tail: str, measure: Measure, whole: int) -> Finding | None:
    """A number out of a whole: "pain 8/10"; a coma scale may leave the whole out."""
    found = _SHARE.match(tail)
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


def pressure(start: int, end: int, tail: str) -> Iterator[Finding]:
    """Systolic and diastolic blood pressure in mm[Hg]."""
    found = _PRESSURE.match(tail)
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
