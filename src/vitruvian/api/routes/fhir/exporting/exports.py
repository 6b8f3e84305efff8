"""Bulk data export, made in the background from one published state.

References
----------
HL7 FHIR Bulk Data Access (Flat FHIR) 2.0.0: asynchronous pattern, output manifest, NDJSON.
"""

from __future__ import annotations

import secrets
import shutil
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Literal, Self

import structlog

from vitruvian.api.routes.fhir.exporting.held import Held, Wish, held, where_of
from vitruvian.api.routes.fhir.json import NotJson, written
from vitruvian.api.routes.fhir.outcome import ExportOver, NoSuchAddress, TooManyExports
from vitruvian.api.routes.fhir.serving.stored import Stored, versions_of
from vitruvian.base.clock import Clock
from vitruvian.base.errors import VitruvianError
from vitruvian.trust import require
from vitruvian.trust.smart import narrowed

if TYPE_CHECKING:
    from vitruvian.lake import Lake, Reader
    from vitruvian.trust import Access

log = structlog.get_logger("vitruvian.fhir")
MOST_RUNNING = 2
MOST_KEPT = 20
SUBJECTS_AT_ONCE, ROWS_AT_ONCE = 200, 20_000
BYTES_AT_ONCE = 64 << 20
State = Literal["running", "done", "failed"]
_COLUMNS = ("version_id", "resource_type", "resource_id", "bytes")


@dataclass
class Job:
    """One export."""

    token: str
    access: Access
    wish: Wish
    folder: Path
    state: State = "running"
    stop: threading.Event = field(default_factory=threading.Event)
    at: datetime | None = None
    done: int = 0
    whole: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    whom: tuple[int, ...] | None = None
    held: Mapping[str, Held] = field(default_factory=dict)

    @property
    def progress(self) -> str:
        """How far it has come, for people."""
        return f"{self.done} of {self.whole} patients" if self.whole else "beginning"


class Exports:
    """The exports of one server; their files lie in the lake's own folder until deleted."""

    def __init__(self, lake: Lake, clock: Clock) -> None:
        self._lake = lake
        self._clock = clock
        self._jobs: dict[str, Job] = {}
        self._guard = threading.Lock()
        self._root = lake.path / "temp" / "exports"
        shutil.rmtree(self._root, ignore_errors=True)  # of a server that is no more

    def start(self, access: Access, wish: Wish) -> Job:
        """Begin an export; raises `TooManyExports`, or what policy says no with."""
        leaving = replace(access, operation="export")
        require(leaving, narrowed(self._lake.policy, leaving))
        with self._guard:
            if sum(job.state == "running" for job in self._jobs.values()) >= MOST_RUNNING:
                raise TooManyExports
            token = secrets.token_urlsafe(24)
            folder = self._root / token
            folder.mkdir(parents=True, mode=0o700)
            job = self._jobs[token] = Job(token, leaving, wish, folder)
            old = [one for one in self._jobs.values() if one.state != "running"]
            for one in old[: max(0, len(self._jobs) - MOST_KEPT)]:
                self._forget(one)
        threading.Thread(target=self._run, args=(job,), daemon=True).start()
        return job

    def get(self, token: str, *, who: str) -> Job:
        """The export of that token; raises `NoSuchAddress`."""
        with self._guard:
            job = self._jobs.get(token)
        if job is None or job.access.holder != who:
            raise NoSuchAddress
        return job

    def drop(self, token: str, *, who: str) -> None:
        """Stop an export, and remove its files."""
        job = self.get(token, who=who)
        job.stop.set()
        with self._guard:
            self._forget(job)

    def file(self, job: Job, kind: str, *, access: Access) -> Path:
        """A file that is fetched now: policy is asked again, and who fetches it written down.

        Raises
        ------
        ExportOver
            When other rows of its instant may be exported now than when it was made.
        """
        path = job.folder / f"{kind}.ndjson"
        now = replace(job.access, role=access.role, request=access.request)
        with self._lake.read(now, recorded_at=job.at) as reader:
            there = held(reader, job.wish.of_type(kind), whom=job.whom).get(kind)
            # An erasure removes the files of every export.
            if there is None or there != job.held.get(kind) or not path.is_file():
                self.drop(job.token, who=access.holder)
                raise ExportOver
            reader.note(there.subjects)
        return path

    def _forget(self, job: Job) -> None:
        self._jobs.pop(job.token, None)
        shutil.rmtree(job.folder, ignore_errors=True)

    def _run(self, job: Job) -> None:
        try:
            with self._lake.read(job.access) as reader:
                job.at = reader.snapshot.published_at
                if job.wish.members is not None:
                    job.whom = _members(reader, job.wish.members)
                job.held = held(reader, job.wish, whom=job.whom)
                with _Files(job) as files:
                    for some in _chunks(reader, job):
                        if job.stop.is_set():
                            return
                        files.write(some)
            job.state = "done"
        except (VitruvianError, OSError) as error:
            # Not the error's words: they are for people, and a path may stand in them.
            told = {"error": type(error).__name__, "request_id": job.access.request}
            log.error("export failed", **told)  # noqa: TRY400  a traceback could hold values
            job.state = "failed"


