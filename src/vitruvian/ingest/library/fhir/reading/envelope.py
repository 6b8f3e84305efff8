"""The records of a FHIR file with their verbatim bytes: NDJSON lines, Bundle entries, one resource.

References
----------
HL7 FHIR R4 (4.0.1), Bundle and JSON representation, https://hl7.org/fhir/R4/json.html.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from json.decoder import (  # type: ignore[attr-defined]  # typeshed leaves it out
    scanstring,
)
from typing import Any, BinaryIO, NoReturn, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from vitruvian.ingest.engine.adapter import RECORDS, Source
from vitruvian.ingest.errors import DocumentTooLarge, LineTooLong, Malformed, Truncated
from vitruvian.ingest.report import Problem, Problems

BATCH_BYTES = 16 << 20
BATCH_RECORDS = 50_000
_BOM = b"\xef\xbb\xbf"
_SPACE = " \t\r\n"
_BLANKS = [b"", b" ", b"\t", b"\r", b"\x0b", b"\x0c"]
_LINES, _DOCUMENT = "NDJSON file", "FHIR document"
_NO_RECORD, _NOT_UTF8 = "it holds no record", "byte {} is not UTF-8"
_DECODER = json.JSONDecoder()
_Word = TypeVar("_Word", str, int)


@dataclass(frozen=True)
class Record:
    """One resource as it came: ordinal, place in the file, bytes, and its Bundle entry's words."""

    ordinal: int
    locator: str
    data: bytes
    context: str | None = None


def is_ndjson(head: bytes, *, suffix: str, whole: bool) -> bool:
    """Whether the first bytes are one record a line rather than one document."""
    text = head.removeprefix(_BOM).lstrip()
    line, newline, rest = text.partition(b"\n")
    if not newline:
        return suffix in {".ndjson", ".jsonl"} or (not whole and suffix != ".json")
    return _is_json(line) and (bool(rest.strip()) or suffix in {".ndjson", ".jsonl"})


def _is_json(line: bytes) -> bool:
    try:
        json.loads(line)
    except RecursionError:
        return True  # a record too deep to be read, which is told as one
    except ValueError:
        return False
    return True


# ------------------------------------------------------------------ NDJSON


def read_lines(source: Source, problems: Problems) -> Iterator[pa.RecordBatch]:
    """Lines of an NDJSON file in batches of bounded size; blank lines are no records."""
    ordinal = 0
    with source.open() as stream:
        for lines, last in _line_blocks(stream, source.limits.line_bytes):
            kept = _without_blank(lines)
            if last:
                _refuse_cut_line(kept, ordinal)
            if len(kept):
                yield _batch_of_lines(kept, ordinal)
            ordinal += len(kept)
    if ordinal == 0 and problems.count == 0:
        raise Malformed(_LINES, _NO_RECORD)


def _line_blocks(stream: BinaryIO, limit: int) -> Iterator[tuple[Any, bool]]:
    """Whole lines, block by block; the second word is true for an unfinished last line."""
    rest, seen = _after_bom(stream), 0
    while chunk := stream.read(min(BATCH_BYTES, limit)):
        whole = chunk.rfind(b"\n") + 1
        block, rest = (rest + chunk[:whole], chunk[whole:]) if whole else (b"", rest + chunk)
        lines, longest = lines_of(block)
        seen += len(lines)
        if max(len(rest), longest) > limit:
            raise LineTooLong(limit, record=seen)
        if len(lines):
            yield lines, False
    if rest.strip():
        yield pa.array([rest], pa.large_binary()), True


def lines_of(block: bytes) -> tuple[Any, int]:
    r"""The lines of a block that ends with a newline, as Arrow, and the length of the longest.

    Examples
    --------
    >>> lines_of(b"one\n\ntwo\n")[0].to_pylist()
    [b'one', b'', b'two']
    """
    ends = np.flatnonzero(np.frombuffer(block, np.uint8) == ord("\n"))
    if not len(ends):
        return pa.array([], pa.large_binary()), 0
    # A line and its newline in turn, both within the block: then every second one is taken.
    marks = np.zeros(2 * len(ends) + 1, np.int64)
    marks[1::2], marks[2::2] = ends, ends + 1
    buffers = [None, pa.py_buffer(marks), pa.py_buffer(block)]
    both = pa.LargeBinaryArray.from_buffers(pa.large_binary(), 2 * len(ends), buffers)
    lines = both.take(pa.array(np.arange(0, 2 * len(ends), 2)))
    return lines, int((marks[1::2] - marks[:-1:2]).max())


