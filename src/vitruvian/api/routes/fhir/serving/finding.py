"""Running a search over one published state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from vitruvian.api.routes.fhir.search import dates
from vitruvian.api.routes.fhir.search.declared import SUBJECTS, resource_types
from vitruvian.api.routes.fhir.search.request import Filter, Search
from vitruvian.api.routes.fhir.search.statement import Statement, patient_keys
from vitruvian.api.routes.fhir.search.words import token
from vitruvian.api.routes.fhir.serving.stored import key_rows
from vitruvian.base.ids import stable_id
from vitruvian.ingest.live import types_found_by_identifier

if TYPE_CHECKING:
    import pyarrow as pa

    from vitruvian.lake import Reader

FEW = 32
KEY_COLUMNS = ("key", "subject_id", "version_id", "resource_type", "resource_id")


@dataclass(frozen=True)
class Found:
    """What fits, in order: columns ``version_id`` and ``subject_id``."""

    rows: pa.Table

    @property
    def total(self) -> int:
        """How many fit."""
        return int(self.rows.num_rows)

    def part(self, start: int, count: int) -> list[tuple[int, int | None]]:
        """Version and subject of a stretch of them."""
        some = self.rows.slice(start, count)
        versions, subjects = some.column("version_id"), some.column("subject_id")
        return list(zip(versions.to_pylist(), subjects.to_pylist(), strict=True))


@dataclass(frozen=True)
class Finder:
    """Searches one published state."""

    reader: Reader
    site: str
    now: datetime

    def find(self, search: Search) -> Found:
        """Everything that fits, without its bytes."""
        among = self.among(search)
        statement = Statement(self.subjects_of, self.now)
        chosen = statement.select(search, among=among)
        simple = not any(one.target or one.source for one in search.filters)
        near = among if among is not None and simple and len(among) <= FEW else None
        sql = f"SELECT version_id, subject_id FROM ({chosen.text})"  # noqa: S608 - our own words
        return Found(
            self.reader.query(sql, tables=["resource"], params=chosen.values, subjects=near)
        )

    def history(
        self, resource_type: str, *, since: dates.Span | None, until: dates.Span | None
    ) -> pa.Table:
        """Every version of resources of a type, or of all types, newest first."""
        types = [resource_type] if resource_type else sorted(resource_types())
        conditions = ["list_contains(?::VARCHAR[], resource_type)"]
        params: list[object] = [types]
        if since is not None:
            conditions.append("timezone('UTC', recorded_at) >= ?")
            params.append(since.low)
        if until is not None:
            conditions.append("timezone('UTC', recorded_at) < ?")
            params.append(until.high)
        rows = self.reader.history(
            "resource",
            columns=["version_id", "subject_id", "recorded_at", "record"],
            where=" AND ".join(conditions),
            params=params,
        )
        newest_first = [("recorded_at", "descending"), ("record", "descending")]
        return rows.sort_by(newest_first).select(["version_id", "subject_id"])

    def subjects_of(self, patients: Sequence[str]) -> list[int]:
        """The subjects of patients named as ``Patient/id``."""
        found = {stable_id(self.site, key) for key in patients}
        rows = self._keys(patients)
        return sorted(found | {row["subject_id"] for row in rows if row["subject_id"] is not None})

    def among(self, search: Search) -> list[int] | None:
        """The only subjects that can fit, where the look-up table tells; None when it does not."""
        narrowed: set[int] | None = None
        for one in search.filters:
            found = self._narrowed(search.resource_type, one)
            if found is not None:
                narrowed = found if narrowed is None else narrowed & found
        return None if narrowed is None else sorted(narrowed)

    def _narrowed(self, resource_type: str, asked: Filter) -> set[int] | None:
        """The subjects one condition leaves."""
        if asked.source is not None or asked.modifier not in {"", "Patient"}:
            return None
        name, places = asked.parameter.name, asked.parameter.places
        of_subject = bool(places) and all(place.path[0] in SUBJECTS for place in places)
        if asked.target:
            leads = dict(asked.target)
            inner = leads.get("Patient") if of_subject and set(leads) == {"Patient"} else None
            return self._narrowed("Patient", inner) if inner else None
        if asked.parameter.type == "reference" and of_subject:
            return self._named_patients(asked)
        if name == "_id":
            return self._subjects_at([f"{resource_type}/{token(v).code}" for v in asked.values])
        if name == "identifier" and resource_type in types_found_by_identifier("fhir"):
            tokens = [token(value) for value in asked.values]
            if all(one.system and one.code for one in tokens):
                keys = [f"{resource_type}?{one.system}|{one.code}" for one in tokens]
                return self._subjects_at(keys)
        return None

    def _named_patients(self, asked: Filter) -> set[int] | None:
        """Those named, when every value names a patient by id alone."""
        patients = patient_keys(asked)
        if len(patients) != len(asked.values):
            return None
        return set(self.subjects_of(patients))

    def _subjects_at(self, keys: Sequence[str]) -> set[int] | None:
        """Whose resources stand at these keys; None when one is about nobody."""
        subjects = {row["subject_id"] for row in self._keys(keys)}
        return None if None in subjects else subjects

    def _keys(self, keys: Sequence[str]) -> list[dict[str, Any]]:
        return key_rows(self.reader, keys, columns=KEY_COLUMNS)
