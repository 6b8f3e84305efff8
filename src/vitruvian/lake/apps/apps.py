"""Apps and what they were given, in one database beside the accounts."""

from __future__ import annotations

from pathlib import Path

from vitruvian.base.clock import Clock
from vitruvian.lake.apps.given import Grants
from vitruvian.lake.apps.opened import Openings
from vitruvian.lake.apps.registry import Registry
from vitruvian.lake.disk.database import Database

NAME = "apps.sqlite"
# The words `subject_id` and `given` are how an erasure finds what is about a patient.
SCHEMA = """
CREATE TABLE IF NOT EXISTS app(name TEXT PRIMARY KEY, title TEXT NOT NULL, said TEXT NOT NULL,
    secret_hash TEXT, declared_at INTEGER NOT NULL, seal TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS given(id TEXT PRIMARY KEY, app TEXT NOT NULL, account TEXT NOT NULL,
    scopes TEXT NOT NULL, subject_id INTEGER, patient TEXT, encounter TEXT, nonce TEXT,
    given_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, seal TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS code(token_hash TEXT PRIMARY KEY, given TEXT NOT NULL,
    challenge TEXT NOT NULL, redirect TEXT NOT NULL, expires_at INTEGER NOT NULL,
    spent INTEGER NOT NULL, seal TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS refresh(token_hash TEXT PRIMARY KEY, given TEXT NOT NULL,
    expires_at INTEGER NOT NULL, spent INTEGER NOT NULL, seal TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS launching(token_hash TEXT PRIMARY KEY, app TEXT NOT NULL,
    account TEXT NOT NULL, subject_id INTEGER NOT NULL, patient TEXT NOT NULL, encounter TEXT,
    expires_at INTEGER NOT NULL, seal TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS opening(session_hash TEXT PRIMARY KEY, ehr TEXT NOT NULL,
    subject_id INTEGER NOT NULL, encounter_id INTEGER, opened_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL, seal TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS assertion(token_hash TEXT PRIMARY KEY, app TEXT NOT NULL,
    expires_at INTEGER NOT NULL, seal TEXT NOT NULL);
"""
SEALED = ("app", "given", "code", "refresh", "launching", "opening", "assertion")


class Apps:
    """The apps of one lake."""

    def __init__(self, root: Path, *, clock: Clock) -> None:
        self.database = Database(root / NAME, durability="FULL", schema=SCHEMA)
        self.registry = Registry(self.database, clock=clock)
        self.grants = Grants(self.database, clock=clock)
        self.openings = Openings(self.database, clock=clock)

    def close(self) -> None:
        """Close the database."""
        self.database.close()
