"""What policy hides of a table: subjects, types of records, single versions.

The same conditions twice: as SQL for populations, as Arrow for a few subjects.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from vitruvian.lake.engines.duckdb import text_literal
from vitruvian.record import Table
from vitruvian.trust.reach import ABOUT_NOBODY, EVERYBODY, Subjects

Register = Callable[[pa.Table], str]
SHORT = 200
FEW = 8
MOST_LISTS = 16
# Tables of which some rows are about nobody: whoever may read at all sees an organisation's.
WITH_NOBODY = frozenset({"resource", "resource_key"})
# What the lanes of the timeline are as FHIR types.
LANES: Mapping[str, str] = {
    "encounter": "Encounter",
    "problem": "Condition",
    "medication": "MedicationRequest",
    "laboratory": "Observation",
    "vital": "Observation",
    "procedure": "Procedure",
    "microbiology": "Observation",
    "imaging": "ImagingStudy",
    "document": "DocumentReference",
    "immunisation": "Immunization",
    "allergy": "AllergyIntolerance",
    "family": "FamilyMemberHistory",
    "social": "Observation",
    "genomics": "MolecularSequence",
    "signal": "Observation",
    "wearable": "Observation",
    "other": "Patient",
}
GENOMICS = "genomics"


@dataclass(frozen=True)
class Veil:
    """What one access does not see.

    Parameters
    ----------
    subjects
        Of each table: whose rows are let through; a table not named lets everybody's through.
    versions, events
        Record versions, and events without one, that are hidden.
    faces
        Those of the versions whose row in `patient` is shown: a stretch of time is closed, and who
        somebody is belongs to none.
    types
        The only FHIR types let through; None means all.
    lanes
        Lanes of the timeline that fewer subjects are let through in than in the rest.
    nobody
        FHIR types that are let through where they are about nobody.
    widely, near
        Records of other types than these are let through of these subjects only, because an
        app's scopes reach no further; None means that no scope tells them apart.
    """

    subjects: Mapping[str, Subjects] = field(default_factory=dict)
    versions: frozenset[int] = frozenset()
    events: frozenset[int] = frozenset()
    types: frozenset[str] | None = None
    lanes: Mapping[str, Subjects] = field(default_factory=dict)
    nobody: frozenset[str] = ABOUT_NOBODY
    widely: frozenset[str] | None = None
    near: frozenset[int] = frozenset()
    faces: frozenset[int] = frozenset()

    def digest(self) -> str:
        """A hash of all that is hidden: two accesses with equal ones see the same."""
        subjects = {**self.subjects, **{f"lane {lane}": lets for lane, lets in self.lanes.items()}}
        lets = [
            (name, one.only is not None, sorted(one.only or ()), sorted(one.never))
            for name, one in sorted(subjects.items())
        ]
        ids = (_spelt(self.versions), _spelt(self.events), _spelt(self.faces))
        types = None if self.types is None else sorted(self.types)
        widely = None if self.widely is None else sorted(self.widely)
        scopes = (sorted(self.nobody), widely, sorted(self.near))
        found = hashlib.sha256(repr((lets, types, scopes)).encode())
        for some in ids:
            found.update(len(some).to_bytes(8) + some)
        return found.hexdigest()

    def of(self, table: Table) -> Subjects:
        """Whose rows of a table are let through."""
        return self.subjects.get(table.name, EVERYBODY)

    def hidden(self, table: Table) -> frozenset[int]:
        """The record versions that are hidden of a table."""
        return self._faceless if table.name == "patient" else self.versions

    @cached_property
    def _faceless(self) -> frozenset[int]:
        return self.versions - self.faces

    def touches(self, table: Table) -> bool:
        """Whether anything of a table may be hidden beyond whose it is."""
        names = table.column_names
        typed = self.types is not None or self.widely is not None
        by_type = typed and bool({"resource_type", "category"} & {*names})
        by_id = bool(self.hidden(table)) and "version_id" in names
        in_lane = table.name == "event" and bool(self.events or self.lanes)
        return by_type or by_id or in_lane

    def lets_whole(self, table: Table) -> bool:
        """Whether nothing of a table is hidden."""
        return self.of(table).all and not self.touches(table)

    def helpers(self, table: Table) -> tuple[str, ...]:
        """The columns needed to tell what is hidden."""
        if self.lets_whole(table):
            return ()
        wanted = ("subject_id", "version_id", "event_id", "resource_type", "category")
        return tuple(name for name in wanted if name in table.column_names)


OPEN = Veil()


def veiled_sql(sql: str, *, table: Table, veil: Veil, lets: Subjects, register: Register) -> str:
    """The same SELECT without what is hidden, of the subjects that are let through."""
    conditions = [*_subject_sql(table, lets, register), *_record_sql(table, veil, register)]
    if not conditions or not sql:
        return sql
    return f"SELECT * FROM ({sql}) WHERE {' AND '.join(conditions)}"


def _subject_sql(table: Table, lets: Subjects, register: Register) -> list[str]:
    if "subject_id" not in table.column_names:
        return []
    conditions = []
    if lets.never:
        always = not table.schema.field("subject_id").nullable
        conditions.append(_not_among("subject_id", lets.never, register, always=always))
    if lets.only is not None:
        own = _among("subject_id", lets.only, register)
        nobody = f" OR (subject_id IS NULL AND resource_type IN ({_texts(ABOUT_NOBODY)}))"
        conditions.append(f"({own}{nobody if table.name in WITH_NOBODY else ''})")
    return conditions


def _record_sql(table: Table, veil: Veil, register: Register) -> list[str]:
    if not veil.touches(table):
        return []
    names, conditions = table.column_names, []
    if veil.hidden(table) and "version_id" in names:
        conditions.append(_not_among("version_id", veil.hidden(table), register))
    if table.name == "event" and veil.events:
        conditions.append(f"NOT {_among('event_id', veil.events, register)}")
    if veil.types is not None and "resource_type" in names:
        conditions.append(f"resource_type IN ({_texts(veil.types | veil.nobody)})")
    if veil.types is not None and "category" in names:
        conditions.append(f"category IN ({_texts(_lanes(veil.types))})")
    if veil.widely is not None:
        conditions += _near_sql(names, veil, veil.widely, register)
    if table.name == "event":
        conditions += [
            f"(category <> {text_literal(lane)} OR {_lets_sql(lets, register)})"
            for lane, lets in veil.lanes.items()
        ]
    return conditions


def _near_sql(
    names: Sequence[str], veil: Veil, widely: frozenset[str], register: Register
) -> list[str]:
    near = _among("subject_id", veil.near, register)
    if "resource_type" in names:
        nobody = f"(subject_id IS NULL AND resource_type IN ({_texts(veil.nobody)}))"
        return [f"(resource_type IN ({_texts(widely)}) OR {near} OR {nobody})"]
    return [f"(category IN ({_texts(_lanes(widely))}) OR {near})"] if "category" in names else []


def _lets_sql(lets: Subjects, register: Register) -> str:
    if lets.only is not None:
        return _among("subject_id", lets.only, register)
    return f"NOT {_among('subject_id', lets.never, register)}"


def _among(column: str, ids: frozenset[int], register: Register) -> str:
    if not ids:
        return "false"
    if len(ids) <= SHORT:
        return f"{column} IN ({', '.join(map(str, sorted(ids)))})"
    name = register(pa.table({"id": _listed(ids)}))
    return f'{column} IN (SELECT id FROM "{name}")'


def _not_among(
    column: str, ids: frozenset[int], register: Register, *, always: bool = False
) -> str:
    """Rows without the column pass. A marked join costs a third of NOT EXISTS over a long list.

    Where every row always has the column, the engine skips a short list by a file's own bounds.
    """
    if len(ids) <= FEW:
        others = f"NOT {_among(column, ids, register)}"
        return others if always else f"({column} IS NULL OR {others})"
    name = register(pa.table({"id": _listed(ids)}))
    return f'coalesce({column} NOT IN (SELECT id FROM "{name}"), true)'


def _texts(words: frozenset[str]) -> str:
    return ", ".join(text_literal(word) for word in sorted(words)) or "''"


def _lanes(types: frozenset[str]) -> frozenset[str]:
    return frozenset(lane for lane, kind in LANES.items() if kind in types)


def within(rows: pa.Table, *, table: Table, veil: Veil) -> pa.Table:
    """The rows of those subjects, and of nobody, that policy lets through."""
    if "subject_id" not in table.column_names or veil.of(table).all or not rows.num_rows:
        return rows
    lets = veil.of(table)
    rows = _without(rows, "subject_id", lets.never)
    if lets.only is None:
        return rows
    keep = _is_in(rows, "subject_id", lets.only)
    if table.name in WITH_NOBODY:
        nobody = pc.is_null(rows.column("subject_id"))
        keep = pc.or_(keep, pc.and_(nobody, _is_in(rows, "resource_type", ABOUT_NOBODY)))
    return _kept(rows, keep)


def veiled(rows: pa.Table, *, table: Table, veil: Veil) -> pa.Table:
    """The same rows without what is hidden; whose they are was seen to before."""
    if not veil.touches(table) or not rows.num_rows:
        return rows
    names, keep = table.column_names, []
    if "version_id" in names:
        rows = _without(rows, "version_id", veil.hidden(table))
    if table.name == "event":
        rows = _without(rows, "event_id", veil.events)
    if veil.types is not None and "resource_type" in names:
        keep.append(_is_in(rows, "resource_type", veil.types | veil.nobody))
    if veil.types is not None and "category" in names:
        keep.append(_is_in(rows, "category", _lanes(veil.types)))
    if veil.widely is not None:
        keep += _near(rows, names, veil, veil.widely)
    if table.name == "event":
        keep += [_outside_or_let(rows, lane, lets) for lane, lets in veil.lanes.items()]
    for mask in keep[1:]:
        keep[0] = pc.and_(keep[0], mask)
    return _kept(rows, keep[0]) if keep else rows


def _kept(rows: pa.Table, keep: pa.Array) -> pa.Table:
    """The rows of a mask; mostly all of them, and then nothing is copied."""
    return rows if pc.all(keep, skip_nulls=False).as_py() else rows.filter(keep)


def _near(
    rows: pa.Table, names: Sequence[str], veil: Veil, widely: frozenset[str]
) -> list[pa.ChunkedArray]:
    near = _is_in(rows, "subject_id", veil.near)
    if "resource_type" in names:
        about_nobody = pc.is_null(rows.column("subject_id"))
        nobody = pc.and_(about_nobody, _is_in(rows, "resource_type", veil.nobody))
        return [pc.or_(pc.or_(_is_in(rows, "resource_type", widely), near), nobody)]
    return [pc.or_(_is_in(rows, "category", _lanes(widely)), near)] if "category" in names else []


def _outside_or_let(rows: pa.Table, lane: str, lets: Subjects) -> pa.ChunkedArray:
    outside = pc.not_equal(rows.column("category"), lane)
    if lets.only is not None:
        return pc.or_(outside, _is_in(rows, "subject_id", lets.only))
    return pc.or_(outside, pc.invert(_is_in(rows, "subject_id", lets.never)))


def _without(rows: pa.Table, column: str, hidden: frozenset[int]) -> pa.Table:
    """The rows that have none of these values; mostly that is all of them."""
    if not hidden:
        return rows
    values = rows.column(column)
    if rows.num_rows >= len(hidden):
        return _kept(rows, pc.invert(pc.is_in(values, value_set=_listed(hidden))))
    # A patient has fewer rows than a hospital has hidden ones: those are looked up, one by one.
    listed = values.to_pylist()
    if hidden.isdisjoint(listed):
        return rows
    return rows.filter(pa.array([one not in hidden for one in listed], pa.bool_()))


def _is_in(rows: pa.Table, column: str, some: frozenset[int] | frozenset[str]) -> pa.Array:
    """Which rows have one of some values; no value is none of them."""
    values = rows.column(column)
    if rows.num_rows < len(some):
        return pa.array(map(some.__contains__, values.to_pylist()), pa.bool_())
    kind = rows.schema.field(column).type
    return pc.is_in(values, value_set=pa.array(some, kind))


def _spelt(ids: frozenset[int]) -> bytes:
    """Ids in one fixed spelling; a large hospital hides hundreds of thousands."""
    return np.sort(np.fromiter(ids, np.int64, len(ids))).tobytes()


@lru_cache(maxsize=MOST_LISTS)
def _listed(ids: frozenset[int]) -> pa.Array:
    """Ids as a column; the same veil is drawn over every table of every read."""
    return pa.array(ids, pa.int64())
