"""The ledger of erasures, kept apart from the lake: a backup brings nobody back who was erased.

A backup made before an erasure holds the person still. The ledger lies beside the lake's folder,
not in it, so a restore of an older backup meets what was erased since: it holds keyed digests of
subject numbers, and every subject of the restored lake whose digest stands there is erased again
before the lake is seen by anybody.

References
----------
European Data Protection Board, guidelines 5/2019 on the right to be forgotten; CNIL, guide on
storage limitation: erasures are applied again after a restore.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any  # JSON

import pyarrow.compute as pc

from vitruvian.lake.disk.durable import put_in_place, storage_errors
from vitruvian.lake.erasing.errors import LedgerDamaged, OtherLedger
from vitruvian.lake.erasing.finding import files_of, row_groups, with_subjects
from vitruvian.lake.erasing.parts import Part
from vitruvian.lake.erasing.register import Erased, Register, Request, digest
from vitruvian.lake.keeping.backup import identity
from vitruvian.lake.store.codec import instant, micros

if TYPE_CHECKING:
    from vitruvian.lake.store.store import Store

FORMAT = "vitruvian-erasures-1"


@dataclass(frozen=True)
class Ledger:
    """Erasures of one lake: when, on what ground, by whom, and keyed digests of whom.

    Parameters
    ----------
    lake
        Which lake, as backups tell it.
    salt
        The key of the digests.
    erased
        Everything that is done, oldest first.
    """

    lake: str
    salt: str
    erased: tuple[Erased, ...]

    def among(self, subjects: Iterable[int], one: Erased) -> frozenset[int]:
        """Those of some subjects that an erasure was about."""
        known = set(one.digests)
        return frozenset(each for each in subjects if digest(self.salt, each) in known)


def ledger_path(lake: Path) -> Path:
    """Where the ledger of a lake lies unless it was moved: beside its folder."""
    return lake.with_name(f"{lake.name}.erasures.json")


def keep_ledger(store: Store, register: Register, to: Path) -> None:
    """Write the ledger anew, whole, by one rename; only its owner can read it."""
    body = {
        "format": FORMAT,
        "lake": identity(store.catalogue.database.connection()),
        "salt": register.salt,
        "erased": [_told(one) for one in register.done()],
    }
    draft = to.with_name(f".{to.name}.draft")
    with storage_errors("writing the ledger of erasures"):
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as written:
            json.dump({**body, "sha256": _seal(body)}, written, indent=1)
        put_in_place(draft, to)


def read_ledger(path: Path) -> Ledger:
    """The ledger in a file; raises `LedgerDamaged`."""
    try:
        with storage_errors("reading the ledger of erasures"):
            said: dict[str, Any] = json.loads(path.read_bytes())
        seal = said.pop("sha256")
        if said["format"] != FORMAT or seal != _seal(said):
            raise LedgerDamaged
        erased = tuple(_erased(one) for one in said["erased"])
        return Ledger(said["lake"], said["salt"], erased)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise LedgerDamaged from None


def to_repeat(store: Store, register: Register, ledger: Ledger) -> list[tuple[Erased, Request]]:
    """What a restored lake has to erase again: what its own register does not know.

    Data that came back after an erasure are new data: an erasure that the lake knows of is not
    repeated.

    Raises
    ------
    OtherLedger
        When the ledger is of another lake.
    """
    if ledger.lake != identity(store.catalogue.database.connection()):
        raise OtherLedger
    known = {one.id for one in register.done()}
    subjects = subjects_in(store)
    return [
        (one, _request(one, ledger.among(subjects, one)))
        for one in ledger.erased
        if one.id not in known
    ]


def subjects_in(store: Store) -> frozenset[int]:
    """Every subject of whom a row is stored, in files and in the hot log."""
    found: set[int] = set()
    for table in with_subjects():
        names = [name for name in ("subject_id", "other_id") if name in table.column_names]
        for one in files_of(store, table):
            for rows in row_groups(store, one, names):
                for name in names:
                    found.update(pc.unique(rows.column(name)).drop_null().to_pylist())
    sql = "SELECT DISTINCT subject_id FROM log WHERE subject_id IS NOT NULL"
    waiting: Sequence[Any] = store.catalogue.database.rows(sql)
    return frozenset(found | {int(one) for (one,) in waiting})


def repeat(place: Path, ledger: Path, *, clock: Any) -> int:  # a Clock; the door imports it
    """Erase again, in a lake that nobody sees yet, what was erased since its backup; how many."""
    from vitruvian.lake.erasing.eraser import Eraser  # noqa: PLC0415  the door imports this room
    from vitruvian.lake.lake import Lake  # noqa: PLC0415

    read = read_ledger(ledger)
    with Lake.open(place, clock=clock) as lake, closing(Eraser(lake, keeps_ledger=False)) as eraser:
        return eraser.repeat(read)


def _request(one: Erased, subjects: frozenset[int]) -> Request:
    asked = (one.ground, one.asked_by, one.done_at, one.approved_by, one.done_at)
    return Request(one.id, min(subjects, default=0), subjects, *asked, part=one.part)


def _told(one: Erased) -> dict[str, Any]:
    names = ("id", "ground", "asked_by", "approved_by", "items", "named")
    more = {"done_at": micros(one.done_at), "counts": dict(one.counts)}
    said = {**{name: getattr(one, name) for name in names}, **more, "digests": list(one.digests)}
    if one.part is not None:
        spared = list(one.part.spared)
        said["part"] = {
            "kind": one.part.kind, "before": micros(one.part.before), "spared": spared
        }  # fmt: skip
    return said


def _erased(said: dict[str, Any]) -> Erased:
    done_at: datetime = instant(said["done_at"])
    part: dict[str, Any] | None = said.get("part")
    whole = {**said, "done_at": done_at, "digests": tuple(said["digests"]), "part": None}
    if part is not None:
        whole["part"] = Part(part["kind"], instant(part["before"]), tuple(part["spared"]))
    return Erased(**whole)


def _seal(body: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
