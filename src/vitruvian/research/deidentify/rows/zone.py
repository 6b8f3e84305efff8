"""From a lake into a research zone: another lake, which holds no identifier."""

from __future__ import annotations

import json
import secrets
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from importlib.metadata import version
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from vitruvian.base.ids import stable_id
from vitruvian.lake import Lake, Reader
from vitruvian.lake.bulk import BulkLoad
from vitruvian.lake.disk.durable import fsync_all, make_folder, storage_errors
from vitruvian.research.deidentify.errors import (
    Expired,
    KeyInZone,
    KeyUnusable,
    NoBasis,
    ZoneInUse,
)
from vitruvian.research.deidentify.extras import expect_notes_extra
from vitruvian.research.deidentify.replace import Project
from vitruvian.research.deidentify.rows.columns import Batch, actions
from vitruvian.research.deidentify.rows.people import People, people_of
from vitruvian.trust import SYSTEM, Access

KEY_BYTES = 32
ROWS_A_BATCH = 50_000
FEWEST_PERSONS = 5
ABOUT_NOBODY = ("variant",)


@dataclass(frozen=True)
class Wanted:
    """What a zone is for.

    Parameters
    ----------
    project
        Its name; another project gets other pseudonyms.
    basis
        The legal basis, in words.
    expires
        The day on which the zone must be gone.
    fewest
        A code or place that fewer persons have is not told.
    """

    project: str
    basis: str
    expires: date
    fewest: int = FEWEST_PERSONS

    def check(self, today: date) -> None:
        """Raise when a zone must not be made."""
        if not (self.project.strip() and self.basis.strip()):
            raise NoBasis
        if self.expires <= today:
            raise Expired


@dataclass(frozen=True)
class ZoneReport:
    """What went into the zone.

    Parameters
    ----------
    persons
        How many persons.
    rows
        Rows by table.
    texts
        Texts in which something was replaced, and how many replacements there were.
    rare
        Values that too few persons have, by column.
    over_89
        Persons whose birth is not told.
    """

    persons: int
    rows: Mapping[str, int]
    texts: tuple[int, int]
    rare: Mapping[str, int]
    over_89: int

    def as_json(self) -> dict[str, object]:
        """For `--json`."""
        return {
            "persons": self.persons,
            "rows": dict(self.rows),
            "texts_with_findings": self.texts[0],
            "findings": self.texts[1],
            "rare_values": dict(self.rare),
            "persons_over_89": self.over_89,
        }


