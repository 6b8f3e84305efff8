"""Everything stored under one folder, and the two ways it changes: publication and recovery."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from vitruvian.base.clock import Clock
from vitruvian.lake.cold.places import Place, place_at
from vitruvian.lake.cold.rules import owns_its_place, read_rules
from vitruvian.lake.disk.blobs import ADDRESS, Blobs
from vitruvian.lake.disk.durable import fsync_all, make_folder, storage_errors, writer_lock
from vitruvian.lake.store.catalogue import Catalogue, Publication, State, StoredFile
from vitruvian.lake.store.delta import DeltaLog, is_draft, is_torn
from vitruvian.lake.store.leases import Leases
from vitruvian.lake.store.log import HotLog
from vitruvian.record import TABLES

Fault = Callable[[str], None]


def no_fault(_place: str) -> None:
    """What production does at a place where a test may pull the plug: nothing."""


@dataclass(frozen=True)
class Change:
    """What one publication does to the tables.

    Parameters
    ----------
    added
        New data files by table.
    removed
        Data files that newer ones replace, by table.
    drained_seq
        Up to where the hot log is in table files now; None when it did not move.
    load_id
        The bulk load that becomes visible.
    blobs
        New blobs: sha256 and size.
    blobs_gone
        Blobs that nothing names any more; the next vacuum removes their bytes.
    meta
        Settings of the lake written with it.
    """

    added: Mapping[str, Sequence[StoredFile]] = field(default_factory=dict)
    removed: Mapping[str, Sequence[StoredFile]] = field(default_factory=dict)
    drained_seq: int | None = None
    load_id: int | None = None
    blobs: Mapping[str, int] = field(default_factory=dict)
    blobs_gone: tuple[str, ...] = ()
    meta: Mapping[str, str] = field(default_factory=dict)


class Store:
    """One lake's bytes."""

    def __init__(self, root: Path, *, clock: Clock, fault: Fault = no_fault) -> None:
        self.root = root
        self.fault = fault
        with storage_errors("opening the lake"):
            for name in ("tables", "blobs", "temp"):
                make_folder(root / name)
        self.catalogue = Catalogue(root / "lake.sqlite", clock=clock)
        self.leases = Leases(root / "leases.sqlite", catalogue=self.catalogue)
        self.log = HotLog(self.catalogue, fault=fault)
        self.blobs = Blobs(root, self.cold)
        self._handed: frozenset[str] = frozenset()
        self.deltas = {name: DeltaLog(root, table=table) for name, table in TABLES.items()}

    def cold(self) -> Place | None:
        """Where blobs lie that are not here; None when all are."""
        rules = read_rules(self.catalogue)
        return None if rules is None else place_at(rules.place)

    def writer(self) -> AbstractContextManager[None]:
        """The right to publish."""
        return writer_lock(self.root / "writer.lock")

    def publish(self, change: Change) -> State:
        """Make a change visible, whole or not at all; call with the writer lock held.

        First the data is flushed, then each table's Delta log says so and is flushed, then one
        transaction of the catalogue makes all of it visible.
        """
        with storage_errors("publishing"):
            data = [one for files in change.added.values() for one in files]
            fsync_all([self.root / one.path for one in data])
            self.fault("publish:after-fsync")
            versions, entries = self._commit_deltas(change)
            self.fault("publish:before-catalogue")
            removed = tuple(one.path for files in change.removed.values() for one in files)
            publication = Publication(
                versions=versions,
                added=(*data, *entries),
                removed=removed,
                drained_seq=change.drained_seq,
                load_id=change.load_id,
                blobs=change.blobs,
                blobs_gone=change.blobs_gone,
                meta=change.meta,
            )
            self._handed = frozenset(one.path for one in data)
            state = self.catalogue.publish(publication)
            self.fault("publish:after-catalogue")
        return state

    def _commit_deltas(self, change: Change) -> tuple[dict[str, int], list[StoredFile]]:
        versions: dict[str, int] = {}
        entries: list[StoredFile] = []
        known = self._known_paths()
        for name in sorted({*change.added, *change.removed}):
            added, removed = change.added.get(name, ()), change.removed.get(name, ())
            if added or removed:
                versions[name] = self.deltas[name].commit(added=added, removed=removed)
                entries += self.deltas[name].entries(known=known)
                self.fault("publish:after-delta")
        return versions, entries

    def _known_paths(self) -> frozenset[str]:
        return frozenset(one.path for one in self.catalogue.all_files(kind="delta"))

    def recover(self) -> None:
        """Undo what a writer that died left unpublished; call with the writer lock held."""
        with storage_errors("recovering after a writer that stopped"):
            state = self.catalogue.state()
            known = frozenset(one.path for one in self.catalogue.all_files())
            cut_short = self.catalogue.meta("checkpointing")
            versions: dict[str, int] = {}
            entries: list[StoredFile] = []
            for name, delta in self.deltas.items():
                if name != cut_short:
                    self._remove_orphans(delta, known=known)
                delta.create()
                published = state.versions.get(name, 0)
                if delta.newest() > published:
                    versions[name] = delta.restore(published)
                entries += delta.entries(known=known)
            if entries:
                self.catalogue.publish(Publication(versions=versions, added=tuple(entries)))
            if cut_short:
                self._finish_checkpoint(cut_short)
            self._sweep(known=known)

    def _remove_orphans(self, delta: DeltaLog, *, known: frozenset[str]) -> None:
        """Remove unfinished log writes and checkpoints that the catalogue never heard of."""
        for path in delta.files():
            unknown = self._relative(path) not in known
            if is_draft(path) or (unknown and (path.suffix == ".parquet" or is_torn(path))):
                path.unlink()

    def _finish_checkpoint(self, name: str) -> None:
        """Write again the checkpoint during which a writer died."""
        self.deltas[name].checkpoint()
        fresh = self.deltas[name].checkpoint_files()
        fsync_all([self.root / one.path for one in fresh])
        self.catalogue.replace_delta(added=fresh, removed=())

    def _sweep(self, *, known: frozenset[str]) -> None:
        """Remove data files that no publication ever named."""
        for delta in self.deltas.values():
            for path in delta.folder.glob("*.parquet"):
                if self._relative(path) not in known:
                    path.unlink()

    def sweep_blobs(self) -> None:
        """Remove blobs that no publication ever named."""
        known = {row[0] for row in self.catalogue.database.rows("SELECT sha256 FROM blob")}
        for path in (self.root / "blobs").glob("*/*"):
            if path.name not in known:
                path.unlink()
        place = self.cold()
        if place is not None and owns_its_place(self.catalogue, self.root):
            _sweep_cold(place, known=known)

    def discard(self, added: Mapping[str, Sequence[StoredFile]]) -> None:
        """Remove files of a change that failed, unless it became visible after all.

        On a disk that fails they stay, and the next writer sweeps them. So does what was handed to
        the catalogue: a transaction whose flush failed is undone here, and yet stands in its
        write-ahead log for whoever opens it next.
        """
        known = {one.path for one in self.catalogue.all_files(kind="data")} | self._handed
        for one in (one for files in added.values() for one in files):
            if one.path not in known:
                with suppress(OSError):
                    (self.root / one.path).unlink(missing_ok=True)

    def _relative(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix()

    def close(self) -> None:
        """Close the databases."""
        self.catalogue.database.close()
        self.leases.database.close()


def _sweep_cold(place: Place, *, known: AbstractSet[object]) -> None:
    """Remove what a killed move left in cold storage, and blobs that are gone."""
    for name in tuple(place.names()):
        last = name.rpartition("/")[2]
        if last not in known and (ADDRESS.fullmatch(last) or last.endswith(".draft")):
            place.remove(name)
