"""Reading one published state, as of any instant, within policy."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from vitruvian.base.ids import stable_id
from vitruvian.lake.engines.doorway import Doorway, Wish
from vitruvian.lake.engines.scan import AsOf, Pinned
from vitruvian.lake.engines.veil import WITH_NOBODY
from vitruvian.lake.errors import NoSubjectColumn, RecordClosed
from vitruvian.lake.kept.following import followed, table_state
from vitruvian.lake.kept.links import LINK_COLUMNS, Links, links_of
from vitruvian.lake.store.codec import instant, known_table
from vitruvian.record import TABLES, Table, table_named
from vitruvian.trust import Deed
from vitruvian.trust.reach import Matter

if TYPE_CHECKING:
    import pyarrow as pa

    from vitruvian.lake.disk.blobs import Pieces
    from vitruvian.lake.permit.permits import Permit

Answer = TypeVar("Answer")
BY_ID = re.compile(r"(?!subject_id)\w+_id = \?")


@dataclass(frozen=True)
class SnapshotInfo:
    """The published state an answer stands on.

    `published_at` is the newest `recorded_at` in it: asking again with
    ``recorded_at=published_at`` gives the same answer for ever.
    """

    id: str
    published_at: datetime


@dataclass(frozen=True)
class Changes:
    """Whose rows changed since an instant, up to the state that was read."""

    snapshot: SnapshotInfo
    subjects: frozenset[int]


class Reader:
    """One published state, read through one connection by one thread."""

    def __init__(self, door: Doorway, *, permit: Permit | None = None) -> None:
        state = door.state
        self.snapshot = SnapshotInfo(
            id=f"{state.snapshot_id}.{state.log_seq}", published_at=instant(state.recorded_us)
        )
        self.as_of = door.as_of
        self.noted: set[int] = set()
        self.tables_read: set[str] = set()
        self._asked_of_many: list[str] = []
        self._over_all = False
        self._door = door
        self._permit = permit
        # What an answer kept for later depends on beside the state: it changes with the policy,
        # with consents, and with who asks.
        self.permit_key = "" if permit is None else permit.key

    def rows(
        self,
        table: str,
        *,
        subjects: Sequence[int] | None = None,
        columns: Sequence[str] | None = None,
        where: str | None = None,
        params: Sequence[object] = (),
    ) -> pa.Table:
        """The rows that hold, `recorded_at` filled in.

        Parameters
        ----------
        table
            Name of the table.
        subjects
            Only these subjects, who are then noted in the audit; None means all.
        columns
            Names in the order wanted; None means all.
        where
            A condition in SQL over the table's columns; our own constants only.
        params
            Values for the question marks in `where`.
        """
        described = known_table(table)
        wish = Wish(columns or described.column_names, where, params)
        return self._selected(described, subjects, wish)

    def is_near(self, table: str, subjects: Sequence[int]) -> bool:
        """Whether all rows of these subjects fit into memory side by side."""
        return self._door.is_near(known_table(table), tuple(sorted(subjects)))

    def find(self, table: str, *, key: int) -> pa.Table:
        """The rows that hold with this key of their own, without knowing whose they are.

        Parameters
        ----------
        table
            Name of a table with a subject and a numeric key: event, resource, note, ...
        key
            Value of that table's key column; its subject is noted in the audit.
        """
        return self.rows(table, where=f"{known_table(table).key} = ?", params=[key])

    def look_up(
        self,
        table: str,
        *,
        keys: Sequence[int | str],
        columns: Sequence[str] | None = None,
        every_version: bool = False,
    ) -> pa.Table:
        """The rows that hold at some keys of the column that a table is clustered by.

        For few keys this is several times faster than a condition in SQL.

        Parameters
        ----------
        table
            Name of the table: resource_key is clustered by key_id, source by source_id.
        keys
            Values of that column.
        columns
            Names in the order wanted; None means all.
        every_version
            Also what no longer holds.
        """
        described = known_table(table)
        wish = Wish(columns or described.column_names, retire=not every_version)
        allowed = self._chosen(described, None)
        return self._door.look_up(described, keys=keys, allowed=allowed, wish=wish)

    def history(
        self,
        table: str,
        *,
        subjects: Sequence[int] | None = None,
        columns: Sequence[str] | None = None,
        where: str | None = None,
        params: Sequence[object] = (),
    ) -> pa.Table:
        """Every version, also what no longer holds; parameters as in `rows`."""
        described = known_table(table)
        wish = Wish(columns or described.column_names, where, params, retire=False)
        return self._selected(described, subjects, wish)

    def retirements(self, subjects: Sequence[int]) -> pa.Table:
        """What no longer holds of a few subjects, and since when that was known.

        Parameters
        ----------
        subjects
            Whose; noted in the audit. What retires a whole derivation names nobody, and comes too.
        """
        wanted = self._chosen(table_named("retirement"), subjects) or ()
        found = self._door.retirements(wanted)
        return found.select(["scope", "target_id", "known_at"])

    def query(
        self,
        sql: str,
        *,
        tables: Sequence[str],
        params: Sequence[object] = (),
        subjects: Sequence[int] | None = None,
    ) -> pa.Table:
        """The answer of our own SQL over tables as the door shows them.

        Parameters
        ----------
        sql
            One SELECT in which the tables stand by their names.
        tables
            Which ones it names.
        params
            Values for its question marks.
        subjects
            Only these subjects, in every table that knows subjects; None means all.
        """
        for name in tables:
            described = known_table(name)
            has_subject = "subject_id" in described.column_names
            chosen = self._chosen(described, subjects if has_subject else None)
            self._door.show_as_view(described, subjects=chosen)
        return self._door.fetch(sql, params)

    def once(
        self,
        question: str,
        make: Callable[[], Answer],
        *,
        tables: Sequence[str],
        fits: Callable[[Answer], bool] = lambda _: True,
    ) -> Answer:
        """An answer over whole tables, worked out once for a state and for who may see what.

        Parameters
        ----------
        question
            Names it; with what it depends on beside the state, the instants and the policy.
        make
            Works it out on this reader; what it gives must never be changed.
        tables
            Which ones it is read from; the audit says so each time.
        fits
            Whether the answer kept will do.
        """
        self.tables_read.update(tables)
        key = (question, table_state(self._door, tables), self.as_of, self.permit_key)
        return self._door.engines.near.answers.once(key, make, fits=fits)

    def followed(
        self,
        question: str,
        *,
        make: Callable[[], Answer],
        follow: Callable[[Answer, frozenset[int]], Answer],
        tables: Sequence[str],
    ) -> Answer:
        """An answer over whole tables that is kept from state to state.

        Parameters
        ----------
        question
            Names it; with what it depends on beside the state and the policy.
        make
            Works it out on this reader; what it gives must never be changed.
        follow
            Gives a new answer from an older one and the subjects of whom rows came since. As in
            `make`, nobody is noted in the audit here: whoever shows a patient does.
        tables
            Which ones it is read from.
        """
        self.tables_read.update(tables)
        before, self._over_all = (set(self.noted), self._over_all), True
        try:
            if self.as_of != AsOf():
                return make()
            key = (question, self.permit_key)
            return followed(self._door, key, make=make, follow=follow, tables=tables)
        finally:
            self.noted, self._over_all = before

    def pinned(self, table: str) -> Pinned:
        """The files of a whole table, for an engine that reads files only.

        They stay while this reader is open.

        Raises
        ------
        NotDrained
            When rows of it are still in the hot log.
        """
        described = known_table(table)
        return self._door.pinned(described, subjects=self._chosen(described, None))

    def subjects_of(self, person_id: int) -> list[int]:
        """The subjects that are this person, as of the instants asked; ascending."""
        return list(self.links.subjects_of(int(person_id)))

    def person_of(self, subject_id: int) -> int:
        """The person a subject is, as of the instants asked; itself when nobody linked it."""
        return self.links.person_of(int(subject_id))

    def persons(self) -> dict[int, int]:
        """The person of every subject that is linked to another one."""
        return dict(self.links.person)

    @cached_property
    def links(self) -> Links:
        """Who is one person, as of the instants asked."""
        state = table_state(self._door, ("person_link",))
        key = ("links", state, self.as_of, self.permit_key)
        return self._door.engines.near.answers.once(key, self._read_links)

    def _read_links(self) -> Links:
        wish = Wish(LINK_COLUMNS, retire=False)
        return links_of(self._door.select(table_named("person_link"), subjects=None, wish=wish))

    def changed_since(self, since: datetime) -> frozenset[int]:
        """Subjects of whom any row, also a retirement, was recorded after that instant."""
        wish = Wish(("subject_id",), "recorded_at > ?", (since,), retire=False)
        found: set[int] = set()
        for table in TABLES.values():
            if "subject_id" in table.column_names:
                rows = self._door.select(table, subjects=self._chosen(table, None), wish=wish)
                found.update(rows.column("subject_id").drop_null().unique().to_pylist())
        return frozenset(found)

    def blob(self, sha256: str, *, most: int | None = None) -> bytes:
        """The bytes stored under that hash, checked against it; at most so many."""
        return self._door.store.blobs.get(sha256, most=most)

    def pieces(self, sha256: str) -> Pieces:
        """The same piece by piece, for what is sent on and not looked into."""
        return self._door.store.blobs.pieces(sha256)

    def note(self, patient: Sequence[int]) -> None:
        """Remember for the audit that rows of these subjects were shown."""
        self.noted.update(int(one) for one in patient)

    @contextmanager
    def over_many(self, question: str) -> Iterator[None]:
        """Read patients of whom no row is shown: the audit names the question and how many.

        Parameters
        ----------
        question
            What is asked of each of them, in the audit's words; never a value. Whoever shows
            single patients of the answer notes them afterwards.
        """
        before = set(self.noted)
        try:
            yield
        finally:
            asked = len(self.noted - before)
            self.noted = before
            self._asked_of_many.append(f"{question} (of {asked} subjects)")

    def deed(self, *, failed: bool, exported: bool) -> Deed:
        """What was read through here so far, for the audit."""
        asked = [*self._asked_of_many, " ".join(sorted(self.tables_read))]
        return Deed(
            "export" if exported else "read",
            "failed" if failed else "done",
            subjects=tuple(sorted(self.noted)),
            definition="; ".join(filter(None, asked)),
            snapshot=self.snapshot.id,
        )

    def _selected(self, table: Table, subjects: Sequence[int] | None, wish: Wish) -> pa.Table:
        """The rows wished for; a row asked for by its id is first looked for by that alone."""
        chosen = self._chosen(table, subjects)
        if subjects is None and names_one_id(table, wish.where):
            # A search of one narrow column is many times faster than one over every column.
            narrow = replace(wish, columns=("subject_id",), retire=False)
            found = self._door.select(table, subjects=chosen, wish=narrow)
            whose = found.column("subject_id").unique().to_pylist()
            if None not in whose:
                chosen = self._chosen(table, whose)
        return self._door.select(table, subjects=chosen, wish=wish)

    def _chosen(self, table: Table, subjects: Sequence[int] | None) -> tuple[int, ...] | None:
        """The subjects to read: those asked for, within those policy lets through."""
        if "subject_id" not in table.column_names:
            if subjects is not None:
                raise NoSubjectColumn(table=table.name)
            return None
        if subjects is not None:
            asked = {int(one) for one in subjects}
            wanted = {one for one in asked if self._door.veil.of(table).lets(one)}
            if asked and not wanted and not self._over_all:
                self._expect_no_glass(asked)
                # As much is read as for a number nobody has: the time taken tells nothing.
                return (stable_id("nobody", *map(str, sorted(asked))),)
            self.noted.update(wanted)
            return tuple(sorted(wanted))
        self.tables_read.add(table.name)
        return self._within_policy(table)

    def reaches(self, subject: int) -> bool:
        """Whether policy lets the one who asks through to a subject, who may be new."""
        return self._permit is None or self._permit.reach.answer(subject, Matter()) == "allowed"

    def lets_write(self, tables: Mapping[str, pa.Table]) -> bool:
        """Whether the scopes of an app, when one asks, let it write these rows."""
        return self._permit is None or self._permit.lets_write(tables)

    def _expect_no_glass(self, refused: set[int]) -> None:
        """Say that a record is closed only to those who may open it; others learn nothing."""
        if self._permit is not None and all(map(self._permit.behind_glass, refused)):
            raise RecordClosed

    def _within_policy(self, table: Table) -> tuple[int, ...] | None:
        """The only subjects that policy lets through; None for all, or where the veil tells."""
        only = self._door.veil.of(table).only
        return None if only is None or table.name in WITH_NOBODY else tuple(sorted(only))


def names_one_id(table: Table, where: str | None) -> bool:
    """Whether a condition asks for rows of one id, of a table that is clustered by subject."""
    asked = BY_ID.match(where or "")
    clustered = table.cluster_by[0] == "subject_id" and asked is not None
    return clustered and " or " not in (where or "").lower()
