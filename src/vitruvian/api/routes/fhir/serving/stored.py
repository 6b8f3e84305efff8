"""Stored resources with the numbers of their versions.

A version's number is its place among all versions of that resource in the order in which they
were recorded here, from 1. Nothing is ever taken away or put between, so a number once given
always names the same bytes, whatever the source called it.

References
----------
HL7 FHIR R4 (4.0.1), 2.27.3 Resource.meta: versionId, lastUpdated; 3.1.0.3 vread.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from vitruvian.api.routes.fhir.json import Json, NotJson, parsed
from vitruvian.api.routes.fhir.outcome import NoSuchResource, ResourceGone
from vitruvian.base.ids import stable_id

if TYPE_CHECKING:
    from vitruvian.lake import Reader

KEYS_AT_ONCE = 5_000
FEW_SUBJECTS = 32
_EARLIEST = datetime.min.replace(tzinfo=UTC)
_KEY_COLUMNS = ("key_id", "key", "version_id", "subject_id", "site", "recorded_at")


@dataclass(frozen=True)
class Version:
    """One version of a resource: which bytes, whose, and its number."""

    key: str
    version_id: int
    subject_id: int | None
    site: str
    recorded_at: datetime
    number: int

    @property
    def resource_type(self) -> str:
        """The type in its key."""
        return self.key.partition("/")[0]

    @property
    def resource_id(self) -> str:
        """The id in its key."""
        return self.key.partition("/")[2]


@dataclass(frozen=True)
class Stored:
    """A version with its bytes; deleted when it says that the resource is gone."""

    version: Version
    deleted: bool
    data: bytes

    def resource(self) -> Json:
        """The resource as an answer shows it: its own id, version and time of recording here."""
        try:
            content = parsed(self.data)
        except NotJson:  # taken in by an adapter of a looser mind
            content = {}
        content = content if isinstance(content, dict) else {}
        meta = content.get("meta")
        shown = {
            **(meta if isinstance(meta, dict) else {}),
            "versionId": str(self.version.number),
            "lastUpdated": instant_text(self.version.recorded_at),
        }
        head = {
            "resourceType": self.version.resource_type,
            "id": self.version.resource_id,
            "meta": shown,
        }
        return {**head, **{key: value for key, value in content.items() if key not in head}}


def instant_text(at: datetime) -> str:
    """An instant as FHIR writes it.

    Examples
    --------
    >>> instant_text(datetime(2024, 5, 1, 8, 30, tzinfo=UTC))
    '2024-05-01T08:30:00.000000Z'
    """
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def versions_of(reader: Reader, keys: Iterable[str]) -> dict[str, list[Version]]:
    """Every version of resources named as ``Type/id``, oldest first, by key.

    When two hospitals use one id, only the versions of the first by name are given: an id names
    one resource.
    """
    wanted, found = list(dict.fromkeys(keys)), dict[str, list[dict[str, Any]]]()
    for start in range(0, len(wanted), KEYS_AT_ONCE):
        for row in key_rows(reader, wanted[start : start + KEYS_AT_ONCE], columns=_KEY_COLUMNS):
            found.setdefault(row["key"], []).append(row)
    return {key: _numbered(reader, rows) for key, rows in found.items()}


def key_rows(
    reader: Reader, keys: Sequence[str], *, columns: Sequence[str]
) -> list[dict[str, Any]]:
    """Rows of the look-up table at these keys, of every version."""
    if not keys:
        return []
    ids = [stable_id(key) for key in keys]
    found = reader.look_up("resource_key", keys=ids, columns=columns, every_version=True)
    rows: list[dict[str, Any]] = found.to_pylist()
    return rows


def _numbered(reader: Reader, rows: list[dict[str, Any]]) -> list[Version]:
    sites = sorted({row["site"] for row in rows})
    rows = [row for row in rows if row["site"] == sites[0]]
    instants = {row["recorded_at"] for row in rows}
    ranks = _ranks(reader, rows) if len(instants) < len(rows) else {}
    rows.sort(key=lambda row: (row["recorded_at"], ranks.get(row["version_id"], ())))
    return [
        Version(
            key=row["key"],
            version_id=row["version_id"],
            subject_id=row["subject_id"],
            site=row["site"],
            recorded_at=row["recorded_at"],
            number=number,
        )
        for number, row in enumerate(rows, start=1)
    ]


def _ranks(reader: Reader, rows: Sequence[Mapping[str, Any]]) -> dict[int, tuple[object, ...]]:
    """For versions of one load: the order in which ingestion lets one take another's place."""
    ids = [row["version_id"] for row in rows]
    columns = ["version_id", "version", "last_updated", "source_id", "record"]
    found = reader.history(
        "resource",
        subjects=subjects_among(row["subject_id"] for row in rows),
        columns=columns,
        where=f"version_id IN ({', '.join(map(str, ids))})",
    ).to_pylist()
    return {
        row["version_id"]: (
            int(row["version"]) if (row["version"] or "").isdecimal() else -1,
            row["last_updated"] or _EARLIEST,
            row["source_id"],
            row["record"],
        )
        for row in found
    }


