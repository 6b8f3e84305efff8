"""What this interface remembers: tokens used, cards shown, and what became of them."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from vitruvian.api.routes.cds_hooks.errors import TokenReplayed
from vitruvian.guides.alerts.page import Overrides, overrides_of
from vitruvian.guides.alerts.rule import AlertRule
from vitruvian.lake.disk.database import Database

if TYPE_CHECKING:
    from fastapi import FastAPI

_STARTING = threading.Lock()
FILE = "cds_hooks.sqlite"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS token (
    iss TEXT NOT NULL, jti TEXT NOT NULL, expires INTEGER NOT NULL, PRIMARY KEY (iss, jti));
CREATE TABLE IF NOT EXISTS card (
    uuid TEXT PRIMARY KEY, iss TEXT NOT NULL, caller TEXT NOT NULL, person TEXT NOT NULL,
    hook TEXT NOT NULL, guide TEXT NOT NULL, content TEXT NOT NULL, shown_at INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS card_of ON card (person, caller, content);
CREATE TABLE IF NOT EXISTS feedback (
    id INTEGER PRIMARY KEY AUTOINCREMENT, card TEXT NOT NULL, service TEXT NOT NULL,
    outcome TEXT NOT NULL, reason TEXT NOT NULL, comment TEXT NOT NULL, suggestions TEXT NOT NULL,
    outcome_at TEXT NOT NULL, received_at INTEGER NOT NULL, known INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS interruption (
    card TEXT PRIMARY KEY, alert TEXT NOT NULL, fingerprint TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS interruption_of ON interruption (alert, fingerprint);
"""


@dataclass(frozen=True)
class Shown:
    """One card for one user about one patient.

    `content` is a hash of what it says; `alert` is the rule that let it interrupt, None for none.
    """

    uuid: str
    iss: str
    caller: str
    person: str
    hook: str
    guide: str
    content: str
    alert: AlertRule | None = None


@dataclass(frozen=True)
class Feedback:
    """What a user did with a card."""

    card: str
    service: str
    outcome: str
    reason: str
    comment: str
    suggestions: str
    outcome_at: str


class Memory:
    """The memory of one lake's hooks; it lies beside the lake in a file of its own."""

    def __init__(self, lake: Path) -> None:
        self._database = Database(lake / FILE, durability="NORMAL", schema=_SCHEMA)

    def use_token(self, iss: str, jti: str, *, expires: int, now: datetime) -> None:
        """Note that a token was used; raises `TokenReplayed` the second time."""
        with self._database.writing() as connection:
            spent = int(now.timestamp()) - 600
            connection.execute("DELETE FROM token WHERE expires < ?", (spent,))
            added = connection.execute(
                "INSERT OR IGNORE INTO token VALUES (?, ?, ?)", (iss, jti, expires)
            )
            if not added.rowcount:
                raise TokenReplayed

    def shown_since(self, card: Shown, *, since: datetime) -> bool:
        """Whether the same user saw the same words about the same patient since then."""
        sql = "SELECT 1 FROM card WHERE person=? AND caller=? AND content=? AND shown_at>=? LIMIT 1"
        told = (card.person, card.caller, card.content, _micros(since))
        return bool(self._database.rows(sql, told))

    def show(self, cards: list[Shown], *, now: datetime) -> None:
        """Note cards that are shown now."""
        rows = [
            (c.uuid, c.iss, c.caller, c.person, c.hook, c.guide, c.content, _micros(now))
            for c in cards
        ]
        with self._database.writing() as connection:
            connection.executemany("INSERT INTO card VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
            loud = [(c.uuid, c.alert.name, c.alert.fingerprint) for c in cards if c.alert]
            connection.executemany("INSERT INTO interruption VALUES (?, ?, ?)", loud)

    def take(self, told: list[Feedback], *, now: datetime) -> int:
        """Keep feedback; gives how many of its cards were shown from here."""
        known = [bool(self._card(each.card)) for each in told]
        with self._database.writing() as connection:
            connection.executemany(
                "INSERT INTO feedback (card, service, outcome, reason, comment, suggestions, "
                "outcome_at, received_at, known) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    (f.card, f.service, f.outcome, f.reason, f.comment, f.suggestions,
                     f.outcome_at, _micros(now), int(k))
                    for f, k in zip(told, known, strict=True)
                ],
            )  # fmt: skip
        return sum(known)

    def overrides(self, rule: AlertRule) -> Overrides:
        """What users did with the cards that an alert of this edition made interrupt.

        Of several answers to one card the last one counts.
        """
        sql = (
            "SELECT i.card, f.outcome, f.reason FROM interruption i LEFT JOIN feedback f "
            "ON f.card = i.card WHERE i.alert=? AND i.fingerprint=? ORDER BY f.id"
        )
        rows = self._database.rows(sql, (rule.name, rule.fingerprint))
        last = {str(uuid): (outcome, str(reason or "")) for uuid, outcome, reason in rows}
        reasons = Counter(why for outcome, why in last.values() if outcome == "overridden")
        answered = sum(outcome is not None for outcome, _ in last.values())
        return overrides_of(len(last), answered, reasons)

    def _card(self, uuid: str) -> bool:
        return bool(self._database.rows("SELECT 1 FROM card WHERE uuid=?", (uuid,)))

    def close(self) -> None:
        """Close the file."""
        self._database.close()


def memory_of(app: FastAPI) -> Memory:
    """The memory of this application, made at first use."""
    with _STARTING:
        if not hasattr(app.state, "cds_memory"):
            app.state.cds_memory = Memory(app.state.lake.path)
        found: Memory = app.state.cds_memory
        return found


def _micros(at: datetime) -> int:
    return round(at.timestamp() * 1e6)


REPEATED_AFTER = timedelta(hours=8)
"""The same words about the same patient are not said to the same user again before."""
