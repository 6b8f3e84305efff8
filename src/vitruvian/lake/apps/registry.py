"""The apps an administrator declared: what each may ask for, and how it proves who it is.

Secrets are kept as sha256 of random words, public keys as they are; a copy of this file lets
nobody in. Removing an app ends everything it was given.

References
----------
SMART App Launch 2.2.0, Client Authentication: public, confidential symmetric and asymmetric.
OAuth 2.0 Security Best Current Practice, RFC 9700 (2025), 2.1: redirect addresses are compared
exactly.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any  # JSON
from urllib.parse import urlsplit

from vitruvian.base.clock import Clock
from vitruvian.lake.apps.errors import AppExists, BadApp, NoApp
from vitruvian.lake.disk.database import Database, row_seal
from vitruvian.lake.store.codec import instant, micros
from vitruvian.trust.access import Purpose
from vitruvian.trust.smart import read_scopes

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
SECRET_BYTES = 32
PRIVATE_PARTS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
COLUMNS = ("name", "title", "said", "secret_hash", "declared_at")


@dataclass(frozen=True)
class App:
    """One declared app.

    Parameters
    ----------
    name
        What it calls itself in requests: its `client_id`.
    title
        As people see it.
    redirects
        The only addresses that an answer may be sent to; compared letter by letter.
    scopes
        The most it may ask for.
    account
        The local account that it acts as without anybody signed in; None when it never does.
    purpose
        What it is for; None leaves it to the account that uses it.
    keys
        Its public keys, a JWK Set; None when it has none.
    keys_at
        The one address its public keys may be fetched from; None when it has none.
    launch
        Where it is opened from a patient's page; None when it is not.
    has_secret
        Whether it proves itself by a shared secret.
    """

    name: str
    title: str
    redirects: tuple[str, ...] = ()
    scopes: str = ""
    account: str | None = None
    purpose: Purpose | None = None
    keys: Mapping[str, Any] | None = None
    keys_at: str | None = None
    launch: str | None = None
    has_secret: bool = False
    declared_at: datetime | None = None

    @property
    def confidential(self) -> bool:
        """Whether it can prove who it is."""
        return self.has_secret or self.keys is not None or self.keys_at is not None


class Registry:
    """The apps declared in one lake."""

    def __init__(self, database: Database, *, clock: Clock) -> None:
        self.database = database
        self._clock = clock

    def add(self, app: App, *, with_secret: bool = False) -> str | None:
        """Declare an app; gives the secret, which is shown this once.

        Raises
        ------
        AppExists
            When the name is taken.
        BadApp
            When it could not be used, or not safely.
        """
        check_app(app, with_secret=with_secret)
        secret = secrets.token_urlsafe(SECRET_BYTES) if with_secret else None
        said = {
            "redirects": list(app.redirects),
            "scopes": app.scopes,
            "account": app.account,
            "purpose": app.purpose,
            "keys": None if app.keys is None else dict(app.keys),
            "keys_at": app.keys_at,
            "launch": app.launch,
        }
        hashed = None if secret is None else hashed_word(secret)
        values = (app.name, app.title, json.dumps(said, sort_keys=True), hashed)
        with self.database.writing() as connection:
            if connection.execute("SELECT 1 FROM app WHERE name=?", (app.name,)).fetchone():
                raise AppExists
            row = (*values, micros(self._clock()))
            connection.execute("INSERT INTO app VALUES(?,?,?,?,?,?)", (*row, row_seal(row)))
        return secret

    def find(self, name: str) -> App | None:
        """The app of that name."""
        sql = f"SELECT {','.join(COLUMNS)} FROM app WHERE name=?"
        rows: list[Any] = self.database.rows(sql, (name,))
        return _app(rows[0]) if rows else None

    def all(self) -> list[App]:
        """Every app, by name."""
        rows: list[Any] = self.database.rows(f"SELECT {','.join(COLUMNS)} FROM app ORDER BY name")
        return [_app(row) for row in rows]

    def secret_fits(self, name: str, *, secret: str) -> bool:
        """Whether a secret is that of an app."""
        rows: list[Any] = self.database.rows("SELECT secret_hash FROM app WHERE name=?", (name,))
        stored = rows[0][0] if rows and rows[0][0] else hashed_word("nobody's")
        return hmac.compare_digest(stored, hashed_word(secret)) and bool(rows and rows[0][0])

    def remove(self, name: str) -> None:
        """Forget an app; everything it was given ends at once.

        Raises
        ------
        NoApp
            When there is none of that name.
        """
        with self.database.writing() as connection:
            if not connection.execute("DELETE FROM app WHERE name=?", (name,)).rowcount:
                raise NoApp
            given = "SELECT id FROM given WHERE app=?"
            for table in ("code", "refresh"):
                connection.execute(f"DELETE FROM {table} WHERE given IN ({given})", (name,))
            for table in ("given", "assertion", "launching"):
                connection.execute(f"DELETE FROM {table} WHERE app=?", (name,))


def hashed_word(word: str) -> str:
    """What is kept of a random word."""
    return hashlib.sha256(word.encode()).hexdigest()


def _app(row: tuple[Any, ...]) -> App:
    name, title, said, secret_hash, at = row
    words = json.loads(said)
    return App(
        name=name,
        title=title,
        **{**words, "redirects": tuple(words["redirects"])},
        has_secret=secret_hash is not None,
        declared_at=instant(at),
    )


def check_app(app: App, *, with_secret: bool) -> None:
    """Refuse what could not be used, or not safely; raises `BadApp`."""
    if not app.name or len(app.name) > 100 or not app.name.isprintable() or " " in app.name:  # noqa: PLR2004
        raise BadApp(why="its name is not one word of 1 to 100 letters")
    for address in app.redirects:
        if not good_address(address):
            raise BadApp(why="a redirect address is neither https nor of this machine")
    scopes, plain = read_scopes(app.scopes)
    unknown = set(app.scopes.split()) - {*plain, *(one.said for one in scopes)}
    if unknown:
        raise BadApp(why="a scope is not one of SMART, such as patient/Observation.rs")
    alone = any(one.context == "system" for one in scopes)
    if alone and app.account is None:
        raise BadApp(why="system scopes need an account to act as: name it with --account")
    if app.account is not None and not (app.keys or app.keys_at):
        raise BadApp(why="an app that acts alone proves itself by keys: --jwks or --jwks-url")
    if any(one.context != "system" for one in scopes) and not app.redirects:
        raise BadApp(why="patient and user scopes need a redirect address: --redirect")
    _check_keys(app, with_secret=with_secret)


def _check_keys(app: App, *, with_secret: bool) -> None:
    if with_secret and (app.keys or app.keys_at):
        raise BadApp(why="it proves itself by a secret or by keys, not by both")
    if app.keys_at is not None and urlsplit(app.keys_at).scheme != "https":
        raise BadApp(why="the address of its keys is not https")
    if app.launch is not None and not good_address(app.launch):
        raise BadApp(why="its launch address is neither https nor of this machine")
    if app.keys is None:
        return
    listed = app.keys.get("keys")
    if not isinstance(listed, list) or not listed:
        raise BadApp(why="the file of keys is no JWK Set with a key in it")
    if any(not isinstance(one, dict) or PRIVATE_PARTS & one.keys() for one in listed):
        raise BadApp(why="the file of keys holds a private or shared key; public ones only")


def good_address(address: str) -> bool:
    """Whether an answer may be sent there: encrypted, or on this machine; no fragment."""
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        return False
    if parts.fragment or parts.username is not None or not host or not address.isprintable():
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK)
