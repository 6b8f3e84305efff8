"""The one door to stored data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Self

from vitruvian.base.clock import Clock, system_clock
from vitruvian.base.errors import Corrupt, VitruvianError
from vitruvian.lake import check, maintain
from vitruvian.lake.accounts import Accounts
from vitruvian.lake.apps.apps import Apps
from vitruvian.lake.audit import Audit
from vitruvian.lake.bulk import BulkLoad
from vitruvian.lake.check import Finding
from vitruvian.lake.disk.durable import make_folder, storage_errors
from vitruvian.lake.engines.arrow import KeyReader
from vitruvian.lake.engines.doorway import Doorway, Engines
from vitruvian.lake.engines.duckdb import EngineSettings, confine, open_engine
from vitruvian.lake.engines.scan import AsOf
from vitruvian.lake.engines.veil import OPEN
from vitruvian.lake.errors import LakeClosed, NoLake, RecordClosed, StorageFailed
from vitruvian.lake.keeping import columns
from vitruvian.lake.kept.warming import warm
from vitruvian.lake.permit.desk import Desk
from vitruvian.lake.permit.permits import Permit, Permits, sees_everything
from vitruvian.lake.permit.projection import subjects_in, with_grants
from vitruvian.lake.reader import Changes, Reader
from vitruvian.lake.store.codec import known_table, table_of_rows
from vitruvian.lake.store.log import Backlog
from vitruvian.lake.store.store import Fault, Store, no_fault
from vitruvian.trust import SYSTEM, Access, Deed, Policy, require
from vitruvian.trust.smart import narrowed

if TYPE_CHECKING:
    import pyarrow as pa


class Lake:
    """All stored data of one installation, under one folder.

    Every access says who asks and why, is decided by `trust`, and leaves an audit row.
    Several threads may use one lake; each `Reader` and `BulkLoad` belongs to one thread.
    """

    def __init__(
        self,
        path: Path,
        *,
        clock: Clock = system_clock,
        memory_limit: str = "1GB",
        fault: Fault = no_fault,
    ) -> None:
        """Use `Lake.create` or `Lake.open`."""
        self.path = path.absolute()
        self.clock = clock
        self._store = Store(self.path, clock=clock, fault=fault)
        self.accounts = Accounts(self.path, clock=clock)
        self.audit = Audit(self.path, clock=clock)
        self._settings = EngineSettings(memory_limit=memory_limit, temp=self.path / "temp")
        self._engine = open_engine(self._settings)
        confine(self._engine, to=self.path)
        self._near = KeyReader()
        self.desk = Desk(self.path, clock=clock)
        self.apps = Apps(self.path, clock=clock)
        self.permits = Permits(self._store, self.desk, clock=clock)
        self._closed = False

    @staticmethod
    def create(
        path: Path,
        *,
        site: str = "hospital",
        clock: Clock = system_clock,
        memory_limit: str = "1GB",
        fault: Fault = no_fault,
    ) -> Lake:
        """Make a lake in a folder, or open the one that is there.

        Parameters
        ----------
        path
            The folder; made when absent.
        site
            Name of the hospital, for rows that say nothing else; kept from the first making.
        clock
            What tells the time.
        memory_limit
            What the engine may use before it spills to disk.
        fault
            Called by name at places where a test may pull the plug.
        """
        with storage_errors("making the lake"):
            # Patients' data: nobody else on this machine needs to look in.
            make_folder(path, mode=0o700)
        lake = Lake(path, clock=clock, memory_limit=memory_limit, fault=fault)
        try:
            lake._found(site)
        except BaseException:
            lake.close()
            raise
        return lake

    @staticmethod
    def open(
        path: Path,
        *,
        clock: Clock = system_clock,
        memory_limit: str = "1GB",
        fault: Fault = no_fault,
    ) -> Lake:
        """Open the lake in a folder.

        Raises
        ------
        NoLake
            When there is none.
        NewerLake
            When a newer version of this software wrote it.
        OlderLake
            When it has to be migrated first.
        """
        if not (path / "lake.sqlite").is_file():
            raise NoLake
        lake = Lake(path, clock=clock, memory_limit=memory_limit, fault=fault)
        try:
            lake._store.catalogue.check_layout()
            columns.expect_ours(lake._store)
        except BaseException:
            lake.close()
            raise
        return lake

    def _found(self, site: str) -> None:
        with self._store.writer():
            new = self._store.catalogue.meta("site") is None
            self._store.catalogue.found(site=site)
            self._store.catalogue.check_layout()
            columns.expect_ours(self._store)
            self._store.recover()
            columns.put_stamp(self._store)
            if new:
                self.permits.stamp(self.policy)

    @property
    def site(self) -> str:
        """The hospital this lake was made for."""
        return self._store.catalogue.meta("site") or ""

    @contextmanager
    def read(
        self,
        access: Access,
        *,
        known_at: datetime | None = None,
        recorded_at: datetime | None = None,
    ) -> Iterator[Reader]:
        """Read the newest published state, as of any instants.

        Parameters
        ----------
        access
            Who asks and why.
        known_at
            Only what the care team could see then; None means now.
        recorded_at
            Only what was recorded by then; None means now.

        Raises
        ------
        Anonymous
            When nobody is named.
        PolicyRefused
            When policy says no.
        """
        policy = self._decide(access)
        as_of = AsOf(known_at=known_at, recorded_at=recorded_at)
        leaves = access.operation == "export"
        with self._reader(access, as_of, policy=policy) as reader:
            try:
                yield reader
            except BaseException:
                self.audit.record(access, reader.deed(failed=True, exported=leaves))
                raise
            self.audit.record(access, reader.deed(failed=False, exported=leaves))

    @contextmanager
    def _reader(self, access: Access, as_of: AsOf, *, policy: Policy) -> Iterator[Reader]:
        lease, state = self._store.leases.take()
        cursor = self._engine.cursor()
        try:
            engines = Engines(self._near, cursor)
            permit = self._permit(access, Doorway(self._store, state, engines, AsOf()), policy)
            veil = OPEN if permit is None else permit.veil
            yield Reader(Doorway(self._store, state, engines, as_of, veil), permit=permit)
        finally:
            cursor.close()
            self._store.leases.release(lease)

    @contextmanager
    def bulk(self, access: Access) -> Iterator[BulkLoad]:
        """Load many rows; they become visible together when the block ends well.

        Raises
        ------
        WriterBusy
            When another load, drain or compaction does not finish in time.
        """
        policy = self._decide(replace(access, operation="write"))
        with self._writing():
            with self._reader(access, AsOf(), policy=policy) as reader:
                engine = open_engine(self._settings)
                load = BulkLoad(
                    self._store,
                    load_id=self._store.catalogue.next_load_id(),
                    reader=reader,
                    connection=engine,
                    policy=policy,
                )
                try:
                    yield load
                    self._publish(load, access)
                except BaseException:
                    load.give_up()
                    self.audit.record(access, Deed("load", "failed"))
                    raise
                finally:
                    load.end()
                    engine.close()
            self._tidy()

    def _publish(self, load: BulkLoad, access: Access) -> None:
        """Audit first, then publish: nothing becomes visible that no row speaks of."""
        if not load.empty:
            self.audit.record(access, Deed("load", definition=f"load {load.load_id}"))
            load.publish()
            self.audit.flush()

    def _tidy(self) -> None:
        """Keep reading fast after a load; what was published stays published if this fails."""
        try:
            if maintain.tidy(self._store):
                maintain.vacuum(self._store)
        except StorageFailed:
            self.audit.record(SYSTEM, Deed("compact", "failed"))

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with self._store.writer():
            self._store.recover()
            columns.put_stamp(self._store)
            yield

    def append(
        self, access: Access, rows: Mapping[str, Sequence[Mapping[str, object]]]
    ) -> datetime:
        """Store a few rows durably and at once; give the instant they were recorded at.

        Parameters
        ----------
        access
            Who writes and why.
        rows
            By table; columns left out are null.

        Raises
        ------
        WrongColumns
            As `BulkLoad.write` does; then nothing of the call is stored.
        """
        writing = replace(access, operation="write")
        policy = self._decide(writing)
        tables = {
            name: table_of_rows(some, table=known_table(name))
            for name, some in rows.items()
            if some
        }
        self._expect_open(writing, tables, policy)
        tables = with_grants(tables, policy)
        self.audit.record(access, Deed("append", definition=" ".join(sorted(tables))))
        return self._store.log.append(tables)

    def _expect_open(self, access: Access, tables: Mapping[str, pa.Table], policy: Policy) -> None:
        """Refuse to write into records that are closed to the one who writes."""
        if sees_everything(access, policy):
            return
        about = subjects_in(tables.values())
        with self._reader(access, AsOf(), policy=policy) as reader:
            if not (all(map(reader.reaches, about)) and reader.lets_write(tables)):
                self.audit.record(access, Deed("refused", "refused", tuple(sorted(about))))
                raise RecordClosed

    def backlog(self) -> Backlog:
        """What waits in the hot log for a drain: how many rows, and how long the oldest one."""
        return self._store.log.backlog()

    def drain(self, access: Access) -> int:
        """Move the hot log into table files, exactly once; how many rows moved."""
        self._decide(access)
        with self._writing():
            moved = maintain.drain(self._store)
            self._tidy()
        if moved:
            self.audit.record(access, Deed("drain", definition=f"{moved} rows"))
        self.audit.flush()
        return moved

    def compact(self, access: Access) -> int:
        """Rewrite tables of many files as few, clustered by subject; how many it rewrote."""
        self._decide(access)
        with self._writing():
            rewritten = maintain.compact(self._store)
        self.audit.record(access, Deed("compact", definition=f"{rewritten} tables"))
        return rewritten

    def vacuum(self, access: Access) -> int:
        """Remove files that no reader and no published state needs; how many."""
        self._decide(access)
        with self._writing():
            removed = maintain.vacuum(self._store)
        self.audit.record(access, Deed("vacuum", definition=f"{removed} files"))
        return removed

    def check(self) -> Iterator[Finding]:
        """Compare every stored byte with what was written; nothing comes when all is well."""
        beside = check.Beside(self.audit, self.accounts, self.desk, self.apps)
        yield from check.faults(self._store, beside)

    def warm(self) -> None:
        """Learn where in the files each patient's rows lie; a server does so before it begins."""
        warm(self._store, self._near)

    def changes(self, access: Access, *, since: datetime) -> Changes:
        """Which subjects have rows recorded after an instant, and up to which state."""
        with self.read(access) as reader:
            return Changes(snapshot=reader.snapshot, subjects=reader.changed_since(since))

    @property
    def policy(self) -> Policy:
        """Who may see what, as in force now."""
        return self.permits.policy

    def _decide(self, access: Access) -> Policy:
        if self._closed:
            raise LakeClosed
        try:
            policy = self.policy
            require(access, narrowed(policy, access))
        except VitruvianError:
            self.audit.record(access, Deed("refused", "refused"))
            raise
        return policy

    def _permit(self, access: Access, door: Doorway, policy: Policy) -> Permit | None:
        try:
            return self.permits.permit(access, door, policy=policy)
        except VitruvianError:
            self.audit.record(access, Deed("refused", "refused"))
            raise

    def close(self) -> None:
        """Close everything; a second call does nothing."""
        if not self._closed:
            self._closed = True
            self._engine.close()
            self.audit.close()
            self.accounts.database.close()
            self.desk.close()
            self.apps.close()
            self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def check_folder(path: Path) -> Iterator[Finding]:
    """Compare every stored byte of a lake with what was written, from before it is opened.

    A lake too damaged to open is a finding, not an error.

    Raises
    ------
    NoLake
        When there is none.
    """
    if not (path / "lake.sqlite").is_file():
        raise NoLake
    yield from check.faults_at_rest(path)
    try:
        with Lake.open(path) as lake:
            yield from lake.check()
    except Corrupt as error:
        yield Finding("database", str(error))
