"""Answers that follow a lake from state to state: only those of whom something is new count anew.

Every row carries the instant it was recorded at, issued in the order of commits and never changed.
So what came between two states is what was recorded between them: rows that wait in the hot log,
and rows of files that the older state did not have. Compaction writes old rows into new files and
changes nothing. An erasure leaves no row behind that could tell of it; therefore each state names
the erasures before it, and what was kept from before one is thrown away whole.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar, cast

from vitruvian.lake.engines.duckdb import text_literal

if TYPE_CHECKING:
    from vitruvian.lake.engines.doorway import Doorway
    from vitruvian.lake.store.catalogue import State, StoredFile

Answer = TypeVar("Answer")
Files = Mapping[str, Sequence["StoredFile"]]
MOST_FOLLOWED = 32
# Beyond these, beginning anew costs less than looking for what is new.
MOST_SUBJECTS = 2_000
MOST_ROWS_OF_LOADS = 200_000
MOST_ROWS_REWRITTEN = 20_000_000


@dataclass(frozen=True)
class Mark:
    """Up to where an answer knows the lake: the state, and its files of the tables read."""

    state: State
    files: Files

    def before(self, state: State) -> bool:
        """Whether another state is at least as new."""
        mine = (self.state.snapshot_id, self.state.log_seq)
        return mine <= (state.snapshot_id, state.log_seq)


@dataclass(frozen=True)
class Followed:
    """An answer, and up to where it knows."""

    mark: Mark
    answer: Any  # each question has a type of its own


class Following:
    """The answers asked for last, each as of the newest state it was asked in."""

    def __init__(self) -> None:
        self._known: OrderedDict[Hashable, Followed] = OrderedDict()
        self._guard = threading.Lock()

    def get(self, key: Hashable) -> Followed | None:
        """What is kept under a key."""
        with self._guard:
            found = self._known.get(key)
            if found is not None:
                self._known.move_to_end(key)
            return found

    def put(self, key: Hashable, fresh: Followed) -> None:
        """Keep an answer, unless a newer one came meanwhile."""
        with self._guard:
            known = self._known.get(key)
            if known is not None and not known.mark.before(fresh.mark.state):
                return
            self._known[key] = fresh
            self._known.move_to_end(key)
            while len(self._known) > MOST_FOLLOWED:
                self._known.popitem(last=False)


def followed(
    door: Doorway,
    key: Hashable,
    *,
    make: Callable[[], Answer],
    follow: Callable[[Answer, frozenset[int]], Answer],
    tables: Sequence[str],
) -> Answer:
    """The answer as of the state of a door: kept, followed there, or made.

    Parameters
    ----------
    door
        The state that is read, as of now.
    key
        Everything that the answer depends on beside the state.
    make
        Works it out from the beginning.
    follow
        Gives a new answer from a kept one and the subjects of whom something came since.
    tables
        What it is read from.
    """
    shelf = door.engines.near.following
    kept = shelf.get(key)
    state = door.state
    if kept is not None and _same(kept.mark.state, state):
        return cast("Answer", kept.answer)
    if kept is not None and not kept.mark.before(state):
        return make()  # an older state is still being read: nothing of it is kept
    mark = Mark(state, {name: door.files(name) for name in _with_retirement(tables)})
    new = None if kept is None else touched(door, since=kept.mark, now=mark)
    if kept is None or new is None:
        answer = make()
    else:
        before = cast("Answer", kept.answer)
        answer = follow(before, new) if new else before
    shelf.put(key, Followed(mark, answer))
    return answer


def touched(door: Doorway, *, since: Mark, now: Mark) -> frozenset[int] | None:
    """Whose rows of some tables came between two states; None when that cannot be said.

    Parameters
    ----------
    door
        Stands in the newer state.
    since, now
        The two states, with the files of the tables in question.
    """
    if since.state.erased != now.state.erased:
        return None
    found = _in_log(door, since, now) | _in_files(door, since, now)
    # What retires a derivation, or a record about nobody, names nobody.
    if None in found or len(found) > MOST_SUBJECTS:
        return None
    return frozenset(one for one in found if one is not None)


def table_state(door: Doorway, tables: Sequence[str]) -> Hashable:
    """What names the content of some tables in one state: the same words, the same rows."""
    names, state = _with_retirement(tables), door.state
    marks = ",".join("?" * len(names))
    sql = f"SELECT max(seq) FROM log WHERE seq>? AND seq<=? AND table_name IN ({marks})"
    rows = door.store.catalogue.database.rows(sql, (state.drained_seq, state.log_seq, *names))
    return (tuple(state.versions.get(name, 0) for name in names), rows[0][0])


def _with_retirement(tables: Sequence[str]) -> tuple[str, ...]:
    return tuple(sorted({*tables, "retirement"}))


def _same(one: State, other: State) -> bool:
    return (one.snapshot_id, one.log_seq) == (other.snapshot_id, other.log_seq)


def _in_log(door: Doorway, since: Mark, now: Mark) -> set[int | None]:
    """Rows that wait; those drained since are in new files."""
    first = max(since.state.log_seq, now.state.drained_seq)
    if now.state.log_seq <= first:
        return set()
    marks = ",".join("?" * len(now.files))
    sql = (
        "SELECT DISTINCT table_name, subject_id FROM log "
        f"WHERE seq>? AND seq<=? AND table_name IN ({marks})"
    )
    rows: list[Any] = door.store.catalogue.database.rows(
        sql, (first, now.state.log_seq, *now.files)
    )
    return {subject for table, subject in rows if subject is not None or table == "retirement"}


def _in_files(door: Doorway, since: Mark, now: Mark) -> set[int | None]:
    found: set[int | None] = set()
    for table, files in now.files.items():
        known = {one.path for one in since.files[table]}
        fresh = [one for one in files if one.path not in known]
        if _too_many(fresh):
            return {None}
        subjects = _recorded_since(door, fresh, since.state.recorded_us)
        found |= subjects if table == "retirement" else subjects - {None}
    return found


def _too_many(files: Sequence[StoredFile]) -> bool:
    loaded = sum(one.rows for one in files if one.load_id is not None)
    return loaded > MOST_ROWS_OF_LOADS or sum(one.rows for one in files) > MOST_ROWS_REWRITTEN


def _recorded_since(door: Doorway, files: Sequence[StoredFile], at_us: int) -> set[int | None]:
    """Subjects of rows recorded after an instant, in files that may hold older ones too."""
    loads = door.instants(files)
    late = [one for one in files if one.load_id is not None and loads[one.load_id] > at_us]
    plain = [one for one in files if one.load_id is None]
    found: set[int | None] = set()
    for some, where in ((late, "true"), (plain, f"recorded_at > make_timestamptz({at_us})")):
        if some:
            paths = ", ".join(text_literal(str(door.store.root / one.path)) for one in some)
            sql = f"SELECT DISTINCT subject_id FROM read_parquet([{paths}]) WHERE {where}"
            found.update(door.fetch(sql, []).column(0).to_pylist())
    return found
