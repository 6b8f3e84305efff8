"""A process that has imported everything and done nothing; each job is a fork of it.

Starting Python and importing the lake costs more than most jobs. What a job had to import beside is
imported here afterwards, so that the next one finds it. It reads one `Wish` a line, in JSON, and
answers each with one `Run`.
"""

from __future__ import annotations

import errno
import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from typing import NoReturn

from tests.lake.faults import victim
from tests.lake.faults.kernel.calls import CALLS, FLAGGED, FLUSHES, Call, call_of
from tests.lake.faults.kernel.seccomp import Question, Unusable, answer, asked, watch

MOST_SECONDS = 60
UNUSABLE = -1000


@dataclass(frozen=True)
class Wish:
    """A job, and what happens at its n-th call that changes the disk.

    It dies there, or the disk refuses that call with `error` (0: none); `lasting` also those later
    that need room. A read-only disk refuses all from there on but flushes. 0 as `at`: it works.
    """

    words: tuple[str, ...]
    at: int = 0
    error: int = 0
    lasting: bool = False


@dataclass
class Run:
    """How a job ended, which of its calls changed the disk, and what it said.

    `code` is minus the signal if it died of one; `hung` says that it did not end by itself.
    """

    code: int = 0
    out: str = ""
    err: str = ""
    hung: bool = False
    calls: list[Call] = field(default_factory=list)
    modules: list[str] = field(default_factory=list)


def refused(call: Call, wish: Wish, run: Run) -> bool:
    """Whether the disk in its state refuses a call; one that changes it is the last of the run."""
    if not wish.error or not call.on_disk or len(run.calls) < wish.at:
        return False
    if wish.error == errno.EROFS:
        return call.name not in FLUSHES.values()
    first = run.calls[wish.at - 1]
    return call is first or (wish.lasting and (call.grows or call.name == first.name))


def attend(listener: int, child: int, wish: Wish) -> Run:
    """Decide about each call of a job until it has ended."""
    run = Run()
    ends = os.pidfd_open(child)
    poll = select.poll()
    for descriptor in (listener, ends):
        poll.register(descriptor, select.POLLIN)
    while ready := dict(poll.poll(MOST_SECONDS * 1000)):
        if not ready.get(listener, 0) & select.POLLIN:
            break
        question = asked(listener)
        if question is not None and decide(listener, question, wish=wish, run=run):
            break
    run.hung = not ready
    os.kill(child, signal.SIGKILL)
    os.close(ends)
    return run


def decide(listener: int, question: Question, *, wish: Wish, run: Run) -> bool:
    """Answer one call; whether the job is to die of it."""
    with suppress(FileNotFoundError, ProcessLookupError):  # it may be gone meanwhile
        call = call_of(question)
        if call.changes:
            run.calls.append(call)
            if len(run.calls) == wish.at and not wish.error:
                return True
        answer(listener, question, wish.error if refused(call, wish, run) else 0)
    return False


def become(wish: Wish, outputs: tuple[int, int], line: socket.socket) -> NoReturn:
    """The job, from here to its end."""
    for number, output in enumerate(outputs, start=1):
        os.dup2(output, number)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    try:
        listener = watch(CALLS, FLAGGED)
    except Unusable:
        os._exit(1)
    socket.send_fds(line, [b"-"], [listener])
    os.close(listener)
    code = victim.outcome(list(wish.words))
    line.sendall(json.dumps(sorted(sys.modules)).encode())
    # what is still open is left to the kernel, as when the power goes
    os._exit(code)


def play(wish: Wish) -> Run:
    """Run one job."""
    outputs = (os.memfd_create("out"), os.memfd_create("err"))
    ours, theirs = socket.socketpair()
    child = os.fork()
    if child == 0:
        ours.close()
        become(wish, outputs, theirs)
    theirs.close()
    _, listeners, _, _ = socket.recv_fds(ours, 1, 1)
    run = attend(listeners[0], child, wish) if listeners else Run(UNUSABLE)
    _, status = os.waitpid(child, 0)
    run.code = run.code or os.waitstatus_to_exitcode(status)
    with ours, ours.makefile("rb") as told:
        run.modules = json.loads(told.read() or b"[]")
    for descriptor in listeners:
        os.close(descriptor)
    run.out, run.err = map(said, outputs)
    return run


def said(output: int) -> str:
    """What was written there, which is closed."""
    with os.fdopen(output, "rb") as stream:
        stream.seek(0)
        return stream.read().decode("utf-8", "replace")


def main() -> None:
    gc.freeze()
    for line in sys.stdin:
        run = play(Wish(**json.loads(line)))
        for name in set(run.modules) - set(sys.modules):
            with suppress(ImportError):
                importlib.import_module(name)
        run.modules = []
        sys.stdout.write(f"{json.dumps(asdict(run))}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
