"""What every command needs: who asks, as of when, and a terminal to speak to."""

from __future__ import annotations

import argparse
import getpass
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from vitruvian.base.errors import BadInput, NotFound

if TYPE_CHECKING:
    from rich.console import RenderableType

    from vitruvian.lake import Lake, Reader
    from vitruvian.picture import Moment
    from vitruvian.trust import Access, Purpose

DONE, FAILED, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130
MIB, GIB, MILLION = 1 << 20, 1 << 30, 1_000_000
PIPED_COLUMNS = 160


class BadInstant(BadInput):
    """A moment that is not an instant."""

    def __init__(self) -> None:
        super().__init__(
            "A moment given on the command line cannot be read. "
            "Expected an ISO 8601 date or date and time, such as 2024-05-01T12:00+02:00; "
            "without a zone it is taken as UTC."
        )


class NoSuchFile(NotFound):
    """A file named on the command line cannot be read."""

    def __init__(self, option: str) -> None:
        super().__init__(
            f"The file given as {option} does not exist or cannot be read. Check the path."
        )


def access_of(purpose: Purpose) -> Access:
    """The one at the terminal, as the door wants to know them."""
    from vitruvian.trust import Access

    return Access(who=f"terminal:{getpass.getuser()}", role="operator", purpose=purpose)


def signed_in(lake: Lake, name: str) -> Access:
    """The account at the terminal, which shows by its password that it is who it says."""
    from vitruvian.trust import Access

    typed = getpass.getpass("password: ") if sys.stdin.isatty() else sys.stdin.readline()
    session = lake.accounts.verify(name, password=typed.rstrip("\n"))
    lake.accounts.end_session(session.token)
    return Access(who=name, role=session.account.role, purpose="operations", operation="write")


def moment_of(text: str | None) -> datetime | None:
    """An instant from the command line; raises `BadInstant`."""
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise BadInstant from None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


@contextmanager
def reading(asked: argparse.Namespace) -> Iterator[tuple[Reader, Moment]]:
    """The lake as of the moment asked for."""
    from vitruvian.lake import Lake
    from vitruvian.picture import Moment

    moment = Moment(
        now=datetime.now(UTC),
        known_at=moment_of(asked.known_at),
        recorded_at=moment_of(asked.recorded_at),
    )
    tell_of_erasures(asked.lake, moment)
    with (
        Lake.open(asked.lake) as lake,
        lake.read(
            access_of("treatment"), known_at=moment.known_at, recorded_at=moment.recorded_at
        ) as reader,
    ):
        yield reader, moment


def tell_of_erasures(lake: Path, moment: Moment) -> None:
    """Say that an earlier view is without what was lawfully erased after it."""
    from vitruvian.lake.erasing.register import removed_since

    asked = [at for at in (moment.known_at, moment.recorded_at) if at is not None]
    for done in removed_since(lake, min(asked)) if asked else ():
        warn(
            f"after the moment asked for, {done.items:,} items of this lake were lawfully erased "
            f"on {done.done_at:%Y-%m-%d} ({done.ground}); this view is without them"
        )


def warn(sentence: str | None) -> None:
    """Something a person must know, on standard error; None says nothing."""
    if sentence is not None:
        print(f"vitruvian: {sentence}", file=sys.stderr, flush=True)


def read_bytes(path: Path, *, option: str) -> bytes:
    """A whole file; raises `NoSuchFile`."""
    try:
        return path.read_bytes()
    except OSError:
        raise NoSuchFile(option) from None


def say(line: str) -> None:
    """One line on standard output, at once."""
    print(line, flush=True)


def say_json(answer: object) -> None:
    """An answer as JSON."""
    import orjson

    say(orjson.dumps(answer, option=orjson.OPT_UTC_Z | orjson.OPT_INDENT_2).decode())


def draw(drawing: RenderableType) -> None:
    """A drawing on the terminal; wide and without colours where it goes to a file or a pipe."""
    from rich.console import Console

    wide = None if sys.stdout.isatty() or "COLUMNS" in os.environ else PIPED_COLUMNS
    Console(highlight=False, width=wide).print(drawing)


@contextmanager
def far(doing: str, *, rows: bool = False) -> Iterator[Callable[[int, int], None]]:
    """Somebody to tell what is done and what there is in all: bytes, or rows."""
    if not sys.stderr.isatty():
        yield PlainLines(doing, rows=rows)
        return
    from rich import progress
    from rich.console import Console

    counted = progress.MofNCompleteColumn() if rows else progress.DownloadColumn()
    elapsed = progress.TimeElapsedColumn()
    columns = (progress.TextColumn(doing), progress.BarColumn(), counted, elapsed)
    with progress.Progress(*columns, console=Console(stderr=True)) as shown:
        task = shown.add_task(doing)

        def tell(done: int, total: int) -> None:
            shown.update(task, completed=done, total=total)

        yield tell


class PlainLines:
    """One line a gibibyte, or a million rows."""

    def __init__(self, doing: str, *, rows: bool = False) -> None:
        self._doing = doing
        self._said = 0
        self._step, self._one, self._unit = (MILLION, 1, "rows") if rows else (GIB, MIB, "MiB")

    def __call__(self, done: int, total: int) -> None:
        """Say so from time to time."""
        if done - self._said >= self._step:
            self._said = done
            words = f"{self._doing}: {done // self._one:,} of {total // self._one:,} {self._unit}"
            print(words, file=sys.stderr, flush=True)
