"""Local accounts, one-time sign-in links, sessions, and when each account last looked.

Passwords are kept as argon2id hashes; links and sessions as sha256 of random tokens, so that a
copy of this file signs nobody in.

References
----------
RFC 9106 (2021), section 4: argon2id, second recommended parameters.
OWASP Application Security Verification Standard 5.0, chapters 6 and 7.
"""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any  # rows of SQLite

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from vitruvian.base.clock import Clock
from vitruvian.lake.disk.database import Database, row_seal
from vitruvian.lake.errors import (
    AccountExists,
    AccountLocked,
    LinkSpent,
    NoAccount,
    TooManyAttempts,
    WrongPassword,
)
from vitruvian.lake.store.codec import instant, micros
from vitruvian.trust import check_password

LINK_LIVES = timedelta(hours=24)
SESSION_LIVES = timedelta(hours=12)
SESSION_IDLES = timedelta(minutes=60)
TOUCH_EVERY = timedelta(minutes=1)
MOST_FAILURES = 5
FAILURE_WINDOW = timedelta(minutes=15)
TOKEN_BYTES = 32

SCHEMA = """
CREATE TABLE IF NOT EXISTS account(name TEXT PRIMARY KEY, display_name TEXT NOT NULL,
    role TEXT NOT NULL, password_hash TEXT, created_at INTEGER NOT NULL, seal TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS link(token_hash TEXT PRIMARY KEY, name TEXT NOT NULL,
    expires_at INTEGER NOT NULL, seal TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS session(token_hash TEXT PRIMARY KEY, name TEXT NOT NULL,
    expires_at INTEGER NOT NULL, used_at INTEGER NOT NULL, seal TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS failure(name TEXT NOT NULL, at INTEGER NOT NULL, seal TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS seen(name TEXT NOT NULL, person_id INTEGER NOT NULL,
    at INTEGER NOT NULL, seal TEXT NOT NULL, PRIMARY KEY (name, person_id));
CREATE TABLE IF NOT EXISTS locked(name TEXT PRIMARY KEY, at INTEGER NOT NULL, seal TEXT NOT NULL);
"""
SEALED = ("account", "link", "session", "failure", "seen", "locked")
ALL = """SELECT account.name, display_name, role, password_hash IS NOT NULL, locked.name IS NOT NULL
    FROM account LEFT JOIN locked USING (name)"""


@dataclass(frozen=True)
class Account:
    """One person who may sign in, unless it is locked."""

    name: str
    display_name: str
    role: str
    has_password: bool
    locked: bool = False


@dataclass(frozen=True)
class Session:
    """One sign-in: the secret its cookie carries, whose it is, and how long it can last."""

    token: str
    account: Account
    expires_at: datetime


