"""Batches of notes read in this process or in several, with the same outcome in the same order."""

from __future__ import annotations

import gc
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from multiprocessing import get_context
from typing import Self

import pyarrow as pa
import pyarrow.compute as pc

from vitruvian.derive.engine.extractor import Extractor, left_out
from vitruvian.derive.engine.library import extractor_named
from vitruvian.derive.engine.notes import SILENT, Sheet, sheets_of
from vitruvian.derive.engine.rows import Derivation, EventRow, events, read_note, rows_of
from vitruvian.derive.text import Note
from vitruvian.derive.text.copied import Earlier, Passage

# So many batches wait for each process: enough to keep it busy, few enough to stay small.
WAITING = 2
# Notes of so many characters take each step together: the code and the words of a step stay near
# the processor, which makes reading a fifth faster.
TOGETHER = 2_000_000

Opened = tuple[int, Sheet, Note, list[Passage]]


@dataclass(frozen=True)
class Reading:
    """What was read in one batch of notes."""

    notes: int
    events: pa.Table
    facts: Counter[str]
    dropped: Counter[str] = field(default_factory=Counter)


def read_batch(notes: pa.RecordBatch, derivations: Mapping[Extractor, Derivation]) -> Reading:
    """Every note is made ready once for all extractors.

    Parameters
    ----------
    notes
        As `AS_READ`: by subject and time; earlier notes that are not new give no facts.
    derivations
        The extractors that read, and what their events are signed with.
    """
    with collecting_later():
        made, facts = _events(notes, derivations)
    read = pc.sum(notes.column("is_new").cast(pa.int64())).as_py() or 0
    return Reading(read, made, facts, left_out(derivations))


def _events(
    notes: pa.RecordBatch, derivations: Mapping[Extractor, Derivation]
) -> tuple[pa.Table, Counter[str]]:
    """The events of a batch, and how many each extractor found; all else is let go."""
    found: list[EventRow] = []
    places: list[int] = []
    facts = Counter({one.name: 0 for one in derivations.values()})
    for together in _parts(opened(notes, tuple(derivations))):
        told = _read(together, derivations, facts)
        for (place, *_), rows in zip(together, told, strict=True):
            found += rows
            places += [place] * len(rows)
    return events(found, notes, places), facts


def _parts(notes: Iterable[Opened]) -> Iterator[list[Opened]]:
    """Notes of `TOGETHER` characters at a time; a longer one comes with those before it."""
    part: list[Opened] = []
    length = 0
    for each in notes:
        part.append(each)
        length += len(each[2].text)
        if length >= TOGETHER:
            yield part
            part, length = [], 0
    yield part


def _read(
    together: Sequence[Opened], derivations: Mapping[Extractor, Derivation], facts: Counter[str]
) -> list[list[EventRow]]:
    """The rows of each note; every extractor reads all of them before the next one does."""
    rows: list[list[EventRow]] = [[] for _ in together]
    for _, _, note, _ in together:
        note.find_all()
    for extractor, derivation in derivations.items():
        told = [list(extractor.extract(note)) for _, _, note, _ in together]
        for (_, sheet, note, copied), findings, of_note in zip(together, told, rows, strict=True):
            if not findings:
                continue
            fresh = rows_of(sheet, note, findings, derivation, copied)
            facts[derivation.name] += len(fresh)
            of_note.extend(fresh)
    return rows


@contextmanager
def collecting_later() -> Iterator[None]:
    """No search for reference cycles while a batch is read.

    Notes and findings hold none, and the search walks through every name of every extractor: it
    took a third of the time.
    """
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def opened(notes: pa.RecordBatch, extractors: tuple[Extractor, ...]) -> Iterator[Opened]:
    """Each new note that may be read, with its place and what it repeats from earlier ones."""
    texts, languages = (notes.column(name).to_pylist() for name in ("text", "language"))
    sheets = sheets_of(notes)
    count = Counter(sheet.subject_id for sheet in sheets)
    earlier, whose = Earlier(), None
    for place, sheet in enumerate(sheets):
        if sheet.status in SILENT or not texts[place]:
            continue
        if sheet.subject_id != whose:
            earlier, whose = Earlier(), sheet.subject_id
        note = read_note(texts[place], languages[place], by=extractors)
        copied = earlier.read(note, sheet.time) if count[sheet.subject_id] > 1 else []
        if sheet.is_new:
            yield place, sheet, note, copied


def read_by_name(notes: pa.RecordBatch, derivations: tuple[Derivation, ...]) -> Reading:
    """The same in another process, which has extractors of its own."""
    return read_batch(notes, {extractor_named(one.name): one for one in derivations})


class Readers:
    """One process, or several that start when first needed and stay until the run ends."""

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def read(
        self, batches: Iterable[pa.RecordBatch], derivations: Mapping[Extractor, Derivation]
    ) -> Iterator[Reading]:
        """Batches of ``note`` read in order; several processes begin with the first at once.

        Parameters
        ----------
        batches
            Rows of ``note``.
        derivations
            The extractors that read, and what their events are signed with.
        """
        if self._workers <= 1:
            return (read_batch(batch, derivations) for batch in batches)
        if self._pool is None:
            # Fresh interpreters: the engine of the lake does not survive a fork.
            self._pool = ProcessPoolExecutor(self._workers, mp_context=get_context("spawn"))
        signed = tuple(derivations.values())
        given = (self._pool.submit(read_by_name, batch, signed) for batch in batches)
        return _in_order(given, deque(islice(given, WAITING * self._workers)))


def _in_order(
    given: Iterator[Future[Reading]], running: deque[Future[Reading]]
) -> Iterator[Reading]:
    """What was read, batch by batch; for each that is done another one is given out."""
    while running:
        done = running.popleft().result()
        running.extend(islice(given, 1))
        yield done
