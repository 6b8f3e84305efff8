"""What people decide about access: ties of accounts, broken glass, records released to patients.

They lie beside the accounts, in a database of their own.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal  # rows of SQLite

from vitruvian.base.clock import Clock
from vitruvian.lake.disk.database import Database, row_seal
from vitruvian.lake.errors import Damaged, NoSuchBreaking, ReasonTooShort
from vitruvian.lake.store.codec import instant, micros
from vitruvian.trust.own_record import Key
from vitruvian.trust.policy import Policy

TieKind = Literal["practitioner", "ward", "study", "self", "proxy"]
Verdict = Literal["justified", "not-justified"]
SCHEMA = """
CREATE TABLE IF NOT EXISTS tie(name TEXT NOT NULL, kind TEXT NOT NULL, value TEXT NOT NULL,
    at INTEGER NOT NULL, seal TEXT NOT NULL, PRIMARY KEY (name, kind, value));
CREATE TABLE IF NOT EXISTS glass(id TEXT PRIMARY KEY, name TEXT NOT NULL, role TEXT NOT NULL,
    person_id INTEGER NOT NULL, reason TEXT NOT NULL, opened_at INTEGER NOT NULL,
    until INTEGER NOT NULL, reviewed_by TEXT, reviewed_at INTEGER, verdict TEXT, words TEXT,
    seal TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS release(id TEXT PRIMARY KEY, ident INTEGER NOT NULL,
    alone INTEGER NOT NULL, subject_id INTEGER NOT NULL, name TEXT NOT NULL, at INTEGER NOT NULL,
    seal TEXT NOT NULL);
"""
SEALED = ("tie", "glass", "release")
ERASED = "(erased)"
LARGEST_SUBJECT = 2**63 - 1
COLUMNS = (
    *("id", "name", "role", "person_id", "reason", "opened_at", "until"),
    *("reviewed_by", "reviewed_at", "verdict", "words"),
)


@dataclass(frozen=True)
class Ties:
    """What an account is tied to.

    Parameters
    ----------
    practitioner
        References by which records know the account.
    ward
        Names or references of the wards it works on.
    study
        Research projects it belongs to.
    own, proxy
        Subjects that are the account's holder, and those the holder speaks for.
    """

    practitioner: frozenset[str] = frozenset()
    ward: frozenset[str] = frozenset()
    study: frozenset[str] = frozenset()
    own: frozenset[int] = frozenset()
    proxy: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Breaking:
    """One glass that was broken: who, for whom, why, until when, and what a reviewer said."""

    id: str
    name: str
    role: str
    person_id: int
    reason: str
    opened_at: datetime
    until: datetime
    reviewed_by: str | None
    reviewed_at: datetime | None
    verdict: Verdict | None
    words: str | None


class Desk:
    """Ties of accounts, breakings of glass, and releases."""

    def __init__(self, root: Path, *, clock: Clock) -> None:
        self.database = Database(root / "permit.sqlite", durability="FULL", schema=SCHEMA)
        self._clock = clock

    def tie(self, name: str, *, kind: TieKind, value: str) -> None:
        """Tie an account to a ward, a study, a patient or a reference in records."""
        self._put("tie", (name, kind, value, micros(self._clock())))

    def untie(self, name: str, *, kind: TieKind, value: str) -> None:
        """Undo a tie; nothing happens when there is none."""
        with self.database.writing() as connection:
            sql = "DELETE FROM tie WHERE name=? AND kind=? AND value=?"
            connection.execute(sql, (name, kind, value))

    def ties(self, name: str) -> Ties:
        """What an account is tied to; raises `Damaged` for a patient who is no number."""
        rows: list[Any] = self.database.rows("SELECT kind, value FROM tie WHERE name=?", (name,))
        of: dict[str, set[str]] = {}
        for kind, value in rows:
            of.setdefault(kind, set()).add(value)
        return Ties(
            practitioner=frozenset(of.get("practitioner", ())),
            ward=frozenset(of.get("ward", ())),
            study=frozenset(of.get("study", ())),
            own=frozenset(map(_subject, of.get("self", ()))),
            proxy=frozenset(map(_subject, of.get("proxy", ()))),
        )

    def tied_to(self, value: str, *, kind: TieKind) -> list[str]:
        """The accounts that are tied to something, by name."""
        sql = "SELECT name FROM tie WHERE kind=? AND value=? ORDER BY name"
        rows: list[Any] = self.database.rows(sql, (kind, value))
        return [name for (name,) in rows]

    def release(self, keys: Iterable[Key], *, subject: int, by: str) -> None:
        """Let a patient see some of the own records that were held back.

        Parameters
        ----------
        keys
            Record versions, and events without one.
        subject
            Whose.
        by
            The account that releases them.
        """
        at = micros(self._clock())
        for ident, alone in keys:
            self._put("release", (f"{ident}/{int(alone)}", ident, int(alone), subject, by, at))

    def released(self) -> frozenset[Key]:
        """Everything that was released."""
        rows: list[Any] = self.database.rows("SELECT ident, alone FROM release")
        return frozenset((ident, bool(alone)) for ident, alone in rows)

    def break_glass(
        self, *, name: str, role: str, person_id: int, reason: str, policy: Policy
    ) -> Breaking:
        """Open a closed record for a while.

        Raises
        ------
        ReasonTooShort
            When the reason says less than the policy asks for.
        """
        words = reason_said(reason, policy=policy)
        now = self._clock()
        until = now + timedelta(hours=policy.glass_hours)
        ident = secrets.token_hex(8)
        nothing = (None, None, None, None)
        values = (ident, name, role, person_id, words, micros(now), micros(until), *nothing)
        self._put("glass", values)
        return self.breaking(ident)

    def open_to(self, name: str) -> frozenset[int]:
        """The persons whose glass this account broke and that is open still."""
        sql = "SELECT person_id FROM glass WHERE name=? AND opened_at<=? AND until>?"
        now = micros(self._clock())
        rows: list[Any] = self.database.rows(sql, (name, now, now))
        return frozenset(person for (person,) in rows)

    def breakings(self, *, name: str | None = None, waiting: bool = False) -> list[Breaking]:
        """Broken glass, newest first: of one account, or only what nobody has reviewed."""
        where, values = ["1"], list[object]()
        if name is not None:
            where.append("name=?")
            values.append(name)
        if waiting:
            where.append("verdict IS NULL")
        sql = f"SELECT {','.join(COLUMNS)} FROM glass WHERE {' AND '.join(where)}"
        return [
            _breaking(row) for row in self.database.rows(f"{sql} ORDER BY opened_at DESC", values)
        ]

    def breaking(self, ident: str) -> Breaking:
        """One of them; raises `NoSuchBreaking`."""
        sql = f"SELECT {','.join(COLUMNS)} FROM glass WHERE id=?"
        rows = self.database.rows(sql, (ident,))
        if not rows:
            raise NoSuchBreaking
        return _breaking(rows[0])

    def review(self, ident: str, *, by: str, verdict: Verdict, words: str) -> Breaking:
        """Write down what a reviewer, who is somebody else, thinks of it.

        Raises
        ------
        NoSuchBreaking
            When there is none, or the reviewer broke it.
        """
        found = self.breaking(ident)
        if found.name == by:
            raise NoSuchBreaking
        said = (by, micros(self._clock()), verdict, words)
        values = (ident, found.name, found.role, found.person_id, found.reason)
        times = (micros(found.opened_at), micros(found.until))
        self._put("glass", (*values, *times, *said))
        return self.breaking(ident)

    def forget(self, patient: frozenset[int]) -> None:
        """Drop ties to some subjects, and the words said when their glass was broken.

        Who broke it and when stays, as the audit does.
        """
        with self.database.writing() as connection:
            sql = "DELETE FROM tie WHERE kind IN ('self', 'proxy') AND value=?"
            connection.executemany(sql, [(str(one),) for one in patient])
            gone = "DELETE FROM release WHERE subject_id=?"
            connection.executemany(gone, [(one,) for one in patient])
        for found in self.breakings():
            if found.person_id in patient:
                self._silence(found)

    def _silence(self, found: Breaking) -> None:
        reviewed = None if found.reviewed_at is None else micros(found.reviewed_at)
        times = (micros(found.opened_at), micros(found.until))
        whose = (found.id, found.name, found.role, found.person_id, ERASED)
        said = (found.reviewed_by, reviewed, found.verdict, found.words and ERASED)
        self._put("glass", (*whose, *times, *said))

    def close(self) -> None:
        """Close the database."""
        self.database.close()

    def _put(self, table: str, values: Sequence[object]) -> None:
        marks = ",".join("?" * (len(values) + 1))
        with self.database.writing() as connection:
            sql = f"INSERT OR REPLACE INTO {table} VALUES({marks})"
            connection.execute(sql, (*values, row_seal(values)))


def is_subject(value: str) -> bool:
    """Whether a tie to a patient names a subject: ASCII digits, at most 2^63 - 1."""
    digits = value.isascii() and value.isdecimal() and len(value) <= len(str(LARGEST_SUBJECT))
    return digits and int(value) <= LARGEST_SUBJECT


def _subject(value: str) -> int:
    if not is_subject(value):
        raise Damaged(what="an account is tied to a patient without a number")
    return int(value)


def reason_said(reason: str, *, policy: Policy) -> str:
    """The reason for breaking a glass, in single spaces.

    Raises
    ------
    ReasonTooShort
        When it says less than the policy asks for.
    """
    words = " ".join(reason.split())
    if sum(letter.isalpha() for letter in words) < policy.glass_letters:
        raise ReasonTooShort(least=policy.glass_letters)
    return words


def _breaking(row: tuple[Any, ...]) -> Breaking:
    said = dict(zip(COLUMNS, row, strict=True))
    for name in ("opened_at", "until", "reviewed_at"):
        said[name] = None if said[name] is None else instant(said[name])
    return Breaking(**said)
