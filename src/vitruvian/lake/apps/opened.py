"""Sessions that another record system opened: from where, for which patient and encounter.

Kept beside the apps, so that a server that starts anew still knows which patient a session was
opened for. The session itself is kept as a hash, as among the accounts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any  # rows of SQLite

from vitruvian.base.clock import Clock
from vitruvian.lake.accounts import SESSION_LIVES
from vitruvian.lake.apps.registry import hashed_word
from vitruvian.lake.disk.database import Database, row_seal
from vitruvian.lake.store.codec import instant, micros


@dataclass(frozen=True)
class Opening:
    """What a session was opened with.

    Parameters
    ----------
    ehr
        Name of the declared system.
    subject_id
        A subject of the patient in context.
    encounter_id
        The encounter in context; None when none was said, or none that is known here.
    """

    ehr: str
    subject_id: int
    encounter_id: int | None = None
    opened_at: datetime | None = None


class Openings:
    """What the sessions of one lake were opened with."""

    def __init__(self, database: Database, *, clock: Clock) -> None:
        self.database = database
        self._clock = clock

    def put(self, token: str, opening: Opening) -> None:
        """Remember what a session was opened with; an earlier one of it is over."""
        now = self._clock()
        said = (opening.ehr, opening.subject_id, opening.encounter_id)
        row = (hashed_word(token), *said, micros(now), micros(now + SESSION_LIVES))
        with self.database.writing() as connection:
            connection.execute("DELETE FROM opening WHERE expires_at<=?", (micros(now),))
            sql = "INSERT OR REPLACE INTO opening VALUES(?,?,?,?,?,?,?)"
            connection.execute(sql, (*row, row_seal(row)))

    def of(self, token: str) -> Opening | None:
        """What a session was opened with; None for one that nobody else opened."""
        sql = (
            "SELECT ehr, subject_id, encounter_id, opened_at FROM opening "
            "WHERE session_hash=? AND expires_at>?"
        )
        values = (hashed_word(token), micros(self._clock()))
        rows: list[Any] = self.database.rows(sql, values)
        if not rows:
            return None
        ehr, subject, encounter, at = rows[0]
        return Opening(ehr, subject, encounter, instant(at))

    def forget(self, token: str) -> None:
        """Leave the context of a session."""
        with self.database.writing() as connection:
            sql = "DELETE FROM opening WHERE session_hash=?"
            connection.execute(sql, (hashed_word(token),))
