"""What a power cut leaves: only what was flushed, worked out from the system calls of a run.

The kernel is taken at its word and no further. Bytes written after a file's last flush are gone
(zeros, or not there). A name made, moved or removed after the last flush of its folder is as it
was before. Files that SQLite rebuilds by itself (`-shm`) are gone altogether.

References
----------
POSIX.1-2017, fsync. Pillai et al., All File Systems Are Not Created Equal, OSDI 2014: the two
rules above are its weakest file system.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

CALLS = (
    *("openat", "write", "pwrite64", "writev", "pwritev", "ftruncate", "fsync", "fdatasync"),
    *("rename", "renameat", "renameat2", "link", "linkat", "unlink", "unlinkat"),
    *("mkdir", "mkdirat", "rmdir", "lseek", "copy_file_range", "sendfile", "close"),
)
_LINE = re.compile(r"^(?P<call>\w+)\((?P<said>.*)\) += (?P<gave>-?\d+)")
_FD = re.compile(r"(\d+)<([^>]*)>")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')


def whole_calls(lines: Iterable[str]) -> Iterator[str]:
    """Calls of a run of several threads, each on one line, in the order in which they ended."""
    begun: dict[str, str] = {}
    for line in lines:
        thread, _, said = line.partition(" ")
        said = said.strip()
        if said.endswith("<unfinished ...>"):
            begun[thread] = said.removesuffix("<unfinished ...>").rstrip()
        elif said.startswith("<... ") and thread in begun:
            yield begun.pop(thread) + said.partition("resumed>")[2]
        else:
            yield said


@dataclass
class Held:
    """One file: how much of it is safe, and which stretches were written since."""

    size: int = 0
    loose: list[tuple[int, int]] = field(default_factory=list)

    def flush(self, now: int) -> None:
        self.size, self.loose = now, []


@dataclass
class Disk:
    """The names and files of a folder while a run goes on; `root` as the run left it."""

    root: Path
    files: dict[str, Held] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    at: dict[tuple[str, str], int] = field(default_factory=dict)
    fresh: dict[str, list[tuple[str, str | None]]] = field(default_factory=dict)
    removed: dict[str, set[str]] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)

    def start(self, path: Path, size: int) -> None:
        """A file that is there, and safe, before the run."""
        self.files[str(path)] = Held(size)
        self.sizes[str(path)] = size

    def see(self, line: str) -> None:
        """One call as strace tells it with `-y`; failed calls and other folders are passed over."""
        found = _LINE.match(line)
        if found is None or found["gave"].startswith("-"):
            return
        call, said, gave = found["call"], found["said"], int(found["gave"])
        handle = _FD.match(said)
        path = handle[2] if handle else ""
        names = [each for each in _QUOTED.findall(said) if each.startswith(str(self.root))]
        if call == "openat" and names and "O_CREAT" in said:
            self._made(names[0])
        elif call in {"rename", "renameat", "renameat2", "link", "linkat"} and len(names) == 2:
            self._named(names[0], names[1], moved=call.startswith("rename"))
        elif call in {"unlink", "unlinkat"} and names:
            self.files.pop(names[0], None)
            self.removed.setdefault(str(Path(names[0]).parent), set()).add(names[0])
        elif path.startswith(str(self.root)) and handle:
            self._written(call, (path, handle[1]), said, gave)

    def _made(self, path: str) -> None:
        if path not in self.files:
            self.files[path] = Held()
            self.sizes[path] = 0
            self.fresh.setdefault(str(Path(path).parent), []).append((path, None))

    def _named(self, old: str, new: str, *, moved: bool) -> None:
        held = self.files.pop(old, None) if moved else self.files.get(old)
        if held is not None:
            self.files[new], self.sizes[new] = held, self.sizes[old]
        self.fresh.setdefault(str(Path(new).parent), []).append((new, old))

    def _written(self, call: str, what: tuple[str, str], said: str, gave: int) -> None:
        path = what[0]
        held = self.files.get(path)
        if call in {"fsync", "fdatasync"}:
            if held is not None:
                held.flush(self.sizes[path])
            self.fresh.pop(path, None)
            self.gone |= self.removed.pop(path, set())
        elif call == "pwrite64" and held is not None:
            self._loosen(path, int(said.rsplit(",", 1)[1]), gave)
        elif call == "write" and held is not None:
            start = self.at.get(what, 0)
            self._loosen(path, start, gave)
            self.at[what] = start + gave
        elif call == "lseek" and held is not None:
            self.at[what] = gave
        elif call == "close":
            self.at.pop(what, None)
        elif call == "ftruncate" and held is not None:
            self.sizes[path] = int(said.rsplit(",", 1)[1])
            held.size = min(held.size, self.sizes[path])

    def _loosen(self, path: str, start: int, length: int) -> None:
        self.files[path].loose.append((start, length))
        self.sizes[path] = max(self.sizes[path], start + length)

    def cut(self, before: Path) -> int:
        """Leave on the disk what is safe; how many files and names were lost."""
        lost = 0
        for name, held in self.files.items():
            path = Path(name)
            if path.exists() and held.loose:
                lost += 1
                _forget(path, held)
        for names in self.fresh.values():
            for name, old in reversed(names):
                lost += self._unname(Path(name), None if old is None else Path(old), before)
        for name in {one for names in self.removed.values() for one in names}:
            self._bring_back(Path(name), before)
        for path in self.root.rglob("*-shm"):
            path.unlink()
        return lost

    def _unname(self, name: Path, old: Path | None, before: Path) -> int:
        """Undo a name that its folder does not yet hold; what stood there before comes back."""
        if not name.exists():
            return 0
        if old is not None and old.parent != name.parent:
            # its old folder was not flushed either: the file is still there
            shutil.copy2(name, old)
        name.unlink()
        self._bring_back(name, before)
        return 1

    def _bring_back(self, name: Path, before: Path) -> None:
        """What stood there before the run, unless its removal is safe."""
        stood = before / name.relative_to(self.root)
        if stood.is_file() and not name.exists() and str(name) not in self.gone:
            name.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(stood, name)


def _forget(path: Path, held: Held) -> None:
    """Zeros where bytes were not flushed; nothing behind what was."""
    with path.open("r+b") as stream:
        for start, length in held.loose:
            stream.seek(start)
            stream.write(bytes(max(0, min(length, held.size - start))))
        stream.truncate(held.size)
