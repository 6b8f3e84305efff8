"""Rows about who may see whom, computed from what is being written.

Every write passes here, whichever adapter or interface it comes from, so no record can be stored
whose consent, care team or sensitivity the door does not know.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any  # JSON

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from vitruvian.base.ids import stable_id
from vitruvian.lake.store.codec import table_of_rows
from vitruvian.record import table_named
from vitruvian.trust.grants import MARKS, PROJECTED, Grant, grants_of, security_of
from vitruvian.trust.policy import Policy

LINEAGE = ("site", "source_id", "locator", "known_at", "known_at_basis")
RESOURCE = ("version_id", "subject_id", "resource_type", *LINEAGE)
EVENT = ("version_id", "event_id", "subject_id", *LINEAGE)
ON_TIMELINE = "event"
Row = dict[str, Any]


def projected(table: str, rows: pa.Table, policy: Policy) -> dict[str, pa.Table]:
    """The rows of `grant` and `sensitive` that come with these.

    Parameters
    ----------
    table
        Which table is being written.
    rows
        What is being written to it.
    policy
        Says which codes are sensitive.
    """
    found: dict[str, list[Row]] = {"grant": [], "sensitive": []}
    if table == "resource":
        for row, resource in _resources(rows):
            found["grant"] += [_grant_row(row, grant) for grant in grants_of(resource)]
            found["sensitive"] += _labels_of(row, resource, policy)
    elif table == "event":
        found["sensitive"] += list(_sensitive_events(rows, policy))
    return {
        name: table_of_rows(some, table=table_named(name)) for name, some in found.items() if some
    }


def with_grants(tables: Mapping[str, pa.Table], policy: Policy) -> dict[str, pa.Table]:
    """These rows and all that come with them."""
    whole = dict(tables)
    for table, rows in tables.items():
        for name, some in projected(table, rows, policy).items():
            whole[name] = pa.concat_tables([whole[name], some]) if name in whole else some
    return whole


def subjects_in(tables: Iterable[pa.Table]) -> frozenset[int]:
    """Whom rows are about."""
    return frozenset(
        subject
        for rows in tables
        if "subject_id" in rows.column_names
        for subject in rows.column("subject_id").drop_null().unique().to_pylist()
    )


def _resources(rows: pa.Table) -> Iterator[tuple[Row, Mapping[str, Any]]]:
    """The records that can say anything, read; most are passed by unread."""
    kinds = pa.array(sorted(PROJECTED), pa.string())
    named, spelt = (pc.match_substring_regex(rows.column("bytes"), mark) for mark in MARKS)
    wanted = pc.is_in(rows.column("resource_type"), value_set=kinds)
    wanted = pc.or_(wanted, pc.or_(named, spelt))
    wanted = pc.and_(wanted, pc.is_valid(rows.column("subject_id")))
    wanted = pc.and_(wanted, pc.invert(rows.column("deleted")))
    some = rows.filter(wanted)
    plain = some.select(RESOURCE).to_pylist()
    for row, data in zip(plain, some.column("bytes"), strict=True):
        try:
            resource = orjson.loads(data.as_py())
        except orjson.JSONDecodeError:
            # Of a consent nobody can parse, this much is known: there is one.
            resource = {"resourceType": row["resource_type"]}
        if isinstance(resource, dict):
            yield row, resource


def _grant_row(row: Row, grant: Grant) -> Row:
    words = (grant.kind, grant.actor or "", grant.start or "", grant.end or "")
    return {
        **{name: row[name] for name in ("subject_id", "version_id", *LINEAGE)},
        "grant_id": stable_id(str(row["version_id"]), *words),
        "kind": grant.kind,
        "actor": grant.actor,
        "start_time": grant.start,
        "end_time": grant.end,
        "terms": grant.terms,
        "readable": grant.readable,
    }


def _labels_of(row: Row, resource: Mapping[str, Any], policy: Policy) -> list[Row]:
    said = security_of(resource)
    return [
        _sensitive_row(row, row["version_id"], name, kind=row["resource_type"])
        for name, label in policy.labels.items()
        if said & label.security
    ]


def _sensitive_events(rows: pa.Table, policy: Policy) -> Iterator[Row]:
    """Versions that carry a sensitive code; an event without a version stands for itself."""
    begins = {name: label.codes for name, label in policy.labels.items() if label.codes}
    codes = rows.column("code").unique().to_pylist()
    labels = {code: [n for n, some in begins.items() if code.startswith(some)] for code in codes}
    wanted = [code for code, names in labels.items() if names]
    if not wanted:
        return
    some = rows.filter(pc.is_in(rows.column("code"), value_set=pa.array(wanted, pa.string())))
    seen: set[tuple[int, str]] = set()
    for row in some.select((*EVENT, "code")).to_pylist():
        alone = row["version_id"] is None
        ident = row["event_id"] if alone else row["version_id"]
        for name in labels[row["code"]]:
            if (ident, name) not in seen:
                seen.add((ident, name))
                yield _sensitive_row(row, ident, name, kind=ON_TIMELINE if alone else None)


def _sensitive_row(row: Row, ident: int, label: str, *, kind: str | None) -> Row:
    return {
        **{name: row[name] for name in ("subject_id", *LINEAGE)},
        "sensitive_id": stable_id(str(ident), label, kind or ""),
        "version_id": ident,
        "label": label,
        "resource_type": kind,
    }
