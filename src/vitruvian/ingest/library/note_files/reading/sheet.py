"""Sheets of notes: one row or line a note, with its text or the name of its file."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import BinaryIO

from vitruvian.ingest.engine.adapter import Source
from vitruvian.ingest.engine.tables.reading.texts import header_of, read_text
from vitruvian.ingest.errors import LineTooLong, Truncated
from vitruvian.ingest.library.note_files.reading.text import UnreadableNote, normal, text_of
from vitruvian.ingest.report import Problem, Problems

NEEDED = frozenset({"note_id", "identifier_system", "patient_id", "time"})
_CONTENT = frozenset({"text", "file"})
_KIND = "sheet of notes"
Fields = dict[str, str | None]
Found = tuple[int, bytes, Fields]


def is_table(head: bytes) -> bool:
    """Whether bytes begin like a sheet of notes as CSV."""
    header = header_of(head)
    if header is None:
        return False
    return frozenset(header.columns) >= NEEDED and bool(_CONTENT & frozenset(header.columns))


def is_lines(head: bytes) -> bool:
    """Whether bytes begin like a sheet of notes as JSON lines."""
    said = head.lstrip()
    if said[:1] != b"{" or b'"resourceType"' in said:
        return False
    return all(f'"{name}"'.encode() in said for name in NEEDED)


def notes_of(source: Source, head: bytes, problems: Problems) -> Iterator[Found]:
    """Place, bytes and fields of each note; one whose file gives no text is reported."""
    with source.open() as stream:
        found = _rows(stream, source, problems) if is_table(head) else _lines(
            stream, source, problems
        )  # fmt: skip
        for place, data, fields in found:
            if not fields.get("file"):
                yield place, data, completed(fields)
                continue
            try:
                told = _with_file(fields, _beside(source))
            except UnreadableNote as fault:
                problems.add(Problem(place, "/file", fault.code, str(fault), rejects=True,
                                     unread=True))  # fmt: skip
                continue
            yield place, json.dumps(told, sort_keys=True).encode(), completed(told)


def completed(fields: Fields) -> Fields:
    """Fields as they are mapped: text in the form in which spans count, whose it is in one word."""
    text, parent = fields.get("text"), fields.get("addends")
    return {
        **fields,
        "text": normal(text) if text else None,
        "status": (fields.get("status") or "").strip().lower() or None,
        "addends_words": f"Addendum to {parent}" if parent else None,
    }


def _rows(stream: BinaryIO, source: Source, problems: Problems) -> Iterator[Found]:
    header = header_of(stream.readline(source.limits.line_bytes))
    stream.seek(0)
    assert header is not None  # noqa: S101  it was one when the source was claimed
    for rows in read_text(stream, header, source.limits, problems):
        some = zip(
            rows.record.to_pylist(), rows.data.to_pylist(), rows.fields.to_pylist(), strict=True
        )
        yield from some


def _lines(stream: BinaryIO, source: Source, problems: Problems) -> Iterator[Found]:
    most, place = source.limits.line_bytes, 0
    line = stream.readline(most)
    while line:
        following = stream.readline(most)
        if len(line) >= most:
            raise LineTooLong(most, record=place)
        if data := line.strip():
            fields = fields_of_line(data)
            if fields is not None:
                yield place, data, fields
            elif not following.strip():
                raise Truncated(_KIND, record=place)
            else:
                problems.add(Problem(place, None, "not-a-note", _NO_NOTE, rejects=True,
                                     unread=True))  # fmt: skip
            place += 1
        line = following


def fields_of_line(data: bytes) -> Fields | None:
    """The fields of one line; None when it is no object, or holds text that is not Unicode."""
    try:
        said = json.loads(data)
        # JSON may hold one escape of a pair alone, which no encoding can write.
        json.dumps(said, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return None
    if not isinstance(said, dict):
        return None
    return {
        str(key).lower(): str(value)
        for key, value in said.items()
        if isinstance(value, str | int | float) and not isinstance(value, bool)
    }


def _with_file(fields: Fields, fetch: Callable[[str], bytes]) -> Fields:
    text = text_of(fetch(str(fields["file"]).strip()))
    if text is None:
        raise UnreadableNote("no-text", "it holds no text, perhaps only pictures", _SCANNED)
    kept = {key: value for key, value in fields.items() if value is not None}
    return {**kept, "text": text}


def _beside(source: Source) -> Callable[[str], bytes]:
    def fetch(name: str) -> bytes:
        stream = source.beside(name)
        if stream is None:
            raise UnreadableNote("no-file", "it does not stand beside the sheet", _ABSENT)
        with stream:
            data = stream.read(source.limits.document_bytes + 1)
        if len(data) > source.limits.document_bytes:
            raise UnreadableNote("document-too-large", "it is larger than the limit", _ABSENT)
        return data

    return fetch


_SCANNED = "Read its pages with text recognition first, and load what that gives."
_ABSENT = "Load the sheet from the folder where the file stands."
_NO_NOTE = "The line is no note. Expected a JSON object. Export it again."
