"""What was asked to leave, what the checks found, and who decided: counts and hashes, no content.

Of tables of counts that left, the counts are kept, so that later ones can be compared with them.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Literal  # rows of SQLite

from vitruvian.lake.disk.database import Database, row_seal
from vitruvian.lake.store.codec import instant, micros
from vitruvian.research.airlock.checks import FileReport, Finding
from vitruvian.research.airlock.counts import CountTable
from vitruvian.research.airlock.errors import NoSuchRelease
from vitruvian.research.airlock.privacy import Likeness

State = Literal["waiting", "released", "refused"]
FILE = "airlock.sqlite"
SCHEMA = """
CREATE TABLE IF NOT EXISTS request(id TEXT PRIMARY KEY, project TEXT NOT NULL,
    recipient TEXT NOT NULL, files TEXT NOT NULL, floor INTEGER NOT NULL, asked_by TEXT NOT NULL,
    asked_at INTEGER NOT NULL, state TEXT NOT NULL, decided_by TEXT, decided_at INTEGER,
    words TEXT, seal TEXT NOT NULL);
"""


@dataclass(frozen=True)
class Request:
    """One wish to take files out.

    Parameters
    ----------
    id
        By which people speak of it.
    project, recipient
        What for, and to whom.
    files
        As checked, in order.
    floor
        The least count that was allowed then.
    state
        Whether it waits, left, or was refused.
    """

    id: str
    project: str
    recipient: str
    files: tuple[FileReport, ...]
    floor: int
    asked_by: str
    asked_at: datetime
    state: State = "waiting"
    decided_by: str | None = None
    decided_at: datetime | None = None
    words: str | None = None
    findings: tuple[Finding, ...] = field(init=False)

    def __post_init__(self) -> None:
        """Gather what was found in all files."""
        object.__setattr__(self, "findings", tuple(f for one in self.files for f in one.findings))

    @property
    def by_rule(self) -> bool:
        """Whether nothing was found, so that no second person is needed."""
        return not self.findings

    @property
    def stopped(self) -> bool:
        """Whether something was found that nobody may release."""
        return any(one.weight == "stop" for one in self.findings)


class Register:
    """The requests of one lake."""

    def __init__(self, root: Path) -> None:
        self._database = Database(root / FILE, durability="FULL", schema=SCHEMA)

    def keep(self, one: Request) -> None:
        """Keep a request as it stands now."""
        files = json.dumps([_told(each) for each in one.files])
        decided = None if one.decided_at is None else micros(one.decided_at)
        asked = (one.id, one.project, one.recipient, files, one.floor, one.asked_by)
        values = (*asked, micros(one.asked_at), one.state, one.decided_by, decided, one.words)
        marks = ",".join("?" * (len(values) + 1))
        with self._database.writing() as connection:
            sql = f"INSERT OR REPLACE INTO request VALUES({marks})"
            connection.execute(sql, (*values, row_seal(values)))

    def all(self) -> list[Request]:
        """Every request, oldest first."""
        rows: list[Any] = self._database.rows("SELECT * FROM request ORDER BY asked_at, id")
        return [_request(row) for row in rows]

    def waiting(self, ident: str) -> Request:
        """One that nobody decided on; raises `NoSuchRelease`."""
        found = self.get(ident)
        if found.state != "waiting":
            raise NoSuchRelease
        return found

    def get(self, ident: str) -> Request:
        """One of them; raises `NoSuchRelease`."""
        found = next((one for one in self.all() if one.id == ident), None)
        if found is None:
            raise NoSuchRelease
        return found

    def left_before(self, *, project: str, recipient: str) -> tuple[CountTable, ...]:
        """Tables of counts that left for a project, or to a recipient."""
        same = (project.casefold(), recipient.casefold())
        return tuple(
            table
            for one in self.all()
            if one.state == "released"
            and (one.project.casefold() == same[0] or one.recipient.casefold() == same[1])
            for each in one.files
            for table in each.tables
        )

    def close(self) -> None:
        """Close the file."""
        self._database.close()


def _told(one: FileReport) -> dict[str, Any]:
    tables = [
        {"dimensions": each.dimensions, "cells": [[*key, n] for key, n in each.cells.items()]}
        for each in one.tables
    ]
    return {**asdict(replace(one, tables=())), "tables": tables}


def _request(row: Sequence[Any]) -> Request:
    ident, project, recipient, files, floor, by, at, state, decided_by, decided, words, _ = row
    return Request(
        id=ident,
        project=project,
        recipient=recipient,
        files=tuple(_file(one) for one in json.loads(files)),
        floor=floor,
        asked_by=by,
        asked_at=instant(at),
        state=state,
        decided_by=decided_by,
        decided_at=None if decided is None else instant(decided),
        words=words,
    )


def _file(said: dict[str, Any]) -> FileReport:
    tables = tuple(
        CountTable(tuple(one["dimensions"]), {tuple(cell[:-1]): cell[-1] for cell in one["cells"]})
        for one in said["tables"]
    )
    return FileReport(
        number=said["number"],
        kind=said["kind"],
        sha256=said["sha256"],
        size=said["size"],
        findings=tuple(Finding(**one) for one in said["findings"]),
        likeness=said["likeness"] and Likeness(**said["likeness"]),
        tables=tables,
    )
