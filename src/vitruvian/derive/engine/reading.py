"""Batches of notes read in this process or in several, with the same outcome in the same order."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from typing import TYPE_CHECKING, Self

from vitruvian.derive.engine.extractor import Extractor
from vitruvian.derive.engine.library import extractor_named
from vitruvian.derive.engine.rows import (
    SILENT,
    Derivation,
    EventRow,
    events,
    read_note,
    rows_of,
    sheets_of,
)

if TYPE_CHECKING:
    import pyarrow as pa

# So many batches wait for each process: enough to keep it busy, few enough to stay small.
WAITING = 2


@dataclass(frozen=True)
class Reading:
    """What was read in one batch of notes."""

    notes: int
    events: pa.Table
    facts: Counter[str]


def read_batch(notes: pa.RecordBatch, derivations: Mapping[Extractor, Derivation]) -> Reading:
    """Every note is made ready once for all extractors."""
    found: list[EventRow] = []
    places: list[int] = []
    facts: Counter[str] = Counter()
    extractors = tuple(derivations)
    texts, languages, statuses = (
        notes.column(name).to_pylist() for name in ("text", "language", "status")
    )
    for place, sheet in enumerate(sheets_of(notes)):
        if statuses[place] in SILENT or not texts[place]:
            continue
        note = read_note(texts[place], languages[place], by=extractors)
        for extractor, derivation in derivations.items():
            before = len(found)
            found.extend(rows_of(sheet, note, extractor.extract(note), derivation))
            facts[derivation.name] += len(found) - before
        places += [place] * (len(found) - len(places))
    return Reading(notes.num_rows, events(found, notes, places), facts)


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
        """Batches of ``note`` read in order.

        Parameters
        ----------
        batches
            Rows of ``note``.
        derivations
            The extractors that read, and what their events are signed with.
        """
        if self._workers <= 1:
            yield from (read_batch(batch, derivations) for batch in batches)
            return
        if self._pool is None:
            # Fresh interpreters: the engine of the lake does not survive a fork.
            self._pool = ProcessPoolExecutor(self._workers, mp_context=get_context("spawn"))
        signed = tuple(derivations.values())
        running: deque[Future[Reading]] = deque()
        for batch in batches:
            running.append(self._pool.submit(read_by_name, batch, signed))
            if len(running) >= WAITING * self._workers:
                yield running.popleft().result()
        while running:
            yield running.popleft().result()
