"""What a new edition changes, patient by patient: HCM of 2014 against that of 2023."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from tests.guides.vignettes import INSTANT, PERSON, PaperReader, events_of, vignettes_of, visits_of
from vitruvian.guides import guide_named
from vitruvian.guides.changes import changes

HIGH, MARKER, LOW, OTHER = 11, 12, 13, 14


class Ward:
    """Several patients on paper; who lacks the fact that the population names is not asked."""

    def __init__(
        self,
        patients: Mapping[int, Mapping[str, Any]],
        *,
        guide: str = "hcm_risk_scd",
        named: str = "cardiomyopathy",
    ) -> None:
        paper = vignettes_of(guide)
        self._named, self._code = named, paper.facts[named]["code"]
        self._told = patients
        self._readers = {
            person: PaperReader(events_of(paper, known), visits_of(known))
            for person, known in patients.items()
        }

    def query(
        self, sql: str, *, tables: Sequence[str], subjects: Sequence[int] | None = None
    ) -> Any:
        """Who holds a code that a population names."""
        assert f"'{self._code}'" in sql
        assert (list(tables), subjects) == (["event"], None)
        found = [person for person, known in self._told.items() if known.get(self._named)]
        return pa.table({"subject_id": found})

    def rows(self, table: str, *, subjects: Sequence[int], columns: Sequence[str]) -> Any:
        """The rows of one patient."""
        (person,) = subjects
        return self._readers[person].rows(table, subjects=[PERSON], columns=columns)

    def subjects_of(self, person_id: int) -> list[int]:
        """One person, one subject."""
        return [person_id]

    def person_of(self, subject_id: int) -> int:
        """One person, one subject."""
        return subject_id


def test_new_edition__changes_exactly_these_patients_and_says_by_which_line() -> None:
    base = vignettes_of("hcm_risk_scd").patient
    ward = Ward(
        {
            HIGH: {**base, "tachycardia": True, "gradient": 60},
            MARKER: {**base, "enhancement": 20},
            LOW: base,
            OTHER: {name: value for name, value in base.items() if name != "cardiomyopathy"},
        }
    )
    old, new = guide_named("hcm_risk_scd_2014"), guide_named("hcm_risk_scd")
    found = changes(old, new, ward, instant=INSTANT)
    assert found.asked == 3
    told = {each.person_id: (each.old.answer, each.new.answer) for each in found.found}
    assert told == {
        MARKER: ("generally not indicated", "may be considered for a marker"),
        LOW: ("generally not indicated", "not by risk"),
    }
    marker = next(each for each in found.found if each.person_id == MARKER)
    assert "Late enhancement of 15 % or more of the left ventricle: yes" in marker.why


def test_same_edition__changes_nobody() -> None:
    ward = Ward({HIGH: vignettes_of("hcm_risk_scd").patient})
    guide = guide_named("hcm_risk_scd")
    assert changes(guide, guide, ward, instant=INSTANT).found == ()
