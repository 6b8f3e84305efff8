"""The adapter of notes in files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa

from vitruvian.base.manifest import Manifest
from vitruvian.ingest.engine.adapter import PROBE_BYTES, LoadContext, Probe, Source
from vitruvian.ingest.engine.tables.language.mapping import Declared, read_mapping
from vitruvian.ingest.engine.tables.lookups import fields_of as fields_of_rows
from vitruvian.ingest.engine.tables.reading.batch import Rows
from vitruvian.ingest.engine.tables.retrace import Event, retrace_event
from vitruvian.ingest.engine.whose.number import link_numbers
from vitruvian.ingest.errors import DocumentTooLarge
from vitruvian.ingest.library.note_files.loading import LABEL, NotesLoading
from vitruvian.ingest.library.note_files.reading import cda
from vitruvian.ingest.library.note_files.reading.sheet import (
    Fields,
    Found,
    completed,
    fields_of_line,
    is_lines,
    is_table,
    notes_of,
)
from vitruvian.ingest.report import Problem, Problems

_MAPPING = Path(__file__).with_name("mapping.toml")
_TABLE, _ROWS_AT_ONCE = "note", 1_000
_SURE, _PERHAPS = 0.9, 0.01
_TEXTS = {".txt", ".rtf", ".pdf"}
_CDA = b"ClinicalDocument", b"urn:hl7-org:v3"
_PERSON = ("family", "given", "born", "sex", "file")


@cache
def declared() -> Declared:
    """The mapping of notes."""
    return read_mapping(_MAPPING.read_bytes())


class Adapter:
    """Sheets of notes with the texts they name, JSON lines, and C-CDA documents."""

    def __init__(self, manifest: Manifest) -> None:
        self.manifest = manifest
        self._alone: dict[str, tuple[str, Problems]] = {}

    def score(self, probe: Probe) -> float | None:
        """Sure of a sheet and of C-CDA; a text has no mark but the end of its name."""
        if is_table(probe.head) or is_lines(probe.head) or _is_cda(probe.head):
            return _SURE
        return _PERHAPS if probe.suffix in _TEXTS and probe.head else None

    def version_of(self, source: Source) -> str:
        """The adapter's version, and that of the mapping."""
        del source
        return f"{self.manifest.version}; {declared().stamp}"

    def read(self, source: Source, problems: Problems) -> Iterator[pa.RecordBatch]:
        """Notes with their bytes and their fields; a text is read with its sheet and is none."""
        with source.open() as stream:
            head = stream.read(PROBE_BYTES)
        if _is_cda(head):
            found = _document(source)
            if found[2]["patient_id"]:
                yield _batch([found])
            else:
                problems.add(Problem(0, "/recordTarget", "no-patient", _NOBODY))
        elif is_table(head) or is_lines(head):
            rest = notes_of(source, head, problems)
            while some := list(islice(rest, _ROWS_AT_ONCE)):
                yield _batch(some)
        else:
            self._alone[source.sha256] = (source.name, problems)

    def begin(self, context: LoadContext) -> NotesLoading:
        """Start a bulk load."""
        self._alone = {}
        return NotesLoading(context, declared(), self._alone)

    def link(self, bulk: Any, *, site: str) -> None:
        """Link the patients of sheets to the persons who have their numbers."""
        link_numbers(bulk, site=site, label=LABEL)

    def retrace(self, reader: Any, event: Event) -> tuple[Mapping[str, Any], pa.Table]:
        """An event's stored note, and the events that its bytes give today."""
        return retrace_event(reader, event, fields=_fields_again)


def _is_cda(head: bytes) -> bool:
    return head.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] == b"<" and all(each in head for each in _CDA)


def _document(source: Source) -> Found:
    with source.open() as stream:
        data = stream.read(source.limits.document_bytes + 1)
    if len(data) > source.limits.document_bytes:
        raise DocumentTooLarge(source.limits.document_bytes)
    return 0, data, completed(cda.fields_of(cda.parse(data)))


def _batch(some: list[Found]) -> pa.RecordBatch:
    number = pa.array([place for place, *_ in some], pa.int64())
    data = pa.array([data for _, data, _ in some], pa.large_binary())
    return Rows(number, data, _table([fields for *_, fields in some])).batch(table=_TABLE)


def _table(rows: list[Fields]) -> pa.Table:
    names = sorted(declared().tables[_TABLE].named | set(_PERSON))
    return pa.table(
        {name: pa.array([row.get(name) for row in rows], pa.string()) for name in names}
    )


def _fields_again(records: Iterable[bytes]) -> list[pa.Table]:
    """The fields of a stored note, as they were read."""
    (data,) = records
    if _is_cda(data):
        return [_table([completed(cda.fields_of(cda.parse(data)))])]
    if data.startswith(b"{"):
        return [_table([completed(fields_of_line(data) or {})])]
    return [
        _table([completed(row) for row in table.to_pylist()]) for table in fields_of_rows([data])
    ]


_NOBODY = (
    "The document names no patient by number, so nobody knows whose it is; nothing of it was read. "
    "Expected an id below recordTarget. Ask the sender to fill it."
)