def subjects_among(subjects: Iterable[int | None]) -> list[int] | None:
    """The subjects, ascending; None when one of the resources is about nobody."""
    found = set(subjects)
    return None if None in found else sorted(one for one in found if one is not None)


def current_ids(reader: Reader, versions: Sequence[Version]) -> set[int]:
    """Which of these versions hold now."""
    ids = ", ".join(str(one.version_id) for one in versions)
    rows = reader.rows(
        "resource",
        subjects=subjects_among(one.subject_id for one in versions),
        columns=["version_id"],
        where=f"version_id IN ({ids})",
    )
    return set(rows.column("version_id").to_pylist())


def read_current(reader: Reader, key: str) -> Stored:
    """The version that holds now.

    Raises
    ------
    NoSuchResource
        When nothing was ever stored under that key.
    ResourceGone
        When it was deleted.
    """
    found = find_current(reader, key)
    if found is None:
        raise NoSuchResource(key.partition("/")[0])
    if found.deleted:
        raise ResourceGone(key.partition("/")[0])
    return found


def find_current(reader: Reader, key: str) -> Stored | None:
    """The version that holds now, also one that says it is gone; None when there is none."""
    versions = versions_of(reader, [key]).get(key, [])
    if not versions:
        return None
    holding = versions if len(versions) == 1 else _holding(reader, versions)
    return load(reader, [holding[-1]])[0] if holding else None


def _holding(reader: Reader, versions: Sequence[Version]) -> list[Version]:
    current = current_ids(reader, versions)
    return [one for one in versions if one.version_id in current]


def read_version(reader: Reader, key: str, number: str) -> Stored:
    """The version of that number; raises `NoSuchResource` or `ResourceGone`."""
    versions = versions_of(reader, [key]).get(key, [])
    wanted = [one for one in versions if str(one.number) == number]
    if not wanted:
        raise NoSuchResource(key.partition("/")[0])
    found = load(reader, wanted)[0]
    if found.deleted:
        raise ResourceGone(key.partition("/")[0])
    return found


def load(reader: Reader, versions: Sequence[Version]) -> list[Stored]:
    """The bytes of versions, in the order given."""
    wanted = [(one.version_id, one.subject_id) for one in versions]
    held = {row["version_id"]: row for row in _rows(reader, wanted, columns=("deleted", "bytes"))}
    found = [(one, held.get(one.version_id)) for one in versions]
    return [Stored(one, row["deleted"], row["bytes"]) for one, row in found if row is not None]


def load_ids(reader: Reader, wanted: Sequence[tuple[int, int | None]]) -> list[Stored]:
    """The same of versions known by their id and subject only."""
    columns = ("resource_type", "resource_id", "deleted", "bytes")
    rows = {row["version_id"]: row for row in _rows(reader, wanted, columns=columns)}
    keys = {number: f"{row['resource_type']}/{row['resource_id']}" for number, row in rows.items()}
    numbered = {
        one.version_id: one
        for several in versions_of(reader, keys.values()).values()
        for one in several
    }
    return [
        Stored(numbered[number], rows[number]["deleted"], rows[number]["bytes"])
        for number, _ in wanted
        if number in numbered and number in rows
    ]


def _rows(
    reader: Reader, wanted: Sequence[tuple[int, int | None]], *, columns: Sequence[str]
) -> list[dict[str, Any]]:
    """Rows of ``resource``; their subjects are noted in the audit."""
    if not wanted:
        return []
    ids = [number for number, _ in wanted]
    subjects = subjects_among(subject for _, subject in wanted)
    names = ("version_id", *columns)
    if (
        subjects is not None
        and len(subjects) <= FEW_SUBJECTS
        and reader.is_near("resource", subjects)
    ):
        # A few patients are read without the engine: choosing here is quicker than asking it.
        whole = reader.history("resource", subjects=subjects, columns=names)
        found = whole.filter(pc.is_in(whole.column("version_id"), pa.array(ids, pa.int64())))
    else:
        where = f"version_id IN ({', '.join(map(str, ids))})"
        found = reader.history("resource", subjects=subjects, columns=names, where=where)
    reader.note([subject for _, subject in wanted if subject is not None])
    rows: list[dict[str, Any]] = found.to_pylist()
    return rows
