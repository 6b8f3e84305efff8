"""Deriving over a lake: only what is new, in shares that survive a kill, old facts retired.

A share of the notes is a range of subjects and a span of ``recorded_at``. Its derivation row is
published together with its events, so that a share is either done or not begun. A new version
or knowledge release of an extractor reads everything anew; when its last share is published, all
its earlier derivations are retired. They stay visible to whoever asks as recorded before.
"""

from __future__ import annotations

import json
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from vitruvian.derive.engine.extractor import Extractor
from vitruvian.derive.engine.kept import BEGINNING, derivation_rows, reading_row, retirement_rows
from vitruvian.derive.engine.notes import Wanted, batches, notes_between
from vitruvian.derive.engine.reading import Readers, Reading
from vitruvian.derive.engine.rows import Derivation, derivation_of
from vitruvian.derive.engine.spark.share import read_share
from vitruvian.lake import Lake
from vitruvian.trust import Access

if TYPE_CHECKING:
    import pyarrow as pa

    from vitruvian.lake.engines.spark import Spark

NOTES_A_SHARE = 8_000
# What needs something outside this program is slow, and may be cut off: little is to be lost then.
NOTES_A_SLOW_SHARE = 200
BATCH = 500
ID_BITS = 63
IN_A_SPAN = (
    "recorded_at > ? AND recorded_at <= ? AND subject_id BETWEEN ? AND ? AND text IS NOT NULL"
)


class Span(NamedTuple):
    """Notes recorded after one instant up to another, whose subject lies in one share of all.

    ``share`` of ``shares`` (a power of two): the subjects whose id begins with these bits.
    """

    after: datetime
    upto: datetime
    share: int
    shares: int

    @property
    def subjects(self) -> tuple[int, int]:
        """The first and the last subject id."""
        width = (1 << ID_BITS) // self.shares
        return self.share * width, (self.share + 1) * width - 1

    def count(self, reader: Any) -> int:
        """How many notes with a text lie in it."""
        found = reader.query(
            f"SELECT count(*) AS n FROM note WHERE {IN_A_SPAN}",
            tables=["note"],
            params=[self.after, self.upto, *self.subjects],
        )
        return int(found["n"][0].as_py())

    def said(self) -> dict[str, Any]:
        """As the derivation's parameters tell it."""
        return {
            "after": self.after.isoformat(),
            "upto": self.upto.isoformat(),
            "share": self.share,
            "shares": self.shares,
        }


Share = tuple[Span, tuple[Extractor, ...]]


class Begun(NamedTuple):
    """A share that is being read: until when its notes were recorded, by whom, batch by batch."""

    upto: datetime
    derivations: Mapping[Extractor, Derivation]
    readings: Iterator[Reading]


@dataclass(frozen=True)
class Done:
    """What one extractor has done so far, read from its derivation rows."""

    numbers: frozenset[int] = frozenset()
    earlier: frozenset[int] = frozenset()
    spans: frozenset[Span] = frozenset()

    @property
    def upto(self) -> datetime:
        """Everything recorded up to here has been read."""
        whole = Counter((span.after, span.upto, span.shares) for span in self.spans)
        finished = [upto for (_, upto, shares), count in whole.items() if count == shares]
        return max(finished, default=BEGINNING)

    @property
    def begun(self) -> Span | None:
        """One share of a run that was interrupted; None when none was."""
        whole = Counter((span.after, span.upto, span.shares) for span in self.spans)
        open_spans = [s for s in self.spans if whole[s.after, s.upto, s.shares] < s.shares]
        return max(open_spans, default=None)


@dataclass
class DeriveReport:
    """What a run did."""

    notes: int = 0
    of: int = 0
    facts: Counter[str] = field(default_factory=Counter)
    retired: int = 0
    shares: int = 0
    seconds: float = 0.0
    dropped: Counter[str] = field(default_factory=Counter)

    def as_json(self) -> dict[str, Any]:
        """For ``--json``."""
        return {
            "notes": self.notes,
            "facts": dict(sorted(self.facts.items())),
            "retired_derivations": self.retired,
            "shares": self.shares,
            "seconds": round(self.seconds, 3),
            "left_out": dict(sorted(self.dropped.items())),
        }


class Advance(NamedTuple):
    """How far a run has come: notes read, notes there are to read, facts found so far."""

    notes: int
    of: int
    facts: int


Progress = Callable[[Advance], None]


@dataclass(frozen=True)
class Pace:
    """How a run goes about it; the facts are the same.

    Attributes
    ----------
    workers
        How many processes read.
    notes_a_share
        About how many notes are published together; an interrupted run goes on with the next.
    progress
        Told after every batch how far it has come.
    spark
        A session whose workers read instead; the lake has to be drained.
    """

    workers: int = 1
    notes_a_share: int = NOTES_A_SHARE
    progress: Progress | None = None
    spark: Spark | None = None


