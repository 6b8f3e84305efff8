"""The demo hospital's lists, read once from the TOML files that a doctor may edit."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from vitruvian.demo.life import Coding, Concept

LOINC = "http://loinc.org"
SYSTEMS = {
    "snomed": "http://snomed.info/sct",
    "icd10": "http://hl7.org/fhir/sid/icd-10",
    "hpo": "http://human-phenotype-ontology.org",
    "loinc": LOINC,
    "cvx": "http://hl7.org/fhir/sid/cvx",
    "rxnorm": "http://www.nlm.nih.gov/research/umls/rxnorm",
    "atc": "http://www.whocc.no/atc",
}
_UNLIMITED = (float("-inf"), float("inf"))


@dataclass(frozen=True, slots=True, eq=False)
class Analyte:
    """What can be measured: its code, unit, limits and how it behaves in a body."""

    key: str
    concept: Concept
    unit: str
    ucum: str
    limits: tuple[float, float] | None
    female_limits: tuple[float, float] | None
    typical: float
    female_typical: float
    spread: float
    variation: float
    decimals: int
    detect: tuple[float, float]
    critical: tuple[float, float]
    floor: float
    ceiling: float

    def typical_for(self, sex: str) -> float:
        """Give the mean of healthy adults of that sex."""
        return self.female_typical if sex == "female" else self.typical

    def limits_for(self, sex: str) -> tuple[float, float] | None:
        """Give the laboratory's limits, None where it states none."""
        return self.female_limits if sex == "female" else self.limits

    def printed(self, level: float) -> str:
        """Print a number as the analyser does, trailing zeros and all."""
        return f"{level:.{self.decimals}f}"


@dataclass(frozen=True, slots=True)
class Panel:
    """What is measured together from one specimen, and how long the laboratory takes."""

    key: str
    concept: Concept
    analytes: tuple[Analyte, ...]
    shortest_hours: float
    longest_hours: float
    specimen: Concept


@dataclass(frozen=True, slots=True)
class Drug:
    """A drug of the formulary with its usual dose."""

    key: str
    concept: Concept
    dose: str
    unit: str
    route: str
    times_a_day: int


@dataclass(frozen=True, slots=True)
class Hospital:
    """The demo hospital itself: wards, people, code systems of its own."""

    name: str
    time_zone: str
    base_url: str
    mrn_system: str
    insurance_system: str
    local_system: str
    organizations: dict[str, str]
    wards: dict[str, str]
    practitioners: dict[str, tuple[str, str, str]]


@cache
def read_list(name: str) -> dict[str, Any]:
    """Read one TOML file of the room (values are whatever TOML holds)."""
    text = resources.files("vitruvian.demo").joinpath("data", f"{name}.toml").read_text("utf-8")
    return tomllib.loads(text)


@cache
def hospital() -> Hospital:
    """Give the demo hospital."""
    listed = read_list("hospital")
    people = {key: (row[0], row[1], row[2]) for key, row in listed["practitioners"].items()}
    return Hospital(**{**listed, "practitioners": people})


@cache
def concept(path: str) -> Concept:
    """Give a concept by its place in ``concepts.toml``.

    Examples
    --------
    >>> concept("problems.sepsis").codings[0].code
    '91302008'
    """
    shelf, key = path.split(".")
    return _concept_of(read_list("concepts")[shelf][key], local=key)


def _concept_of(row: dict[str, Any], *, local: str) -> Concept:
    codings = tuple(
        Coding(system, row[short], row["name"]) for short, system in SYSTEMS.items() if short in row
    )
    own = (Coding(hospital().local_system, local.replace("_", "-"), row["name"]),)
    both = codings + own if "range" in row else codings
    return Concept(row["name"], both or own)


@cache
def analyte(key: str) -> Analyte:
    """Give an analyte by its name in ``laboratory.toml`` or ``bedside.toml``."""
    row = {**read_list("laboratory"), **read_list("bedside")}[key]
    floor, ceiling = row["bounds"]
    limits = tuple(row["range"]) if "range" in row else None
    return Analyte(
        key=key,
        concept=_concept_of(row, local=key),
        unit=row["unit"],
        ucum=row.get("ucum", row["unit"]),
        limits=limits,
        female_limits=tuple(row["female_range"]) if "female_range" in row else limits,
        typical=row["typical"],
        female_typical=row.get("female_typical", row["typical"]),
        spread=row.get("spread", 0.0),
        variation=row.get("variation", 0.0),
        decimals=row["decimals"],
        detect=tuple(row.get("detect", _UNLIMITED)),
        critical=tuple(row.get("critical", _UNLIMITED)),
        floor=floor,
        ceiling=ceiling,
    )


@cache
def panel(key: str) -> Panel:
    """Give a laboratory panel by its name in ``panels.toml``."""
    listed = read_list("panels")
    row = listed["panels"][key]
    shortest, longest = row["hours"]
    specimen = listed["specimens"][row["specimen"]]
    return Panel(
        key=key,
        concept=_concept_of({"name": row["name"], "loinc": row["loinc"]}, local=key),
        analytes=tuple(analyte(name) for name in row["analytes"]),
        shortest_hours=shortest,
        longest_hours=longest,
        specimen=_concept_of(specimen, local=row["specimen"]),
    )


@cache
def specimen_kind(key: str) -> Concept:
    """Give a kind of specimen by its name in ``panels.toml``."""
    return _concept_of(read_list("panels")["specimens"][key], local=key)


@cache
def bedside_set(key: str) -> tuple[str, ...]:
    """Give the names of what is read together at the bedside."""
    return tuple(read_list("panels")["bedside"][key])


@cache
def drug(key: str) -> Drug:
    """Give a drug by its name in ``drugs.toml``."""
    row = read_list("drugs")[key]
    dose, unit, route, times_a_day = row["dose"]
    meaning = _concept_of({"name": key.capitalize(), **row}, local=key.replace(" ", "-"))
    return Drug(key, meaning, f"{dose:g}", unit, route, times_a_day)
