"""Housekeeping: draining the hot log, compacting table files, removing what nobody reads.

Every function here is called with the writer lock held.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pyarrow as pa

from vitruvian.lake.disk.durable import fsync_all, storage_errors
from vitruvian.lake.engines.cluster import Part, rows_in_order
from vitruvian.lake.errors import Damaged
from vitruvian.lake.store.catalogue import State, StoredFile
from vitruvian.lake.store.store import Change, Store
from vitruvian.lake.store.tablefile import write_sorted, write_stream
from vitruvian.record import TABLES, Table

ROWS_A_DRAIN = 50_000
MOST_RUNS = 4
ENTRIES_BEFORE_CHECKPOINT = 20


def drain(store: Store) -> int:
    """Move the hot log into table files, exactly once; how many rows moved.

    The table files and the mark "drained up to here" become visible in one transaction, so a
    row is read from the log or from a file, never from both and never from neither. Rows that
    arrive meanwhile are left for the next drain: following a busy feed, one would never end.
    """
    moved = 0
    goal = store.catalogue.state().log_seq
    while (state := store.catalogue.state()).drained_seq < goal:
        upto = min(goal, state.drained_seq + ROWS_A_DRAIN)
        moved += _drain_step(store, replace(state, log_seq=upto))
    _, drained_seq = store.leases.horizon()
    store.fault("drain:before-trim")
    store.log.trim(upto=drained_seq)
    return moved


def _drain_step(store: Store, state: State) -> int:
    added: dict[str, list[StoredFile]] = {}
    try:
        for name, table in TABLES.items():
            rows = store.log.rows(name, state=state)
            if rows is not None:
                added[name] = [write_sorted(store.root, table=table, rows=rows, load_id=None)]
                store.fault("drain:after-file")
        store.publish(Change(added=added, drained_seq=state.log_seq))
    except BaseException:
        store.discard(added)
        raise
    return state.log_seq - state.drained_seq


def compact(store: Store) -> int:
    """Rewrite every table whose files overlap as one run, clustered by subject; how many.

    No row is dropped: what was retired is still the answer to an earlier question.
    `recorded_at` is folded into the rows.
    """
    rewritten = 0
    for name, table in TABLES.items():
        runs = _runs(store, name)
        if len(runs) > 1:
            rewrite(store, table, [one for run in runs for one in run])
            rewritten += 1
    return rewritten


def tidy(store: Store) -> int:
    """Merge the smallest runs of tables that have many; how many tables it touched.

    A subject lies in one file of each run, so few runs keep reading fast. Merging small ones with
    one another first rewrites each row a few times, however many loads come.
    """
    touched = 0
    for name, table in TABLES.items():
        chosen = runs_to_merge(_runs(store, name))
        if chosen:
            rewrite(store, table, [one for run in chosen for one in run])
            touched += 1
    return touched


def _runs(store: Store, table: str) -> list[list[StoredFile]]:
    state = store.catalogue.state()
    return runs_of(store.catalogue.files(table, snapshot_id=state.snapshot_id))


def runs_of(files: Sequence[StoredFile]) -> list[list[StoredFile]]:
    """Files parted into as few runs as possible, in each of which no two overlap.

    A file of rows without a numeric key joins a run that has no other such file.
    """
    runs: list[list[StoredFile]] = []
    for one in sorted(files, key=lambda f: (f.low is None, f.low or 0, f.high or 0)):
        home = next((run for run in runs if _follows(one, run[-1])), None)
        if home is None:
            runs.append([one])
        else:
            home.append(one)
    return runs


def _follows(one: StoredFile, last: StoredFile) -> bool:
    if last.high is None:
        return False
    return one.low is None or one.low > last.high


def runs_to_merge(runs: Sequence[Sequence[StoredFile]]) -> list[Sequence[StoredFile]]:
    """The smallest runs, so many that few are left, and any next one that is not much larger."""
    if len(runs) <= MOST_RUNS:
        return []
    ordered = sorted(runs, key=_rows_of)
    must = len(ordered) - MOST_RUNS + 1
    chosen, rest = ordered[:must], ordered[must:]
    while rest and _rows_of(rest[0]) <= 2 * sum(_rows_of(run) for run in chosen):
        chosen.append(rest.pop(0))
    return list(chosen)


def _rows_of(run: Sequence[StoredFile]) -> int:
    return sum(one.rows for one in run)


def rewrite(store: Store, table: Table, files: Sequence[StoredFile]) -> None:
    """Write the rows of some files again, in order, and publish that in place of them."""
    loads = store.catalogue.loads()
    parts = [
        Part(store.root / one.path, None if one.load_id is None else loads[one.load_id])
        for one in files
    ]
    written: list[StoredFile] = []
    try:
        for one in write_stream(store.root, table=table, batches=rows_in_order(table, parts)):
            written.append(one)
            store.fault("compact:after-file")
        store.publish(Change(added={table.name: written}, removed={table.name: files}))
    except BaseException as error:
        store.discard({table.name: written})
        if isinstance(error, pa.ArrowException):
            raise Damaged(what=f"a file of table {table.name} is not readable") from None
        raise


def vacuum(store: Store) -> int:
    """Remove what neither the published state nor any leased one needs; how many files.

    The catalogue forgets a file before it is removed, so a crash in between leaves only
    an orphan, which the next writer sweeps.
    """
    horizon, drained_seq = store.leases.horizon()
    store.log.trim(upto=drained_seq)
    for name in TABLES:
        checkpoint(store, name)
    stale = [
        one.path
        for one in store.catalogue.all_files()
        if one.removed_in is not None and one.removed_in <= horizon
    ]
    store.catalogue.forget(stale)
    store.fault("vacuum:before-unlink")
    with storage_errors("removing stale files"):
        for path in stale:
            (store.root / path).unlink(missing_ok=True)
        store.sweep_blobs()
    return len(stale)


def checkpoint(store: Store, name: str, *, most: int = ENTRIES_BEFORE_CHECKPOINT) -> None:
    """Fold a long Delta log into a checkpoint, and mark the entries before it as removed."""
    known = [one for one in store.catalogue.all_files(kind="delta") if one.table == name]
    current = [one for one in known if one.removed_in is None and one.path.endswith(".json")]
    if len(current) <= most:
        return
    delta = store.deltas[name]
    store.catalogue.set_meta("checkpointing", name)
    store.fault("vacuum:before-checkpoint")
    with storage_errors("writing a checkpoint"):
        delta.checkpoint()
        fresh = delta.checkpoint_files()
        fsync_all([store.root / one.path for one in fresh])
    store.fault("vacuum:after-checkpoint")
    newest = max(one.path for one in current)
    folded = [one.path for one in known if _is_folded(one, fresh) and one.path != newest]
    store.catalogue.replace_delta(added=fresh, removed=folded)


def _is_folded(stored: StoredFile, fresh: Sequence[StoredFile]) -> bool:
    """Whether a log file says only what the new checkpoint says too."""
    return stored.removed_in is None and stored.path not in {one.path for one in fresh}