@dataclass(frozen=True)
class Run:
    """One run of some extractors over a lake."""

    lake: Lake
    access: Access
    extractors: tuple[Extractor, ...]
    pace: Pace = field(default_factory=Pace)

    def run(self) -> DeriveReport:
        """Read what has not been read, share by share."""
        report = DeriveReport()
        # After an interrupted run its rest comes first, then what was recorded since.
        with Readers(self.pace.workers) as readers:
            while todo := list(self._plan()):
                report.of += self._count_notes(span for span, _ in todo)
                self._shares(deque(todo), report, readers)
        report.retired = self._retire()
        return report

    def _count_notes(self, spans: Iterable[Span]) -> int:
        with self.lake.read(self.access) as reader:
            return sum(span.count(reader) for span in spans)

    def _plan(self) -> Iterator[Share]:
        """Shares in order, each with the extractors that still have to read it."""
        with self.lake.read(self.access) as reader:
            upto = reader.snapshot.published_at
            done = {each.manifest.name: done_by(each, reader) for each in self.extractors}
            wanted = {
                each.manifest.name: self._span(each, done[each.manifest.name], upto, reader)
                for each in self.extractors
            }
        for span in sorted({span for span in wanted.values() if span is not None}):
            for share in range(span.shares):
                part = span._replace(share=share)
                todo = tuple(
                    each
                    for each in self.extractors
                    if wanted[each.manifest.name] == span
                    and part not in done[each.manifest.name].spans
                )
                if todo:
                    yield part, todo

    def _span(self, extractor: Extractor, done: Done, upto: datetime, reader: Any) -> Span | None:
        """The span an extractor has to read next, as its share 0; None when nothing is new."""
        if done.begun is not None:
            return done.begun._replace(share=0)
        whole = Span(done.upto, upto, 0, 1)
        count = whole.count(reader)
        if not count:
            return None
        shares = 1
        most = self.pace.notes_a_share
        most = min(most, NOTES_A_SLOW_SHARE) if extractor.manifest.settings else most
        while count > shares * most:
            shares *= 2
        return whole._replace(shares=shares)

    def _shares(self, todo: deque[Share], report: DeriveReport, readers: Readers) -> None:
        """Read shares and publish each whole; the next one is begun before it is published."""
        since = time.perf_counter()
        begun: Begun | None = self._begin(todo.popleft(), readers)
        while begun is not None:
            done, before = begun, report.notes
            found = [self._count(read, report) for read in done.readings]
            took, since = time.perf_counter() - since, time.perf_counter()
            begun = self._begin(todo.popleft(), readers) if todo else None
            # Only now: other writers wait no longer than the writing takes.
            with self.lake.bulk(self.access) as load:
                for events in found:
                    load.write("event", events)
                for name, rows in self._told(done, found, report.notes - before, took).items():
                    load.write(name, rows)
            report.shares += 1
            report.seconds += took

    def _told(
        self, done: Begun, found: Sequence[pa.Table], notes: int, seconds: float
    ) -> Mapping[str, pa.Table]:
        """What is kept of a share beside its events: who read it, and how long that took."""
        by, site = done.derivations.values(), self.lake.site
        facts = sum(one.num_rows for one in found)
        told = reading_row(by, site, upto=done.upto, notes=notes, facts=facts, seconds=seconds)
        return {"derivation": derivation_rows(by, site), "reading": told}

    def _begin(self, share: Share, readers: Readers) -> Begun:
        """Who reads a share, and what will have been read in it, batch by batch."""
        span, extractors = share
        derivations = {each: derivation_of(each, **span.said()) for each in extractors}
        wanted = Wanted(span.after, span.upto, span.subjects)
        with self.lake.read(self.access) as reader:
            if self.pace.spark is not None:
                found, facts = read_share(self.pace.spark, reader, wanted, derivations)
                read = Reading(span.count(reader), found, facts)
                return Begun(span.upto, derivations, iter([read]))
            notes = notes_between(reader, wanted)
        read_by = readers.read(batches(notes, size=BATCH), derivations)
        return Begun(span.upto, derivations, read_by)

    def _count(self, read: Reading, report: DeriveReport) -> pa.Table:
        """Count what was read, tell of it, and give its events."""
        report.notes += read.notes
        report.facts.update(read.facts)
        report.dropped.update(read.dropped)
        if self.pace.progress is not None:
            self.pace.progress(Advance(report.notes, report.of, report.facts.total()))
        return read.events

    def _retire(self) -> int:
        """Retire what earlier versions or releases of these extractors made."""
        with self.lake.read(self.access) as reader:
            done = [done_by(each, reader) for each in self.extractors]
            old = [number for one in done if one.spans for number in one.earlier]
            if not old:
                return 0
            gone = set(
                reader.rows("retirement", columns=["target_id"], where="scope = 'derivation'")
                .column("target_id")
                .to_pylist()
            )
        rows = retirement_rows([one for one in old if one not in gone], self.lake.site)
        if rows:
            with self.lake.bulk(self.access) as load:
                load.write("retirement", rows)
        return int(rows.num_rows)


def done_by(extractor: Extractor, reader: Any) -> Done:
    """The spans an extractor has read with its present knowledge, and its earlier derivations."""
    rows = reader.rows("derivation", where="name = ?", params=[extractor.manifest.name]).to_pylist()
    present: dict[int, Span] = {}
    earlier = set()
    for row in rows:
        said = json.loads(row["parameters"] or "{}")
        same = row["version"] == extractor.manifest.version
        if same and said.get("release") == extractor.release:
            present[row["derivation_id"]] = Span(
                datetime.fromisoformat(said["after"]),
                datetime.fromisoformat(said["upto"]),
                said["share"],
                said["shares"],
            )
        else:
            earlier.add(row["derivation_id"])
    return Done(frozenset(present), frozenset(earlier), frozenset(present.values()))
