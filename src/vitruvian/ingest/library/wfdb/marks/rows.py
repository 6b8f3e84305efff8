"""Rows of the timeline that the annotations of a recording give.

Single beats are as dense as samples and stay in their file; the timeline carries one event for
the file, one for each rhythm from its beginning to its end, and counts by the minute of every kind
of beat that is not a normal one.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

from vitruvian.base.ids import stable_id
from vitruvian.ingest.engine.signals.channels import ChannelWords
from vitruvian.ingest.engine.signals.events import event_row
from vitruvian.ingest.engine.signals.minutes import MINUTE
from vitruvian.ingest.engine.signals.origin import Origin, Row
from vitruvian.ingest.library.wfdb.marks.reading import Mark, Marks
from vitruvian.ingest.library.wfdb.rows import Told

ANNOTATIONS = "WFDB/Annotations"
NORMAL, RHYTHM, FLUTTER, FLUTTER_END = "N", "+", "[", "]"
_WORDS = Path(__file__).with_name("words.toml")


@cache
def _words() -> Mapping[str, Mapping[str, str]]:
    said: Mapping[str, Mapping[str, str]] = tomllib.loads(_WORDS.read_text("utf-8"))
    return said


def annotators() -> Mapping[str, str]:
    """Ends of names of annotation files: whether a person or a program wrote them."""
    return _words()["annotators"]


@dataclass(frozen=True)
class Marked:
    """An annotation file beside its recording, in its place in the lake."""

    told: Told
    marks: Marks
    annotator: str
    sha256: str

    @property
    def name(self) -> str:
        """Which recording, and which annotator."""
        return f"{self.told.version_id}.{self.annotator}"

    @property
    def version_id(self) -> int:
        """Of the annotation file."""
        return stable_id(self.told.origin.site, ANNOTATIONS, self.name, self.sha256)

    @property
    def origin(self) -> Origin:
        """Where it came from."""
        return self.told.origin

    @property
    def words(self) -> ChannelWords:
        """The words of the format."""
        return self.told.words

    @property
    def lineage(self) -> Row:
        """Columns that every row has: those of the recording, with this file's own version."""
        return {**self.told.lineage, "version_id": self.version_id}

    @property
    def time_as_sent(self) -> str | None:
        """The clock of the header."""
        return self.told.time_as_sent

    def at(self, seconds: float) -> datetime | None:
        """A moment of the recording."""
        return self.told.at(seconds)

    def seconds(self, mark: Mark) -> float:
        """Where an annotation stands."""
        return mark.sample / (self.marks.rate or self.told.recording.header.rate)

    @property
    def said(self) -> Row:
        """What holds of every event: what a program found waits for a person to look at it."""
        by = annotators()[self.annotator]
        status = "final" if by == "person" else "preliminary"
        return {"status": status, "method": f"annotator {self.annotator}, by a {by}"}


def marked_rows(marked: Marked, data: bytes) -> Iterator[tuple[str, Row]]:
    """The record and its events."""
    yield "resource", {
        **marked.lineage, "record": 0, "resource_type": ANNOTATIONS, "resource_id": marked.name,
        "content_hash": marked.sha256, "deleted": False, "bytes": data,
    }  # fmt: skip
    for event in marked_events(marked):
        yield "event", event


def retired(marked: Marked, earlier: int) -> Row:
    """That an earlier edition of the annotations no longer holds."""
    return {
        **marked.lineage,
        "retirement_id": stable_id("version", str(earlier), str(marked.version_id)),
        "scope": "version", "target_id": earlier, "reason": "superseded",
    }  # fmt: skip


def marked_events(marked: Marked) -> Iterator[Row]:
    """The file as one event, its rhythms, and its beats by the minute."""
    yield event_row(marked, "/0", {
        "code": "WFDB//annotations",
        "code_text": "Annotations of a recording",
        "text_value": _summary(marked),
        "time": marked.told.start,
        "end_time": marked.told.end,
        **marked.said,
    })  # fmt: skip
    yield from _rhythms(marked)
    if marked.told.start is not None:
        yield from _beats(marked)


def _summary(marked: Marked) -> str:
    """How many of each kind, the most common first.

    Normal beats come first whatever their number, since they are what is compared with.
    """
    counts = Counter(mark.symbol for mark in marked.marks.found)
    kinds = sorted(counts, key=lambda symbol: (symbol != NORMAL, -counts[symbol], symbol))
    listed = [f"{counts[symbol]} {_name(symbol).lower()}" for symbol in kinds]
    return ", ".join(listed) or "none"


def _name(symbol: str) -> str:
    words = _words()
    return words["beats"].get(symbol) or words["others"].get(symbol, f"annotation {symbol}")


def _rhythms(marked: Marked) -> Iterator[Row]:
    """Each rhythm from its change to the next; ventricular flutter from its start to its end."""
    rhythms = (mark for mark in marked.marks.found if mark.symbol == RHYTHM)
    changes = [mark for mark in rhythms if mark.note.startswith("(")]
    ends = [*(marked.seconds(mark) for mark in changes[1:]), marked.told.recording.seconds]
    for mark, end in zip(changes, ends, strict=bool(changes)):
        yield _rhythm(marked, mark.note, (marked.seconds(mark), end))
    begun: float | None = None
    for mark in marked.marks.found:
        if mark.symbol == FLUTTER:
            begun = marked.seconds(mark)
        elif mark.symbol == FLUTTER_END and begun is not None:
            yield _rhythm(marked, FLUTTER, (begun, marked.seconds(mark)))
            begun = None
    if begun is not None:
        yield _rhythm(marked, FLUTTER, (begun, marked.told.recording.seconds))


def _rhythm(marked: Marked, name: str, span: tuple[float, float]) -> Row:
    start, end = span
    return event_row(marked, f"/rhythm/{name}/{start:.3f}", {
        "code": f"WFDB//{name}",
        "code_text": _words()["rhythms"].get(name.lstrip("("), f"Rhythm {name}"),
        "text_value": f"from {_clock(start)} to {_clock(end)} of the recording",
        "time": marked.at(start),
        "end_time": marked.at(end),
        **marked.said,
    })  # fmt: skip


def _clock(seconds: float) -> str:
    """A place in a recording.

    Examples
    --------
    >>> _clock(3725.25)
    '1:02:05.2'
    """
    whole, tenths = divmod(int(seconds * 10), 10)
    return f"{whole // 3600}:{whole // 60 % 60:02d}:{whole % 60:02d}.{tenths}"


def _beats(marked: Marked) -> Iterator[Row]:
    """Beats that are not normal ones, of each kind in each minute."""
    beats = _words()["beats"]
    counts = Counter(
        (int(marked.seconds(mark) // MINUTE), mark.symbol)
        for mark in marked.marks.found
        if mark.symbol in beats and mark.symbol != NORMAL
    )
    for (minute, symbol), count in sorted(counts.items()):
        yield event_row(marked, f"/beats/{symbol}/{minute}", {
            "code": f"WFDB//{symbol}",
            "code_text": f"{beats[symbol]}, in a minute",
            "numeric_value": float(count),
            "value_as_sent": str(count),
            "unit_as_sent": None,
            "unit": "{beats}",
            "time": marked.at(minute * MINUTE),
            "end_time": marked.at((minute + 1) * MINUTE),
            **marked.said,
        })  # fmt: skip
