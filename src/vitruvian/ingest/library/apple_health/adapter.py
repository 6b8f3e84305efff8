"""The Apple Health adapter: an export of any size, read as a stream."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from io import BytesIO
from itertools import chain
from pathlib import Path
from typing import Any

import pyarrow as pa

from vitruvian.base.manifest import Manifest
from vitruvian.ingest.engine.adapter import LoadContext, Probe, Source
from vitruvian.ingest.engine.limits import MIB, Limits
from vitruvian.ingest.engine.tables.language.mapping import Declared, read_mapping
from vitruvian.ingest.engine.tables.reading.batch import Rows
from vitruvian.ingest.engine.tables.retrace import Event, retrace_event
from vitruvian.ingest.engine.whose.loading import WearerLoading, sheet_batch
from vitruvian.ingest.engine.whose.sheet import Sheet
from vitruvian.ingest.errors import Malformed
from vitruvian.ingest.library.apple_health.reading.fields import Fields, iso, own_fields
from vitruvian.ingest.library.apple_health.reading.groups import Groups, folded, group_of
from vitruvian.ingest.library.apple_health.reading.xml import KIND, ROOT, Element, elements
from vitruvian.ingest.report import Problems

_MAPPING = Path(__file__).with_name("mapping.toml")
_MARK = b"<!DOCTYPE HealthData", b"<HealthData"
_SURE = 0.95
_GROUPS, _ROWS_AT_ONCE, _FIRST = 8 * MIB, 5_000, 3
_ROWS_BYTES = 4 * MIB
_TELLING = ("type", "sourceName", "creationDate", "startDate", "value")
SHEET = Sheet.of("apple_health_export", "Apple Health wearer", "APPLE/Wearers")


@cache
def declared() -> Declared:
    """The mapping of an export's rows."""
    return read_mapping(_MAPPING.read_bytes())


class Adapter:
    """Exports of Apple Health, and the sheet that tells whose they are."""

    def __init__(self, manifest: Manifest) -> None:
        self.manifest = manifest

    def score(self, probe: Probe) -> float | None:
        """Sure of the name of the root element; the file's name plays no part."""
        begins = probe.head.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<")
        told = begins and any(mark in probe.head for mark in _MARK)
        return _SURE if told or SHEET.is_sheet(probe.head) else None

    def version_of(self, source: Source) -> str:
        """The adapter's version, and that of the mapping."""
        del source
        return f"{self.manifest.version}; {declared().stamp}"

    def read(self, source: Source, problems: Problems) -> Iterator[pa.RecordBatch]:
        """Rows of the export with their very bytes, some thousands at a time."""
        del problems
        with source.open() as stream:
            head = stream.read(len(SHEET.head) + 3)
        with source.open() as stream:
            if SHEET.is_sheet(head):
                yield sheet_batch(stream.read(source.limits.document_bytes))
                return
            yield from _batches(elements(stream, source.limits))

    def begin(self, context: LoadContext) -> WearerLoading:
        """Start a bulk load."""
        return WearerLoading(context, declared(), SHEET)

    def link(self, bulk: Any, *, site: str) -> None:
        """Link wearers to the persons whom the sheets declare."""
        SHEET.link(bulk, site=site)

    def retrace(self, reader: Any, event: Event) -> tuple[Mapping[str, Any], pa.Table]:
        """An event's stored elements, and the events that their bytes give today."""
        return retrace_event(reader, event, fields=_fields_again)


# ------------------------------------------------------------------ rows of an export


@dataclass
class _Envelope:
    """What holds for every row: whose export it is, and when it was made."""

    wearer: str
    exported: str | None


@dataclass
class _Waiting:
    """Rows that wait to be handed over together, table by table."""

    envelope: _Envelope
    number: int = 0
    byte_count: int = 0
    rows: dict[str, list[tuple[int, bytes, Fields]]] = field(default_factory=dict)

    def add(self, data: bytes, found: tuple[str, Fields]) -> Iterator[pa.RecordBatch]:
        table, fields = found
        more = {"wearer": self.envelope.wearer, "_exported": self.envelope.exported}
        self.rows.setdefault(table, []).append((self.number, data, {**fields, **more}))
        self.number += 1
        self.byte_count += len(data)
        if len(self.rows[table]) >= _ROWS_AT_ONCE or self.byte_count >= _ROWS_BYTES:
            yield from self.all()

    def all(self) -> Iterator[pa.RecordBatch]:
        for table, rows in self.rows.items():
            yield _batch(table, rows)
        self.rows, self.byte_count = {}, 0


def _batches(found: Iterator[Element]) -> Iterator[pa.RecordBatch]:
    envelope, first = _envelope(found)
    waiting, groups = _Waiting(envelope), Groups(_GROUPS)
    for element in chain(first, found):
        key = group_of(element)
        if key is None:
            yield from waiting.add(element.data, own_fields(element))
            continue
        for group in groups.add(key, element):
            yield from waiting.add(_together(group), folded(group))
    for group in groups.rest():
        yield from waiting.add(_together(group), folded(group))
    yield from waiting.all()


def _envelope(found: Iterator[Element]) -> tuple[_Envelope, list[Element]]:
    """Whose export it is, and its first elements, which tell it.

    An export names nobody. Each holds all that came before, so its beginning stays the same:
    birth date and sex with the first three records, their sources and seconds of entry,
    stand for the wearer, and later exports of the same phone belong to the same one.
    """
    first: list[Element] = []
    records = 0
    for element in found:
        first.append(element)
        records += element.name == "Record"
        if records == _FIRST:
            break
    named = {each.name: each for each in reversed(first)}
    if "Me" not in named:
        what = "nobody is told whose it is: the element Me is absent"
        raise Malformed(KIND, what)
    told = sorted(named["Me"].attributes.items())
    for each in first:
        if each.name == "Record":
            told += [(name, each.attributes.get(name, "")) for name in _TELLING]
    wearer = hashlib.sha256(repr(told).encode()).hexdigest()[:16]
    exported = named["ExportDate"].attributes.get("value") if "ExportDate" in named else None
    return _Envelope(wearer, iso(exported)), first


def _together(group: Iterable[Element]) -> bytes:
    return b"\n".join(each.data for each in group)


def _batch(table: str, rows: list[tuple[int, bytes, Fields]]) -> pa.RecordBatch:
    names = sorted(declared().tables[table].named)
    fields = {name: pa.array([row.get(name) for *_, row in rows], pa.string()) for name in names}
    number = pa.array([number for number, *_ in rows], pa.int64())
    data = pa.array([data for _, data, _ in rows], pa.large_binary())
    return Rows(number, data, pa.table(fields)).batch(table=table)


def _fields_again(records: Iterable[bytes]) -> list[pa.Table]:
    """The fields of stored elements, as they were read."""
    (data,) = records
    root = ROOT.encode()
    whole = BytesIO(b"<" + root + b">" + data + b"</" + root + b">")
    found = list(elements(whole, Limits()))
    grouped = group_of(found[0]) is not None
    fields = folded(found)[1] if grouped else own_fields(found[0])[1]
    return [pa.table({name: pa.array([said], pa.string()) for name, said in fields.items()})]
