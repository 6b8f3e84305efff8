"""What a power cut leaves: only what was flushed, worked out from the system calls of a run.

The kernel is taken at its word and no further. Bytes written after a file's last flush are gone
(zeros, or not there). A name made, moved or removed after the last flush of its folder is as it
was before; a folder whose own name was not flushed is gone with all that is in it. Files that
SQLite rebuilds by itself (`-shm`) are gone altogether.

References
----------
POSIX.1-2017, fsync. Pillai et al., All File Systems Are Not Created Equal, OSDI 2014: the rules
above are its weakest file system.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from tests.lake.faults.kernel.calls import COPIES, FLUSHES, WRITES, Call

WRITTEN = frozenset({*WRITES.values(), *COPIES.values()})


@dataclass
class Held:
    """One file: how much of it is safe, how much there is, and what was written since."""

    size: int = 0
    now: int = 0
    loose: list[tuple[int, int]] = field(default_factory=list)

    def write(self, start: int, length: int) -> None:
        self.loose.append((start, length))
        self.now = max(self.now, start + length)

    def resize(self, size: int) -> None:
        self.now = size
        self.size = min(self.size, size)

    def flush(self) -> None:
        self.size, self.loose = self.now, []


@dataclass(frozen=True)
class Name:
    """A name that its folder may not hold yet, and from where it came, if that still has it."""

    path: str
    old: str | None = None

    @property
    def folder(self) -> str:
        return str(Path(self.path).parent)

    def flushed(self, folder: str) -> Name:
        """After that folder, which is not its own, was flushed: what left it is gone from it."""
        left = self.old is not None and str(Path(self.old).parent) == folder
        return replace(self, old=None) if left else self


@dataclass
class Disk:
    """The names and files of a folder while a run goes on; `before` as they were, all safe.

    `fresh` names and `removed` ones are not flushed; those that `returns` holds stood there before.
    """

    root: Path
    before: Path
    files: dict[str, Held] = field(default_factory=dict)
    folders: set[str] = field(default_factory=set)
    fresh: list[Name] = field(default_factory=list)
    removed: set[str] = field(default_factory=set)
    returns: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.folders.add(str(self.root))
        for path in self.before.rglob("*"):
            name = str(self.root / path.relative_to(self.before))
            if path.is_dir():
                self.folders.add(name)
            else:
                self.files[name] = Held(path.stat().st_size, path.stat().st_size)
                self.returns.add(name)

    def see(self, calls: Iterable[Call]) -> None:
        """Calls of a run in their order; other folders are passed over."""
        for call in calls:
            if Path(call.path).is_relative_to(self.root):
                self._see(call)

    def _see(self, call: Call) -> None:
        name, path, held = call.name, call.path, self.files.get(call.path)
        if name in FLUSHES.values():
            self._flushed(path)
        elif name in {"make", "mkdir"}:
            self._made(path, folder=name == "mkdir")
        elif name == "rename":
            self._moved(path, call.to)
        elif name == "link" and held is not None:
            self.files[call.to] = held
            self.fresh.append(Name(call.to))
        elif name in {"unlink", "rmdir"}:
            self._removed(path)
        elif name in WRITTEN and held is not None:
            held.write(call.start, call.length)
        elif name in {"ftruncate", "fallocate"} and held is not None:
            held.resize(call.length)

    def _made(self, path: str, *, folder: bool) -> None:
        if path in self.files:
            self.files[path].resize(0)  # it was there, and is emptied
        elif path not in self.folders:
            self.fresh.append(Name(path))
            if folder:
                self.folders.add(path)
            else:
                self.files[path] = Held()

    def _removed(self, path: str) -> None:
        if self.files.pop(path, None) is not None:
            self.removed.add(path)
        self.folders.discard(path)
        self.fresh = [one for one in self.fresh if one.path != path]

    def _moved(self, old: str, new: str) -> None:
        """A file, or a folder with all that is in it."""

        def now(path: str) -> str:
            return new + path[len(old) :] if path == old or path.startswith(f"{old}/") else path

        never_safe = any(one.path == old for one in self.fresh)
        kept = [one for one in self.fresh if one.path not in {old, new}]
        self.fresh = [replace(one, path=now(one.path)) for one in kept]
        self.files = {now(path): held for path, held in self.files.items() if path != new}
        self.folders = {now(path) for path in self.folders}
        self.fresh.append(Name(new, None if never_safe else old))

    def _flushed(self, path: str) -> None:
        if path in self.files:
            self.files[path].flush()
            return
        safe = {one.path for one in self.fresh if one.folder == path}
        safe |= {one for one in self.removed if str(Path(one).parent) == path}
        self.fresh = [one.flushed(path) for one in self.fresh if one.path not in safe]
        self.removed -= safe
        self.returns -= safe

    def cut(self, *, names_stay: bool = False) -> tuple[int, int]:
        """Leave on the disk what is safe; how many files lost bytes, and how many names are lost.

        A disk may also write names of its own accord, before the bytes below them: with
        `names_stay` only bytes are lost.
        """
        loose = [(Path(name), held) for name, held in self.files.items() if held.loose]
        for path, held in loose:
            if path.exists():
                _forget(path, held)
        if names_stay:
            return len(loose), 0
        for name in reversed(self.fresh):
            self._unname(Path(name.path), None if name.old is None else Path(name.old))
        for removed in self.removed:
            self._bring_back(Path(removed))
        for path in self.root.rglob("*-shm"):
            path.unlink()
        return len(loose), len(self.fresh)

    def _unname(self, path: Path, old: Path | None) -> None:
        """Undo a name that its folder does not hold yet; what stood there before comes back."""
        if old is not None and path.exists():
            path.rename(old)
        elif path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
        self._bring_back(path)

    def _bring_back(self, path: Path) -> None:
        """What stood there before the run, unless what came instead, or nothing, is safe."""
        stood = self.before / path.relative_to(self.root)
        if str(path) in self.returns and not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(stood, path)


def _forget(path: Path, held: Held) -> None:
    """Zeros where bytes were not flushed; nothing behind what was."""
    with path.open("r+b") as stream:
        for start, length in held.loose:
            stream.seek(start)
            stream.write(bytes(max(0, min(length, held.size - start))))
    os.truncate(path, held.size)
