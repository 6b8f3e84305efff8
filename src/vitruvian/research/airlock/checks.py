"""Everything that is checked of a file before it leaves, told without repeating what it holds."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from vitruvian.research.airlock import content
from vitruvian.research.airlock.content import Kind, Sheet
from vitruvian.research.airlock.counts import (
    CountTable,
    hidden_but_told,
    small_cells,
    tables_of,
    told_together,
)
from vitruvian.research.airlock.privacy import Likeness, likeness
from vitruvian.research.deidentify.extras import expect_notes_extra

# stop: nobody may release it; look: a second person decides.
Weight = Literal["stop", "look"]
LARGEST = 64 * 1024 * 1024
# What of the engine's findings points at one person; an age or a country alone does not.
DIRECT = frozenset(
    {
        *("patient", "staff", "date", "street", "phone", "fax", "email", "url", "record"),
        *("insurance", "contact", "licence", "national", "account", "device"),
    }
)


@dataclass(frozen=True)
class Wish:
    """How the files of one request are to be read.

    Parameters
    ----------
    counts
        Columns that hold counts; a table with one of them is a table of counts.
    quasi
        Columns by which somebody could be known again.
    sensitive
        Columns whose values must not be learned of a person.
    """

    counts: tuple[str, ...] = ()
    quasi: tuple[str, ...] = ()
    sensitive: tuple[str, ...] = ()


@dataclass(frozen=True)
class Known:
    """What a check compares with.

    Parameters
    ----------
    floor
        The least count that may be told.
    identifiers
        Of the patients of this hospital, five characters or more.
    earlier
        Tables of counts that left before.
    """

    floor: int
    identifiers: frozenset[str] = frozenset()
    earlier: tuple[CountTable, ...] = ()


@dataclass(frozen=True)
class Finding:
    """One thing found: what, how grave, how many. Never a value."""

    what: str
    weight: Weight
    words: str
    count: int


@dataclass(frozen=True)
class FileReport:
    """One file as checked; files are told by their number, because names carry names."""

    number: int
    kind: Kind
    sha256: str
    size: int
    findings: tuple[Finding, ...]
    likeness: Likeness | None = None
    tables: tuple[CountTable, ...] = ()


def check_file(number: int, path: Path, body: bytes, wish: Wish, known: Known) -> FileReport:
    """Look through one file.

    Parameters
    ----------
    number
        Of the file in its request, from 1.
    path
        Its name, of which only the ending is used.
    body
        Its bytes.
    wish
        How it is to be read.
    known
        What it is compared with.

    Raises
    ------
    NoTable
        When a table cannot be read.
    NotesExtraAbsent
        When what finds identifiers is not installed.
    """
    expect_notes_extra()
    kind = content.kind_of(path, body[:512])
    sheet = content.sheet_of(path.name.lower(), body) if kind == "table" else None
    tables = _tables(sheet, wish)
    alike = None
    if sheet is not None and not tables:
        names = [
            [one for one in some if one in sheet.columns] for some in (wish.quasi, wish.sensitive)
        ]
        alike = likeness(sheet.rows, quasi=names[0], sensitive=names[1], floor=known.floor)
    findings = [
        *_identifiers(sheet, body, known),
        *_of_bytes(kind, body),
        *_of_words(sheet, body, kind),
    ]
    if tables:
        findings += _of_counts(tables, known)
    elif alike is not None:
        findings += _of_records(alike, wish, known)
    digest = hashlib.sha256(body).hexdigest()
    return FileReport(number, kind, digest, len(body), tuple(findings), alike, tables)


def _tables(sheet: Sheet | None, wish: Wish) -> tuple[CountTable, ...]:
    counts = [one for one in wish.counts if sheet is not None and one in sheet.columns]
    return tuple(tables_of(sheet.rows, counts=counts)) if sheet and counts else ()


def _identifiers(sheet: Sheet | None, body: bytes, known: Known) -> Iterator[Finding]:
    told = content.identifiers_in(sheet, body, known.identifiers)
    if told:
        yield Finding("identifier", "stop", "identifiers of patients of this hospital", told)


def _of_bytes(kind: Kind, body: bytes) -> Iterator[Finding]:
    """What the kind of file says."""
    if content.is_pickle(body):
        yield Finding("runs", "stop", "a pickle runs what is written in it when it is opened", 1)
    if len(body) > LARGEST:
        yield Finding("large", "stop", "larger than can be checked", 1)
    if kind in ("archive", "other"):
        yield Finding("closed", "stop", "cannot be looked into; ask for its files one by one", 1)
    elif kind == "image":
        yield Finding("image", "look", "an image may show a face, a name or a rare finding", 1)
    elif kind == "model":
        yield Finding("model", "look", "weights of a model may hold what it was trained on", 1)
    elif kind == "text":
        yield Finding("free-text", "look", "free text", 1)


def _of_words(sheet: Sheet | None, body: bytes, kind: Kind) -> Iterator[Finding]:
    """Names, numbers and dates that the de-identification engine finds; free text; formulas."""
    # The packages behind it are optional, and their absence was told before.
    from vitruvian.research.deidentify.notes import find  # noqa: PLC0415

    if kind in ("table", "text", "model"):
        found = find(content.searched(sheet, body))
        least = 2 if kind == "table" else 1 if kind == "text" else 3
        kinds = Counter(one.kind for one in found if one.kind in DIRECT and one.weight >= least)
        for what, count in sorted(kinds.items()):
            yield Finding(f"looks-like-{what}", "look", f"words that look like: {what}", count)
    if sheet is None:
        return
    named = len(content.named_columns(sheet.columns))
    if named:
        yield Finding("named-column", "look", "columns whose names say that they identify", named)
    free = len(content.free_text_columns(sheet))
    if free:
        yield Finding("free-text", "look", "columns of free text", free)
    formulas = content.formulas(sheet)
    if formulas:
        yield Finding("formula", "look", "cells that a spreadsheet would run", formulas)


def _of_counts(tables: Sequence[CountTable], known: Known) -> Iterator[Finding]:
    floor = known.floor
    small = sum(small_cells(one, floor=floor) for one in tables)
    if small:
        yield Finding("small-cell", "look", f"counts from 1 to {floor - 1}", small)
    told = sum(hidden_but_told(one, floor=floor) for one in tables)
    if told:
        yield Finding("total", "look", f"totals that give away counts from 1 to {floor - 1}", told)
    both = told_together(tables, known.earlier, floor=floor)
    if both:
        words = f"counts from 1 to {floor - 1} as the difference to what left before"
        yield Finding("difference", "look", words, both)


def _of_records(alike: Likeness, wish: Wish, known: Known) -> Iterator[Finding]:
    yield Finding("records", "look", "one row a person, not counts", alike.rows)
    if not wish.quasi:
        yield Finding(
            "no-quasi", "look", "no columns were named by which people are known again", 1
        )
    elif alike.alone:
        words = f"rows that fewer than {known.floor} share (k-anonymity {alike.k})"
        yield Finding("k-anonymity", "look", words, alike.alone)
    if alike.distinct_l == 1:
        yield Finding("l-diversity", "look", "a group whose sensitive value is the same for all", 1)
