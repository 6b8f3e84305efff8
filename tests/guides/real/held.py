"""A lake of real records, asked many times: the rows of a patient are read once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from vitruvian.guides import Decision, decide, guide_named


@dataclass
class Held:
    """A reader whose rows stay in memory; what is later than the question is left out there."""

    # Any: pyarrow and DuckDB ship no types
    reader: Any
    kept: dict[Any, Any] = field(default_factory=dict)

    def query(
        self, sql: str, *, tables: Sequence[str], subjects: Sequence[int] | None = None
    ) -> Any:
        """The answer of SQL."""
        return self.reader.query(sql, tables=tables, subjects=subjects)

    def rows(self, table: str, *, subjects: Sequence[int], columns: Sequence[str]) -> Any:
        """The rows of some subjects, read once."""
        key = (table, tuple(subjects), tuple(columns))
        if key not in self.kept:
            self.kept[key] = self.reader.rows(table, subjects=subjects, columns=columns)
        return self.kept[key]

    def subjects_of(self, person_id: int) -> list[int]:
        """The subjects that are this person."""
        found: list[int] = self.reader.subjects_of(person_id)
        return found

    def person_of(self, subject_id: int) -> int:
        """The person that a subject is."""
        found: int = self.reader.person_of(subject_id)
        return found


def asked_at(guide: str, reader: Held, person: int, instant: datetime) -> Decision:
    """What a guideline says of a person at an instant."""
    known = guide_named(guide)
    return decide(known, reader, person, instant=instant, today=known.card.review_by)


def persons_by_admission(reader: Held) -> dict[datetime, int]:
    """Who was admitted when; no two of these patients were at the same second."""
    sql = "SELECT subject_id, start_time FROM encounter"
    found = reader.query(sql, tables=["encounter"]).to_pylist()
    return {each["start_time"]: reader.person_of(each["subject_id"]) for each in found}
