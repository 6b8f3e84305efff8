"""The system calls that change a disk, read from a process that is about to make one."""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass
from pathlib import Path

from tests.lake.faults.kernel.seccomp import Question, link_of

# Linux on x86-64, arch/x86/entry/syscalls/syscall_64.tbl
WRITES = {1: "write", 18: "pwrite64", 20: "writev", 296: "pwritev", 328: "pwritev2"}
COPIES = {40: "sendfile", 326: "copy_file_range"}
FLUSHES = {74: "fsync", 75: "fdatasync"}
SIZES = {77: "ftruncate", 285: "fallocate"}
NAMES = {
    82: "rename",
    264: "renameat",
    316: "renameat2",
    86: "link",
    265: "linkat",
    87: "unlink",
    263: "unlinkat",
    83: "mkdir",
    258: "mkdirat",
    84: "rmdir",
}
OPENS = {2: "open", 257: "openat"}
CALLS = WRITES | COPIES | FLUSHES | SIZES | NAMES
ALL = CALLS | OPENS
AT, OPEN = "at", 257
HERE = -100  # AT_FDCWD
REMOVE_FOLDER = 0x200  # AT_REMOVEDIR
FOR_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
FLAGGED = {number: (1 + (number == OPEN), FOR_WRITING) for number in OPENS}
# Bytes of these take room on a disk.
GROWING = frozenset({*WRITES.values(), *COPIES.values(), "fallocate", "mkdir", "mkdirat", "link"})
PATH_BYTES = 4096


@dataclass(frozen=True)
class Call:
    """What is about to happen: `path` is written, flushed, made or removed, or becomes `to`.

    `start` and `length` are bytes of a write; of a change of size, `length` is the new size.
    """

    name: str
    path: str
    to: str = ""
    start: int = 0
    length: int = 0

    @property
    def on_disk(self) -> bool:
        """Whether a disk is asked: not a pipe, a socket or the bell of a sleeping thread."""
        return self.path.startswith("/") and not self.path.startswith(
            ("/dev/null", "/dev/pts", "/proc/", "/memfd:")
        )

    @property
    def changes(self) -> bool:
        """Whether the disk is another afterwards, or safer: not if a file is only opened."""
        return self.on_disk and self.name != "open"

    @property
    def grows(self) -> bool:
        """Whether a full disk refuses it."""
        return self.name in GROWING or self.name == "make"


def call_of(question: Question) -> Call:
    """The call that a process waits to make."""
    name, said = ALL[question.number], question.arguments
    if name in OPENS.values():
        return _opened(question, name)
    if name in NAMES.values():
        return _named(question, name)
    first = 2 if name == "copy_file_range" else 0
    path = link_of(question.thread, _signed(said[first]))
    if name in WRITES.values() or name in COPIES.values():
        return _written(question, name, path, _signed(said[first]))
    sizes = {"ftruncate": said[1], "fallocate": said[2] + said[3]}
    return Call(name, path, length=sizes.get(name, 0))


def _opened(question: Question, name: str) -> Call:
    """`make` where a file comes to be or is emptied, else `open`."""
    flags = question.arguments[FLAGGED[question.number][0]]
    path = _path(question, 0 if name.endswith(AT) else None, int(name.endswith(AT)))
    there = Path(path)
    made = flags & os.O_CREAT and not there.exists()
    emptied = flags & os.O_TRUNC and there.is_file() and there.stat().st_size
    return Call("make" if made or emptied else "open", path)


def _named(question: Question, name: str) -> Call:
    """A name that comes, goes or changes."""
    at = AT in name
    path = _path(question, 0 if at else None, int(at))
    if name.startswith(("rename", "link")):
        return Call(name.partition(AT)[0], path, _path(question, 2 if at else None, 3 if at else 1))
    if name == "unlinkat" and question.arguments[2] & REMOVE_FOLDER:
        return Call("rmdir", path)
    return Call(name.partition(AT)[0], path)


def _written(question: Question, name: str, path: str, descriptor: int) -> Call:
    """Bytes of a file; from where they are asked, or from where its descriptor stands."""
    said = question.arguments
    start = said[3] if name in {"pwrite64", "pwritev", "pwritev2"} else None
    if start is None:
        start = _standing(question.thread, descriptor, path)
    length = said[2]
    if name in COPIES.values():
        source = Path(link_of(question.thread, _signed(said[1 if name == "sendfile" else 0])))
        wanted = said[3] if name == "sendfile" else said[4]
        length = max(0, min(wanted, source.stat().st_size - start)) if source.is_file() else 0
    elif "v" in name:
        parts = _bytes(question.thread, said[1], 16 * said[2])
        length = sum(size for _, size in struct.iter_unpack("<QQ", parts))
    return Call(name, path, start=start, length=length)


def _standing(thread: int, descriptor: int, path: str) -> int:
    """Where the next byte of a descriptor goes."""
    about = Path(f"/proc/{thread}/fdinfo/{descriptor}").read_text("ascii").split()
    if int(about[3], 8) & os.O_APPEND:
        return Path(path).stat().st_size
    return int(about[1])


def _path(question: Question, folder: int | None, name: int) -> str:
    """A name given by a process, from the folder that it is relative to."""
    said = _bytes(question.thread, question.arguments[name], PATH_BYTES)
    path = os.fsdecode(said.partition(b"\0")[0])
    start = HERE if folder is None else _signed(question.arguments[folder])
    here = Path(f"/proc/{question.thread}/cwd").readlink()
    return os.path.normpath(
        (here if start == HERE else Path(link_of(question.thread, start))) / path
    )


def _bytes(thread: int, place: int, length: int) -> bytes:
    """Memory of another process; less where its pages end."""
    with Path(f"/proc/{thread}/mem").open("rb", buffering=0) as memory:
        page = 4096 - place % 4096
        got = os.pread(memory.fileno(), min(length, page), place)
        if len(got) == length or (length == PATH_BYTES and b"\0" in got):
            return got  # the page behind may not be there
        return got + os.pread(memory.fileno(), length - len(got), place + len(got))


def _signed(number: int) -> int:
    """The lower 32 bits as the kernel reads a descriptor."""
    return (number & 0xFFFFFFFF) - ((number & 0x80000000) << 1)
