"""What apps were given: one grant for each time somebody allowed an app something.

A code, a refresh token and every access token stand on one grant, and end with it. A code or a
refresh token that comes a second time was stolen from one of the two who sent it, so it ends the
grant for both.

References
----------
RFC 6749 (2012), sections 4.1.2 and 10.5. RFC 9700 (2025), 2.2.2 and 4.14.2: rotation of refresh
tokens. RFC 7523 (2015), section 3: an assertion is used once.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any  # rows of SQLite

from vitruvian.base.clock import Clock
from vitruvian.lake.apps.registry import hashed_word
from vitruvian.lake.disk.database import Database, row_seal
from vitruvian.lake.store.codec import instant, micros

CODE_LIVES = timedelta(seconds=60)
LAUNCH_LIVES = timedelta(minutes=5)
REFRESH_LIVES = timedelta(days=30)
TOKEN_BYTES = 32
COLUMNS = (
    *("id", "app", "account", "scopes", "subject_id", "patient", "encounter", "nonce"),
    *("given_at", "expires_at"),
)


@dataclass(frozen=True)
class Given:
    """What one account allowed one app.

    Parameters
    ----------
    scopes
        All of them, separated by spaces.
    subject_id, patient, encounter
        The patient and encounter in context: the subject, and the ids FHIR knows them by.
    nonce
        What the app wants to see again in an identity token.
    expires_at
        When everything that stands on it has ended.
    """

    id: str
    app: str
    account: str
    scopes: str
    expires_at: datetime
    subject_id: int | None = None
    patient: str | None = None
    encounter: str | None = None
    nonce: str | None = None
    given_at: datetime | None = None


@dataclass(frozen=True)
class Launching:
    """An app that was opened from a patient's page, until it asks."""

    app: str
    account: str
    subject_id: int
    patient: str
    encounter: str | None


@dataclass(frozen=True)
class Bound:
    """What a code is bound to."""

    challenge: str
    redirect: str


