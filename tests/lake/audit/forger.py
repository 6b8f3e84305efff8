"""Somebody with every right on the machine, who writes the whole audit anew so that it holds."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from vitruvian.trust import GENESIS, AuditRow, chained


def rows_of(folder: Path) -> list[AuditRow]:
    """The rows as they lie there."""
    return [AuditRow.parse(line) for line in (folder / "audit.jsonl").read_text().splitlines()]


def forge(folder: Path, rows: Iterable[AuditRow]) -> None:
    """Number and chain some rows anew, in both sinks and in the patient index."""
    before, end = GENESIS, 0
    lines = []
    with closing(sqlite3.connect(folder / "audit.sqlite")) as database:
        database.execute("DELETE FROM audit")
        database.execute("DELETE FROM shown")
        for seq, row in enumerate(rows, start=1):
            one = chained(replace(row, seq=seq, before=before))
            before = one.hash
            lines.append(one.line() + "\n")
            end += len(lines[-1].encode())
            values = (seq, one.line(), one.hash, end)
            database.execute("INSERT INTO audit VALUES(?,?,?,?)", values)
            shown = [(subject, seq) for subject in set(one.deed.subjects)]
            database.executemany("INSERT INTO shown VALUES(?,?)", shown)
        database.commit()
    (folder / "audit.sqlite.sha256").unlink(missing_ok=True)
    (folder / "audit.jsonl").write_text("".join(lines))
