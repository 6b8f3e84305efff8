"""Which rows and blobs of one kind of data go, of everybody, after the hospital's period.

A note, a study or a recording goes with all that was read from it, and with the bytes of the record
it came in, because they hold it. What else a message told beside its document, such as laboratory
values, is of no kind that is due: its rows stay, and their bytes are gone.
A record stays as a whole when any of it is younger, has no time, or is about somebody on hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any  # pyarrow ships no types

import pyarrow as pa
import pyarrow.compute as pc

from vitruvian.lake.erasing.finding import (
    Doomed,
    files_of,
    gone_of,
    note_rows,
    row_groups,
    spare_what_others_need,
    telling,
    with_subjects,
)
from vitruvian.lake.store.store import Store
from vitruvian.record import TABLES

# Where each kind lies, and when what it tells of happened.
KINDS: Mapping[str, tuple[str, str]] = {
    "note": ("note", "time"),
    "image": ("image", "time"),
    "signal": ("signal", "start_time"),
}
# One record of one source, and whom it is about.
Place = tuple[str, int, int | None]


@dataclass(frozen=True)
class Part:
    """One kind of data, of everybody who is not on hold.

    Parameters
    ----------
    kind
        One of `KINDS`.
    before
        What happened before this instant.
    spared
        Keyed digests of the subjects on hold, once it is done: a restored backup spares them too.
    """

    kind: str
    before: datetime
    spared: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"every {self.kind} before {self.before:%Y-%m-%d}"


@dataclass
class _Sides:
    """What goes and what stays: record versions, and the UIDs of imaging studies."""

    going: set[int] = field(default_factory=set)
    staying: set[int] = field(default_factory=set)
    studies: set[str] = field(default_factory=set)
    kept_studies: set[str] = field(default_factory=set)


def doomed_part(store: Store, part: Part, spared: frozenset[int]) -> Doomed:
    """What goes with one kind of data, in the state published now.

    Parameters
    ----------
    store
        The lake's bytes.
    part
        Which kind, and before when.
    spared
        Subjects of whom nothing goes.
    """
    sides = _sides(store, part, spared)
    sides.going |= _of_studies(store, sides.studies - sides.kept_studies, spared)
    versions, records = _whole_records(store, sides)
    if part.kind != "note":  # a message tells more than its document, a recording's file does not
        versions |= records
    found = Doomed(frozenset(), versions=_array(versions), records=_array(records))
    for table in with_subjects():
        if "version_id" in table.column_names:
            for one in files_of(store, table):
                for rows in row_groups(store, one, telling(table)):
                    note_rows(found, rows.filter(gone_of(rows, table, found)))
    found.targets = _array(found.ids - records)
    if found.ids:
        spare_what_others_need(store, found)
    return found


def _sides(store: Store, part: Part, spared: frozenset[int]) -> _Sides:
    table, time = KINDS[part.kind]
    held = _array(spared)
    uid = ["study_uid"] if part.kind == "image" else []
    found = _Sides()
    for rows in _read(store, table, ["subject_id", "version_id", time, *uid]):
        late = pc.fill_null(pc.less(rows.column(time), pa.scalar(part.before)), fill_value=False)
        due = pc.and_(late, pc.invert(pc.is_in(rows.column("subject_id"), held)))
        for side, mask in ((found.going, due), (found.staying, pc.invert(due))):
            side.update(_values(rows.filter(mask), "version_id"))
        if uid:
            found.studies.update(_values(rows.filter(due), "study_uid"))
            found.kept_studies.update(_values(rows.filter(pc.invert(due)), "study_uid"))
    return found


def _of_studies(store: Store, studies: set[str], spared: frozenset[int]) -> set[int]:
    """Record versions looked up by a study, such as its instances: `DICOM/Study/1.2.840`."""
    wanted, held = pa.array(sorted(studies), pa.string()), _array(spared)
    found: set[int] = set()
    columns = ["key", "subject_id", "version_id"]
    for rows in _read(store, "resource_key", columns) if studies else ():
        named = pc.is_in(pc.replace_substring_regex(rows.column("key"), "^.*/", ""), wanted)
        others = pc.invert(pc.is_in(rows.column("subject_id"), held))
        found.update(_values(rows.filter(pc.and_(named, others)), "version_id"))
    return found


def _whole_records(store: Store, sides: _Sides) -> tuple[set[int], set[int]]:
    """Versions that go, and further ones of the same records; none of a record that stays."""
    going, staying = _places(store, sides.going), _places(store, sides.staying)
    wanted = set(going.values()) - set(staying.values())
    split = {version for version, place in going.items() if place not in wanted}
    versions = sides.going - split - sides.staying
    return versions, _versions_at(store, wanted) - versions


def _places(store: Store, versions: set[int]) -> dict[int, Place]:
    """Where some versions stand in their sources."""
    wanted = _array(versions)
    found: dict[int, Place] = {}
    for rows in _records(store) if versions else ():
        chosen = rows.filter(pc.is_in(rows.column("version_id"), wanted))
        found.update((row["version_id"], _place(row)) for row in chosen.to_pylist())
    return found


def _versions_at(store: Store, places: set[Place]) -> set[int]:
    sources = pa.array(sorted({source for source, _, _ in places}), pa.string())
    found: set[int] = set()
    for rows in _records(store) if places else ():
        near = rows.filter(pc.is_in(rows.column("source_id"), sources))
        found.update(row["version_id"] for row in near.to_pylist() if _place(row) in places)
    return found


def _place(row: Mapping[str, Any]) -> Place:
    return row["source_id"], row["record"], row["subject_id"]


def _records(store: Store) -> Iterator[pa.Table]:
    return _read(store, "resource", ["version_id", "source_id", "record", "subject_id"])


def _read(store: Store, table: str, columns: list[str]) -> Iterator[pa.Table]:
    for one in files_of(store, TABLES[table]):
        yield from row_groups(store, one, columns)


def _array(numbers: Iterable[int]) -> pa.Array:
    return pa.array(sorted(numbers), pa.int64())


def _values(rows: pa.Table, column: str) -> list[Any]:
    values: list[Any] = rows.column(column).drop_null().unique().to_pylist()
    return values
