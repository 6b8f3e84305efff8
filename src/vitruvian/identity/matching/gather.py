"""Everybody in the lake as others may resemble them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import orjson

from vitruvian.identity.matching.likeness import Likeness, likeness_of, numbers, shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vitruvian.lake import Reader

_EVERYBODY = """
    WITH newest AS (
        SELECT subject_id, arg_max(version_id, (known_at, version_id)) AS version_id
        FROM patient GROUP BY subject_id
    )
    SELECT p.subject_id, p.version_id, p.family, p.given, p.birth_date, p.sex, p.identifiers,
           p.source_id, p.site, p.locator, r.bytes
    FROM patient p JOIN newest USING (subject_id, version_id)
    LEFT JOIN (SELECT version_id, bytes FROM resource WHERE resource_type = 'Patient') r
        USING (version_id)
    ORDER BY p.subject_id
"""


def everybody(reader: Reader, subjects: Sequence[int] | None = None) -> Iterator[Likeness]:
    """The likeness of every subject with a row in ``patient``, the newest one of each.

    Parameters
    ----------
    reader
        The door.
    subjects
        Only these; None means all.
    """
    for row in _rows(reader, subjects):
        yield likeness_of(row, record_of(row))


def everybody_shown(reader: Reader, subjects: Sequence[int]) -> Iterator[dict[str, Any]]:
    """The same for people to read: `shown` fields as they were sent, `numbers` by their system."""
    for row in _rows(reader, subjects):
        kept = {name: row[name] for name in ("subject_id", "site", "source_id")}
        yield kept | {"shown": shown(row, record_of(row)), "numbers": numbers(row)}


def _rows(reader: Reader, subjects: Sequence[int] | None) -> Iterator[dict[str, Any]]:
    found = reader.query(_EVERYBODY, tables=["patient", "resource"], subjects=subjects)
    for batch in found.to_batches(max_chunksize=10_000):
        yield from batch.to_pylist()


def record_of(row: dict[str, Any]) -> dict[str, Any] | None:
    """The FHIR record a row was read from; None where it was read from another format."""
    if not row["bytes"]:
        return None
    try:
        record = orjson.loads(row["bytes"])
    except orjson.JSONDecodeError:
        return None
    return record if isinstance(record, dict) else None
