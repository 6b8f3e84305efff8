"""Data points: found in a file with their very bytes, and read into fields.

References
----------
Open mHealth, data point and header schemas; IEEE 1752.1-2021, clauses on header and metadata.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, BinaryIO

from vitruvian.ingest.engine.limits import Limits
from vitruvian.ingest.errors import DocumentTooLarge, LineTooLong, Malformed, Truncated
from vitruvian.ingest.report import Problem, Problems

KIND = "file of data points"
_SPACE = b" \t\r\n"
_DECODER = json.JSONDecoder(parse_float=Decimal, parse_int=Decimal)
_SECONDS = {"sec": 1, "s": 1, "min": 60, "h": 3_600, "hr": 3_600, "d": 86_400, "wk": 604_800}
_UNITS = {
    "beats/min": "/min", "breaths/min": "/min", "steps": "1", "lb": "[lb_av]", "F": "[degF]",
    "C": "Cel", "in": "[in_i]", "ft": "[ft_i]", "sec": "s", "mg/dL": "mg/dL", "kg/m2": "kg/m2",
}  # fmt: skip
_WORDS = ("descriptive_statistic", "temporal_relationship_to_physical_activity",
          "temporal_relationship_to_meal", "temporal_relationship_to_sleep", "specimen_source",
          "body_posture", "measurement_location", "position_during_measurement")  # fmt: skip
_MOST_OTHERS = 3
Point = Mapping[str, Any]
Fields = dict[str, str | None]


def begins_like_points(head: bytes) -> bool:
    """Whether a file begins like a data point or a list of them."""
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip(_SPACE)
    if text[:1] == b"[":
        text = text[1:].lstrip(_SPACE)
    told = (b'"header"', b'"schema_id"')
    return text[:1] == b"{" and all(each in text for each in told) and b'"resourceType"' not in text


def data_points(
    stream: BinaryIO, limits: Limits, problems: Problems
) -> Iterator[tuple[int, bytes, Point]]:
    """Place, bytes and content of each data point.

    A list and a single document are read whole; one point a line is read as a stream,
    and a line that is none is reported and left out.

    Raises
    ------
    Truncated
        When the document or its last line ends in the middle.
    Malformed, DocumentTooLarge, LineTooLong
        When the document is no JSON, or too large to be read whole.
    """
    first = stream.readline(limits.line_bytes)
    while first and not first.strip():
        first = stream.readline(limits.line_bytes)
    if _is_point(first):
        yield from _lines(first, stream, limits, problems)
        return
    data = first + stream.read(limits.document_bytes)
    if len(data) > limits.document_bytes:
        raise DocumentTooLarge(limits.document_bytes)
    yield from _document(data, problems)


def _is_point(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _lines(
    line: bytes, stream: BinaryIO, limits: Limits, problems: Problems
) -> Iterator[tuple[int, bytes, Point]]:
    place = 0
    while line:
        following = stream.readline(limits.line_bytes)
        if len(line) >= limits.line_bytes:
            raise LineTooLong(limits.line_bytes, record=place)
        if data := line.strip():
            point = _read(data)
            if point is not None:
                yield place, data, point
            elif not following.strip():
                raise Truncated(KIND, record=place)
            else:
                _reject(problems, place)
            place += 1
        line = following


def _read(data: bytes) -> Point | None:
    """A data point; None when the bytes are none."""
    try:
        text = data.decode()
        found, end = _DECODER.raw_decode(text)
    except (ValueError, RecursionError):
        return None
    return found if end == len(text) and _has_parts(found) else None


def _has_parts(found: object) -> bool:
    return (
        isinstance(found, dict)
        and all(isinstance(found.get(each), dict) for each in ("header", "body"))
        and _is_unicode(found)
    )


def _is_unicode(found: object) -> bool:
    """Whether no text holds half of a pair of escapes, which no encoding can write."""
    try:
        json.dumps(found, ensure_ascii=False, default=str).encode()
    except UnicodeEncodeError:
        return False
    return True


def _reject(problems: Problems, place: int) -> None:
    problems.add(Problem(place, None, "not-a-data-point", _NO_POINT, rejects=True, unread=True))


def _document(data: bytes, problems: Problems) -> Iterator[tuple[int, bytes, Point]]:
    try:
        text = data.removeprefix(b"\xef\xbb\xbf").decode().strip()
    except UnicodeDecodeError:
        raise Truncated(KIND) from None
    if not text.startswith("["):
        found, _ = _item(text, 0)
        yield from _checked(0, text, found, problems)
        return
    at, place = _skip(text, 1), 0
    while text[at : at + 1] != "]":
        found, end = _item(text, at)
        yield from _checked(place, text[at:end], found, problems)
        at, place = _skip(text, end), place + 1
        if text[at : at + 1] == ",":
            at = _skip(text, at + 1)
        elif text[at : at + 1] != "]":
            raise Truncated(KIND, record=place)


def _item(text: str, at: int) -> tuple[Any, int]:
    try:
        return _DECODER.raw_decode(text, at)
    except RecursionError:
        what = "values stand too deep within one another"
        raise Malformed(KIND, what) from None
    except ValueError:
        raise Truncated(KIND) from None


def _checked(
    place: int, text: str, found: object, problems: Problems
) -> Iterator[tuple[int, bytes, Point]]:
    if _has_parts(found) and isinstance(found, dict):
        yield place, text.encode(), found
    else:
        _reject(problems, place)


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t\r\n":
        at += 1
    return at


# ------------------------------------------------------------------ fields


def fields_of(point: Point, *, nobody: str, known: frozenset[str]) -> Fields:
    """A data point as columns.

    Parameters
    ----------
    point
        Header and body.
    nobody
        Whose it is when the header names no user.
    known
        The fields of a body that have a column of their own.
    """
    header, body = point["header"], point["body"]
    schema = _dict(header.get("schema_id"))
    start, end = _span(_dict(body.get("effective_time_frame")))
    fields: Fields = {
        "id": _text(header.get("id") or header.get("uuid")),
        "wearer": _text(header.get("user_id")) or nobody,
        "schema": _text(schema.get("name")),
        "start": start,
        "end": end,
        "created": _text(header.get("creation_date_time")),
        "device": _device(header),
        "modality": _modality(header),
        "how": ", ".join(filter(None, (_text(body.get(each)) for each in _WORDS))) or None,
        "activity_name": _text(body.get("activity_name")),
    }
    return fields | _measures(body, known)


def _measures(body: Mapping[str, Any], known: frozenset[str]) -> Fields:
    fields: Fields = {}
    others = 0
    for name in sorted(body):
        value, unit = _quantity(body[name])
        if value is None:
            continue
        if name in known:
            fields |= {name: value, f"{name}_unit": unit}
        elif others < _MOST_OTHERS:
            others += 1
            told = {"": value, "_name": name, "_unit": unit}
            fields |= {f"other_{others}{end}": each for end, each in told.items()}
    return fields


def _quantity(said: object) -> tuple[str | None, str | None]:
    """Value and unit; a bare number has none."""
    if isinstance(said, dict):
        value, unit = said.get("value"), said.get("unit")
        told = _UNITS.get(str(unit), str(unit)) if unit is not None else None
        return (str(value), told) if isinstance(value, Decimal) else (None, None)
    return (str(said), None) if isinstance(said, Decimal) else (None, None)


def _span(frame: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """When it happened: a moment, or begin and end; a duration is laid from its known side."""
    if "date_time" in frame:
        return _text(frame["date_time"]), None
    interval = _dict(frame.get("time_interval"))
    start, end = (_text(interval.get(each)) for each in ("start_date_time", "end_date_time"))
    length = _dict(interval.get("duration"))
    if start and end is None and length:
        end = _moved(start, length, sign=1)
    if end and start is None and length:
        start = _moved(end, length, sign=-1)
    return start or _text(interval.get("date")) or _text(frame.get("date")), end


def _moved(moment: str, length: Mapping[str, Any], *, sign: int) -> str | None:
    unit, value = _SECONDS.get(str(length.get("unit"))), length.get("value")
    try:
        span = timedelta(seconds=float(value) * (unit or 0)) * sign  # type: ignore[arg-type]  # refused below
        return (datetime.fromisoformat(moment) + span).isoformat() if unit else None
    except (TypeError, ValueError, OverflowError):
        return None


def _device(header: Mapping[str, Any]) -> str | None:
    """The source as the header names it, with the data sheets that IEEE 1752.1 refers to."""
    provenance = _dict(header.get("acquisition_provenance"))
    sheets = header.get("external_datasheets")
    listed = sheets if isinstance(sheets, list) else []
    told = [_text(provenance.get("source_name"))]
    told += [_text(_dict(each).get("datasheet_reference")) for each in listed]
    return ", ".join(filter(None, told)) or None


def _modality(header: Mapping[str, Any]) -> str | None:
    provenance = _dict(header.get("acquisition_provenance"))
    return _text(header.get("modality") or provenance.get("modality"))


def _dict(said: object) -> Mapping[str, Any]:
    return said if isinstance(said, dict) else {}


def _text(said: object) -> str | None:
    """Words, or a list of them; nothing else is text."""
    if isinstance(said, list):
        return ", ".join(each for each in said if isinstance(each, str)) or None
    return str(said).strip() or None if isinstance(said, str | Decimal) else None


_NO_POINT = "The record is no data point. Expected an object with header and body. Export it again."