def deidentify(  # noqa: PLR0913  one word a thing that must be said of a zone
    lake: Lake,
    to: Path,
    wanted: Wanted,
    *,
    access: Access,
    key: Path,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> ZoneReport:
    """Make a research zone of everything that holds now in a lake.

    Parameters
    ----------
    lake
        Where from.
    to
        Folder of the new lake.
    wanted
        What for.
    access
        Who asks and why; the audit of both lakes says so.
    key
        File of the project's key, made when absent. Whoever deletes it makes the pseudonyms
        final; whoever has it can compute them again.
    progress
        Told the rows done and the rows in all.

    Raises
    ------
    NoBasis, Expired, KeyInZone, KeyUnusable, ZoneInUse
        Before anything is written.
    """
    expect_notes_extra()
    wanted.check(datetime.now(UTC).date())
    if to.resolve() in key.resolve().parents:
        raise KeyInZone
    if to.exists() and any(to.iterdir()):
        raise ZoneInUse
    project = Project(wanted.project, read_key(key))
    leaving = replace(access, operation="export", project=wanted.project)
    with lake.read(leaving) as reader, Lake.create(to, site=wanted.project) as zone:
        run = _Run(reader, people_of(reader, project), wanted, progress)
        with zone.bulk(SYSTEM) as load:
            load.write("derivation", _birth(wanted, project))
            run.write(load)
        return run.report()


def read_key(path: Path) -> bytes:
    """The key of a file, which is made when it does not exist, for its owner alone."""
    if not path.exists():
        with storage_errors("writing the key"):
            make_folder(path.parent)
            path.touch(mode=0o600, exist_ok=False)
            path.write_text(secrets.token_hex(KEY_BYTES) + "\n", "ascii")
            fsync_all([path])
    try:
        key = bytes.fromhex(path.read_text("ascii").strip())
    except (ValueError, OSError):
        raise KeyUnusable from None
    if len(key) != KEY_BYTES:
        raise KeyUnusable
    return key


def _birth(wanted: Wanted, project: Project) -> pa.Table:
    """The row that says what this zone is, on what ground, and until when."""
    now = datetime.now(UTC)
    said = {
        "project": wanted.project,
        "legal_basis": wanted.basis,
        "expires": wanted.expires.isoformat(),
        "made_at": now.isoformat(),
        "fewest_persons": wanted.fewest,
    }
    row = {
        "derivation_id": stable_id("deidentify", wanted.project),
        "site": project.text("site", wanted.project),
        "source_id": "deidentify",
        "known_at": now,
        "known_at_basis": "stated",
        "name": "deidentify",
        "version": version("vitruvian"),
        "parameters": json.dumps(said, sort_keys=True),
    }
    return pa.Table.from_pylist([row])


@dataclass
class _Run:
    """One way through all tables."""

    reader: Reader
    people: People
    wanted: Wanted
    progress: Callable[[int, int], None]

    def __post_init__(self) -> None:
        self.rows: Counter[str] = Counter()
        self.texts = [0, 0]
        self.persons: set[int] = set()
        self.hidden: dict[str, int] = {}

    def write(self, load: BulkLoad) -> None:
        """Table after table, in batches."""
        tables = {name: self.reader.rows(name) for name in actions()}
        total = sum(one.num_rows for one in tables.values())
        done = 0
        for name, rows in tables.items():
            rare = self._rare(name, rows)
            for start in range(0, rows.num_rows, ROWS_A_BATCH):
                some = _without_old_births(rows.slice(start, ROWS_A_BATCH), name, self.people)
                self._write_some(load, Batch(name, some, self.people, rare))
                done += some.num_rows
                self.progress(done, total)

    def _write_some(self, load: BulkLoad, batch: Batch) -> None:
        made = batch.made()
        for name, action in actions()[batch.table].items():
            if action == "blob":
                for sha256 in sorted(set(made.column(name).to_pylist()) - {None}):
                    load.put_blob(self.reader.blob(sha256))
        load.write(batch.table, made)
        self.rows[batch.table] += made.num_rows
        found = [len(one) for one in batch.texts.values() if one]
        self.texts[0] += len(found)
        self.texts[1] += sum(found)
        if batch.table not in ABOUT_NOBODY:
            self.persons.update(made.column("subject_id").to_pylist())

    def _rare(self, name: str, rows: pa.Table) -> dict[str, frozenset[str]]:
        """Values of the columns to look at that fewer persons have than asked for."""
        found = {}
        for column in (one for one, action in actions()[name].items() if action == "rare"):
            pairs = zip(
                rows.column(column).to_pylist(), rows.column("subject_id").to_pylist(), strict=True
            )
            having = Counter(
                value for value, _ in {(v, self.people.who(s)) for v, s in pairs if v is not None}
            )
            few = frozenset(value for value, n in having.items() if n < self.wanted.fewest)
            found[column] = few
            self.hidden[f"{name}.{column}"] = len(few)
        return found

    def report(self) -> ZoneReport:
        """What was done."""
        return ZoneReport(
            persons=len(self.persons),
            rows=dict(self.rows),
            texts=(self.texts[0], self.texts[1]),
            rare=self.hidden,
            over_89=len(self.people.old),
        )


def _without_old_births(rows: pa.Table, name: str, people: People) -> pa.Table:
    """Without the births of persons over 89: their age is told by nothing."""
    if name != "event" or not people.old:
        return rows
    births = pc.equal(rows.column("code"), "MEDS_BIRTH")
    old = pa.array([people.who(one) in people.old for one in rows.column("subject_id").to_pylist()])
    return rows.filter(pc.invert(pc.and_(births, old)))
