"""The patient in context, as every page shows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from vitruvian.api.deps import Visit
from vitruvian.api.routes.launch.declared import declared_systems
from vitruvian.lake.errors import RecordClosed
from vitruvian.picture.panels.banner import first, identifiers
from vitruvian.picture.record import read_patients
from vitruvian.picture.types import Identifier

if TYPE_CHECKING:
    from vitruvian.lake import Reader
    from vitruvian.lake.apps.opened import Opening


@dataclass(frozen=True)
class EncounterInContext:
    """The encounter in context, as it is known here."""

    kind: str | None
    start_time: datetime | None
    end_time: datetime | None


@dataclass(frozen=True)
class PatientInContext:
    """Who is open in the other record system.

    `known` is False where the record is closed to the account: who it is, is then not told.
    """

    ehr: str
    person_id: str
    known: bool
    family: str | None
    given: str | None
    sex: str | None
    birth_date: str | None
    identifiers: Sequence[Identifier]
    encounter: EncounterInContext | None
    opened_at: datetime | None


def in_context(visit: Visit) -> PatientInContext | None:
    """The patient that the session was opened for; None when no other system opened it."""
    opening = visit.lake.apps.openings.of(visit.session.token)
    if opening is None:
        return None
    titles = {one.name: one.title for one in declared_systems(visit.lake.path)}
    with visit.read(visit.now) as reader:
        person = reader.person_of(opening.subject_id)
        try:
            names = read_patients(reader, reader.subjects_of(person))
            encounter = _encounter(reader, opening)
        except RecordClosed:
            names, encounter = [], None
    return PatientInContext(
        ehr=titles.get(opening.ehr, opening.ehr),
        person_id=str(person),
        known=bool(names),
        family=first(names, "family"),
        given=first(names, "given"),
        sex=first(names, "sex"),
        birth_date=first(names, "birth_date"),
        identifiers=identifiers(names),
        encounter=encounter,
        opened_at=opening.opened_at,
    )


def _encounter(reader: Reader, opening: Opening) -> EncounterInContext | None:
    if opening.encounter_id is None:
        return None
    person = reader.person_of(opening.subject_id)
    found = reader.rows(
        "encounter",
        subjects=reader.subjects_of(person),
        columns=("class_text", "type_text", "start_time", "end_time"),
        where="encounter_id = ?",
        params=[opening.encounter_id],
    ).to_pylist()
    if not found:
        return None
    one = found[-1]
    kind = one["class_text"] or one["type_text"]
    return EncounterInContext(kind, one["start_time"], one["end_time"])