class Grants:
    """What the apps of one lake were given."""

    def __init__(self, database: Database, *, clock: Clock) -> None:
        self.database = database
        self._clock = clock

    def give(self, wish: Given) -> Given:
        """Write down what an account allows an app."""
        made = (wish.app, wish.account, wish.scopes, wish.subject_id, wish.patient)
        more = (wish.encounter, wish.nonce, micros(self._clock()), micros(wish.expires_at))
        self._put("given", (wish.id, *made, *more))
        self._tidy()
        return wish

    def find(self, ident: str) -> Given | None:
        """A grant that holds; None when it ended or never was."""
        sql = f"SELECT {','.join(COLUMNS)} FROM given WHERE id=? AND expires_at>?"
        rows: list[Any] = self.database.rows(sql, (ident, micros(self._clock())))
        return _given(rows[0]) if rows else None

    def of(self, *, account: str) -> list[Given]:
        """Every grant of an account that holds, newest first."""
        sql = f"SELECT {','.join(COLUMNS)} FROM given WHERE account=? AND expires_at>?"
        values = (account, micros(self._clock()))
        rows: list[Any] = self.database.rows(f"{sql} ORDER BY given_at DESC", values)
        return [_given(row) for row in rows]

    def end(self, ident: str) -> None:
        """End a grant with everything that stands on it."""
        with self.database.writing() as connection:
            connection.execute("DELETE FROM given WHERE id=?", (ident,))
            connection.execute("DELETE FROM code WHERE given=?", (ident,))
            connection.execute("DELETE FROM refresh WHERE given=?", (ident,))

    # ------------------------------------------------------------ codes

    def code(self, grant: Given, bound: Bound) -> str:
        """A code that may be redeemed once, soon."""
        word = secrets.token_urlsafe(TOKEN_BYTES)
        expires = micros(self._clock() + CODE_LIVES)
        self._put(
            "code", (hashed_word(word), grant.id, bound.challenge, bound.redirect, expires, 0)
        )
        return word

    def redeem(self, word: str) -> tuple[Given, Bound] | None:
        """What a code stands for, which is spent by asking; a second time ends the grant."""
        spent = self._spend("code", word, more=("challenge", "redirect"))
        return None if spent is None else (spent[0], Bound(*spent[1]))

    # ------------------------------------------------------------ refresh tokens

    def refresh_token(self, grant: Given) -> str:
        """A refresh token of a grant; it is spent by using it."""
        word = secrets.token_urlsafe(TOKEN_BYTES)
        self._put("refresh", (hashed_word(word), grant.id, micros(grant.expires_at), 0))
        return word

    def spend_refresh(self, word: str) -> Given | None:
        """The grant a refresh token stands on; a second time ends it."""
        spent = self._spend("refresh", word)
        return None if spent is None else spent[0]

    def of_refresh(self, word: str) -> Given | None:
        """The grant of a refresh token that is not spent, without spending it."""
        sql = "SELECT given FROM refresh WHERE token_hash=? AND spent=0 AND expires_at>?"
        rows: list[Any] = self.database.rows(sql, (hashed_word(word), micros(self._clock())))
        return self.find(rows[0][0]) if rows else None

    def _spend(
        self, table: str, word: str, *, more: tuple[str, ...] = ()
    ) -> tuple[Given, tuple[str, ...]] | None:
        listed = ",".join(("given", "expires_at", "spent", *more))
        with self.database.writing() as connection:
            sql = f"SELECT {listed} FROM {table} WHERE token_hash=?"
            row: Any = connection.execute(sql, (hashed_word(word),)).fetchone()
            if row is None:
                return None
            given, expires, spent = row[:3]
            whole = f"SELECT * FROM {table} WHERE token_hash=?"
            values = connection.execute(whole, (hashed_word(word),)).fetchone()[:-2]
            self._write(connection, table, (*values, 1))
        if spent:
            self.end(given)
            return None
        found = self.find(given) if expires > micros(self._clock()) else None
        return None if found is None else (found, tuple(row[3:]))

    # ------------------------------------------------------------ launches and assertions

    def launching(self, wish: Launching) -> str:
        """A word by which an app opened from a patient's page names that patient, once."""
        word = secrets.token_urlsafe(TOKEN_BYTES)
        whose = (wish.app, wish.account, wish.subject_id, wish.patient, wish.encounter)
        expires = micros(self._clock() + LAUNCH_LIVES)
        self._put("launching", (hashed_word(word), *whose, expires))
        return word

    def launched(self, word: str) -> Launching | None:
        """What an app was opened with; the word holds until it expires."""
        sql = (
            "SELECT app, account, subject_id, patient, encounter FROM launching "
            "WHERE token_hash=? AND expires_at>?"
        )
        rows: list[Any] = self.database.rows(sql, (hashed_word(word), micros(self._clock())))
        return Launching(*rows[0]) if rows else None

    def forget_launch(self, word: str) -> None:
        """Let a launch be used no more."""
        with self.database.writing() as connection:
            connection.execute("DELETE FROM launching WHERE token_hash=?", (hashed_word(word),))

    def use_assertion(self, *, app: str, jti: str, expires: int) -> bool:
        """Whether this is the first time that an app sends this assertion."""
        row = (hashed_word(f"{app}\x1f{jti}"), app, expires * 1_000_000)
        with self.database.writing() as connection:
            sql = "SELECT 1 FROM assertion WHERE token_hash=?"
            if connection.execute(sql, row[:1]).fetchone():
                return False
            self._write(connection, "assertion", row)
        return True

    def _tidy(self) -> None:
        """Drop what ended, so that the file does not grow for ever."""
        now = (micros(self._clock()),)
        with self.database.writing() as connection:
            for table in ("given", "code", "refresh", "launching", "assertion"):
                # What is spent stays until it would have expired: a second use must be noticed.
                connection.execute(f"DELETE FROM {table} WHERE expires_at<=?", now)

    def _put(self, table: str, values: tuple[object, ...]) -> None:
        with self.database.writing() as connection:
            self._write(connection, table, values)

    @staticmethod
    def _write(connection: Any, table: str, values: tuple[object, ...]) -> None:
        marks = ",".join("?" * (len(values) + 1))
        sql = f"INSERT OR REPLACE INTO {table} VALUES({marks})"
        connection.execute(sql, (*values, row_seal(values)))


def new_id() -> str:
    """An id that nobody can guess."""
    return secrets.token_hex(16)


def _given(row: tuple[Any, ...]) -> Given:
    said = dict(zip(COLUMNS, row, strict=True))
    for name in ("given_at", "expires_at"):
        said[name] = instant(said[name])
    return Given(**said)
