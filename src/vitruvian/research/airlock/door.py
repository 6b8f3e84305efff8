"""The airlock: somebody asks, checks run, and a rule or a second person lets it out.

What the checks find nothing in, the account that asked may release: that is the rule. Anything
found needs somebody else, and what must not leave, nobody releases. Every release is a row of the
audit, of the kind of an export, so that it is told to patients and at a withdrawal.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from vitruvian.criteria.cohorts.kept.floor import COUNTS_ONLY
from vitruvian.lake import Lake
from vitruvian.lake.disk.durable import fsync_all, storage_errors
from vitruvian.lake.errors import NoAccount
from vitruvian.research.airlock.checks import FileReport, Known, Wish, check_file
from vitruvian.research.airlock.content import sheet_of
from vitruvian.research.airlock.counts import told_together
from vitruvian.research.airlock.errors import (
    FolderInUse,
    MayNotRelease,
    MustNotLeave,
    NeedsSecondPerson,
    NoSuchColumn,
    NothingToRelease,
    OtherFiles,
)
from vitruvian.research.airlock.register import Register, Request
from vitruvian.trust import SYSTEM, Access, Deed

LEAST_LETTERS = 5


@dataclass(frozen=True)
class Purpose:
    """What files leave for, and to whom."""

    project: str
    recipient: str


class Airlock:
    """What leaves one lake, or a research zone made from it.

    Parameters
    ----------
    lake
        The hospital's lake: its patients' identifiers are looked for in every file, its audit
        holds every release.
    floor
        The least count that may be told.
    """

    def __init__(self, lake: Lake, *, floor: int = COUNTS_ONLY) -> None:
        self._lake = lake
        self._floor = floor
        self.register = Register(lake.path)

    def ask(self, access: Access, paths: Sequence[Path], why: Purpose, wish: Wish) -> Request:
        """Ask for files to leave; they are checked at once.

        Raises
        ------
        MayNotRelease, NoAccount
            When policy does not let the account ask, or it is none of this lake's.
        NothingToRelease
            When there is no file, project or recipient.
        NoTable, NoSuchColumn
            When a table cannot be read, or has no column that was named.
        """
        self._expect(access, "research", "export")
        if not paths or not why.project.strip() or not why.recipient.strip():
            raise NothingToRelease
        known = Known(
            self._floor,
            self._identifiers(),
            self.register.left_before(project=why.project, recipient=why.recipient),
        )
        files = tuple(_checked(paths, wish, known))
        _expect_columns(paths, wish, files)
        ident = secrets.token_hex(4)
        asked = Request(
            ident, why.project, why.recipient, files, self._floor, access.who, self._lake.clock()
        )
        self._lake.audit.record(access, Deed("release", definition=f"airlock {ident} ask"))
        self.register.keep(asked)
        return asked

    def release(
        self, access: Access, ident: str, paths: Sequence[Path], *, to: Path, words: str = ""
    ) -> Request:
        """Let the files out that were checked, under names that say nothing.

        Raises
        ------
        NoSuchRelease
            When nothing waits under that id.
        MustNotLeave
            When the checks found what nobody may release.
        NeedsSecondPerson
            When they found something, and the same account asked or policy does not let this one.
        OtherFiles
            When a byte of a file is not as it was checked.
        FolderInUse
            When the folder holds something.
        """
        request = self.register.waiting(ident)
        self._expect_may_release(access, request)
        bodies = [path.read_bytes() for path in paths]
        if [one.sha256 for one in request.files] != [_sha256(body) for body in bodies]:
            raise OtherFiles
        if to.exists() and (not to.is_dir() or any(to.iterdir())):
            raise FolderInUse
        said = f"airlock {ident}: {len(bodies)} files of project {request.project}"
        taken = replace(access, operation="export", purpose="research")
        # Audited first: nothing leaves that no row speaks of.
        self._lake.audit.record(taken, Deed("export", definition=f"{said} to {request.recipient}"))
        self._lake.audit.flush()
        _write(to, paths, bodies)
        return self._decided(access, request, "released", words)

    def refuse(self, access: Access, ident: str, *, words: str) -> Request:
        """Say that files do not leave; raises `NoSuchRelease`, `MayNotRelease`."""
        request = self.register.waiting(ident)
        if request.asked_by.casefold() != access.who.casefold():
            self._expect(access, "operations", "write")
        self._lake.audit.record(access, Deed("release", definition=f"airlock {ident} refuse"))
        return self._decided(access, request, "refused", words)

    def _decided(self, access: Access, request: Request, state: str, words: str) -> Request:
        now = self._lake.clock()
        done = replace(request, state=state, decided_by=access.who, decided_at=now, words=words)  # type: ignore[arg-type]  # one of two words
        self.register.keep(done)
        return done

    def _expect_may_release(self, access: Access, request: Request) -> None:
        own = request.asked_by.casefold() == access.who.casefold()
        refusal = MustNotLeave if request.stopped else NeedsSecondPerson
        if request.stopped or (own and not (request.by_rule and self._fits(request))):
            deed = Deed("release", "refused", definition=f"airlock {request.id} release")
            self._lake.audit.record(access, deed)
            raise refusal
        if not own:
            self._expect(access, "operations", "write")

    def _fits(self, request: Request) -> bool:
        """Whether its counts give nothing away beside what left since they were checked."""
        left = self.register.left_before(project=request.project, recipient=request.recipient)
        tables = [table for one in request.files for table in one.tables]
        return not told_together(tables, left, floor=self._floor)

    def _expect(self, access: Access, purpose: str, operation: str) -> None:
        if self._lake.accounts.find(access.who) is None:
            raise NoAccount
        rules = (rule for rule in self._lake.policy.rules if rule.role == access.role)
        if not any(purpose in one.purposes and operation in one.operations for one in rules):
            self._lake.audit.record(access, Deed("release", "refused", definition="airlock"))
            raise MayNotRelease

    def _identifiers(self) -> frozenset[str]:
        """Identifiers of every patient, long enough not to be met by chance."""
        with self._lake.read(SYSTEM) as reader:
            rows = reader.rows("patient", columns=["identifiers"]).column(0).to_pylist()
        values = (one["value"] for each in rows for one in each or () if one["value"])
        return frozenset(one for one in values if len(one) >= LEAST_LETTERS)

    def close(self) -> None:
        """Close the register."""
        self.register.close()


def _checked(paths: Sequence[Path], wish: Wish, known: Known) -> list[FileReport]:
    with storage_errors("reading what is to leave"):
        bodies = [(path, path.read_bytes()) for path in paths]
    found: list[FileReport] = []
    for number, (path, body) in enumerate(bodies, 1):
        one = check_file(number, path, body, wish, known)
        found.append(one)
        # Files of one request leave together, so they are compared with one another too.
        known = replace(known, earlier=(*known.earlier, *one.tables))
    return found


def _expect_columns(paths: Sequence[Path], wish: Wish, files: Sequence[FileReport]) -> None:
    """A name that no table has is a slip, and a slip here would leave a check undone."""
    known: set[str] = set()
    for path, one in zip(paths, files, strict=True):
        if one.kind == "table":
            known.update(sheet_of(path.name.lower(), path.read_bytes()).columns)
    for option in ("counts", "quasi", "sensitive"):
        if set(getattr(wish, option)) - known:
            raise NoSuchColumn(option=f"--{option}")


def _sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def _write(to: Path, paths: Sequence[Path], bodies: Sequence[bytes]) -> None:
    with storage_errors("releasing files"):
        to.mkdir(parents=True, exist_ok=True, mode=0o700)
        written = []
        for number, (path, body) in enumerate(zip(paths, bodies, strict=True), 1):
            target = to / f"file-{number}{path.suffix.lower()}"
            target.write_bytes(body)
            written.append(target)
        fsync_all(written)
