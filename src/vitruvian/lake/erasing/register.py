"""What was asked to be erased, and what was: counts, grounds, names and instants, no content.

While a request waits, it names the subjects. Once it is done only a keyed digest of each number
stays: whoever knows a subject can ask whether it was erased, and a lake restored from an older
backup can find the subjects again, but nobody can read the list of them here.

References
----------
Regulation (EU) 2016/679 (GDPR), article 17(1): grounds of erasure; 17(3)(b): what stays by duty.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any  # rows of SQLite

from vitruvian.lake.disk.database import Database, row_seal
from vitruvian.lake.erasing.errors import NoSuchErasure
from vitruvian.lake.erasing.parts import Part
from vitruvian.lake.store.codec import instant, micros

FILE = "erasure.sqlite"
GROUNDS: Mapping[str, str] = {
    "no-longer-needed": "GDPR 17(1)(a): no longer needed for what it was collected for",
    "consent-withdrawn": "GDPR 17(1)(b): consent withdrawn, and no other basis",
    "objection": "GDPR 17(1)(c): the person objects, and nothing overrides it",
    "unlawful": "GDPR 17(1)(d): processed unlawfully",
    "legal-duty": "GDPR 17(1)(e): a law or a court orders it",
    "child-online": "GDPR 17(1)(f): collected online from a child",
    "wrong-patient": "GDPR 16 and 17(1)(d): data that belong to nobody known here",
}
SCHEMA = """
CREATE TABLE IF NOT EXISTS request(id TEXT PRIMARY KEY, person_id INTEGER NOT NULL,
    subjects TEXT NOT NULL, ground TEXT NOT NULL, asked_by TEXT NOT NULL,
    asked_at INTEGER NOT NULL, approved_by TEXT, approved_at INTEGER, seal TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS erasure(id TEXT PRIMARY KEY, digests TEXT NOT NULL,
    counts TEXT NOT NULL, items INTEGER NOT NULL, named INTEGER NOT NULL, ground TEXT NOT NULL,
    asked_by TEXT NOT NULL, approved_by TEXT NOT NULL, done_at INTEGER NOT NULL,
    seal TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS part(id TEXT PRIMARY KEY, kind TEXT NOT NULL, before INTEGER NOT NULL,
    spared TEXT NOT NULL, seal TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS salt(salt TEXT PRIMARY KEY, seal TEXT NOT NULL);
"""


@dataclass(frozen=True)
class Request:
    """One erasure that was asked for and is not done: of a person, or of a part of everybody's.

    With a part, the person is 0 and there are no subjects.
    """

    id: str
    person_id: int
    subjects: frozenset[int]
    ground: str
    asked_by: str
    asked_at: datetime
    approved_by: str | None = None
    approved_at: datetime | None = None
    part: Part | None = None

    @property
    def everyone(self) -> frozenset[int]:
        """Every number that stands for the person."""
        return self.subjects | ({self.person_id} if self.part is None else set())

    @property
    def whose(self) -> str:
        """Whose data, or which part of everybody's, in words."""
        return f"person {self.person_id}" if self.part is None else str(self.part)


@dataclass(frozen=True)
class Erased:
    """One erasure that is done: how much, on what ground, by whom, when. Never what or whom.

    Parameters
    ----------
    id
        Of the request.
    items
        Rows and blobs removed.
    counts
        The same by table; blobs as `blob`.
    named
        Records about nobody, or about several people, that stay and name the person.
    part
        Which kind of data it was; None when it was a person.
    """

    id: str
    items: int
    counts: Mapping[str, int]
    named: int
    ground: str
    asked_by: str
    approved_by: str
    done_at: datetime
    digests: tuple[str, ...] = ()
    part: Part | None = None


class Register:
    """The requests and erasures of one lake."""

    def __init__(self, root: Path) -> None:
        self.database = Database(root / FILE, durability="FULL", schema=SCHEMA)
        self.database.connection().execute("PRAGMA secure_delete=ON")
        if not self.database.rows("SELECT 1 FROM salt"):
            with self.database.writing() as connection:
                _put(connection, "salt", (secrets.token_hex(16),))

    @property
    def salt(self) -> str:
        """What makes the digests of this lake its own."""
        return str(self.database.rows("SELECT salt FROM salt ORDER BY salt")[0][0])

    def adopt(self, salt: str) -> None:
        """Take over the key of a ledger, as long as no digest of one's own depends on another."""
        if not self.done():
            with self.database.writing() as connection:
                connection.execute("DELETE FROM salt")
                _put(connection, "salt", (salt,))

    def ask(self, request: Request) -> None:
        """Keep a new request."""
        self._keep(request)

    def approve(self, request: Request, *, by: str, at: datetime) -> Request:
        """Write down who approved."""
        approved = replace(request, approved_by=by, approved_at=at)
        self._keep(approved)
        return approved

    def _keep(self, one: Request) -> None:
        approved_at = None if one.approved_at is None else micros(one.approved_at)
        whose = (one.id, one.person_id, json.dumps(sorted(one.subjects)), one.ground)
        who = (one.asked_by, micros(one.asked_at), one.approved_by, approved_at)
        with self.database.writing() as connection:
            _put(connection, "request", (*whose, *who))
            _put_part(connection, one)

    def waiting(self) -> list[Request]:
        """Requests that are not done, oldest first."""
        rows: list[Any] = self.database.rows("SELECT * FROM request ORDER BY asked_at, id")
        parts = self._parts()
        return [_request(row, parts.get(row[0])) for row in rows]

    def _parts(self) -> dict[str, Part]:
        rows: list[Any] = self.database.rows("SELECT id, kind, before, spared FROM part")
        return {
            ident: Part(kind, instant(before), tuple(json.loads(spared)))
            for ident, kind, before, spared in rows
        }

    def get(self, ident: str) -> Request:
        """One that is not done; raises `NoSuchErasure`."""
        found = next((one for one in self.waiting() if one.id == ident), None)
        if found is None:
            raise NoSuchErasure
        return found

    def withdraw(self, ident: str) -> None:
        """Drop a request."""
        with self.database.writing() as connection:
            for table in ("request", "part"):
                connection.execute(f"DELETE FROM {table} WHERE id=?", (ident,))

    def finish(self, done: Erased) -> None:
        """Keep what was done, and forget whom the request named."""
        words = (json.dumps(list(done.digests)), json.dumps(dict(done.counts), sort_keys=True))
        who = (done.ground, done.asked_by, done.approved_by, micros(done.done_at))
        with self.database.writing() as connection:
            _put(connection, "erasure", (done.id, *words, done.items, done.named, *who))
            _put_part(connection, done)
            connection.execute("DELETE FROM request WHERE id=?", (done.id,))

    def done(self, *, after: datetime | None = None) -> list[Erased]:
        """Erasures that are done, oldest first; only those after an instant, when one is given."""
        least = -1 if after is None else micros(after)
        sql = "SELECT * FROM erasure WHERE done_at>? ORDER BY done_at, id"
        rows: list[Any] = self.database.rows(sql, (least,))
        parts = self._parts()
        return [_erased(row, parts.get(row[0])) for row in rows]

    def about(self, subjects: Sequence[int], *, after: datetime | None = None) -> list[Erased]:
        """Erasures of any of these subjects."""
        asked = set(self.digests(subjects))
        return [one for one in self.done(after=after) if asked & set(one.digests)]

    def digests(self, subjects: Iterable[int]) -> tuple[str, ...]:
        """A keyed digest of each number."""
        return tuple(sorted(digest(self.salt, one) for one in subjects))

    def close(self) -> None:
        """Close the file."""
        self.database.close()


def removed_since(root: Path, at: datetime) -> list[Erased]:
    """Erasures of a lake after an instant: what a view as of then is without."""
    if not (root / FILE).is_file():
        return []
    with closing(Register(root)) as register:
        return register.done(after=at)


def digest(salt: str, subject: int) -> str:
    """A number that stands for a subject, from which the subject cannot be told."""
    return hashlib.blake2b(str(subject).encode(), key=bytes.fromhex(salt)).hexdigest()[:32]


def _request(row: Sequence[Any], part: Part | None) -> Request:
    ident, person, subjects, ground, asked_by, asked_at, by, at, _ = row
    when = None if at is None else instant(at)
    whom = frozenset(json.loads(subjects))
    return Request(ident, person, whom, ground, asked_by, instant(asked_at), by, when, part)


def _erased(row: Sequence[Any], part: Part | None) -> Erased:
    ident, digests, counts, items, named, ground, asked_by, approved_by, done_at, _ = row
    return Erased(
        id=ident,
        items=items,
        counts=json.loads(counts),
        named=named,
        ground=ground,
        asked_by=asked_by,
        approved_by=approved_by,
        done_at=instant(done_at),
        digests=tuple(json.loads(digests)),
        part=part,
    )


def _put_part(connection: Any, one: Request | Erased) -> None:
    if one.part is not None:
        said = (one.part.kind, micros(one.part.before), json.dumps(list(one.part.spared)))
        _put(connection, "part", (one.id, *said))


def _put(connection: Any, table: str, values: tuple[object, ...]) -> None:
    marks = ",".join("?" * (len(values) + 1))
    connection.execute(
        f"INSERT OR REPLACE INTO {table} VALUES({marks})", (*values, row_seal(values))
    )
