"""Everybody in the order of the worklist, kept while only a few of them change."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from vitruvian.picture.facts.events import stamp

if TYPE_CHECKING:
    from vitruvian.lake import Reader
    from vitruvian.lake.kept.links import Links

Numbers = npt.NDArray[np.int64]
TABLES = ("patient", "person_link", "encounter")
NEVER_SEEN = 2**60
IN_HOSPITAL_FIRST = 2**61
NOTHING_PLANNED = 2**62
# $1 is the moment judged from; a subject that no link names is its own person.
EVERYBODY = """
    WITH latest AS (
        SELECT subject_id, arg_max(person_id, recorded_at) AS person_id,
               arg_max(linked, recorded_at) AS linked
        FROM person_link GROUP BY subject_id
    ), who AS (
        SELECT subject_id,
               coalesce(CASE WHEN l.linked THEN l.person_id END, p.subject_id) AS person_id
        FROM patient p LEFT JOIN latest l USING (subject_id)
    ), visits AS (
        SELECT subject_id, max(start_time) FILTER (start_time <= $1) AS latest,
               min(start_time) FILTER (start_time > $1) AS planned,
               bool_or(start_time <= $1 AND status IN ('in-progress', 'onleave')
                       AND end_time IS NULL AND class_code LIKE '%//IMP') AS here
        FROM encounter GROUP BY subject_id
    )
    SELECT person_id, coalesce(bool_or(here), false) AS here, max(latest) AS latest,
           min(planned) AS planned
    FROM who LEFT JOIN visits USING (subject_id) GROUP BY person_id
"""


@dataclass(frozen=True)
class Order:
    """Persons in the order of the worklist: in-patients first, then by the latest encounter.

    Parameters
    ----------
    persons
        (n,) ids.
    ranks
        (n,) ascending: what a person is sorted by before the id, from `here` and `latest`.
    planned
        (n,) microseconds since 1970 at which the next encounter of each begins.
    counted
        The newest start of an encounter that the order counts, likewise.
    links
        Who is one person.
    """

    persons: Numbers
    ranks: Numbers
    planned: Numbers
    counted: int
    links: Links

    def holds(self, at: int) -> bool:
        """Whether the order is the same at a moment: what counts has begun, and nothing else."""
        return self.counted <= at and not bool((self.planned <= at).any())

    def due(self, at: int) -> list[int]:
        """Persons of whom an encounter has begun by then that does not count yet."""
        return [int(one) for one in self.persons[self.planned <= at]]


class Standing:
    """The order of one state; it moves on with the clock."""

    def __init__(self, order: Order) -> None:
        self.order = order


def order_at(reader: Reader, *, at: datetime) -> Order:
    """All persons in the order of the worklist at a moment."""

    def make() -> Standing:
        return Standing(everybody(reader, at=at))

    def follow(kept: Standing, touched: frozenset[int]) -> Standing:
        links = reader.links
        if links != kept.order.links:
            return make()
        persons = {links.person_of(subject) for subject in touched}
        return Standing(again(reader, kept.order, persons, at=at))

    standing = reader.followed("worklist", make=make, follow=follow, tables=TABLES)
    order = standing.order
    if order.holds(stamp(at)):
        return order
    if order.counted > stamp(at):
        return everybody(reader, at=at)  # asked as of a moment before the one it was judged from
    order = standing.order = again(reader, order, order.due(stamp(at)), at=at)
    return order


def everybody(reader: Reader, *, at: datetime) -> Order:
    """The order worked out from the beginning."""
    found = reader.query(EVERYBODY, tables=TABLES, params=[at])
    persons, ranks, planned, counted = columns_of(found)
    places = np.lexsort((persons, ranks))
    return Order(persons[places], ranks[places], planned[places], counted, reader.links)


def again(reader: Reader, order: Order, some: Iterable[int], *, at: datetime) -> Order:
    """The same order, some persons of it worked out again."""
    wanted = sorted(set(some))
    subjects = [one for person in wanted for one in order.links.subjects_of(person)]
    found = reader.query(EVERYBODY, tables=TABLES, params=[at], subjects=subjects)
    persons, ranks, planned, counted = columns_of(found)
    stays = ~np.isin(order.persons, np.array(wanted, np.int64))
    kept = Order(order.persons[stays], order.ranks[stays], order.planned[stays], 0, order.links)
    places = [place_of(kept, int(r), int(p)) for r, p in zip(ranks, persons, strict=True)]
    fresh = np.lexsort((persons, ranks))
    where = np.array(places, np.int64)[fresh]
    return Order(
        np.insert(kept.persons, where, persons[fresh]),
        np.insert(kept.ranks, where, ranks[fresh]),
        np.insert(kept.planned, where, planned[fresh]),
        max(order.counted, counted),
        order.links,
    )


def place_of(order: Order, rank: int, person: int) -> int:
    """Where a person of that rank belongs."""
    first = int(np.searchsorted(order.ranks, rank, "left"))
    last = int(np.searchsorted(order.ranks, rank, "right"))
    return first + int(np.searchsorted(order.persons[first:last], person))


def columns_of(found: pa.Table) -> tuple[Numbers, Numbers, Numbers, int]:
    """Persons, ranks, planned starts, and the newest start that counts."""
    persons = numbers(found.column("person_id"), absent=0)
    latest = micros(found.column("latest"))
    here = pc.cast(found.column("here"), pa.int64()).to_numpy()
    seen = numbers(pc.negate(latest), absent=NEVER_SEEN)
    counted = pc.max(latest).as_py()
    planned = numbers(micros(found.column("planned")), absent=NOTHING_PLANNED)
    ranks = seen - here * IN_HOSPITAL_FIRST
    return persons, ranks, planned, -NEVER_SEEN if counted is None else int(counted)


def micros(column: Any) -> Any:
    """Instants as microseconds since 1970, which is how they are stored."""
    return column.cast(pa.timestamp("us", "UTC")).cast(pa.int64())


def numbers(column: Any, *, absent: int) -> Numbers:
    """A column of whole numbers, with a number for what is absent."""
    return np.asarray(pc.fill_null(column, absent).to_numpy(), np.int64)
