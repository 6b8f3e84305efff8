"""The rows of the audit and the hash chain that holds them together.

Each row carries the hash of the row before it, so a row that is changed, taken out or put in
breaks the chain at that place.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from typing import Literal

from vitruvian.trust.access import Access

DeedKind = Literal[
    "read",
    "append",
    "load",
    "drain",
    "compact",
    "vacuum",
    "refused",
    "account",
    "migrate",
    "storage",
    "backup",
    "restore",
    "export",
    "glass",
    "review",
    "erase",
    "release",
    "checkpoint",
]
Outcome = Literal["done", "failed", "refused"]

GENESIS = "0" * 64
UNSAID: dict[str, object] = {
    "project": None,
    "operation": "read",
    "app": None,
    "scopes": None,
    "in_context": None,
}


@dataclass(frozen=True)
class Deed:
    """What was done: kind, outcome, and over what.

    Parameters
    ----------
    kind
        What was done.
    outcome
        How it ended.
    subjects
        Subjects whose rows were shown, in ascending order; empty for a population answer.
    definition
        What a population answer asked: the tables it read. Never a value.
    snapshot
        The published state it ran on.
    """

    kind: DeedKind
    outcome: Outcome = "done"
    subjects: tuple[int, ...] = ()
    definition: str = ""
    snapshot: str = ""


@dataclass(frozen=True)
class AuditRow:
    """One link of the chain."""

    seq: int
    at: str
    access: Access
    deed: Deed
    before: str
    hash: str = ""

    def body(self) -> str:
        """The row without its own hash, in one fixed spelling."""
        return json.dumps(self._said(), sort_keys=True, separators=(",", ":"), ensure_ascii=True)

    def line(self) -> str:
        """The row as one line of the second sink."""
        return json.dumps({"row": self._said(), "hash": self.hash}, sort_keys=True)

    def _said(self) -> dict[str, object]:
        """Everything but the row's own hash, without the words that say nothing."""
        access, deed = ({f.name: getattr(one, f.name) for f in fields(one)}
                        for one in (self.access, self.deed))  # fmt: skip
        for name, unsaid in UNSAID.items():
            # Rows written before these words existed keep their hash.
            if access[name] == unsaid:
                del access[name]
        plain = {"seq": self.seq, "at": self.at, "before": self.before}
        return {**plain, "access": access, "deed": deed}

    @staticmethod
    def parse(line: str) -> AuditRow:
        """The row that a line of the second sink holds."""
        content = json.loads(line)
        row = content["row"]
        deed = Deed(**{**row["deed"], "subjects": tuple(row["deed"]["subjects"])})
        return AuditRow(
            seq=row["seq"],
            at=row["at"],
            access=Access(**row["access"]),
            deed=deed,
            before=row["before"],
            hash=content["hash"],
        )


def chained(row: AuditRow) -> AuditRow:
    """The same row with its hash, which covers everything in it and the hash before."""
    return AuditRow(
        seq=row.seq,
        at=row.at,
        access=row.access,
        deed=row.deed,
        before=row.before,
        hash=hashlib.sha256(row.body().encode()).hexdigest(),
    )


def chain_breaks(rows: Iterable[AuditRow]) -> Iterator[int]:
    """Sequence numbers at which the chain does not hold.

    Parameters
    ----------
    rows
        From the first to the last, in order.
    """
    before, seq = GENESIS, 0
    for row in rows:
        seq += 1
        if row.seq != seq or row.before != before or chained(row).hash != row.hash:
            yield seq
        before, seq = row.hash, row.seq
