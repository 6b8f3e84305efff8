"""The folder that backups go to: bytes once under their hash, and one list of files a backup.

vault.json          which lake it is for, and the wrapped keys of an encrypted folder
objects/ab/<sha256> the bytes of table files, Delta logs, blobs and copied databases
backups/<name>.json which bytes lie where in the lake; written last, by one rename

In an encrypted folder objects have other names than their sha256, and no list can be read.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from vitruvian.base.errors import BadInput
from vitruvian.lake.disk.durable import (
    fsync_all,
    make_folder,
    put_in_place,
    storage_errors,
    writer_lock,
)
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
from vitruvian.lake.keeping.sealing import Key, Seal, Unsealed

if TYPE_CHECKING:
    from hashlib import _Hash as Digest

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


class KeyNeeded(BadInput):
    """Encrypted backups were asked for without their key."""

    def __init__(self) -> None:
        super().__init__("These backups are encrypted. Give the file of their key with --key.")


class NotSealed(BadInput):
    """A key was given for backups that are not encrypted."""

    def __init__(self) -> None:
        super().__init__(
            "The backups in this folder are not encrypted, and a folder is one or the other. "
            "Leave --key out, or back up into an empty folder."
        )


class Vault:
    """A folder of backups of one lake; encrypted from its first backup on when a key is given."""

    def __init__(self, root: Path, *, key: Key | None = None) -> None:
        self.root = root
        self._key = key
        self._seal: Seal | None = None
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
                if self.root.exists() and not _is_free(self.root):
                    raise NotAVault
                make_folder(self.root, mode=0o700)
                self._write_mark(lake, None if self._key is None else Seal.fresh())
            if _parsed(mark.read_bytes()).get("lake") != lake:
                raise OtherVault
            self._unlock()
            for folder in (self.objects, self.lists):
                make_folder(folder)

    def _write_mark(self, lake: str, seal: Seal | None) -> None:
        said = {"lake": lake}
        if seal is not None and self._key is not None:
            said["keys"] = seal.wrapped(self._key, of=lake)
        _write_whole(self.root / MARK, json.dumps(said).encode())

    def _unlock(self) -> None:
        """Open the keys of an encrypted folder; raises `KeyNeeded`, `NotSealed`, `WrongKey`."""
        said = _parsed((self.root / MARK).read_bytes())
        if "keys" not in said:
            if self._key is not None:
                raise NotSealed
        elif self._key is None:
            raise KeyNeeded
        else:
            self._seal = Seal.opened(str(said["keys"]), self._key, of=str(said.get("lake")))

    def hand_over(self, to: Key) -> None:
        """Let another key open all of it from now on, and this one nothing more.

        Raises
        ------
        NoBackup, KeyNeeded, NotSealed, WrongKey
            When the key in hand does not open it.
        """
        self.expect()
        with self.locked(), storage_errors("writing the backup folder"):
            if self._seal is None:
                raise NotSealed
            lake = str(_parsed((self.root / MARK).read_bytes())["lake"])
            self._key, self._seal = to, self._seal.renewed()
            self._write_mark(lake, self._seal)

    @property
    def drafts_elsewhere(self) -> bool:
        """Whether a copy of a database must not lie here, even for a moment."""
        return self._seal is not None

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
        with storage_errors("reading the backup folder"):
            self._unlock()

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
            written = _parsed(self._list(name))
        body = written.get("backup")
        if not isinstance(body, dict) or written.get("sha256") != _seal(body):
            raise BackupDamaged(what="a list of files")
        files = {path: Kept(**one) for path, one in body["files"].items()}
        return Backup(**{**body, "files": files})

    def _list(self, name: str) -> bytes:
        path = self.lists / f"{name}.json"
        try:
            return b"".join(self._read(path, called=name))
        except Unsealed:
            raise BackupDamaged(what="a list of files") from None

    def path(self, sha256: str) -> Path:
        """Where bytes lie."""
        name = sha256 if self._seal is None else self._seal.name(sha256)
        return self.objects / name[:2] / name

    def _read(self, path: Path, *, called: str) -> Iterator[bytes]:
        """The bytes of a file here as they were before they were encrypted."""
        with path.open("rb") as stream:
            if self._seal is not None:
                yield from self._seal.open(stream, called=called)
                return
            yield from iter(lambda: stream.read(CHUNK), b"")

    def _written(self, pieces: Iterable[bytes], *, called: str) -> Iterable[bytes]:
        return pieces if self._seal is None else self._seal.closed(pieces, called=called)

    def _sha256(self, path: Path, *, called: str) -> str | None:
        """Of the bytes as they were before; None when they do not open."""
        digest = hashlib.sha256()
        try:
            for piece in self._read(path, called=called):
                digest.update(piece)
        except Unsealed:
            return None
        return digest.hexdigest()

    def take(self, kept: Kept, target: Path) -> None:
        """Copy bytes out; raises `Damaged` when they are not those that were kept."""
        source = self.path(kept.sha256)
        if not source.is_file():
            raise Damaged(what="a stored file is missing")
        try:
            with target.open("xb") as written:
                sha256 = _poured(self._read(source, called=source.name), written)
        except Unsealed:
            raise Damaged(what="an encrypted file does not open") from None
        if sha256 != kept.sha256:
            raise Damaged(what="a stored file has other bytes than were written")
        fsync_all([target])

    def holds(self, kept: Kept) -> bool:
        """Whether those bytes are here and whole."""
        target = self.path(kept.sha256)
        return target.is_file() and self._sha256(target, called=target.name) == kept.sha256

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
            if self.holds(kept):
                return False
            make_folder(target.parent)
            draft = target.with_name(f".{uuid.uuid4().hex}.draft")
            try:
                self._copy_in(source, draft, kept, called=target.name)
                if self._sha256(draft, called=target.name) != kept.sha256:
                    raise StorageFailed(doing="writing the backup", why="bytes do not read back")
                put_in_place(draft, target)
            finally:
                draft.unlink(missing_ok=True)
        return True

    def _copy_in(self, source: Path, draft: Path, kept: Kept, *, called: str) -> None:
        """Copy a file and hold its bytes to their hash on the way."""
        if not source.is_file():
            raise Damaged(what="a stored file is missing")
        digest = hashlib.sha256()
        with source.open("rb") as stream, draft.open("xb") as written:
            for piece in self._written(_told(stream, digest), called=called):
                written.write(piece)
        if digest.hexdigest() != kept.sha256:
            raise Damaged(what="a stored file has other bytes than were written")

    def save(self, backup: Backup) -> None:
        """Make a backup visible, by one rename."""
        body = asdict(backup)
        text = json.dumps({"backup": body, "sha256": _seal(body)}, sort_keys=True)
        with storage_errors("writing the backup"):
            sealed = b"".join(self._written([text.encode()], called=backup.name))
            _write_whole(self.lists / f"{backup.name}.json", sealed)

    def forget(self, names: list[str]) -> None:
        """Drop backups; their bytes go with the next sweep."""
        with storage_errors("removing old backups"):
            for name in names:
                (self.lists / f"{name}.json").unlink()

    def sweep(self) -> int:
        """Remove bytes that no backup names, and what a killed run left; how many files."""
        kept = (one for name in self.names() for one in self.get(name).files.values())
        named = {self.path(one.sha256).name for one in kept}
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


def _told(stream: BinaryIO, digest: Digest) -> Iterator[bytes]:
    """The pieces of a file, each told to its hash on the way."""
    while piece := stream.read(CHUNK):
        digest.update(piece)
        yield piece


def _poured(pieces: Iterable[bytes], written: BinaryIO) -> str:
    """Write pieces; the sha256 of them all."""
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece)
        written.write(piece)
    return digest.hexdigest()


def _is_free(root: Path) -> bool:
    """Whether a folder is empty, or holds only what a first backup left that was killed at once."""
    return root.is_dir() and all(path == _draft_of(root / MARK) for path in root.iterdir())


def _draft_of(path: Path) -> Path:
    return path.with_name(f".{path.name}.draft")


def _write_whole(path: Path, data: bytes) -> None:
    draft = _draft_of(path)
    try:
        draft.write_bytes(data)
        put_in_place(draft, path)
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
