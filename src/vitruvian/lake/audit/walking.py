"""Walking a whole audit in one pass, however long it is, and saying what does not hold."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator
from itertools import zip_longest
from pathlib import Path

from vitruvian.trust import AuditRow, chain_breaks

WHOLE = 1 << 256


class Unreadable(Exception):
    """Never leaves this file: a row that is none."""

    def __init__(self, seq: int) -> None:
        super().__init__(seq)
        self.seq = seq


def row_of(line: str) -> AuditRow | None:
    """The row in a line; None when there is none."""
    try:
        return AuditRow.parse(line)
    except (ValueError, KeyError, TypeError):
        return None


def walk(connection: sqlite3.Connection, lines: Path) -> Iterator[str]:
    """What does not hold: breaks of the chain, and places where the sinks differ.

    Parameters
    ----------
    connection
        Of the database, in a transaction that sees one state.
    lines
        The other sink.
    """
    index = Pairs()
    try:
        for seq in chain_breaks(_rows(connection, index)):
            yield f"the audit chain breaks at row {seq}"
    except Unreadable as row:
        yield f"audit row {row.seq} is not readable or carries another hash than its column"
        return
    yield from _line_faults(connection, lines)
    shown = Pairs()
    for subject, seq in connection.execute("SELECT subject_id, seq FROM shown"):
        shown.add((subject,), seq)
    if shown.total != index.total:
        yield "the patient index of the audit does not match its rows"


def _rows(connection: sqlite3.Connection, index: Pairs) -> Iterator[AuditRow]:
    sql = "SELECT seq, line, hash FROM audit ORDER BY seq"
    for seq, line, digest in connection.execute(sql):
        row = row_of(line)
        if row is None or row.hash != digest:
            raise Unreadable(seq)
        index.add(set(row.deed.subjects), row.seq)
        yield row


def _line_faults(connection: sqlite3.Connection, lines: Path) -> Iterator[str]:
    """Whether the lines say the same; a torn last one is no row yet."""
    stored = (line for (line,) in connection.execute("SELECT line FROM audit ORDER BY seq"))
    told = rows = 0
    with lines.open("rb") as stream:
        whole = (line[:-1] for line in stream if line.endswith(b"\n"))
        for line, expected in zip_longest(whole, stored):
            told += line is not None
            rows += expected is not None
            if line is not None and expected is not None and line != expected.encode():
                yield f"audit.jsonl and audit.sqlite differ at row {rows}"
                return
    if told < rows:
        yield f"audit.jsonl holds {told} rows and audit.sqlite {rows}"


class Pairs:
    """Which rows showed which subjects, as one number that does not grow with them.

    It is the sum of a hash of each pair, so the order does not count, and every pair does.
    """

    def __init__(self) -> None:
        self.total = 0

    def add(self, subjects: Iterable[int], seq: int) -> None:
        """Count a row in."""
        for subject in subjects:
            digest = hashlib.blake2b(f"{subject} {seq}".encode(), digest_size=32).digest()
            self.total = (self.total + int.from_bytes(digest, "big")) % WHOLE
