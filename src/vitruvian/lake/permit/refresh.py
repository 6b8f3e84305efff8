"""Grants and labels computed anew from what is stored: after a policy changed, or once.

What is there stays; what is missing is added. A label that the policy no longer gives stays on
records it was given to, which hides more and never less.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from vitruvian.lake.permit.projection import projected
from vitruvian.record import table_named

if TYPE_CHECKING:
    from vitruvian.lake.bulk import BulkLoad
    from vitruvian.lake.lake import Lake
    from vitruvian.lake.reader import Reader
    from vitruvian.trust import Access, Policy

AT_ONCE = 500
COLUMNS = {
    "resource": ("deleted", "bytes", "resource_type"),
    "event": ("event_id", "code"),
}
ALWAYS = (
    *("version_id", "subject_id", "site", "source_id", "locator", "known_at", "known_at_basis"),
)


def refresh(load: BulkLoad, policy: Policy) -> int:
    """Add the grants and labels that stored records lack; how many rows."""
    reader, added = load.reader, 0
    seen = {name: _ids(reader, name) for name in ("grant", "sensitive")}
    for table, more in COLUMNS.items():
        subjects = _subjects(reader, table)
        for start in range(0, len(subjects), AT_ONCE):
            some = subjects[start : start + AT_ONCE]
            rows = reader.history(table, subjects=some, columns=(*ALWAYS, *more))
            for name, fresh in projected(table, rows, policy).items():
                added += _write(load, name, fresh, seen[name])
    return added


def refresh_grants(lake: Lake, access: Access) -> int:
    """Bring a whole lake under the policy in force; how many rows were added."""
    policy = lake.policy
    with lake.bulk(access) as load:
        added = refresh(load, policy)
    lake.permits.stamp(policy)
    return added


def _write(load: BulkLoad, name: str, rows: pa.Table, seen: set[int]) -> int:
    key = table_named(name).key
    known = pc.is_in(rows.column(key), value_set=pa.array(seen, pa.int64()))
    fresh = rows.filter(pc.invert(known))
    seen.update(fresh.column(key).to_pylist())
    load.write(name, fresh)
    return int(fresh.num_rows)


def _ids(reader: Reader, name: str) -> set[int]:
    key = table_named(name).key
    return set(reader.history(name, columns=[key]).column(key).to_pylist())


def _subjects(reader: Reader, table: str) -> list[int]:
    sql = f'SELECT DISTINCT subject_id FROM "{table}" WHERE subject_id IS NOT NULL ORDER BY 1'
    return list(reader.query(sql, tables=[table]).column(0).to_pylist())
