"""Writing one life after another into the tables of an OMOP extract."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from vitruvian.demo.catalogue import hospital
from vitruvian.demo.render.fhir.common import wall
from vitruvian.demo.render.omop.concepts import COLUMNS, NO_MATCH, Concepts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import ExitStack
    from datetime import date, datetime
    from pathlib import Path

    from vitruvian.demo.life import Administration, Component, Life, Measurement, Prescription

# Numbers of the model's own vocabularies: gender, visit, operator, type "EHR" and its kin.
_SEX = {"male": 8507, "female": 8532, "other": 8521, "unknown": 8551}
_VISIT = {"IMP": 9201, "EMER": 9203, "AMB": 9202}
_OPERATOR = {"<": 4171756, "<=": 4171754, ">=": 4171755, ">": 4172704}
_EHR, _PRESCRIBED, _GIVEN = 32817, 32838, 32818
_TABLES = {
    "person": "person_id gender_concept_id year_of_birth month_of_birth day_of_birth "
    "birth_datetime race_concept_id ethnicity_concept_id person_source_value gender_source_value",
    "death": "person_id death_date death_datetime death_type_concept_id cause_concept_id "
    "cause_source_value",
    "visit_occurrence": "visit_occurrence_id person_id visit_concept_id visit_start_date "
    "visit_start_datetime visit_end_date visit_end_datetime visit_type_concept_id "
    "visit_source_value",
    "condition_occurrence": "condition_occurrence_id person_id condition_concept_id "
    "condition_start_date condition_start_datetime condition_end_date condition_type_concept_id "
    "visit_occurrence_id condition_source_value condition_source_concept_id",
    "drug_exposure": "drug_exposure_id person_id drug_concept_id drug_exposure_start_date "
    "drug_exposure_start_datetime drug_exposure_end_date drug_exposure_end_datetime "
    "drug_type_concept_id quantity visit_occurrence_id drug_source_value dose_unit_source_value",
    "measurement": "measurement_id person_id measurement_concept_id measurement_date "
    "measurement_datetime measurement_type_concept_id operator_concept_id value_as_number "
    "value_as_concept_id unit_concept_id range_low range_high visit_occurrence_id "
    "measurement_source_value unit_source_value value_source_value",
}
_PER_LIFE = 100_000
"""Row numbers of one life begin at its number times this."""

AUTHORITY = """# The same record number in both systems is the same patient:
# vitruvian identity link who-is-who.toml --lake LAKE
[authority]
name = "the demo hospital's record number"
systems = ["urn:omop:person_source_value", "{system}"]
known_at = 1900-01-01
"""


@dataclass
class OmopExtract:
    """A folder with one CSV file a table; the concepts are written at the end."""

    folder: Path
    open_files: ExitStack
    concepts: Concepts = field(default_factory=Concepts)
    counts: Counter[str] = field(default_factory=Counter)
    writers: dict[str, Any] = field(default_factory=dict)  # csv writers have no public type

    def begin(self) -> None:
        """Write the headers, and the declaration that says whose numbers these are."""
        self.folder.mkdir(parents=True)
        for name, columns in _TABLES.items():
            self._open(name, columns.split())
        text = AUTHORITY.format(system=hospital().mrn_system)
        (self.folder / "who-is-who.toml").write_text(text, "utf-8")

    def write(self, life: Life) -> None:
        """Write the rows of one life."""
        for name, values in _rows(life, self.concepts):
            self.writers[name].writerow(values)
            self.counts[name] += 1

    def end(self) -> None:
        """Write the concepts used."""
        self._open("concept", list(COLUMNS))
        for row in self.concepts:
            self.writers["concept"].writerow(row)
            self.counts["concept"] += 1

    def _open(self, name: str, columns: list[str]) -> None:
        path = self.folder / f"{name.upper()}.csv"
        stream = self.open_files.enter_context(path.open("w", encoding="utf-8", newline=""))
        self.writers[name] = csv.writer(stream, lineterminator="\n")
        self.writers[name].writerow(columns)


def _rows(life: Life, concepts: Concepts) -> Iterator[tuple[str, tuple[object, ...]]]:
    visits = {each.id: life.number * _PER_LIFE + n for n, each in enumerate(life.encounters)}
    yield from _person(life)
    yield from _visits(life, visits)
    yield from _conditions(life, visits, concepts)
    yield from _drugs(life, visits, concepts)
    yield from _measurements(life, visits, concepts)


def _day(moment: datetime | date) -> str:
    return wall(moment)[:10] if hasattr(moment, "hour") else moment.isoformat()


def _clock(moment: datetime | date | None) -> str:
    """The hospital's wall clock without a zone, as the model has it; nothing for a bare date."""
    return wall(moment)[:19].replace("T", " ") if moment and hasattr(moment, "hour") else ""


