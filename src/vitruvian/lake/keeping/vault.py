"""The folder that backups go to: bytes once under their hash, and one list of files a backup.

vault.json          which lake it is for
objects/ab/<sha256> the bytes of table files, Delta logs, blobs and copied databases
backups/<name>.json which bytes lie where in the lake; written last, by one rename
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from vitruvian.lake.disk.database import sha256_of
from vitruvian.lake.disk.durable import fsync_all, storage_errors, writer_lock
from vitruvian.lake.errors import (
    BackupBusy,
    BackupDamaged,
    Damaged,
    NoBackup,
    NotAVault,
    OtherVault,
    StorageFailed,
    WriterBusy,
)

MARK = "vault.json"
DRAFTS = "drafts-"
CHUNK = 1024 * 1024


@dataclass(frozen=True)
class Kept:
    """The bytes of one file: their hash and how many."""

    sha256: str
    size: int


@dataclass(frozen=True)
class Backup:
    """One backup: which bytes lie where in the lake.

    Parameters
    ----------
    name
        The instant it was taken at; names sort by age.
    recorded_us
        It holds everything recorded up to here: microseconds since 1970 UTC.
    snapshot_id
        The published state it holds.
    files
        By path below the lake's folder.
    """

    name: str
    recorded_us: int
    snapshot_id: int
    files: Mapping[str, Kept] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """Bytes of all its files."""
        return sum(one.size for one in self.files.values())


class Vault:
    """A folder of backups of one lake."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.objects = root / "objects"
        self.lists = root / "backups"

    def prepare(self, *, lake: str) -> None:
        """Use an empty folder, or go on with one that holds backups of the same lake.

        Raises
        ------
        NotAVault
            When something else lies in it.
        OtherVault
            When it holds backups of another lake.
        """
        with storage_errors("preparing the backup folder"):
            mark = self.root / MARK
            if not mark.is_file():
                if self.root.exists() and (not self.root.is_dir() or any(self.root.iterdir())):
                    raise NotAVault
                self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
                _write_whole(mark, json.dumps({"lake": lake}).encode())
            if _parsed(mark.read_bytes()).get("lake") != lake:
                raise OtherVault
            for folder in (self.objects, self.lists):
                folder.mkdir(exist_ok=True)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """One backup at a time."""
        try:
            with writer_lock(self.root / "backup.lock"):
                yield
        except WriterBusy:
            raise BackupBusy from None

    def expect(self) -> None:
        """Refuse a folder that holds no backups."""
        if not (self.root / MARK).is_file() or not self.names():
            raise NoBackup

    def names(self) -> list[str]:
        """The backups, oldest first."""
        return sorted(path.stem for path in self.lists.glob("*.json"))

    def get(self, name: str) -> Backup:
        """One backup's list of files, checked against its hash.

        Raises
        ------
        NoBackup
            When there is none of that name.
        BackupDamaged
            When the list is not what was written.
        """
        if name not in self.names():
            raise NoBackup
        with storage_errors("reading the backup"):
            written = _parsed((self.lists / f"{name}.json").read_bytes())
        body = written.get("backup")
        if not isinstance(body, dict) or written.get("sha256") != _seal(body):
            raise BackupDamaged(what="a list of files")
        files = {path: Kept(**one) for path, one in body["files"].items()}
        return Backup(**{**body, "files": files})

    def path(self, sha256: str) -> Path:
        """Where bytes lie."""
        return self.objects / sha256[:2] / sha256

    def put(self, source: Path, kept: Kept) -> bool:
        """Keep the bytes of a file, unless they are here and whole; whether they were copied.

        Raises
        ------
        Damaged
            When the file does not have the bytes it should.
        StorageFailed
            When the bytes cannot be written, or do not read back.
        """
        target = self.path(kept.sha256)
        with storage_errors("writing the backup"):
            if target.is_file() and sha256_of(target) == kept.sha256:
                return False
            target.parent.mkdir(exist_ok=True)
            draft = target.with_name(f".{uuid.uuid4().hex}.draft")
            try:
                copy_checked(source, draft, kept)
                if sha256_of(draft) != kept.sha256:
                    raise StorageFailed(doing="writing the backup", why="bytes do not read back")
                draft.replace(target)
                fsync_all([target])
            finally:
                draft.unlink(missing_ok=True)
        return True

    def save(self, backup: Backup) -> None:
        """Make a backup visible, by one rename."""
        body = asdict(backup)
        text = json.dumps({"backup": body, "sha256": _seal(body)}, sort_keys=True)
        with storage_errors("writing the backup"):
            _write_whole(self.lists / f"{backup.name}.json", text.encode())

    def forget(self, names: list[str]) -> None:
        """Drop backups; their bytes go with the next sweep."""
        with storage_errors("removing old backups"):
            for name in names:
                (self.lists / f"{name}.json").unlink()

    def sweep(self) -> int:
        """Remove bytes that no backup names, and what a killed run left; how many files."""
        named = {one.sha256 for name in self.names() for one in self.get(name).files.values()}
        removed = 0
        with storage_errors("removing old backups"):
            for path in self.objects.glob("*/*"):
                if path.name not in named:
                    path.unlink()
                    removed += 1
            for path in self.lists.glob(".*.draft"):
                path.unlink()
            for path in self.objects.glob(f"{DRAFTS}*"):
                path.rmdir()
        return removed


def copy_checked(source: Path, target: Path, kept: Kept) -> None:
    """Copy a file and hold its bytes to their hash on the way; flushed when it returns.

    Raises
    ------
    Damaged
        When they differ; then the copy is left for the caller to remove.
    """
    if not source.is_file():
        raise Damaged(what="a stored file is missing")
    digest = hashlib.sha256()
    with source.open("rb") as read, target.open("xb") as written:
        while chunk := read.read(CHUNK):
            digest.update(chunk)
            written.write(chunk)
    if digest.hexdigest() != kept.sha256:
        raise Damaged(what="a stored file has other bytes than were written")
    fsync_all([target])


def _write_whole(path: Path, data: bytes) -> None:
    draft = path.with_name(f".{path.name}.draft")
    try:
        draft.write_bytes(data)
        draft.replace(path)
        fsync_all([path])
    finally:
        draft.unlink(missing_ok=True)


def _seal(body: object) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()


def _parsed(data: bytes) -> dict[str, object]:
    try:
        found = json.loads(data)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise BackupDamaged(what="a list of files")
    return found
