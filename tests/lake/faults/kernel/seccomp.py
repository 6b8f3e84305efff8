"""Every system call of a process waits for a decision: make it, refuse it, or die before it.

The kernel asks by its user notification (seccomp). Unlike strace, whose `when=` counts the calls of
each thread apart, one process decides here, so calls are counted over all threads in their order.

References
----------
seccomp(2) and seccomp_unotify(2), Linux manual pages 6.7; Linux 5.8 or later is needed.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import platform
import struct
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

USABLE = platform.system() == "Linux" and platform.machine() == "x86_64"

_SET_MODE_FILTER, _NEW_LISTENER, _NO_NEW_PRIVILEGES = 1, 1 << 3, 38
_SECCOMP = 317
_ALLOW, _NOTIFY = 0x7FFF0000, 0x7FC00000
_LOAD, _EQUAL, _ANY_BIT, _RETURN = 0x20, 0x15, 0x45, 0x06
_RECEIVE, _SEND = 0xC0502100, 0xC0182101
_GO_ON = 1
_QUESTION = struct.Struct("<QIIiIQ6Q")
_ANSWER = struct.Struct("<QqiI")


class Unusable(OSError):
    """The kernel lets no filter be set here."""


def _filter(numbers: Collection[int], flagged: Mapping[int, tuple[int, int]]) -> bytes:
    """The filter's program: ask for these calls, for flagged ones if any bit of an argument is set.

    A call's number is 4 bytes at offset 0 of what the filter sees, argument n 8 bytes at 16 + 8 n.
    """
    steps = [(_LOAD, 0, 0, 0)]
    for number, (argument, bits) in flagged.items():
        steps += [(_EQUAL, 0, 4, number), (_LOAD, 0, 0, 16 + 8 * argument)]
        steps += [(_ANY_BIT, 0, 1, bits), (_RETURN, 0, 0, _NOTIFY), (_RETURN, 0, 0, _ALLOW)]
    for number in numbers:
        steps += [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, _NOTIFY)]
    steps.append((_RETURN, 0, 0, _ALLOW))
    return b"".join(struct.pack("<HBBI", *step) for step in steps)


def watch(numbers: Collection[int], flagged: Mapping[int, tuple[int, int]]) -> int:
    """Have this process, and the threads it starts, wait at these calls; the descriptor that asks.

    Raises
    ------
    Unusable
        Where the kernel, or what this runs in, does not allow it.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    program = _filter(numbers, flagged)
    kept = ctypes.create_string_buffer(program)
    described = struct.pack("<H6xQ", len(program) // 8, ctypes.addressof(kept))
    libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    given: int = libc.syscall(_SECCOMP, _SET_MODE_FILTER, _NEW_LISTENER, described)
    if given < 0:
        raise Unusable(ctypes.get_errno(), "seccomp user notification is not allowed here")
    return given


@dataclass(frozen=True)
class Question:
    """One system call that waits; `thread` is the number of who makes it."""

    key: int
    thread: int
    number: int
    arguments: tuple[int, ...]


def asked(listener: int) -> Question | None:
    """The next call that waits; None when who made it is gone meanwhile."""
    room = bytearray(_QUESTION.size)
    try:
        fcntl.ioctl(listener, _RECEIVE, room)
    except OSError as error:
        if error.errno != errno.ENOENT:
            raise
        return None
    key, thread, _, number, _, _, *arguments = _QUESTION.unpack(room)
    return Question(key, thread, number, tuple(arguments))


def answer(listener: int, question: Question, error: int = 0) -> None:
    """Let a call be made, or refuse it with an error number."""
    said = _ANSWER.pack(question.key, 0, -error, 0 if error else _GO_ON)
    try:
        fcntl.ioctl(listener, _SEND, bytearray(said))
    except OSError as gone:
        if gone.errno != errno.ENOENT:
            raise


def link_of(thread: int, descriptor: int) -> str:
    """What a descriptor of another process stands for, as the kernel names it."""
    return str(Path(f"/proc/{thread}/fd/{descriptor}").readlink())