def _after_bom(stream: BinaryIO) -> bytes:
    start = stream.read(len(_BOM))
    return start.removeprefix(_BOM)


def _without_blank(lines: Any) -> Any:
    """Lines with something on them; only one that opens with white space is looked at whole."""
    opening = pc.binary_slice(lines, 0, 1)
    unsure = pc.is_in(opening, pa.array(_BLANKS, pa.large_binary()))
    if not pc.any(unsure).as_py():
        return lines
    places = np.flatnonzero(unsure.to_numpy(zero_copy_only=False))
    blank = [place for place in places if not lines[place].as_py().strip()]
    keep = np.ones(len(lines), bool)
    keep[blank] = False
    return lines.filter(pa.array(keep))


def _refuse_cut_line(lines: Any, ordinal: int) -> None:
    """A last line without its newline must at least be a whole document."""
    if len(lines) and not _is_json(lines[-1].as_py()):
        raise Truncated(_LINES, record=ordinal)


def _batch_of_lines(lines: Any, first: int) -> pa.RecordBatch:
    count = len(lines)
    numbers = pa.array(np.arange(first, first + count, dtype=np.int64))
    arrays = [
        numbers,
        pc.binary_join_element_wise("record", numbers.cast(pa.string()), " "),
        lines,
        pa.nulls(count, pa.string()),
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=RECORDS)


# ------------------------------------------------------------------ one document


def read_document(source: Source, problems: Problems) -> Iterator[pa.RecordBatch]:
    """The resource of a JSON file, or every entry of its Bundle."""
    limit = source.limits.document_bytes
    with source.open() as stream:
        data = stream.read(limit + 1)
    if len(data) > limit:
        raise DocumentTooLarge(limit)
    text = _decode(data)
    held: list[Record] = []
    size = 0
    for record in _records(text, problems):
        held.append(record)
        size += len(record.data)
        if size >= BATCH_BYTES or len(held) >= BATCH_RECORDS:
            yield _batch(held)
            held, size = [], 0
    if held:
        yield _batch(held)


def _decode(data: bytes) -> str:
    try:
        return data.removeprefix(_BOM).decode("utf-8")
    except UnicodeDecodeError as fault:
        if fault.reason == "unexpected end of data":
            raise Truncated(_DOCUMENT) from None
        raise Malformed(_DOCUMENT, _NOT_UTF8.format(fault.start)) from None


def _records(text: str, problems: Problems) -> Iterator[Record]:
    scan = _Scanner(text)
    try:
        if _is_bundle(text):
            yield from _bundle(scan, _Counter(), problems)
        else:
            scan.value()
            yield Record(0, "record 0", text.strip().encode())
        scan.finish()
    except RecursionError:
        what = "values stand too deep within one another"
        raise Malformed(_DOCUMENT, what) from None
    except (ValueError, IndexError) as fault:
        if _ends_early(text, fault):
            raise Truncated(_DOCUMENT) from None
        raise Malformed(_DOCUMENT, _position(fault)) from None


def _is_bundle(text: str) -> bool:
    scan = _Scanner(text)
    return any(name == "resourceType" and scan.value() == "Bundle" for name in scan.members())


def _ends_early(text: str, fault: Exception) -> bool:
    if isinstance(fault, IndexError):
        return True
    position = getattr(fault, "pos", 0)
    return "Unterminated" in str(fault) or position >= len(text.rstrip()) - 1


def _position(fault: Exception) -> str:
    """Where the JSON breaks, without quoting any of it."""
    if isinstance(fault, json.JSONDecodeError):
        return f"{fault.msg} at line {fault.lineno}, column {fault.colno}"
    return "it is not JSON"


class _Counter:
    def __init__(self) -> None:
        self.next = 0

    def take(self) -> int:
        self.next += 1
        return self.next - 1


