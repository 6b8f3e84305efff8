"""Everything that paths hold: files, folders, gzip and zip, archives within archives."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO, cast

from vitruvian.ingest.engine.declared import (
    mapping_beside,
    mappings_given,
    mappings_inside,
)
from vitruvian.ingest.engine.limits import BoundedReader, Limits
from vitruvian.ingest.errors import (
    Bomb,
    Malformed,
    NoSuchPath,
    SourceBroken,
    Truncated,
    Unreadable,
)

GZIP_MAGIC = b"\x1f\x8b"
ZIP_MAGIC = (b"PK\x03\x04", b"PK\x05\x06")
SOURCE_ID_LETTERS = 16
_CHUNK = 1 << 20
_SPOOL = 64 << 20


def nothing_beside(name: str) -> BinaryIO | None:
    """No other file stands beside a message."""
    del name
    return None


@dataclass(frozen=True)
class Offered:
    """One file or archive member: how to open it, what its name ends in, how large it is."""

    suffix: str
    open: Callable[[], BinaryIO]
    packed_bytes: int
    fault: SourceBroken | None = None
    name: str = ""
    beside: Callable[[str], BinaryIO | None] = nothing_beside
    mappings: tuple[bytes, ...] = ()


@dataclass
class _Walk:
    limits: Limits
    mappings: tuple[bytes, ...] = ()
    members: int = 0


def walk(paths: Sequence[Path], *, limits: Limits) -> Iterator[Offered]:
    """Everything the paths hold, folders in name order, archives opened on the way.

    A source is open-able only until the next one is asked for.

    Raises
    ------
    NoSuchPath
        When a given path does not exist.
    """
    expect_paths(paths)
    given = mappings_given(paths)
    state = _Walk(limits)
    for path in files_of(paths):
        state.mappings = given + mapping_beside(path)
        yield from _file(path, state)


def expect_paths(paths: Sequence[Path]) -> None:
    """Raise `NoSuchPath` when a given path does not exist."""
    for place, path in enumerate(paths, start=1):
        if not path.exists():
            raise NoSuchPath(place)


def files_of(paths: Sequence[Path]) -> Iterator[Path]:
    """The plain files below the paths, hidden ones left out, links to folders not followed."""
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        for folder, folders, names in os.walk(path):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for name in sorted(names):
                if not name.startswith("."):
                    yield Path(folder) / name


def sources_below(paths: Sequence[Path], *, limits: Limits) -> Iterator[tuple[str, Path, str]]:
    """Each source's id as reports name it, its file, and its own name where that is an archive.

    Raises
    ------
    NoSuchPath
        When a given path does not exist.
    """
    expect_paths(paths)
    number = 0
    for path in files_of(paths):
        for offered in walk([path], limits=limits):
            number += 1
            member = "" if offered.name in {"", path.name} else offered.name
            try:
                if offered.fault is not None:
                    raise offered.fault
                source_id = digest_of(offered)[0][:SOURCE_ID_LETTERS]
            except SourceBroken:
                source_id = unread_id(number)
            yield source_id, path, member


def unread_id(number: int) -> str:
    """What a report calls a source whose bytes cannot be read: its place among all."""
    return f"unread-{number}"


def digest_of(offered: Offered) -> tuple[str, int]:
    """SHA-256 and length in bytes of a source as it lies there, packed or not."""
    digest, size = hashlib.sha256(), 0
    with translated("packed file"), offered.open() as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
    return digest.hexdigest(), size


def _file(path: Path, state: _Walk) -> Iterator[Offered]:
    def opener() -> BinaryIO:
        return path.open("rb")

    try:
        size = path.stat().st_size
        with path.open("rb") as stream:
            magic = stream.read(4)
    except OSError as fault:
        yield Offered("", opener, 0, fault=Unreadable(fault.strerror or "no reason given"))
        return
    offered = Offered(
        _suffix(path.name),
        opener,
        size,
        name=path.name,
        mappings=state.mappings,
        beside=lambda name: _sibling(path, name),
    )
    yield from _maybe_archive(offered, magic, state, depth=0)


def _maybe_archive(
    offered: Offered, magic: bytes, state: _Walk, *, depth: int
) -> Iterator[Offered]:
    if not magic.startswith(ZIP_MAGIC):
        yield offered
        return
    if depth >= state.limits.nesting:
        fault = Bomb(f"archives are nested more than {state.limits.nesting} deep")
        yield Offered(".zip", offered.open, offered.packed_bytes, fault=fault)
        return
    try:
        with translated("zip archive"), offered.open() as stream, _seekable(stream) as archive:
            yield from _members(archive, state, depth=depth)
    except SourceBroken as fault:
        yield Offered(".zip", offered.open, offered.packed_bytes, fault=fault)


def _seekable(stream: BinaryIO) -> BinaryIO:
    """The stream itself when it can jump; else a copy on disk that can."""
    if stream.seekable() and not isinstance(stream, zipfile.ZipExtFile | io.BufferedReader):
        return stream
    try:
        stream.seek(0, io.SEEK_END)
        stream.seek(0)
    except (OSError, io.UnsupportedOperation):
        spool = tempfile.SpooledTemporaryFile(max_size=_SPOOL)  # noqa: SIM115  lives as long as the archive
        while chunk := stream.read(_CHUNK):
            spool.write(chunk)
        spool.seek(0)
        return cast("BinaryIO", spool)
    return stream


def _members(stream: BinaryIO, state: _Walk, *, depth: int) -> Iterator[Offered]:
    with zipfile.ZipFile(stream) as archive:
        state.mappings += mappings_inside(archive)
        for info in archive.infolist():
            name = PurePosixPath(info.filename).name
            if info.is_dir() or name.startswith(".") or info.filename.startswith("__MACOSX/"):
                continue
            state.members += 1
            if state.members > state.limits.members:
                what = f"it holds more than {state.limits.members:,} members"
                raise Bomb(what)
            yield from _member(archive, info, state, depth=depth)


def _member(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, state: _Walk, *, depth: int
) -> Iterator[Offered]:
    def opener() -> BinaryIO:
        with translated("zip archive"):
            stream = cast("BinaryIO", archive.open(info))
        return bounded(stream, packed=lambda: info.compress_size, limits=state.limits)

    offered = Offered(
        _suffix(info.filename),
        opener,
        info.compress_size,
        name=_base(info.filename),
        mappings=state.mappings,
        beside=lambda name: _other_member(archive, info.filename, name, limits=state.limits),
    )
    try:
        with translated("zip archive"), opener() as stream:
            magic = stream.read(4)
    except SourceBroken as fault:
        yield Offered(offered.suffix, opener, info.compress_size, fault=fault)
        return
    yield from _maybe_archive(offered, magic, state, depth=depth + 1)


def _sibling(path: Path, name: str) -> BinaryIO | None:
    """A file of the same folder, by its bare name; never one elsewhere."""
    other = path.parent / (_base(name) or ".")
    return other.open("rb") if other.is_file() else None


def _other_member(
    archive: zipfile.ZipFile, place: str, name: str, *, limits: Limits
) -> BinaryIO | None:
    """A member of the same folder of the archive, by its bare name."""
    other = str(PurePosixPath(place).parent / (_base(name) or "."))
    if other not in archive.NameToInfo:
        return None
    packed = archive.getinfo(other).compress_size
    stream = cast("BinaryIO", archive.open(other))
    return bounded(stream, packed=lambda: packed, limits=limits)


def _base(name: str) -> str:
    return PurePosixPath(name).name


def _suffix(name: str) -> str:
    """The end of a name that tells its kind: never more, because names carry names."""
    suffixes = [each.lower() for each in PurePosixPath(name).suffixes]
    return next((each for each in reversed(suffixes) if each != ".gz"), "")[:12]


def bounded(stream: BinaryIO, *, packed: Callable[[], int], limits: Limits) -> BinaryIO:
    """The stream, buffered, ending in a sentence when it unpacks too far."""
    reader = BoundedReader(stream, packed=packed, limits=limits)
    return cast("BinaryIO", io.BufferedReader(reader, buffer_size=_CHUNK))


def open_content(offered: Offered, *, limits: Limits) -> BinaryIO:
    """The content of a source, gzip taken off (twice packed is unpacked once)."""
    stream = offered.open()
    magic = _peek(stream)
    if not magic.startswith(GZIP_MAGIC):
        return stream
    unpacked = cast("BinaryIO", _Gunzip(stream))
    return bounded(unpacked, packed=lambda: offered.packed_bytes, limits=limits)


class _Gunzip(gzip.GzipFile):
    """Unpacks a stream, and closes it with itself."""

    def __init__(self, packed: BinaryIO) -> None:
        super().__init__(fileobj=packed, mode="rb")
        self._packed = packed

    def close(self) -> None:
        super().close()
        self._packed.close()


def _peek(stream: BinaryIO) -> bytes:
    if isinstance(stream, io.BufferedReader):
        return stream.peek(4)[:4]
    magic = stream.read(4)
    stream.seek(0)
    return magic


@contextmanager
def translated(kind: str) -> Iterator[None]:
    """Turn what libraries raise on bad input into our sentences."""
    try:
        yield
    except EOFError:
        raise Truncated(kind) from None
    except (gzip.BadGzipFile, zipfile.BadZipFile, zlib.error):
        raise Malformed(kind, "its packed bytes are damaged or cut short") from None
    except (RuntimeError, NotImplementedError) as fault:
        if "encrypt" not in str(fault) and not isinstance(fault, NotImplementedError):
            raise
        raise Malformed(kind, "it is encrypted or packed in a way not known here") from None
    except OSError as fault:
        raise Unreadable(fault.strerror or "no reason given") from None
