"""What the lake already holds of the studies and instances of a load."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from vitruvian.base.ids import stable_id
from vitruvian.ingest.library.dicom.reading.header import header_of
from vitruvian.ingest.library.dicom.reading.moments import Zone
from vitruvian.ingest.library.dicom.study.instance import INSTANCE, Instance, Origin, instance_of
from vitruvian.ingest.library.dicom.study.record import STUDY
from vitruvian.ingest.library.dicom.study.rows import Row, key_of

_AMONG = "key_id IN (SELECT unnest(?::BIGINT[])) AND site = ?"
_KEPT = ["subject_id", "site", "source_id", "known_at", "known_at_basis", "locator", "version_id"]


def versions_of(reader: Any, uids: Sequence[str], *, site: str) -> dict[str, set[int]]:
    """The stored versions of instances by their UIDs, also of those taken out of use."""
    found: dict[str, set[int]] = {}
    for row in _keyed(reader, "Instance", uids, site=site):
        found.setdefault(row["resource_id"], set()).add(row["version_id"])
    return found


def instances_of(reader: Any, studies: Iterable[str], *, site: str) -> list[Instance]:
    """The stored instances of studies, also those taken out of use."""
    keyed = _keyed(reader, "Study", list(studies), site=site)
    if not keyed:
        return []
    subjects = {row["subject_id"] for row in keyed}
    rows = reader.history(
        "resource",
        subjects=None if None in subjects else sorted(subjects),
        where="resource_type = ? AND version_id IN (SELECT unnest(?::BIGINT[]))",
        params=[INSTANCE, [row["version_id"] for row in keyed]],
    ).to_pylist()
    zones = source_zones(reader, {row["source_id"] for row in rows})
    return [stored_instance(row, zones) for row in rows]


def stored_instance(row: Mapping[str, Any], zones: Mapping[str, Zone]) -> Instance:
    """A stored instance as when it was loaded."""
    zone = zones.get(row["source_id"], Zone("UTC", declared=False))
    seen: datetime = row["known_at"]
    origin = Origin(row["site"], row["source_id"], zone, _received(row, seen))
    return instance_of(row, header_of(row["bytes"]), origin)


def _received(row: Mapping[str, Any], seen: datetime) -> datetime:
    """When it came: its known time never lies after that."""
    recorded: datetime | None = row.get("recorded_at")
    return max(seen, recorded) if recorded is not None else seen


def source_zones(reader: Any, sources: Iterable[str]) -> dict[str, Zone]:
    """The zone declared for each source."""
    rows = reader.rows(
        "source",
        columns=["source_id", "time_zone"],
        where="source_id IN (SELECT unnest(?::VARCHAR[]))",
        params=[sorted(sources)],
    ).to_pylist()
    return {
        row["source_id"]: Zone(row["time_zone"] or "UTC", declared=row["time_zone"] is not None)
        for row in rows
    }


def standing_versions(reader: Any, studies: Iterable[str], *, site: str) -> list[Row]:
    """The rows that name the study versions that hold now."""
    keys = [stable_id(key_of("Studies", uid)) for uid in studies]
    rows: list[Row] = reader.rows(
        "resource_key",
        columns=[*_KEPT, "resource_id"],
        where=f"{_AMONG} AND resource_type = '{STUDY}'",
        params=[keys, site],
    ).to_pylist()
    return rows


def _keyed(reader: Any, kind: str, uids: Sequence[str], *, site: str) -> list[Row]:
    keys = [stable_id(key_of(kind, uid)) for uid in uids]
    rows: list[Row] = reader.history(
        "resource_key",
        columns=["subject_id", "version_id", "resource_id"],
        where=f"{_AMONG} AND resource_type = '{INSTANCE}'",
        params=[keys, site],
    ).to_pylist()
    return rows