def _bundle(scan: _Scanner, counter: _Counter, problems: Problems) -> Iterator[Record]:
    """The entries of the Bundle that begins here; Bundles inside are opened too."""
    for name in scan.members():
        if name == "entry":
            for _ in scan.elements():
                yield from _entry(scan, counter, problems)


def _entry(scan: _Scanner, counter: _Counter, problems: Problems) -> Iterator[Record]:
    start = scan.at
    resource: tuple[int, int] | None = None
    words: dict[str, Any] = {}
    for name in scan.members():
        at = scan.at
        value = scan.value()
        if name == "resource":
            resource, words["type"] = (at, scan.at), _type_of(value)
        elif name == "fullUrl" and isinstance(value, str):
            words["full_url"] = value
        elif name == "request" and isinstance(value, dict):
            words["method"], words["url"] = value.get("method"), value.get("url")
    if resource is not None and words["type"] == "Bundle":
        yield from _bundle(_Scanner(scan.text, resource[0]), counter, problems)
    elif resource is not None and words["type"] is not None:
        yield _record(scan.text, resource, counter, words)
    elif resource is not None:
        _reject_entry(counter, problems)
    elif words.get("method") == "DELETE":
        yield _record(scan.text, (start, scan.at), counter, words)


def _type_of(value: object) -> str | None:
    kind = value.get("resourceType") if isinstance(value, dict) else None
    return kind if isinstance(kind, str) else None


def _reject_entry(counter: _Counter, problems: Problems) -> None:
    ordinal = counter.take()
    message = "The entry's resource has no resourceType. Expected a FHIR resource."
    problems.add(Problem(ordinal, "/resourceType", "no-type", message, rejects=True, unread=True))


def _record(text: str, span: tuple[int, int], counter: _Counter, words: dict[str, Any]) -> Record:
    ordinal = counter.take()
    said = {key: words[key] for key in ("full_url", "method", "url") if words.get(key)}
    data = text[span[0] : span[1]].encode()
    return Record(ordinal, f"record {ordinal}", data, json.dumps(said))


def _batch(records: list[Record]) -> pa.RecordBatch:
    arrays = [
        pa.array([each.ordinal for each in records], pa.int64()),
        pa.array([each.locator for each in records], pa.string()),
        pa.array([each.data for each in records], pa.large_binary()),
        pa.array([each.context for each in records], pa.string()),
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=RECORDS)


# ------------------------------------------------------------------ spans in JSON text


class _Scanner:
    """A place in JSON text that moves on as values are read; every value is parsed once."""

    def __init__(self, text: str, at: int = 0) -> None:
        self.text = text
        self.at = at
        self._skip()

    def value(self) -> object:
        """The value here; the place moves behind it."""
        value, self.at = _DECODER.raw_decode(self.text, self.at)
        return value

    def members(self) -> Iterator[str]:
        """The name of each member of the object here, the place being at its value."""
        self._expect("{")
        while self.text[self.at] != "}":
            self._expect('"')
            name, self.at = scanstring(self.text, self.at)
            self._skip()
            self._expect(":")
            yield from self._visit(name)
            self._separator("}")
        self.at += 1

    def elements(self) -> Iterator[int]:
        """The index of each element of the array here, the place being at it."""
        self._expect("[")
        index = 0
        while self.text[self.at] != "]":
            yield from self._visit(index)
            index += 1
            self._separator("]")
        self.at += 1

    def finish(self) -> None:
        """Nothing but space may follow."""
        if self.text[self.at :].strip():
            self._fail("something follows the document")

    def _visit(self, word: _Word) -> Iterator[_Word]:
        start = self.at
        yield word
        if self.at == start:
            self.value()

    def _separator(self, closing: str) -> None:
        self._skip()
        if self.text[self.at] == ",":
            self.at += 1
            self._skip()
        elif self.text[self.at] != closing:
            self._fail(f"expected ',' or '{closing}'")

    def _expect(self, sign: str) -> None:
        if self.text[self.at] != sign:
            self._fail(f"expected '{sign}'")
        self.at += 1
        if sign != '"':
            self._skip()

    def _skip(self) -> None:
        while self.text[self.at] in _SPACE:
            self.at += 1

    def _fail(self, what: str) -> NoReturn:
        raise json.JSONDecodeError(what, self.text, self.at)
