"""Findings as rows of the timeline, with where in which note each was read.

References
----------
RFC 5147, URI fragment identifiers for text/plain: ``#char=10,17`` names the characters from
place 10 up to, not including, place 17; here in code points of the stored text.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from functools import cache, lru_cache
from typing import Any, NamedTuple

import pyarrow as pa

from vitruvian.base.ids import stable_id
from vitruvian.derive.engine.extractor import Extractor, Finding
from vitruvian.derive.engine.notes import Sheet
from vitruvian.derive.text import Context, Lexicon, Note, language_told, pack_for
from vitruvian.derive.text.copied import Passage
from vitruvian.record import table_named
from vitruvian.record.event import MACHINE_READ

SCHEMA = table_named("event").schema
EPOCH = date(1970, 1, 1)
# What marks a fact whose passage stood in an earlier note already; and one whose time is a date in
# the text, not that of the note.
COPIED, DATED = "copied-forward", "dated-in-text"
# What has a beginning of its own; the others are of the day of the note.
_HAS_BEGUN = frozenset({"problem", "procedure", "medication"})
_DAY = 86_400_000_000
# "und" is "undetermined" in BCP 47.
_UNTOLD = frozenset((None, "", "und"))
# A row has three parts: copied from its note by column, the finding, and made here.
INHERITED = "subject_id version_id site source_id known_at known_at_basis encounter_id".split()
MADE = (
    "event_id locator flags derivation_id fact_key status time time_min time_max time_as_sent"
).split()
EventRow = tuple[Any, ...]  # the finding, then what `MADE` says


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
    """A note ready for these extractors: the terms of all of them are found in one pass.

    A note that names no language is in the one its words tell.
    """
    pack = pack_for(language_told(text) if language in _UNTOLD else language)
    return Note(text, pack, lexicon_of(by, pack.language) if by else None)


@cache
def lexicon_of(extractors: tuple[Extractor, ...], language: str) -> Lexicon:
    """The terms of some extractors for one language."""
    sets = [terms for each in extractors for terms in each.terms(language)]
    pack = pack_for(language)
    return Lexicon([*sets, pack.dates.words])


@cache
def number_of(derivation: Derivation) -> int:
    """The stable id of a derivation."""
    return stable_id("derivation", *derivation)


class Moment(NamedTuple):
    """When something was: microseconds since 1970, the words that say so, and flags."""

    time: int | None
    earliest: int | None = None
    latest: int | None = None
    as_sent: str | None = None
    flags: tuple[str, ...] = (MACHINE_READ,)


def rows_of(
    sheet: Sheet,
    note: Note,
    findings: Iterable[Finding],
    derivation: Derivation,
    copied: Sequence[Passage] = (),
) -> list[EventRow]:
    """Events of one note; a finding told twice at one place is one event."""
    number, name, origin = derivation.number, derivation.name, note.folded.origin
    version, within, status = sheet.version_id, sheet.locator, sheet.status
    seen: set[int] = set()
    plain, may_be_dated = Moment(sheet.time), note.may_be_dated
    rows: list[EventRow] = []
    for finding in findings:
        first, last, category, code = finding[:4]
        start, end = origin(first, last)
        locator = f"{within}{start},{end}"
        made = stable_id(version, locator, name, code)
        if made in seen:
            continue
        seen.add(made)
        dated = copied or (category in _HAS_BEGUN and may_be_dated(first))
        when = moment_of(note, finding, plain, copied) if dated else plain
        flags = when.flags + finding.flags if finding.flags else when.flags
        key = fact_key(finding, when[0])
        rows.append((finding, made, locator, flags, number, key, status, *when[:4]))
    return rows


@lru_cache(maxsize=4096)
def day_of(time: int) -> date:
    """The day, in UTC, of microseconds since 1970."""
    return EPOCH + timedelta(days=time // _DAY)


def moment_of(note: Note, finding: Finding, plain: Moment, copied: Sequence[Passage]) -> Moment:
    """When it was: as the sentence says, when it was first written, or the time of the note."""
    start, end = finding.start, finding.end
    for passage in copied:
        if passage.start <= start < passage.end:
            plain = plain._replace(time=passage.since, flags=(MACHINE_READ, COPIED))
    context = finding.context
    if plain.time is None or finding.category not in _HAS_BEGUN:
        return plain
    if context.polarity != "affirmed" or context.experiencer != "patient":
        return plain
    if context.temporality == "hypothetical":
        return plain
    lasting = finding.category == "problem"
    when = note.date_of(start, end, seen=day_of(plain.time), lasting=lasting)
    if when is None:
        return plain
    first = (when.first - EPOCH).days * _DAY
    # On the day of the note the time of the note is the better one.
    if first + _DAY > plain.time:
        return plain
    last = min(((when.last - EPOCH).days + 1) * _DAY, plain.time)
    words = note.text[slice(*note.folded.origin(when.start, when.end))]
    return Moment(first, first, last, words, (*plain.flags, DATED))


def fact_key(finding: Finding, time: int | None) -> int:
    """As ingest makes it for facts without an identifier: code, act, polarity, time and value."""
    number = finding.numeric_value
    if number is not None:
        value = f"{round(number, 6)}{finding.unit or ''}"
    else:
        value = finding.value_code or finding.text_value or ""
    moment = "" if time is None else str(time)
    return stable_id("fact", finding.code, finding.act, finding.context[0], moment, value)


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
    columns = columns_of(rows) if rows else {}
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


def columns_of(rows: Sequence[EventRow]) -> dict[str, Sequence[Any]]:
    """What findings say, their context, and what was made of them, by column."""
    findings, *made = zip(*rows, strict=True)
    columns: dict[str, Sequence[Any]] = dict(
        zip(Finding._fields, zip(*findings, strict=True), strict=True)
    )
    columns |= zip(Context._fields, zip(*columns["context"], strict=True), strict=True)
    columns |= zip(MADE, made, strict=True)
    columns["modality"] = ["note"] * len(rows)
    return columns
