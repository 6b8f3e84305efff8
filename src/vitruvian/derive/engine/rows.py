"""Findings as rows of the timeline, with where in which note each was read.

References
----------
RFC 5147, URI fragment identifiers for text/plain: ``#char=10,17`` names the characters from
place 10 up to, not including, place 17; here in code points of the stored text.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from operator import attrgetter, itemgetter
from typing import Any, NamedTuple

import pyarrow as pa

from vitruvian.base.ids import stable_id
from vitruvian.derive.engine.extractor import Extractor, Finding
from vitruvian.derive.text import Note, pack_for
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
# A row is a tuple of these, in three parts: from the note, from the finding, made here.
_FROM_NOTE = (
    "subject_id version_id site source_id known_at known_at_basis time encounter_id"
).split()
_FROM_FINDING = (
    "category code code_text numeric_value value_as_sent unit_as_sent unit comparator text_value "
    "value_code act state body_site method dose_text"
).split()
_MADE = (
    "modality status polarity certainty temporality experiencer relation event_id locator flags "
    "derivation_id fact_key"
).split()
ROW = (*_FROM_NOTE, *_FROM_FINDING, *_MADE)
EventRow = tuple[Any, ...]
_of_note, _of_finding = itemgetter(*_FROM_NOTE), attrgetter(*_FROM_FINDING)


class Derivation(NamedTuple):
    """Who derived: an extractor at a version, with its knowledge and the notes it was given."""

    name: str
    version: str
    parameters: str

    @property
    def number(self) -> int:
        """The derivation's stable id."""
        return stable_id("derivation", self.name, self.version, self.parameters)


def derivation_of(extractor: Extractor, **notes: Any) -> Derivation:
    """The derivation of one extractor over a described share of the notes."""
    parameters = json.dumps({"release": extractor.release, **notes}, sort_keys=True)
    return Derivation(extractor.manifest.name, extractor.manifest.version, parameters)


def read_note(text: str, language: str | None) -> Note:
    """A note ready for extractors."""
    return Note(text, pack_for(language))


def rows_of(
    row: Mapping[str, Any], note: Note, findings: Iterable[Finding], derivation: Derivation
) -> Iterator[EventRow]:
    """Events of one note, as `ROW` says; a finding told twice at one place is one event."""
    number = derivation.number
    inherited = _of_note(row)
    moment = _epoch(row["time"])
    within = f"{row['locator'] or ''}#char="
    version = str(row["version_id"])
    seen: set[tuple[int, int, str]] = set()
    for finding in findings:
        start, end = note.folded.origin(finding.start, finding.end)
        if (start, end, finding.code) in seen:
            continue
        seen.add((start, end, finding.code))
        locator = f"{within}{start},{end}"
        yield (
            *inherited,
            *_of_finding(finding),
            "note",
            "final",
            *finding.context,
            stable_id(version, locator, derivation.name, finding.code),
            locator,
            (MACHINE_READ, *finding.flags),
            number,
            fact_key(finding, moment),
        )


def fact_key(finding: Finding, moment: str) -> int:
    """As ingest makes it for facts without an identifier: code, act, polarity, time and value."""
    number = finding.numeric_value
    said = f"{round(number, 6)}{finding.unit or ''}" if number is not None else None
    value = said or finding.value_code or finding.text_value or ""
    return stable_id("fact", finding.code, finding.act, finding.context.polarity, moment, value)


def _epoch(time: datetime | None) -> str:
    return "" if time is None else str(round(time.timestamp() * 1_000_000))


def events(rows: Sequence[EventRow]) -> pa.Table:
    """Rows as a table of ``event``."""
    columns = dict(zip(ROW, zip(*rows, strict=True), strict=True)) if rows else {}
    arrays = [
        pa.array(columns[field.name], field.type)
        if field.name in columns
        else pa.nulls(len(rows), field.type)
        for field in SCHEMA
    ]
    return pa.Table.from_arrays(arrays, names=SCHEMA.names)


def derived(
    rows: Sequence[Mapping[str, Any]], extractor: Extractor, derivation: Derivation
) -> pa.Table:
    """The events that one extractor reads in notes.

    Parameters
    ----------
    rows
        Rows of ``note``, with the columns of ``NOTE_COLUMNS``.
    """
    found: list[EventRow] = []
    for row in rows:
        if row["text"] and row["status"] not in SILENT:
            note = read_note(row["text"], row["language"])
            found.extend(rows_of(row, note, extractor.extract(note), derivation))
    return events(found)
