"""What an export holds, so that policy can be asked again when its files are fetched.

Between the making of a file and its fetching a consent may be withdrawn, a tie ended or a record
closed. A file is given out only while the very same rows of its instant may be exported.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vitruvian.lake import Reader


@dataclass(frozen=True)
class Wish:
    """What is to be exported.

    Parameters
    ----------
    types
        Resource types, in order.
    since
        Only what was recorded here after this instant; in UTC, without a zone.
    patients_only
        Only what is about a patient.
    address
        As asked, for the manifest.
    members
        Only what is about these patients, named as ``Patient/id``; None means everybody.
    """

    types: tuple[str, ...]
    since: datetime | None
    patients_only: bool
    address: str
    members: tuple[str, ...] | None = None

    def of_type(self, resource_type: str) -> Wish:
        """The part of it that is of one type."""
        return replace(self, types=(resource_type,))


@dataclass(frozen=True)
class Held:
    """The rows of one type in an export.

    Parameters
    ----------
    rows
        How many there are.
    mark
        A mark of which ones; another when any of them is missing, or another there instead.
    subjects
        Whom they are about.
    """

    rows: int
    mark: int
    subjects: tuple[int, ...]


def where_of(wish: Wish) -> tuple[str, list[object]]:
    """The condition on rows that are wished for, and the values of its question marks."""
    where, values = "NOT deleted AND list_contains(?::VARCHAR[], resource_type)", list[object]()
    values.append(list(wish.types))
    if wish.since is not None:
        where += " AND timezone('UTC', recorded_at) > ?"
        values.append(wish.since)
    return where, values


def held(reader: Reader, wish: Wish, *, whom: Sequence[int] | None) -> Mapping[str, Held]:
    """What there is of a wish, by type.

    Parameters
    ----------
    reader
        The state the export is of, as policy shows it.
    wish
        What is to be exported.
    whom
        The members of a group; None for an export of everybody.
    """
    where, values = where_of(wish)
    if wish.patients_only:
        where += " AND subject_id IS NOT NULL"
    sql = (
        "SELECT resource_type, count(*) AS n, bit_xor(hash(version_id)) AS mark, "  # noqa: S608  our own text; values are bound
        "list_sort(list(DISTINCT subject_id) FILTER (subject_id IS NOT NULL)) AS whom "
        f"FROM resource WHERE {where} GROUP BY resource_type"
    )
    found = reader.query(sql, tables=["resource"], params=values, subjects=whom)
    return {
        row["resource_type"]: Held(row["n"], row["mark"], tuple(row["whom"] or ()))
        for row in found.to_pylist()
    }