class _Files:
    """One NDJSON file a type."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._open: dict[str, IO[bytes]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for file in self._open.values():
            file.close()

    def write(self, some: Sequence[Stored]) -> None:
        for stored in some:
            kind = stored.version.resource_type
            if kind not in self._open:
                self._open[kind] = (self._job.folder / f"{kind}.ndjson").open("wb")
            try:
                line = written(stored.resource())
            except NotJson:
                continue
            self._open[kind].write(line + b"\n")
            self._job.counts[kind] = self._job.counts.get(kind, 0) + 1


def _chunks(reader: Reader, job: Job) -> Iterator[list[Stored]]:
    """What is wished for, some patients at a time; first what is about nobody."""
    asked = where_of(job.wish)
    found = _about(reader, job)
    subjects = [one for one in found if one is not None]
    job.whole = len(subjects)
    if None in found and not job.wish.patients_only:
        nobody = (f"subject_id IS NULL AND {asked[0]}", asked[1])
        yield from (_stored(reader, rows) for rows in _parts(reader, None, nobody))
    for start in range(0, len(subjects), SUBJECTS_AT_ONCE):
        some = subjects[start : start + SUBJECTS_AT_ONCE]
        yield from (_stored(reader, rows) for rows in _parts(reader, some, asked))
        job.done += len(some)


def _parts(
    reader: Reader, subjects: Sequence[int] | None, asked: tuple[str, list[object]]
) -> Iterator[list[dict[str, Any]]]:
    """What is asked for of some patients, a bounded part at once, however much one of them has."""
    where, values = asked
    sql = f"SELECT count(*), coalesce(sum(octet_length(bytes)), 0) FROM resource WHERE {where}"  # noqa: S608  our own text; values are bound
    found = reader.query(sql, tables=["resource"], params=values, subjects=subjects)
    rows_there, bytes_there = (int(found.column(n)[0].as_py()) for n in (0, 1))
    parts = max(1, -(-rows_there // ROWS_AT_ONCE), -(-bytes_there // BYTES_AT_ONCE))
    if parts > 1 and subjects is not None and len(subjects) > 1:
        half = len(subjects) // 2
        yield from _parts(reader, subjects[:half], asked)
        yield from _parts(reader, subjects[half:], asked)
        return
    for number in range(parts):
        part = where if parts == 1 else f"{where} AND version_id % {parts} = {number}"
        rows = reader.rows(
            "resource", subjects=subjects, columns=_COLUMNS, where=part, params=values
        )
        yield rows.to_pylist()


def _about(reader: Reader, job: Job) -> list[int | None]:
    """Whom there is something about; None among them for what is about nobody."""
    if job.whom is not None:
        return [*job.whom]
    where, values = where_of(job.wish)
    sql = f"SELECT DISTINCT subject_id FROM resource WHERE {where} ORDER BY 1"  # noqa: S608  our own text; values are bound
    found = reader.query(sql, tables=["resource"], params=values)
    whom: list[int | None] = found.column(0).to_pylist()
    return whom


def _members(reader: Reader, named: Sequence[str]) -> tuple[int, ...]:
    """The subjects of patients, as far as they may be seen."""
    versions = versions_of(reader, named).values()
    known = {one.subject_id for some in versions for one in some if one.subject_id is not None}
    return tuple(sorted(known))


def _stored(reader: Reader, rows: Sequence[dict[str, Any]]) -> list[Stored]:
    keys = [f"{row['resource_type']}/{row['resource_id']}" for row in rows]
    numbered = {
        one.version_id: one for several in versions_of(reader, keys).values() for one in several
    }
    return [
        Stored(numbered[row["version_id"]], deleted=False, data=row["bytes"])
        for row in rows
        if row["version_id"] in numbered
    ]
