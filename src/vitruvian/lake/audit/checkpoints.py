"""Making signed checkpoints of a lake's audit, bringing them to a second place, verifying both."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any  # rows of SQLite

from vitruvian.base.errors import Conflict
from vitruvian.lake.keeping.backup import identity
from vitruvian.trust import SYSTEM, Access, Deed
from vitruvian.trust.audit import GENESIS
from vitruvian.trust.audit.checkpoint import (
    Checkpoint,
    Signer,
    checkpoint_faults,
    parse_checkpoint,
    read_checkpoints,
    short,
)

if TYPE_CHECKING:
    from vitruvian.lake.lake import Lake


class WrongSigner(Conflict):
    """The key is not the one that signs now."""

    def __init__(self, *, expected: str) -> None:
        super().__init__(
            f"This key does not sign the checkpoints of this lake now: {expected} does. Give that "
            "key, or introduce another one with 'vitruvian audit key rotate'."
        )


def _lines(lake: Lake) -> list[str]:
    rows: list[Any] = lake.audit.database.rows("SELECT line FROM checkpoint ORDER BY number")
    return [line for (line,) in rows]


def make_checkpoint(
    lake: Lake, signer: Signer, *, access: Access = SYSTEM, following: Signer | None = None
) -> Checkpoint:
    """Sign how the audit stands now, and keep it.

    Parameters
    ----------
    lake
        Whose audit.
    signer
        The key that signs.
    access
        Who asks; the next row of the audit names them and the checkpoint.
    following
        The key that signs from the next checkpoint on; None when it stays the same.

    Raises
    ------
    WrongSigner
        When another key signs this lake's checkpoints.
    """
    rows, head = lake.audit.head()
    # What is signed must not be lost by a power cut: it would look like rewritten rows.
    lake.audit.flush()
    with lake.audit.database.writing() as connection:
        sql = "SELECT line FROM checkpoint ORDER BY number DESC LIMIT 1"
        stored = connection.execute(sql).fetchone()
        last = None if stored is None else parse_checkpoint(stored[0])
        if last is not None and last.signer != signer.public:
            raise WrongSigner(expected=short(last.signer))
        made = signer.signed(
            Checkpoint(
                lake=lake_id(lake),
                number=1 if last is None else last.number + 1,
                rows=rows,
                head=head,
                at=lake.clock().isoformat(),
                before=GENESIS if last is None else last.digest(),
                key=signer.public,
                following="" if following is None else following.public,
            )
        )
        line = made.line()
        digest = hashlib.sha256(line.encode()).hexdigest()
        connection.execute("INSERT INTO checkpoint VALUES(?,?,?)", (made.number, line, digest))
    said = f"checkpoint {made.number} over {rows} rows, key {short(made.key)}"
    said += f", then {short(made.following)}" if made.following else ""
    lake.audit.record(replace(access, operation="write"), Deed("checkpoint", definition=said))
    lake.audit.flush()
    return made


def newest_checkpoint(lake: Lake) -> Checkpoint | None:
    """The last checkpoint that the lake keeps; None when there is none."""
    sql = "SELECT line FROM checkpoint ORDER BY number DESC LIMIT 1"
    rows: list[Any] = lake.audit.database.rows(sql)
    return parse_checkpoint(rows[0][0]) if rows else None


def is_due(lake: Lake, *, every: timedelta) -> bool:
    """Whether so much time went by, and something was done but writing the last one down."""
    newest = newest_checkpoint(lake)
    if newest is None:
        return True
    late = lake.clock() - datetime.fromisoformat(newest.at) >= every
    return late and lake.audit.head()[0] > newest.rows + 1


def lake_id(lake: Lake) -> str:
    """Which lake it is, as its backups call it."""
    address = f"{(lake.path / 'lake.sqlite').as_uri()}?mode=ro"
    with closing(sqlite3.connect(address, uri=True, timeout=30.0)) as catalogue:
        return identity(catalogue)


@dataclass(frozen=True)
class Proof:
    """What signed checkpoints say of an audit.

    Parameters
    ----------
    checkpoints
        How many were looked at.
    newest
        The last of them; None when there is none.
    rows
        How many rows the audit has.
    faults
        What does not hold; empty when all is well.
    """

    checkpoints: int
    newest: Checkpoint | None
    rows: int
    faults: tuple[str, ...]

    @property
    def unsigned(self) -> int:
        """How many rows came after the newest checkpoint."""
        return self.rows - (self.newest.rows if self.newest is not None else 0)


def prove(lake: Lake, *, trusted: str, place: Sequence[str] | None = None) -> Proof:
    """Hold the audit against its signed checkpoints.

    The chain itself is walked by `Audit.faults`, before this.

    Parameters
    ----------
    lake
        Whose audit.
    trusted
        The public key that signed the first checkpoint, in hexadecimal.
    place
        The lines of the second place; None looks at those that the lake keeps alone.
    """
    own = _lines(lake)
    found, wrong = read_checkpoints(own if place is None else place)
    rows, _ = lake.audit.head()
    heads = lake.audit.heads(one.rows for one in found)
    faults = [*wrong, *checkpoint_faults(found, heads, lake=lake_id(lake), trusted=trusted)]
    faults += _missing(found, lake)
    if place is not None:
        faults += _differing(found, read_checkpoints(own)[0])
    return Proof(len(found), found[-1] if found else None, rows, tuple(faults))


def _missing(found: Sequence[Checkpoint], lake: Lake) -> Iterator[str]:
    """Checkpoints that the audit itself speaks of, and that are not there."""
    sql = "SELECT count(*) FROM audit WHERE json_extract(line, '$.row.deed.kind')='checkpoint'"
    ((told,),) = lake.audit.database.rows(sql)
    if not found:
        yield "there is no checkpoint"
    elif int(str(told)) > len(found):
        yield f"the audit speaks of {told} checkpoints, and {len(found)} are there"


def _differing(found: Sequence[Checkpoint], own: Sequence[Checkpoint]) -> Iterator[str]:
    """Checkpoints of the second place that the lake's own are not."""
    if tuple(found[: len(own)]) != tuple(own[: len(found)]) or len(own) < len(found):
        yield "the lake keeps other checkpoints than the second place holds"
