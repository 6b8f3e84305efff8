"""A lake made from a backup, whole or as it was recorded at an instant.

It is put together beside its place, checked byte by byte, and then moved there by one rename: what
stands under its name is a sound lake or nothing.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from vitruvian.lake.audit import Audit
from vitruvian.lake.cold.rules import drop_rules
from vitruvian.lake.disk.database import sqlite_errors
from vitruvian.lake.disk.durable import make_folder
from vitruvian.lake.erasing.ledger import ledger_path, repeat
from vitruvian.lake.errors import AfterTheBackup, BackupDamaged
from vitruvian.lake.errors import Damaged as StoredDamaged
from vitruvian.lake.keeping.backup import Wants
from vitruvian.lake.keeping.cut import cut_back
from vitruvian.lake.keeping.migrate import migrate
from vitruvian.lake.keeping.place import building, expect_empty
from vitruvian.lake.keeping.vault import Backup, Vault
from vitruvian.lake.lake import check_folder
from vitruvian.lake.store.codec import instant, micros
from vitruvian.lake.store.store import Store
from vitruvian.trust import Deed, require


@dataclass(frozen=True)
class RestoreReport:
    """Which backup was taken, and how much of it; how many erasures were done again.

    `erased_again` is None when no ledger of erasures was found.
    """

    name: str
    files: int
    size: int
    recorded_until: datetime
    erased_again: int | None = None


def restore(
    source: Path, path: Path, wants: Wants, *, at: datetime | None = None, name: str | None = None
) -> RestoreReport:
    """Make a lake from a backup.

    Parameters
    ----------
    source
        A folder of backups.
    path
        Where the lake is to stand: a folder that does not exist, or an empty one.
    wants
        Who asks, and how.
    at
        Only what was recorded up to this instant; None means all of the backup.
    name
        Which backup; None means the newest.

    Raises
    ------
    NotEmpty
        When something lies there.
    NoBackup
        When there is no backup of that name.
    AfterTheBackup
        When the instant is later than the backup.
    BackupDamaged
        When its bytes are not what was written; then nothing is left at the place.
    LedgerDamaged, OtherLedger
        When the ledger cannot be read, or is of another lake.
    """
    require(wants.access)
    expect_empty(path)
    vault = Vault(source, key=wants.key)
    vault.expect()
    backup = vault.get(name or vault.names()[-1])
    until = instant(backup.recorded_us)
    if at is not None and micros(at) > backup.recorded_us:
        raise AfterTheBackup(until=until.isoformat())
    with building(path, doing="restoring") as place:
        _copy(vault, backup, place, wants)
        _forget_stale(place / "lake.sqlite")
        _finish(place, wants, at=at)
        again = _erase_again(place, _ledger(wants.erasures, path), wants)
        _check(place, wants)
        wants.fault("restore:before-rename")
    return RestoreReport(backup.name, len(backup.files), backup.size, at or until, again)


def _ledger(erasures: Path | None, path: Path) -> Path | None:
    """The ledger that was given, or the one that lies beside the place."""
    beside = ledger_path(path.absolute())
    return erasures or (beside if beside.is_file() else None)


def _erase_again(place: Path, ledger: Path | None, wants: Wants) -> int | None:
    """Erase who was erased since the backup, before anybody sees the lake."""
    return None if ledger is None else repeat(place, ledger, clock=wants.clock)


def _copy(vault: Vault, backup: Backup, place: Path, wants: Wants) -> None:
    done = 0
    for path, kept in backup.files.items():
        target = place / path
        make_folder(target.parent)
        try:
            vault.take(kept, target)
        except StoredDamaged:
            raise BackupDamaged(what=f"object {kept.sha256[:16]}...") from None
        wants.fault("restore:after-file")
        done += kept.size
        wants.progress(done, backup.size)


def _forget_stale(catalogue: Path) -> None:
    """Files that the state had replaced are not in a backup, and their rows are of no use."""
    with (
        sqlite_errors(catalogue, "restoring"),
        closing(sqlite3.connect(catalogue)) as connection,
        connection,
    ):
        connection.execute("DELETE FROM file WHERE removed_in IS NOT NULL")


def _finish(place: Path, wants: Wants, *, at: datetime | None) -> None:
    """Open what was copied, and cut it back."""
    wants.fault("restore:before-open")
    migrate(place, wants.access, clock=wants.clock, fault=wants.fault)
    store, audit = (
        Store(place, clock=wants.clock, fault=wants.fault),
        Audit(place, clock=wants.clock),
    )
    with closing(store), closing(audit):
        drop_rules(store.catalogue)  # all is here, and cold storage belongs to the original
        if at is not None:
            cut_back(store, at=at)
        upto = "" if at is None else f"as recorded at {at.isoformat()}"
        audit.record(wants.access, Deed("restore", definition=upto))


def _check(place: Path, wants: Wants) -> None:
    """Check every byte of what was put together."""
    wants.fault("restore:before-check")
    if any(True for _ in check_folder(place)):
        raise BackupDamaged(what="the lake put together from it")