def _person(life: Life) -> Iterator[tuple[str, tuple[object, ...]]]:
    one = life.person
    sex, born = _SEX.get(one.sex, NO_MATCH), one.born
    yield "person", (life.number, sex, born.year, born.month, born.day, "", 0, 0, one.mrn, one.sex)
    if one.died is not None:
        yield "death", (life.number, _day(one.died), _clock(one.died), _EHR, NO_MATCH, "")


def _visits(life: Life, visits: dict[str, int]) -> Iterator[tuple[str, tuple[object, ...]]]:
    for each in life.encounters:
        kind = _VISIT.get(each.setting, NO_MATCH)
        end = (_day(each.end), _clock(each.end)) if each.end else ("", "")
        start = (_day(each.start), _clock(each.start))
        number = visits[each.id]
        yield "visit_occurrence", (number, life.number, kind, *start, *end, _EHR, each.id)


def _conditions(
    life: Life, visits: dict[str, int], concepts: Concepts
) -> Iterator[tuple[str, tuple[object, ...]]]:
    for number, each in enumerate(life.conditions, start=life.number * _PER_LIFE):
        concept = concepts.number(each.concept, domain="Condition")
        end = _day(each.abated) if each.abated else ""
        visit = visits.get(each.encounter or "", "")
        yield "condition_occurrence", (
            number, life.number, concept, _day(each.onset), _clock(each.onset), end, _EHR, visit,
            each.concept.text, NO_MATCH,
        )  # fmt: skip


def _drugs(
    life: Life, visits: dict[str, int], concepts: Concepts
) -> Iterator[tuple[str, tuple[object, ...]]]:
    orders: list[tuple[Prescription | Administration, datetime, datetime | None, int]] = [
        (p, p.start, p.stop, _PRESCRIBED) for p in life.prescriptions
    ]
    doses = [(a, a.start, a.end, _GIVEN) for a in life.administrations if a.status == "completed"]
    for number, (each, start, stop, kind) in enumerate(
        [*orders, *doses], start=life.number * _PER_LIFE
    ):
        end = (_day(stop), _clock(stop)) if stop else ("", "")
        yield "drug_exposure", (
            number, life.number, concepts.number(each.drug, domain="Drug"), _day(start),
            _clock(start), *end, kind, each.dose, visits.get(each.encounter or "", ""),
            each.drug.text, each.unit,
        )  # fmt: skip


def _measurements(
    life: Life, visits: dict[str, int], concepts: Concepts
) -> Iterator[tuple[str, tuple[object, ...]]]:
    told = [
        (each, part)
        for each in life.measurements
        if each.status != "entered-in-error"  # a warehouse drops what was withdrawn
        for part in (each.components or (each,))
    ]
    for number, (each, part) in enumerate(told, start=life.number * _PER_LIFE):
        yield "measurement", _measurement(number, life, (each, part), visits, concepts)


def _measurement(
    number: int,
    life: Life,
    told: tuple[Measurement, Measurement | Component],
    visits: dict[str, int],
    concepts: Concepts,
) -> tuple[object, ...]:
    each, part = told
    finding = concepts.number(each.finding, domain="Meas Value")
    words = part.value or (each.finding.text if each.finding else "")
    return (
        number, life.number, concepts.number(part.concept, domain="Measurement"), _day(each.time),
        _clock(each.time), _EHR, _OPERATOR.get(each.comparator, NO_MATCH), part.value, finding,
        NO_MATCH, each.low, each.high, visits.get(each.encounter or "", ""), part.concept.text,
        part.ucum, words,
    )  # fmt: skip
