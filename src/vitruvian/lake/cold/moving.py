"""Moving blobs to cold storage and back: copied, read back, and only then gone from here."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from vitruvian.base.clock import system_clock
from vitruvian.lake.audit import Audit
from vitruvian.lake.cold.errors import BadPlace, OtherLakesPlace, PlaceNotReached, StillCold
from vitruvian.lake.cold.places import Place, place_at
from vitruvian.lake.cold.rules import KINDS, Rules, drop_rules, read_rules, write_rules
from vitruvian.lake.disk.blobs import name_of
from vitruvian.lake.disk.durable import fsync_path, storage_errors
from vitruvian.lake.erasing.finding import files_of, row_groups
from vitruvian.lake.errors import NoLake
from vitruvian.lake.keeping.backup import Wants, identity
from vitruvian.lake.store.codec import micros
from vitruvian.lake.store.store import Store
from vitruvian.record import TABLES
from vitruvian.trust import Deed, require

MARK = "vitruvian-cold-storage.json"
# Others may publish in between: a move of terabytes does not stop the feeds.
BATCH = 64


@dataclass(frozen=True)
class Held:
    """How much of one kind lies here, and how much in cold storage."""

    kind: str
    near: int
    near_bytes: int
    cold: int
    cold_bytes: int


@dataclass(frozen=True)
class MovedReport:
    """What a move did."""

    files: int
    size: int


def rules_of(path: Path) -> Rules | None:
    """The rules in force for a lake; None when everything stays here."""
    with _store(path) as store:
        return read_rules(store.catalogue)


def set_rules(path: Path, rules: Rules, wants: Wants) -> None:
    """Put rules in force; nothing moves before `move_due`.

    Raises
    ------
    BadPlace
        When the place is inside the lake, around it, or no address.
    OtherLakesPlace
        When it holds something else.
    StillCold
        When what was moved lies in another place.
    PlaceNotReached
        When it cannot be written.
    """
    _expect_outside(path, rules.place)
    if "://" not in rules.place:
        with storage_errors("making the folder for cold storage"):
            folder = Path(rules.place)
            folder.mkdir(mode=0o700, exist_ok=True)
            fsync_path(folder.parent)
    with _working(path, wants, f"set {','.join(rules.kinds)} after {rules.days} days") as store:
        before = read_rules(store.catalogue)
        if before is not None and before.place != rules.place and any(_cold(store)):
            raise StillCold
        _claim(place_at(rules.place), lake=identity(store.catalogue.database.connection()))
        write_rules(store.catalogue, store.root, rules)


def move_due(path: Path, wants: Wants) -> MovedReport:
    """Move what the rules name and what is old enough; nothing when there are no rules.

    A run that was killed leaves each blob here, there, or in both places, and the next goes on.

    Raises
    ------
    PlaceNotReached
        When cold storage does not answer, or does not give back what it was given.
    """
    with _store(path) as store:
        rules = read_rules(store.catalogue)
    if rules is None:
        return MovedReport(0, 0)
    with _working(path, wants, "move") as store:
        place = place_at(rules.place)
        _claim(place, lake=identity(store.catalogue.database.connection()))
        due = [(sha256, size) for sha256, size in _due(store, rules, wants)]
        return _each(store, due, wants, lambda sha256: _send(store, place, sha256, wants))


def bring_back(path: Path, wants: Wants) -> MovedReport:
    """Fetch everything from cold storage, and keep all here from now on."""
    with _working(path, wants, "back") as store:
        rules = read_rules(store.catalogue)
        if rules is None:
            return MovedReport(0, 0)
        place = place_at(rules.place)
        report = _each(store, list(_cold(store)), wants, lambda one: _fetch(store, place, one))
        drop_rules(store.catalogue)
        place.remove(MARK)
        return report


def held(path: Path) -> list[Held]:
    """What lies where, by kind; blobs that no kind names are "other"."""
    with _store(path) as store:
        sizes = dict(_blobs(store))
        named = _by_kind(store, sizes.keys())
        return [
            _held(store, kind, {one: sizes[one] for one in found}) for kind, found in named.items()
        ]


def _held(store: Store, kind: str, sizes: dict[str, int]) -> Held:
    near = {one for one in sizes if store.blobs.is_near(one)}
    cold = sizes.keys() - near
    return Held(
        kind, len(near), sum(sizes[one] for one in near), len(cold), sum(sizes[one] for one in cold)
    )


def _each(
    store: Store,
    blobs: Sequence[tuple[str, int]],
    wants: Wants,
    move: Callable[[str], None],
) -> MovedReport:
    done, total = 0, sum(size for _, size in blobs)
    moved = 0
    for start in range(0, len(blobs), BATCH):
        with store.writer():
            known = dict(_blobs(store))
            for sha256, size in blobs[start : start + BATCH]:
                if sha256 in known:  # else it was erased meanwhile
                    move(sha256)
                    moved += 1
                done += size
                wants.progress(done, total)
    return MovedReport(moved, total)


def _send(store: Store, place: Place, sha256: str, wants: Wants) -> None:
    data = store.blobs.get(sha256)
    place.put(name_of(sha256), data)
    back = place.get(name_of(sha256))
    if back is None or hashlib.sha256(back).hexdigest() != sha256:
        raise PlaceNotReached(why="it gives back other bytes than it was given")
    wants.fault("cold:before-unlink")
    with storage_errors("moving to cold storage"):
        store.blobs.path(sha256).unlink(missing_ok=True)
    wants.fault("cold:after-unlink")


def _fetch(store: Store, place: Place, sha256: str) -> None:
    store.blobs.put(store.blobs.get(sha256))
    place.remove(name_of(sha256))


def _due(store: Store, rules: Rules, wants: Wants) -> Iterator[tuple[str, int]]:
    """Blobs that are here and are to move, with their sizes."""
    before = micros(wants.clock() - timedelta(days=rules.days))
    kinds = _by_kind(store, dict(_blobs(store)))
    named = set[str]().union(*(kinds[kind] for kind in rules.kinds))
    sql = """
        SELECT b.sha256, b.bytes FROM blob b LEFT JOIN snapshot s ON s.id = b.added_in
        WHERE coalesce(s.published_at, 0) <= ? ORDER BY 1"""
    for sha256, size in store.catalogue.database.rows(sql, (before,)):
        if sha256 in named and store.blobs.is_near(str(sha256)):
            yield str(sha256), int(str(size))


def _cold(store: Store) -> Iterator[tuple[str, int]]:
    return (one for one in _blobs(store) if not store.blobs.is_near(one[0]))


def _blobs(store: Store) -> Iterator[tuple[str, int]]:
    rows = store.catalogue.database.rows("SELECT sha256, bytes FROM blob ORDER BY 1")
    return ((str(sha256), int(str(size))) for sha256, size in rows)


def _by_kind(store: Store, blobs: Iterable[str]) -> dict[str, set[str]]:
    """Which of some blobs are of which kind; those that nothing of `KINDS` names are "other"."""
    left, found = set(blobs), dict[str, set[str]]()
    for kind, (table, columns) in KINDS.items():
        found[kind] = left & _named(store, table, columns)
        left -= found[kind]
    return {**found, "other": left}


def _named(store: Store, table: str, columns: Sequence[str]) -> set[str]:
    """Everything that some columns of a table say."""
    found: set[str] = set()
    for one in files_of(store, TABLES[table]):
        for rows in row_groups(store, one, columns):
            for column in columns:
                found.update(rows.column(column).drop_null().unique().to_pylist())
    return found


def _claim(place: Place, *, lake: str) -> None:
    """Take an empty place for this lake, or see that it is this lake's."""
    mark = place.get(MARK)
    if mark is None:
        if next(iter(place.names()), None) is not None:
            raise OtherLakesPlace
        place.put(MARK, json.dumps({"lake": lake}).encode())
    elif json.loads(mark).get("lake") != lake:
        raise OtherLakesPlace


def _expect_outside(path: Path, place: str) -> None:
    if "://" in place:
        return
    lake, folder = path.resolve(), Path(place).resolve()
    if not Path(place).is_absolute():
        raise BadPlace(why="the folder is not given from the root")
    if not folder.parent.is_dir():
        raise BadPlace(why="the folder around it is not there; make it first, or mount it")
    if lake in (folder, *folder.parents) or folder in lake.parents:
        raise BadPlace(why="the folder is inside the lake, or around it")


@contextmanager
def _store(path: Path) -> Iterator[Store]:
    if not (path / "lake.sqlite").is_file():
        raise NoLake
    with closing(Store(path.resolve(), clock=system_clock)) as store:
        store.catalogue.check_layout()
        yield store


@contextmanager
def _working(path: Path, wants: Wants, words: str) -> Iterator[Store]:
    """The store, after the access was decided and written down."""
    require(wants.access)
    with _store(path) as store, closing(Audit(store.root, clock=wants.clock)) as audit:
        audit.record(wants.access, Deed("storage", definition=words))
        yield store