class Accounts:
    """Who may sign in to this installation."""

    def __init__(self, root: Path, *, clock: Clock, hasher: PasswordHasher | None = None) -> None:
        self.database = Database(root / "accounts.sqlite", durability="FULL", schema=SCHEMA)
        self._clock = clock
        self._hasher = hasher or PasswordHasher()

    def create(self, name: str, *, display_name: str, role: str) -> Account:
        """Make an account without a password; it signs in by link first.

        Raises
        ------
        AccountExists
            When the name is taken.
        """
        with self.database.writing() as connection:
            if connection.execute("SELECT 1 FROM account WHERE name=?", (name,)).fetchone():
                raise AccountExists
            _put(connection, "account", (name, display_name, role, None, micros(self._clock())))
        return Account(name, display_name, role, has_password=False)

    def all(self) -> list[Account]:
        """Every account by name, locked ones too."""
        rows: list[Any] = self.database.rows(f"{ALL} ORDER BY account.name")
        return [Account(*row[:3], *map(bool, row[3:])) for row in rows]

    def known(self, name: str) -> Account:
        """The account of that name, locked or not; raises `NoAccount`."""
        rows: list[Any] = self.database.rows(f"{ALL} WHERE account.name=?", (name,))
        if not rows:
            raise NoAccount
        return Account(*rows[0][:3], *map(bool, rows[0][3:]))

    def find(self, name: str) -> Account | None:
        """The account of that name, if there is one and it is not locked."""
        with suppress(NoAccount, AccountLocked):
            return self.expect(name)
        return None

    def expect(self, name: str) -> Account:
        """The account of that name, which may act.

        Raises
        ------
        NoAccount
            When there is none of that name.
        AccountLocked
            When it is locked.
        """
        found = self.known(name)
        if found.locked:
            raise AccountLocked
        return found

    def set_role(self, name: str, *, role: str) -> None:
        """Give an account another role; whoever is signed in with it signs in again.

        Raises
        ------
        NoAccount
            When there is none of that name.
        """
        with self.database.writing() as connection:
            display_name, _, hashed, created = _row_of(connection, name)
            _put(connection, "account", (name, display_name, role, hashed, created))
            connection.execute("DELETE FROM session WHERE name=?", (name,))

    def lock(self, name: str) -> None:
        """Let an account in no more, by whatever door; its sessions and links end.

        Raises
        ------
        NoAccount
            When there is none of that name.
        """
        with self.database.writing() as connection:
            _row_of(connection, name)
            _put(connection, "locked", (name, micros(self._clock())))
            connection.execute("DELETE FROM link WHERE name=?", (name,))
            connection.execute("DELETE FROM session WHERE name=?", (name,))

    def unlock(self, name: str) -> None:
        """Let a locked account in again; nothing happens to one that is not locked.

        Raises
        ------
        NoAccount
            When there is none of that name.
        """
        with self.database.writing() as connection:
            _row_of(connection, name)
            connection.execute("DELETE FROM locked WHERE name=?", (name,))

    def any(self) -> bool:
        """Whether there is any account."""
        return bool(self.database.rows("SELECT 1 FROM account LIMIT 1"))

    def sign_in_link(self, name: str) -> str:
        """A token that signs this account in once, within a day.

        Raises
        ------
        NoAccount, AccountLocked
            When there is none of that name, or it is locked.
        """
        self.expect(name)
        token = secrets.token_urlsafe(TOKEN_BYTES)
        expires = micros(self._clock() + LINK_LIVES)
        with self.database.writing() as connection:
            _put(connection, "link", (_hashed(token), name, expires))
        return token

    def redeem(self, token: str) -> Session:
        """Sign in by a link's token, which is spent by it.

        Raises
        ------
        LinkSpent
            When it was used, has expired, or never was.
        """
        now = micros(self._clock())
        with self.database.writing() as connection:
            sql = "DELETE FROM link WHERE token_hash=? RETURNING name, expires_at"
            row = connection.execute(sql, (_hashed(token),)).fetchone()
            connection.execute("DELETE FROM link WHERE expires_at<=?", (now,))
        if row is None or row[1] <= now:
            raise LinkSpent
        return self.open_session(row[0])

    def verify(self, name: str, *, password: str) -> Session:
        """Sign in by name and password.

        Raises
        ------
        WrongPassword
            When they do not belong together; it does not say which of them is wrong.
        TooManyAttempts
            After five failures within a quarter of an hour.
        AccountLocked
            When they do, and the account is locked.
        """
        self._check_rate(name)
        rows: list[Any] = self.database.rows(
            "SELECT password_hash FROM account WHERE name=?", (name,)
        )
        # A name that does not exist costs as much time as one that does.
        nobodys = self._nobodys_hash
        stored = rows[0][0] if rows else None
        if not self._matches(stored or nobodys, password) or not stored:
            now = self._clock()
            with self.database.writing() as connection:
                forgotten = micros(now - FAILURE_WINDOW)
                connection.execute("DELETE FROM failure WHERE at<=?", (forgotten,))
                _put(connection, "failure", (name, micros(now)))
            raise WrongPassword
        with self.database.writing() as connection:
            connection.execute("DELETE FROM failure WHERE name=?", (name,))
        return self.open_session(name)

    def _check_rate(self, name: str) -> None:
        since = micros(self._clock() - FAILURE_WINDOW)
        sql = "SELECT count(*) FROM failure WHERE name=? AND at>?"
        ((count,),) = self.database.rows(sql, (name, since))
        if int(str(count)) >= MOST_FAILURES:
            raise TooManyAttempts

    @cached_property
    def _nobodys_hash(self) -> str:
        return self._hasher.hash(secrets.token_urlsafe(TOKEN_BYTES))

    def _matches(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False

    def set_password(self, name: str, *, password: str) -> None:
        """Give an account a password; its other sessions and links end.

        Raises
        ------
        NoAccount
            When there is none of that name.
        WeakPassword
            When the password breaks a rule of `trust.passwords`.
        """
        check_password(password, name=name)
        hashed = self._hasher.hash(password)
        with self.database.writing() as connection:
            display_name, role, _, created = _row_of(connection, name)
            _put(connection, "account", (name, display_name, role, hashed, created))
            connection.execute("DELETE FROM link WHERE name=?", (name,))
            connection.execute("DELETE FROM session WHERE name=?", (name,))

    def open_session(self, name: str) -> Session:
        """A new session of an account that has shown who it is; raises as `expect` does."""
        account = self.expect(name)
        token = secrets.token_urlsafe(TOKEN_BYTES)
        now = self._clock()
        expires = now + SESSION_LIVES
        with self.database.writing() as connection:
            connection.execute("DELETE FROM session WHERE expires_at<=?", (micros(now),))
            _put(connection, "session", (_hashed(token), name, micros(expires), micros(now)))
        return Session(token, account, expires)

    def session(self, token: str) -> Session | None:
        """The session of that token; None when it ended, expired, idled or never was."""
        sql = "SELECT name, expires_at, used_at FROM session WHERE token_hash=?"
        rows: list[Any] = self.database.rows(sql, (_hashed(token),))
        now = self._clock()
        if not rows:
            return None
        name, expires_us, used_us = rows[0]
        expires, used = instant(expires_us), instant(used_us)
        account = self.find(name)
        if account is None or now >= min(expires, used + SESSION_IDLES):
            return None
        if now - used >= TOUCH_EVERY:
            self._touch(token, (name, expires_us, micros(now)))
        return Session(token, account, expires)

    def _touch(self, token: str, values: tuple[str, int, int]) -> None:
        """Remember that a session is in use, unless it ended meanwhile."""
        with self.database.writing() as connection:
            sql = "SELECT 1 FROM session WHERE token_hash=?"
            if connection.execute(sql, (_hashed(token),)).fetchone():
                _put(connection, "session", (_hashed(token), *values))

    def end_session(self, token: str) -> None:
        """Sign out."""
        with self.database.writing() as connection:
            connection.execute("DELETE FROM session WHERE token_hash=?", (_hashed(token),))

    def seen(self, name: str, *, person_id: int, at: datetime) -> None:
        """Remember that an account looked at a person at that instant."""
        with self.database.writing() as connection:
            _put(connection, "seen", (name, person_id, micros(at)))

    def forget(self, patient: frozenset[int]) -> None:
        """Drop who looked at some subjects, and when."""
        with self.database.writing() as connection:
            rows = [(one,) for one in patient]
            connection.executemany("DELETE FROM seen WHERE person_id=?", rows)

    def last_seen(self, name: str, *, person_id: int) -> datetime | None:
        """When an account last said it had looked at a person; None for never."""
        sql = "SELECT at FROM seen WHERE name=? AND person_id=?"
        rows: list[Any] = self.database.rows(sql, (name, person_id))
        return instant(rows[0][0]) if rows else None


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _row_of(connection: sqlite3.Connection, name: str) -> tuple[str, str, str | None, int]:
    sql = "SELECT display_name, role, password_hash, created_at FROM account WHERE name=?"
    row: tuple[str, str, str | None, int] | None = connection.execute(sql, (name,)).fetchone()
    if row is None:
        raise NoAccount
    return row


def _put(connection: sqlite3.Connection, table: str, values: tuple[object, ...]) -> None:
    marks = ",".join("?" * (len(values) + 1))
    sql = f"INSERT OR REPLACE INTO {table} VALUES({marks})"
    connection.execute(sql, (*values, row_seal(values)))
