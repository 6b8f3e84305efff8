"""Definitions that somebody saved, every version kept; and the floors of a site.

No patient is in them, so they lie beside the lake in a file of their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from vitruvian.base.clock import Clock, system_clock
from vitruvian.criteria.cohorts.kept.floor import COUNTS_ONLY, NO_FLOOR, SEES_PATIENTS, Floor
from vitruvian.criteria.errors import NoSuchDefinition
from vitruvian.lake.disk.database import Database

FILE = "cohorts.sqlite"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS definition (
    id INTEGER PRIMARY KEY AUTOINCREMENT, owner TEXT NOT NULL, name TEXT NOT NULL,
    version INTEGER NOT NULL, title TEXT NOT NULL, text TEXT NOT NULL, saved_at INTEGER NOT NULL,
    UNIQUE (owner, name, version));
CREATE TABLE IF NOT EXISTS floor (role TEXT PRIMARY KEY, least INTEGER NOT NULL);
"""
_COLUMNS = "id, name, version, title, text, saved_at"


@dataclass(frozen=True)
class Saved:
    """One version of a definition."""

    id: str
    name: str
    version: int
    title: str
    text: str
    saved_at: datetime


class Shelf:
    """The saved definitions and the floors of one lake."""

    def __init__(self, lake: Path, *, clock: Clock = system_clock) -> None:
        self._database = Database(lake / FILE, durability="FULL", schema=_SCHEMA)
        self._clock = clock

    def save(self, owner: str, *, name: str, title: str, text: str) -> Saved:
        """Keep a definition as the next version of that name; the same text again is the same."""
        now = self._clock()
        with self._database.writing() as connection:
            sql = f"SELECT {_COLUMNS} FROM definition WHERE owner=? AND name=? ORDER BY version"
            versions = connection.execute(sql, (owner, name)).fetchall()
            if versions and versions[-1][4] == text:
                return _saved(versions[-1])
            version = len(versions) + 1
            row = (owner, name, version, title, text, round(now.timestamp() * 1e6))
            added = connection.execute(
                "INSERT INTO definition (owner, name, version, title, text, saved_at) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                row,
            )
        return Saved(str(added.lastrowid), name, version, title, text, now)

    def of(self, owner: str) -> tuple[Saved, ...]:
        """Every version that somebody saved, the newest first."""
        sql = f"SELECT {_COLUMNS} FROM definition WHERE owner=? ORDER BY saved_at DESC, id DESC"
        return tuple(map(_saved, self._database.rows(sql, (owner,))))

    def get(self, owner: str, saved_id: int) -> Saved:
        """One version; raises `NoSuchDefinition` when it is not theirs."""
        sql = f"SELECT {_COLUMNS} FROM definition WHERE owner=? AND id=?"
        rows = self._database.rows(sql, (owner, saved_id))
        if not rows:
            raise NoSuchDefinition
        return _saved(rows[0])

    def floor(self, role: str) -> Floor:
        """The least count that a role sees; as the site set it, else by the role."""
        rows = self._database.rows("SELECT least FROM floor WHERE role=?", (role,))
        usual = NO_FLOOR if role in SEES_PATIENTS else COUNTS_ONLY
        least = rows[0][0] if rows else usual
        return Floor(int(str(least)))

    def set_floor(self, role: str, *, least: int) -> None:
        """Set the least count that a role sees; 0 sees all counts, and patients."""
        with self._database.writing() as connection:
            connection.execute("INSERT OR REPLACE INTO floor VALUES (?, ?)", (role, least))

    def close(self) -> None:
        """Close the file."""
        self._database.close()


def _saved(row: tuple[object, ...]) -> Saved:
    number, name, version, title, text, at = row
    when = datetime.fromtimestamp(int(str(at)) / 1e6, UTC)
    return Saved(str(number), str(name), int(str(version)), str(title), str(text), when)
