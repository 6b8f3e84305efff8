"""The hot log: what must be durable at once, committed in groups across threads."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any  # rows of SQLite, Arrow tables

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from vitruvian.lake.disk.database import row_seal
from vitruvian.lake.store.catalogue import Catalogue, State
from vitruvian.lake.store.codec import decode, encode, instant, known_table

INSERT = "INSERT INTO log(table_name, subject_id, row, recorded_at, seal) VALUES(?,?,?,?,?)"


@dataclass
class Batch:
    """What one caller wants to have written, and how it went."""

    rows: list[tuple[str, int | None, str]]
    done: threading.Event = field(default_factory=threading.Event)
    recorded_us: int = 0
    failure: BaseException | None = None


@dataclass(frozen=True)
class Backlog:
    """What waits in the hot log.

    Parameters
    ----------
    rows
        How many rows wait.
    age
        How long the oldest of them has waited.
    newest
        When the newest rows of the lake were recorded, those in table files too.
    """

    rows: int
    age: timedelta
    newest: datetime


class HotLog:
    """Rows that are durable when `append` returns and not yet in a table file."""

    def __init__(self, catalogue: Catalogue, *, fault: Callable[[str], None]) -> None:
        self._catalogue = catalogue
        self._fault = fault
        self._queue: list[Batch] = []
        self._queue_guard = threading.Lock()
        self._turn = threading.Lock()

    def append(self, tables: dict[str, pa.Table]) -> datetime:
        """Write rows durably; give the instant they were recorded at.

        Callers that arrive while another one waits for the disk share one commit.
        """
        batch = Batch(rows=[row for name, rows in tables.items() for row in _log_rows(name, rows)])
        with self._queue_guard:
            self._queue.append(batch)
        with self._turn:
            if not batch.done.is_set():
                self._commit_queue()
        if batch.failure is not None:
            raise batch.failure
        return instant(batch.recorded_us)

    def _commit_queue(self) -> None:
        with self._queue_guard:
            group, self._queue = self._queue, []
        try:
            self._write(group)
        except BaseException as error:
            for batch in group:
                batch.failure = error
            raise
        finally:
            for batch in group:
                batch.done.set()

    def _write(self, group: Sequence[Batch]) -> None:
        self._fault("append:before")
        with self._catalogue.database.writing() as connection:
            for batch in group:
                batch.recorded_us = self._catalogue.next_instant(connection)
                rows = [(*row, batch.recorded_us) for row in batch.rows]
                connection.executemany(INSERT, [(*row, row_seal(row)) for row in rows])
            self._fault("append:before-commit")
        self._fault("append:after-commit")

    def rows(
        self,
        table: str,
        *,
        state: State,
        subjects: Sequence[int] | None = None,
        or_null: bool = False,
        keys: tuple[str, Sequence[int | str]] | None = None,
    ) -> pa.Table | None:
        """The rows of one table that this state has and no table file holds; None when none.

        Parameters
        ----------
        table
            Name of the table.
        state
            The published state that is read.
        subjects
            Only these subjects; None means all.
        or_null
            Also the rows that name no subject.
        keys
            Only rows with one of these values in that column; None means all.
        """
        if state.log_seq <= state.drained_seq:
            return None
        sql = "SELECT row, recorded_at FROM log WHERE table_name=? AND seq>? AND seq<=?"
        bounds: list[object] = [table, state.drained_seq, state.log_seq]
        if subjects is not None:
            marks = ",".join(str(int(subject)) for subject in subjects)
            nobody = " OR subject_id IS NULL" if or_null else ""
            sql += f" AND (subject_id IN ({marks}){nobody})"
        if keys is not None:
            # Finding the words in the text first spares decoding every row that waits.
            words = [_words_of(keys[0], key) for key in keys[1]]
            sql += f" AND ({' OR '.join(['instr(row, ?) > 0'] * len(words)) or 'false'})"
            bounds += words
        found: list[Any] = self._catalogue.database.rows(sql + " ORDER BY seq", bounds)
        if not found:
            return None
        rows = decode(found, table=known_table(table))
        return rows if keys is None else _with_keys(rows, *keys)

    def backlog(self) -> Backlog:
        """How many rows no table file holds yet, and since when the oldest waits."""
        sql = """SELECT count(*), min(recorded_at) FROM log
                 WHERE seq > (SELECT drained_seq FROM snapshot ORDER BY id DESC LIMIT 1)"""
        (row,) = self._catalogue.database.rows(sql)
        found: tuple[Any, ...] = row
        now = self._catalogue.now()
        age = now - instant(found[1]) if found[0] else timedelta()
        return Backlog(found[0], age, self._catalogue.latest_instant())

    def trim(self, *, upto: int) -> int:
        """Delete rows that table files hold and no reader needs from here; how many."""
        with self._catalogue.database.writing() as connection:
            return connection.execute("DELETE FROM log WHERE seq<=?", (upto,)).rowcount


def _with_keys(rows: pa.Table, column: str, keys: Sequence[int | str]) -> pa.Table:
    values = rows.column(column)
    return rows.filter(pc.is_in(values, pa.array(keys, values.type)))


def _words_of(column: str, key: int | str) -> str:
    """How a row's text says that a column has a value; a number's may be the start of another's."""
    return f'"{column}":{orjson.dumps(key).decode()}'


def _log_rows(name: str, rows: pa.Table) -> list[tuple[str, int | None, str]]:
    texts = encode(rows)
    if "subject_id" not in rows.column_names:
        return [(name, None, text) for text in texts]
    subjects = rows.column("subject_id").to_pylist()
    return [(name, subject, text) for subject, text in zip(subjects, texts, strict=True)]
