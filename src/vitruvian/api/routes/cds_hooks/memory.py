"""What this interface remembers: tokens used, cards shown, and what became of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from vitruvian.api.routes.cds_hooks.errors import TokenReplayed
from vitruvian.lake.disk.database import Database

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
"""


@dataclass(frozen=True)
class Shown:
    """One card for one user about one patient; `content` is a hash of what it says."""

    uuid: str
    iss: str
    caller: str
    person: str
    hook: str
    guide: str
    content: str


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

    def override_rate(self, guide: str) -> tuple[int, int]:
        """How many cards of a guideline were overridden, and how many were shown."""
        shown = self._database.rows("SELECT count(*) FROM card WHERE guide=?", (guide,))
        sql = (
            "SELECT count(DISTINCT f.card) FROM feedback f JOIN card c ON c.uuid = f.card "
            "WHERE c.guide=? AND f.outcome='overridden'"
        )
        return int(str(self._database.rows(sql, (guide,))[0][0])), int(str(shown[0][0]))

    def _card(self, uuid: str) -> bool:
        return bool(self._database.rows("SELECT 1 FROM card WHERE uuid=?", (uuid,)))

    def close(self) -> None:
        """Close the file."""
        self._database.close()


def _micros(at: datetime) -> int:
    return round(at.timestamp() * 1e6)


REPEATED_AFTER = timedelta(hours=8)
"""The same words about the same patient are not said to the same user again before."""
