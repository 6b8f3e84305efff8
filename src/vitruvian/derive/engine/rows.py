"""Findings as rows of the timeline, with where in which note each was read.

References
----------
RFC 5147, URI fragment identifiers for text/plain: ``#char=10,17`` names the characters from
place 10 up to, not including, place 17; here in code points of the stored text.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from operator import attrgetter
from typing import Any, NamedTuple

import pyarrow as pa

from vitruvian.base.ids import stable_id
from vitruvian.derive.engine.extractor import Extractor, Finding
from vitruvian.derive.text import Lexicon, Note, pack_for
from vitruvian.record import table_named

# What is read of a note.
NOTE_COLUMNS = (
    "note_id subject_id version_id site source_id locator known_at known_at_basis encounter_id "
    "time language status text recorded_at"
).split()
# Notes that must not be read: their text never held, or holds no longer.
SILENT = frozenset({"entered-in-error", "superseded"})

SCHEMA = table_named("event").schema
# What marks a fact that a machine read in a text, wherever it is shown.
MACHINE_READ = "machine-read"
# A row has three parts: copied from its note by column, from the finding, and made here.
INHERITED = "subject_id version_id site source_id known_at known_at_basis encounter_id".split()
_ASIDE = {"start", "end", "context", "flags"}
_FROM_FINDING = [name for name in Finding._fields if name not in _ASIDE]
_MADE = (
    "modality status polarity certainty temporality experiencer relation event_id locator flags "
    "derivation_id fact_key time"
).split()
ROW = (*_FROM_FINDING, *_MADE)
EventRow = tuple[Any, ...]
_of_finding = attrgetter(*_FROM_FINDING)


class Sheet(NamedTuple):
    """What a note's row says to every fact read in it; the time in microseconds since 1970."""

    version_id: str
    locator: str
    time: int | None


def sheets_of(notes: pa.RecordBatch) -> list[Sheet]:
    """One for each row of ``note``."""
    versions = notes.column("version_id").to_pylist()
    times = notes.column("time").cast(pa.int64()).to_pylist()
    places = notes.column("locator").to_pylist()
    return [
        Sheet(str(version), f"{place or ''}#char=", time)
        for version, place, time in zip(versions, places, times, strict=True)
    ]


class Derivation(NamedTuple):
    """Who derived: an extractor at a version, with its knowledge and the notes it was given."""

    name: str
    version: str
    parameters: str

    @property
    def number(self) -> int:
        """The derivation's stable id."""
        return number_of(self)


def derivation_of(extractor: Extractor, **notes: Any) -> Derivation:
    """The derivation of one extractor over a described share of the notes."""
    parameters = json.dumps({"release": extractor.release, **notes}, sort_keys=True)
    return Derivation(extractor.manifest.name, extractor.manifest.version, parameters)


def read_note(text: str, language: str | None, *, by: tuple[Extractor, ...] = ()) -> Note:
    """A note ready for these extractors: the terms of all of them are found in one pass."""
    pack = pack_for(language)
    return Note(text, pack, lexicon_of(by, pack.language) if by else None)


@cache
def lexicon_of(extractors: tuple[Extractor, ...], language: str) -> Lexicon:
    """The terms of some extractors for one language."""
    sets = [terms for each in extractors for terms in each.terms(language)]
    return Lexicon([*sets, pack_for(language).cues])


@cache
def number_of(derivation: Derivation) -> int:
    """The stable id of a derivation."""
    return stable_id("derivation", *derivation)


def rows_of(
    sheet: Sheet, note: Note, findings: Iterable[Finding], derivation: Derivation
) -> Iterator[EventRow]:
    """Events of one note, as `ROW` says; a finding told twice at one place is one event."""
    number, name, origin = derivation.number, derivation.name, note.folded.origin
    version, within, time = sheet
    seen: set[tuple[int, int, str]] = set()
    for finding in findings:
        start, end = origin(finding.start, finding.end)
        code = finding.code
        if (start, end, code) in seen:
            continue
        seen.add((start, end, code))
        locator = f"{within}{start},{end}"
        yield (
            *_of_finding(finding),
            "note",
            "final",
            *finding.context,
            stable_id(version, locator, name, code),
            locator,
            (MACHINE_READ, *finding.flags),
            number,
            fact_key(finding, time),
            time,
        )


def fact_key(finding: Finding, time: int | None) -> int:
    """As ingest makes it for facts without an identifier: code, act, polarity, time and value."""
    number = finding.numeric_value
    said = f"{round(number, 6)}{finding.unit or ''}" if number is not None else None
    value = said or finding.value_code or finding.text_value or ""
    moment = "" if time is None else str(time)
    return stable_id("fact", finding.code, finding.act, finding.context.polarity, moment, value)


def events(rows: Sequence[EventRow], notes: pa.RecordBatch, places: Sequence[int]) -> pa.Table:
    """Rows as a table of ``event``.

    Parameters
    ----------
    rows
        As `ROW` says.
    notes
        Rows of ``note``.
    places
        Which of them each row was read in.
    """
    columns = dict(zip(ROW, zip(*rows, strict=True), strict=True)) if rows else {}
    inherited = notes.select(INHERITED).take(pa.array(places, pa.int64()))
    arrays = []
    for field in SCHEMA:
        if field.name in columns:
            arrays.append(pa.array(columns[field.name], field.type))
        elif field.name in INHERITED:
            arrays.append(inherited.column(field.name).cast(field.type))
        else:
            arrays.append(pa.nulls(len(rows), field.type))
    return pa.Table.from_arrays(arrays, names=SCHEMA.names)
